"""`python -m tests.benchmarks.tails`: our Weibull fit beside SciPy's, on the same tails in turn.

The ratio is what to compare; milliseconds are this machine's.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import weibull_min

from solutions.zoo.scores.weibull import SHIFT, fit_tail

FITS = 200
TAIL = 20


def main() -> None:
    """Fit, and print medians and the largest disagreement."""
    random = np.random.default_rng(0)
    ours, scipys, apart = [], [], 0.0
    for _ in range(FITS):
        tail = np.sort(random.gamma(random.uniform(1, 20), 10, 2000))[-TAIL:]
        taken, fitted = _timed(lambda tail=tail: fit_tail(tail))
        ours.append(taken)
        taken, (shape, _, _) = _timed(
            lambda tail=tail: weibull_min.fit(tail - tail.min() + SHIFT, floc=0)
        )
        scipys.append(taken)
        apart = max(apart, abs(fitted.shape / shape - 1))
    one, other = statistics.median(ours), statistics.median(scipys)
    print(f"{FITS} fits to {TAIL} distances, medians: ours {1e3 * one:.3f} ms, SciPy's")
    print(
        f"{1e3 * other:.1f} ms, {other / one:.0f} times as long; k differs by {apart:.1e} at most"
    )


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main()

"""From results to the numbers of `metrics.json`, and to the lines that a person sees first."""

from __future__ import annotations

import math
import warnings
from typing import Any

from solutions.zoo.framework.results import Results
from solutions.zoo.metrics.auroc import auroc
from solutions.zoo.metrics.sign import SignWarning
from solutions.zoo.metrics.summary import summary


def metrics_of(results: Results) -> dict[str, Any]:
    """The shared summary, with the AUROC of mean brightness beside that of each unknown family.

    Args:
        results: Of one run.

    Returns:
        The fields of `Summary`, and "threshold", None where it is infinite; JSON can hold it.
    """
    with warnings.catch_warnings():
        # Brightness may well rank a family the wrong way round; of the score, `lines` says it.
        warnings.simplefilter("ignore", SignWarning)
        found = summary(
            results.labels,
            results.closed_set,
            results.scores,
            results.threshold,
            results.families,
            len(results.classes),
        ).to_dict()
        known = results.brightness[results.known]
        for name, family in found["families"].items():
            family["auroc_of_brightness"] = auroc(known, results.brightness[results.family(name)])
    threshold = results.threshold if math.isfinite(results.threshold) else None
    return {"threshold": threshold, **found}


def lines(metrics: dict[str, Any]) -> list[str]:
    """What a person wants to see first, of `metrics.json`."""
    found = metrics["calibration"]
    return [
        f"closed-set accuracy {metrics['closed_set_accuracy']:.2%}, temperature "
        f"{found['temperature']:.3f}, calibration error {found['test_ece_before']:.4f} before and "
        f"{found['test_ece_after']:.4f} after",
        f"known {metrics['known_accuracy']:.2%} right, {metrics['known_rejection']:.2%} rejected; "
        f"total {metrics['total_accuracy']:.2%}, OSCR {metrics['oscr']:.4f}",
        *(
            f"{name}: {family['unknown_accuracy']:.2%} of {family['images']:,} rejected, AUROC "
            f"{family['auroc']:.4f} (brightness alone {family['auroc_of_brightness']:.4f})"
            + (": below .5, is the sign of the score reversed?" if family["auroc"] < 0.5 else "")
            for name, family in metrics["families"].items()
        ),
    ]

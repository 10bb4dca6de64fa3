"""Measure the reference solution over seeds, through the same door as every submission."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from grader.grading import grade, pinned_versions
from grader.plan import Plan
from grader.record import write_json
from solutions.errors import UserError
from solutions.stubs import REFERENCE

RESULTS = Path(__file__).parent / "results"
SCHEMA = "osr-results/1"
NUMBERS = (
    "known_accuracy",
    "unknown_accuracy",
    "total_accuracy",
    "closed_set_accuracy",
    "auroc",
)


def measure(
    data: str, seeds: int, on_run: Callable[[dict[str, Any]], None], jobs: int = 1
) -> dict[str, Any]:
    """Train and grade the reference once a seed.

    Args:
        data: The profile, "digits" or "mnist".
        seeds: How many; the seeds are 0, 1, ....
        on_run: Told of each run as it ends, in the order of seeds.
        jobs: How many trainings at a time.

    Returns:
        What `solutions/results/reference-DATA.json` holds: runs, their means and sample standard
        deviations, and the machine and versions they were measured with.

    Raises:
        UserError: A run did not end in a grade.
    """
    runs = []
    # A training uses one thread, so a core each; each in a process of its own.
    with ProcessPoolExecutor(jobs) if jobs > 1 else nullcontext() as pool:
        work = partial(run_seed, data)
        for run in pool.map(work, range(seeds)) if pool else map(work, range(seeds)):
            runs.append(run)
            on_run(run)
    return {
        "schema": SCHEMA,
        "data": data,
        "command": f"python -m solutions results --data {data} --seeds {seeds} --jobs {jobs}",
        "measured_at": datetime.date.today().isoformat(),
        "machine": machine(),
        "metrics": _over_runs(runs, statistics.fmean),
        "deviation": _over_runs(runs, _deviation),
        "runs": runs,
    }


def machine() -> dict[str, Any]:
    """What was measured on: the machine, and versions of what the numbers depend on."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": pinned_versions(),
    }


def write_results(results: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write the results of one profile.

    Args:
        results: What `measure` gave.
        folder: Where to.

    Returns:
        The file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"reference-{results['data']}.json"
    write_json(path, results)
    return path


def read_results(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """The committed results, one entry a profile.

    Args:
        folder: Where they are.
    """
    paths = sorted(folder.glob("reference-*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def table(results: list[dict[str, Any]]) -> str:
    """Results side by side, in Markdown: per cent, mean ± standard deviation over the seeds.

    Args:
        results: What `read_results` gave.
    """
    titles = [f"`{entry['data']}`" for entry in results]
    rows = [["", *titles], ["---", *("---:" for _ in titles)]]
    for name in NUMBERS:
        cells = [_cell(100 * e["metrics"][name], 100 * e["deviation"][name]) for e in results]
        rows.append([name.replace("_accuracy", " accuracy").replace("_", "-"), *cells])
    for name in ("train_wall_s", "train_cpu_s"):
        values = [[run[name] for run in entry["runs"]] for entry in results]
        cells = [_cell(statistics.fmean(v), _deviation(v)) for v in values]
        rows.append([{"train_wall_s": "training, s", "train_cpu_s": "… CPU s"}[name], *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _deviation(values: list[float]) -> float:
    """The sample standard deviation; 0 of a single value."""
    return statistics.stdev(values) if len(values) > 1 else 0.0


def _cell(mean: float, deviation: float) -> str:
    return f"{mean:.2f} ± {deviation:.2f}"


def run_seed(data: str, seed: int) -> dict[str, Any]:
    """Train and grade the reference once.

    Args:
        data: The profile.
        seed: Of the training and of the checks' inputs.

    Returns:
        The numbers of this run.

    Raises:
        UserError: It did not end in a grade.
    """
    record = grade(Plan(REFERENCE, data=data, tasks=("accuracy",), train="always", seed=seed))
    if record.metrics is None or record.training is None:
        message = record.tasks[0].checks[0].message
        raise UserError(f"seed {seed}: the reference could not be measured: {message}")
    return {
        "seed": seed,
        "score": record.score,
        "train_wall_s": record.training["wall_s"],
        "train_cpu_s": record.training["cpu_s"],
        **{name: _rounded(getattr(record.metrics, name)) for name in NUMBERS},
        "per_family": {name: _rounded(x) for name, x in record.metrics.per_family.items()},
    }


def _over_runs(
    runs: list[dict[str, Any]], summary: Callable[[list[float]], float]
) -> dict[str, Any]:
    """A summary of every number over the runs."""
    families = runs[0]["per_family"]
    return {
        **{name: _rounded(summary([run[name] for run in runs])) for name in NUMBERS},
        "per_family": {
            family: _rounded(summary([run["per_family"][family] for run in runs]))
            for family in families
        },
    }


def _rounded(value: float | None) -> float:
    return round(float("nan") if value is None else value, 6)


def _processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()

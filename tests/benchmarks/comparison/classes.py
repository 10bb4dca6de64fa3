"""A batch of ours as the class grows and as cores are added; a class beside other graders."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.throughput import handed_in, ours, race
from tests.benchmarks.throughput.environment import prepare
from tests.benchmarks.throughput.handed_in import Submission
from tests.benchmarks.throughput.heat import run
from tests.benchmarks.throughput.report import agreement, as_json
from tests.classroom.handing_in import ROOT, train
from tests.faults.lab import adopt_orphans

from .grading import FEW

FOLDER = ROOT / "build" / "comparison"  # is made anew each time
PEERS = ROOT / "build" / "peers"
SIZES, JOBS = (10, 100, 300), (1, 2)
CLASS = 60  # submissions, before all graders
SEED = 0


def measure_scaling(quick: bool) -> dict[str, Any]:
    """Seconds of batches by size and by jobs; quick: a few submissions, on two tasks alone."""
    sizes: Sequence[int] = (2,) if quick else SIZES
    everyone = _class(max(sizes), "scaling", without_networks=quick)
    options = [word for task in FEW for word in ("--task", task)] if quick else []
    batches = []
    for size in sizes:
        for jobs in JOBS:
            place = FOLDER / "scaling" / f"{size}-{jobs}"
            there = [_copied(each, place / "handed-in") for each in everyone[:size]]
            heat = ours.batch(there, place, jobs, options)
            result, lost = run(heat, jobs)
            counted = {} if quick else agreement(lost, there)  # lost may lie in a task left out
            batches.append({"jobs": jobs, **as_json(result, counted)})
    return {"batches": batches, "gain_of_cores": gains(batches)}


def gains(batches: Sequence[dict[str, Any]]) -> dict[str, float]:
    """By size, how many times as fast the most jobs are as one."""
    found = {}
    for size in sorted({batch["submissions"] for batch in batches}):
        walls = {b["jobs"]: b["wall_s"] for b in batches if b["submissions"] == size}
        found[str(size)] = round(walls[min(walls)] / walls[max(walls)], 2)
    return found


def measure_throughput(quick: bool) -> dict[str, Any]:
    """What `python -m tests.benchmarks throughput` measures, without its larger batches.

    Quick: nothing, since installing the others takes a minute and the network; the batch that
    scales is the same as here.
    """
    if quick:
        return {"skipped": "python -m tests.benchmarks throughput is no quick one"}
    adopt_orphans()
    everyone = _class(CLASS, "throughput", without_networks=False)
    environment = prepare(PEERS)
    return race.race(
        everyone, CLASS, FOLDER / "throughput", max(JOBS), tuple(race.PEERS), environment,
        lambda _: None,
    )  # fmt: skip


def _class(count: int, name: str, without_networks: bool) -> list[Submission]:
    """Hand in a class with weights; without networks of students' own nothing is trained twice."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    weights = train(folder / "reference", epochs=2 if without_networks else 0)
    patches = handed_in.draw_class(count if not without_networks else 40 + count, SEED)
    if without_networks:
        patches = [patch for patch in patches if not patch.touched & handed_in.NETWORKS][:count]
    return handed_in.hand_in(patches, folder / "handed-in", weights, max(JOBS))


def _copied(each: Submission, folder: Path) -> Submission:
    shutil.copytree(each.folder, folder / each.student)
    return Submission(folder / each.student, each.patch)

"""All graders on one class, in turn."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from grader.rubric import load_rubric
from grader.sandbox import bwrap
from solutions.measure import machine

from . import ours
from .environment import Environment
from .handed_in import Submission
from .heat import Heat, run
from .nbgrader import nbgrader
from .otter import otter
from .report import SCHEMA, agreement, as_json, extrapolated
from .settings import write_trial

FEW = 10
MANY = 300
PEERS: dict[str, Callable[..., Heat]] = {"otter": otter, "nbgrader": nbgrader}


def race(
    submissions: Sequence[Submission],
    count: int,
    folder: Path,
    jobs: int,
    peers: Sequence[str],
    environment: Environment | None,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Grade the class with every grader in turn.

    Args:
        submissions: At least `count`; where there are more, our batch grades them all too.
        count: Size of the class that all graders grade.
        folder: Exists; everything is written there.
        jobs: Processes at a time, of each grader.
        peers: Names in `PEERS`.
        environment: Where they are; may be missing where there are none.
        say: Is told who starts.

    Returns:
        The results, ready for JSON.

    Raises:
        GraderError: a grader failed.
    """
    points = {check.id: check.points for task in load_rubric().tasks for check in task.checks}
    everyone = submissions[:count]

    def turn(
        name: str, prepare: Callable[[Path], Heat], who: Sequence[Submission] = everyone
    ) -> dict[str, Any]:
        place = folder / name
        place.mkdir()
        say(f"{name}: preparing {len(who)} submissions")
        ready = prepare(place)
        say(f"{name}: {ready.how}")
        result, lost = run(ready, jobs)
        say(f"{name}: {result.wall_s:.0f} s")
        return {"name": name, **as_json(result, agreement(lost, who))}

    def batch(size: int) -> dict[str, Any]:
        """Our batch of the first `size`, in a folder of their own."""
        who = submissions[:size]
        there = _copied(who, folder / f"handed-in-{size}") if size < len(submissions) else who
        return turn(f"batch-{size}", partial(ours.batch, there, jobs=jobs), there)

    sizes = sorted({min(FEW, count), count, len(submissions)})
    batches = [batch(size) for size in sizes]
    graders = [batches[sizes.index(count)], turn("cold", partial(ours.cold, everyone, jobs=jobs))]
    if peers:
        trial = write_trial(folder / "trial.npz")
        for name in peers:
            ready = partial(
                PEERS[name],
                everyone,
                jobs=jobs,
                environment=environment,
                points=points,
                trial=trial,
            )
            graders.append(turn(name, ready))
    # What a shared machine has become faster or slower by meanwhile.
    graders.append(turn("batch-again", partial(ours.batch, everyone, jobs=jobs)))
    if len(sizes) > 1 and sizes[-1] < MANY:
        batches.append(extrapolated(batches[0], batches[-1], MANY))
    return {
        "schema": SCHEMA,
        "measured_at": datetime.date.today().isoformat(),
        "machine": machine(),
        "peers": environment.versions() if environment else {},
        "jobs": jobs,
        "checks": len(points),
        "sandbox": "plain" if bwrap.why_not() else "bwrap",  # ours; the others have none
        "class": {
            "submissions": count,
            "right": sum(not each.patch.fails for each in everyone),
            "works": [each.patch.name for each in everyone],
        },
        "graders": graders,
        "ratios": {
            other["name"]: round(graders[0]["per_minute"] / other["per_minute"], 2)
            for other in graders[1:]
        },
        "sizes": batches,
    }


def _copied(submissions: Sequence[Submission], folder: Path) -> list[Submission]:
    copies = []
    for each in submissions:
        shutil.copytree(each.folder, folder / each.student)
        copies.append(Submission(folder / each.student, each.patch))
    return copies

"""One grade of code checks, started anew and warm, beside the same checks in a bare pytest."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.batch.local import ONE_THREAD
from grader.errors import GraderError
from grader.sandbox import bwrap
from solutions.stubs import REFERENCE
from tests.classroom.handing_in import ROOT

from .answering import Answering
from .bare import ANSWERING
from .staged import command, stage, variables
from .timing import Seconds, in_turn, quotients, rounded, spread

CODE_TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")
FEW = ("contrastive", "threshold")
HOW = {
    "import torch": "python -c 'import torch'",
    "bare, cold": "pytest in one process that calls the code directly, started anew",
    "bare, warm": "the same checks again in that process",
    "plain, cold": "python -m grader grade --sandbox plain",
    "bwrap, cold": "python -m grader grade --sandbox require",
    "bwrap, warm": "as in a batch: the worker forked from a warmed process into a box",
}


def measure(quick: bool) -> dict[str, Any]:
    """Seconds of each way, ratios to the bare one, and where the time goes."""
    tasks, rounds = (FEW, 1) if quick else (CODE_TASKS, 5)
    taken = time_in_turn(tasks, rounds)
    found: dict[str, Any] = {
        "tasks": list(tasks),
        "rounds": rounds,
        "ways": {name: {"how": HOW[name], "seconds": spread(taken[name])} for name in taken},
        "ratios": {
            f"{name} / bare, cold": quotients(taken[name], taken["bare, cold"])
            for name in ("plain, cold", "bwrap, cold")
            if name in taken
        },
        "profile": profile({name: spread(values)["median"] for name, values in taken.items()}),
    }
    if "bwrap, warm" in taken:
        pairs = zip(taken["bwrap, warm"], taken["bare, warm"], strict=True)
        found["overhead_s"] = spread([one - other for one, other in pairs])
    else:
        found["missing"] = f"bwrap: {bwrap.why_not()}"
    return found


def time_in_turn(tasks: Sequence[str], rounds: int, only: Sequence[str] = ()) -> Seconds:
    """Each way to run the checks of these tasks on the reference, in turn.

    Args:
        tasks: Their ids.
        rounds: How many.
        only: Names in `HOW`; none means all that this machine can.
    """
    with contextlib.ExitStack() as stack:
        folder = stage(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        wanted = {name for name in HOW if not only or name in only}
        if bwrap.why_not():
            wanted -= {"bwrap, cold", "bwrap, warm"}
        cases: dict[str, Callable[[], float]] = {
            "import torch": lambda: _run([sys.executable, "-c", "import torch"], ROOT),
            "bare, cold": lambda: _run(command("bare", *tasks), folder),
            "plain, cold": lambda: _run(grade_command(tasks, "plain"), ROOT),
            "bwrap, cold": lambda: _run(grade_command(tasks, "require"), ROOT),
        }
        if "bare, warm" in wanted:
            asked = command("bare", *tasks, ANSWERING)
            cases["bare, warm"] = stack.enter_context(
                Answering(asked, folder, variables(ONE_THREAD))
            )
        if "bwrap, warm" in wanted:
            cases["bwrap, warm"] = stack.enter_context(warm_grader(tasks))
        return in_turn({name: cases[name] for name in HOW if name in wanted}, rounds)


def grade_command(tasks: Sequence[str], sandbox: str) -> list[str]:
    """A grade of the reference's code, as a person types it."""
    chosen = [word for task in tasks for word in ("--task", task)]
    grade = ["-m", "grader", "grade", str(REFERENCE), "--data", "digits"]
    return [sys.executable, *grade, "--sandbox", sandbox, *chosen]


def warm_grader(tasks: Sequence[str]) -> Answering:
    """A process that grades the reference's code as a batch does, when it is asked."""
    return Answering(command("warm", str(REFERENCE), *tasks), ROOT, variables(ONE_THREAD))


def profile(median_s: dict[str, float]) -> list[str]:
    """Where the time of a cold grade goes, told by the other ways.

    Args:
        median_s: By way.
    """
    torch, bare, warm = (median_s[name] for name in ("import torch", "bare, cold", "bare, warm"))
    lines = [
        f"import torch {rounded(torch)} s",
        f"the checks themselves, in one warm process {rounded(warm)} s",
        f"other imports of a bare pytest {rounded(bare - torch - warm)} s",
    ]
    if "bwrap, warm" in median_s:
        apart = median_s["bwrap, warm"] - warm
        lines.append(f"apart from the grader: box, fork, wire {rounded(apart)} s")
        lines.append(
            f"the grader's own start beside a worker's {rounded(median_s['bwrap, cold'] - bare)} s"
        )
    return lines


def _run(arguments: Sequence[str], folder: Path) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        arguments, cwd=folder, env=variables({"OMP_NUM_THREADS": "1"}),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    taken = time.perf_counter() - started
    if done.returncode:
        raise GraderError(f"{' '.join(arguments[1:5])}: {(done.stderr or done.stdout)[-800:]}")
    return taken

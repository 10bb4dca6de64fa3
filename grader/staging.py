"""Laying out a box: the worker, the pristine given files, and what the student handed in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .sandbox import Box
from .submission import MODULES, Submission
from .temporary import remove_tree

WORKER = Path(__file__).parent / "worker"
ASSIGNMENT = Path(__file__).parents[1] / "assignment"  # read, never imported
# Python is started without `site`, so no .pth file has put the grader or the reference solution
# on the path (an editable install does); the installed packages are named in the arguments.
START = (
    "import sys\n"
    "from pathlib import Path\n"
    "if sys.platform == 'linux':  # the kernel kills the worker of a grader that was killed\n"
    "    import ctypes\n"
    "    ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL\n"
    "    ctypes.CDLL(None).prctl(4, 0)  # PR_SET_DUMPABLE: /proc/self/mem is not its own then\n"
    "sys.path += sys.argv[1:]\n"
    "from worker import serve\n"
)
# For a worker that waits: what torch imports for the first operation on its "meta" device.
WARM = "import torch.fx.experimental.symbolic_shapes\n"
SERVE = "serve.main(Path(__file__).resolve().parent)\n"


def given_files(folder: Path = ASSIGNMENT) -> dict[str, bytes]:
    """The given modules of the assignment: all of its modules but the five."""
    return {
        file.name: file.read_bytes()
        for file in sorted(folder.glob("*.py"))
        if file.stem not in MODULES
    }


def restage(submission: Submission, given: dict[str, bytes], root: Path) -> Box:
    """A fresh box under `root`, in place of the one there: code at the level `plain` can write.

    Raises:
        OSError: there is no room for it.
    """
    for used in root.iterdir():
        remove_tree(used)
    return stage(submission, given, Path(tempfile.mkdtemp(dir=root)))


def stage(
    submission: Submission, given: dict[str, bytes], root: Path, *, warm: bool = False
) -> Box:
    """Write a box under `root`, an empty folder that the caller removes.

    The layout is `box/__main__.py` (Python puts its folder on the path), `box/worker/`,
    `box/assignment/`, and `scratch/`, the worker's current and temporary folder. Where it is to be
    `warm`, the worker imports what the checks need before it is asked for one.
    """
    box = Box(root / "box", root / "scratch")
    package, worker = box.root / "assignment", box.root / "worker"
    for folder in (package, worker, box.scratch):
        folder.mkdir(parents=True)
    (box.root / "__main__.py").write_text(START + WARM * warm + SERVE, encoding="utf-8")
    for source in WORKER.glob("*.py"):
        (worker / source.name).write_bytes(source.read_bytes())
    for name, content in {**submission.files, **given}.items():
        (package / name).write_bytes(content)
    return box

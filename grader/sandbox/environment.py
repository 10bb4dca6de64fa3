"""What a worker is started with: its command line and its environment variables."""

from __future__ import annotations

import os
import sys

PYTHON_OPTIONS = ("-I", "-S", "-B")
KEPT_MEMORY = 32 << 20
SETTINGS = {
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    # One thread: the result is then the same on every number of cores, and no slower where others
    # share them. A second one saved a quarter of a training's time on a quiet machine, and made it
    # five times slower on a busy one.
    "OMP_NUM_THREADS": "1",
    # Freed memory is kept for the next step (glibc): returning it at once cost a quarter of the
    # training in page faults.
    "MALLOC_MMAP_THRESHOLD_": str(KEPT_MEMORY),
    "MALLOC_TRIM_THRESHOLD_": str(KEPT_MEMORY),
}


def worker_command(root: str) -> list[str]:
    """The command that runs the box at `root`, with the folders of installed packages to use.

    Without `site`: no .pth file then puts the grader or the reference solution on the path.
    """
    return [sys.executable, *PYTHON_OPTIONS, *worker_arguments(root)]


def worker_arguments(root: str) -> list[str]:
    """What the worker's program sees of its command line."""
    return [root, *installed_packages()]


def installed_packages() -> list[str]:
    """The folders of installed packages on this process's path, as they are without links.

    An environment may be a link, to a larger disk for one, and a box holds what it leads to.
    """
    found = [folder for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))]
    return list(dict.fromkeys(os.path.realpath(folder) for folder in found))


def worker_environment(scratch: str) -> dict[str, str]:
    """The whole environment of a worker: no path, token or setting of the grader's user.

    Args:
        scratch: the folder that is the worker's own, as it sees it.
    """
    environment = {"HOME": scratch, "TMPDIR": scratch, **SETTINGS}
    if sys.platform == "win32":  # sockets and threads do not start without it
        environment["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", "")
        environment["TEMP"] = environment["TMP"] = scratch
    return environment

"""Limits that the worker puts on itself before any student code runs.

They are the first of two fences: the grader watches memory, time and processes from outside as
well. Only POSIX has them; elsewhere the outer fence stands alone. RLIMIT_NPROC is not among them:
it counts every process and thread of the user, and would break torch on a busy desktop.
"""

from __future__ import annotations

import os
import sys

ADDRESS_SPACE = 4 << 30  # `import torch` alone maps 640 MB: the resident limit is the grader's
ADDRESS_SPACE_A_CORE = 256 << 20  # each thread's stack and malloc arena is mapped, not used
FILE_SIZE = 64 << 20
OPEN_FILES = 256


def limit_resources() -> None:
    """Lower the limits of this process; hard limits too, so they cannot be raised again."""
    if sys.platform == "win32":
        return
    import resource

    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    if sys.platform == "linux":  # macOS does not enforce it
        wanted[resource.RLIMIT_AS] = ADDRESS_SPACE + (os.cpu_count() or 1) * ADDRESS_SPACE_A_CORE
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(kind, (value, value))

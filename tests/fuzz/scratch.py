"""Where cases lie that are read from files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # on Linux; a million cases wear out no disk


@cache
def scratch() -> Path:
    """A folder of this process, removed when it ends."""
    parent = IN_MEMORY if IN_MEMORY.is_dir() else None
    folder = tempfile.mkdtemp(prefix="osr-fuzz-", dir=parent)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)

"""Write files whole or not at all. Given, not graded."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever finds half of it.

    The bytes go to a file beside `path`, which then takes its name; a file that was there before
    stays until that moment.

    Args:
        path: where to; its folder exists.
        content: what.

    Raises:
        OSError: the folder is missing or may not be written to, or the disk is full.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

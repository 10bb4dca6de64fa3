"""Writing files so that a reader never meets half of one."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from datasets.errors import DataError


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Lets `write` fill a file beside `path`, which takes its place when it is complete.

    A link is followed; what is there and no regular file, a device or a folder, is left alone.

    Raises:
        DataError: the folder is missing or cannot be written; nothing is left behind.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise DataError(f"{path}: it is no regular file; name another")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            write(file)
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        with contextlib.suppress(OSError):  # a read-only file system refuses even what is not there
            part.unlink(missing_ok=True)

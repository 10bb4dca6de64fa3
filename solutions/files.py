"""Reading and writing text, so that a failure is one line and no file is ever half written."""

from __future__ import annotations

from pathlib import Path

from datasets.errors import DataError
from datasets.files import write_whole
from solutions.errors import UserError


def shown(path: Path) -> str:
    """A path as a person would type it: relative where it lies under the current folder.

    Args:
        path: Any path.

    Returns:
        The path with forward slashes, without the current folder in front.
    """
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def read_source(path: Path) -> str:
    r"""Read a Python file, its lines ended by ``\n`` whatever the file uses.

    Args:
        path: The file.

    Returns:
        Its text.

    Raises:
        UserError: It is not there, cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{shown(path)}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{shown(path)}: is not UTF-8; save it as UTF-8") from error


def write_atomically(path: Path, text: str) -> None:
    r"""Write a file so that readers see the old text or the new, never a part of it.

    Args:
        path: The file; its folder is made when it is missing.
        text: What it will hold, as UTF-8 with ``\n`` as written.

    Raises:
        UserError: The folder cannot be made or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda file: file.write(text.encode("utf-8")))
    except OSError as error:
        raise UserError(f"{shown(path)}: cannot be written ({error.strerror})") from error
    except DataError as error:
        raise UserError(str(error)) from error

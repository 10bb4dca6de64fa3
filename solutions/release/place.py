"""Put a release where it is wanted: as a folder, replaced as a whole, and as a zip."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from grader.package.archive import make_zip
from solutions.errors import UserError
from solutions.files import shown
from solutions.release.build import MARKER, SCHEMA

FOLDER_MODE, FILE_MODE = 0o755, 0o644  # whatever the umask
# What tools leave behind in a folder that somebody works in: made again when it is needed.
MADE_AGAIN = (".venv", "__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", "build")
KEPT = ".git"


def check_target(folder: Path) -> None:
    """Make sure that nothing would be lost by writing a release to a folder.

    Raises:
        UserError: there is something else than an earlier release, or an earlier one with work in
            it; or the folder above it is not there.
    """
    folder = folder.resolve()
    name = shown(folder)
    if not folder.parent.is_dir():
        raise UserError(f"{shown(folder.parent)}: no such folder; make it first")
    if not os.access(folder.parent, os.W_OK):
        raise UserError(f"{shown(folder.parent)}: cannot be written to")
    if left := sorted(folder.parent.glob(f".{folder.name}.*.old")):
        raise UserError(
            f"{shown(left[0])}: an earlier release was interrupted while it was replaced; "
            f"move it back to {name} (or remove it), then release again"
        )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{name}: it is a file; name a folder")
    present = _files_in(folder)
    if not present:
        return
    released = _released(folder)
    if released is None:
        raise UserError(
            f"{name}: holds something else than an earlier release; name another folder"
        )
    work = [path for path, digest in present.items() if released.get(path) != digest]
    if work:
        more = f" and {len(work) - 1} more" if len(work) > 1 else ""
        raise UserError(
            f"{name}: {work[0]}{more} changed since it was released; "
            "keep that elsewhere, or name another folder"
        )


def write_folder(files: dict[str, bytes], folder: Path) -> None:
    """Write the files under a folder, which is made.

    Raises:
        OSError: there is no room, or no right.
    """
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        place.chmod(FILE_MODE)
    for inside in (folder, *folder.rglob("*")):
        if inside.is_dir():
            inside.chmod(FOLDER_MODE)


def replace_folder(part: Path, folder: Path) -> None:
    """Let a complete folder take the place of another beside it; a `.git` in that one stays.

    Raises:
        OSError: it cannot be moved; the folder is as it was.
    """
    folder = folder.resolve()
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.rename(old)
    try:
        part.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    if (old / KEPT).exists():
        (old / KEPT).rename(folder / KEPT)
    shutil.rmtree(old, ignore_errors=True)


def as_zip(files: dict[str, bytes], name: str) -> bytes:
    """The files as a zip, in a folder `name`; the same files give the same bytes."""
    return make_zip({f"{name}/{path}": content for path, content in files.items()})


def _files_in(folder: Path) -> dict[str, str]:
    """Files by path, with their SHA-256; a repository's own and what is made again left out."""
    found = {}
    for base, folders, names in os.walk(folder):
        here = Path(base)
        at_top = here == folder
        folders[:] = [
            name
            for name in sorted(folders)
            if name not in MADE_AGAIN and not name.endswith(".egg-info")
            and not (at_top and name == KEPT)
        ]  # fmt: skip
        for name in sorted(names):
            if at_top and name == KEPT:  # of a submodule or a worktree
                continue
            path = here / name
            content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def _released(folder: Path) -> dict[str, str] | None:
    """What an earlier release says it wrote; None where there was none."""
    try:
        content = (folder / MARKER).read_bytes()
        marker = json.loads(content)
        if marker["schema"] != SCHEMA:
            return None
        files = {str(path): str(digest) for path, digest in marker["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return files | {MARKER: hashlib.sha256(content).hexdigest()}

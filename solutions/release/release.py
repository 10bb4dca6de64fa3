"""One release from start to end: build it, prove what is not in it, try it out, put it in place."""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from datasets.errors import DataError
from datasets.files import write_whole
from solutions.errors import UserError
from solutions.files import shown
from solutions.release import contents, tracked
from solutions.release.build import MARKER, build
from solutions.release.order import Order, Verify
from solutions.release.place import as_zip, check_target, replace_folder, write_folder
from solutions.release.search import Finding, search
from solutions.release.secrets import (
    NONE,
    Secrets,
    binary_secrets,
    code_secrets,
    solution_secrets,
    withheld_files,
)
from solutions.release.verify import verify

ROOT = Path(__file__).parents[2]
PACKAGES = ("assignment", "datasets", "grader", "solutions", "tests")
TOP = "open-set-recognition"  # the folder inside the zip
SHOWN = 10


def release(order: Order, note: Callable[[str], None], root: Path = ROOT) -> dict[str, bytes]:
    """Make a release; nothing is written unless all of it is right.

    Args:
        order: what and where to.
        note: is told, a line at a time, what was left out and what was proved.
        root: the checkout.

    Returns:
        The files, by path.

    Raises:
        UserError: the order cannot be met; where a secret was found, each place is named.
    """
    if order.folder is None and order.archive is None:
        raise UserError("say where to: -o DIR, --zip FILE.zip, or both")
    if order.folder is not None:
        check_target(order.folder)
    if order.archive is not None:
        _check_archive(order.archive)
    listed = tracked.tracked_files(root)
    for line in _left_out(root, listed):
        note(line)
    secrets = all_secrets(root, listed, order.secrets)
    files = build(root, listed)
    check(files, secrets)
    note(f"{len(files)} files; none of {len(secrets.pieces):,} secrets and "
         f"{len(secrets.files)} withheld files is in them")  # fmt: skip
    verify(files, order.verify)
    if order.verify is not Verify.none:
        note("the two commands of its README do what they say: 0 of 100 points, and a first task")
    _write(order, files, secrets)
    return files


def all_secrets(root: Path, listed: list[str], named: tuple[Path, ...]) -> Secrets:
    """What must not be released: known from the checkout, and named by whoever releases."""
    secrets = solution_secrets(root / "solutions" / "reference")
    withheld = [path for path in listed if not contents.is_released(path)]
    secrets += withheld_files(root, filter(contents.is_maintainers, withheld))
    for withheld_place in contents.WITHHELD:
        place = root / withheld_place  # on the disk: git may not track an instructor's checks
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            if path.suffix == ".py" and path.is_file():
                secrets += code_secrets(path)
    for place in tracked.untracked_binaries(root):
        secrets += binary_secrets(place)
    for place in named:
        secrets += _named(place)
    return secrets


def check(files: dict[str, bytes], secrets: Secrets) -> None:
    """Make sure that a release shows no secret and is whole.

    Raises:
        UserError: it is not; each place is named.
    """
    if findings := search(files, secrets):
        raise UserError(_told(findings))
    if links := contents.dangling_links(files):
        raise UserError(f"nothing was written: a link leads to no released file: {links[0]}")
    if modules := contents.missing_modules(files, PACKAGES):
        raise UserError(f"nothing was written: a module is not released: {modules[0]}")


def _told(findings: list[Finding]) -> str:
    lines = [str(finding) for finding in findings[:SHOWN]]
    if len(findings) > SHOWN:
        lines.append(f"and {len(findings) - SHOWN} more")
    return "nothing was written, the release would show what it must not: " + "; ".join(lines)


def _named(place: Path) -> Secrets:
    if not place.exists():
        raise UserError(f"{shown(place)}: no such file or folder")
    if not place.is_dir():
        return code_secrets(place) if place.suffix == ".py" else binary_secrets(place)
    found = NONE
    for file in sorted(path for path in place.rglob("*") if path.is_file()):
        found += _named(file)
    return found


def _left_out(root: Path, listed: list[str]) -> Iterator[str]:
    """What may surprise: files that are not in the release, and changes that are."""
    for path in tracked.untracked_files(root):
        if contents.is_in_released_folder(path):
            yield f"left out, git does not track it: {path}"
    for path in listed:
        if contents.is_in_released_folder(path) and (reason := contents.why_withheld(path)):
            yield f"left out, {reason}: {path}"
    for path in tracked.modified_files(root):
        if contents.is_released(path):
            yield f"released as it is here, not as it was committed: {path}"


def _check_archive(path: Path) -> None:
    if path.suffix.lower() != ".zip":
        raise UserError(f"--zip {path}: its name must end in .zip")
    if not path.parent.is_dir():
        raise UserError(f"--zip {path}: its folder is not there; make it first")
    if path.exists() and not path.is_file():
        raise UserError(f"--zip {path}: it is no regular file; name another")
    if path.exists() and not _is_release(path):
        raise UserError(f"--zip {path}: it is there, and no earlier release; name another")


def _is_release(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return f"{TOP}/{MARKER}" in archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        return False


def _write(order: Order, files: dict[str, bytes], secrets: Secrets) -> None:
    packed = as_zip(files, TOP)
    if order.archive is not None and (findings := search({order.archive.name: packed}, secrets)):
        raise UserError(_told(findings))
    try:
        with _part(order.folder) as part:
            if part is not None and order.folder is not None:
                write_folder(files, part)
                check(_read_back(part), secrets)  # what students get is what lies on the disk
            if order.archive is not None:
                write_whole(order.archive, lambda file: file.write(packed))
            if part is not None and order.folder is not None:
                replace_folder(part, order.folder)
    except OSError as error:
        raise UserError(f"the release cannot be written ({error.strerror or error})") from None
    except DataError as error:
        raise UserError(str(error)) from None


def _read_back(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@contextlib.contextmanager
def _part(folder: Path | None) -> Iterator[Path | None]:
    """A folder beside the one that is wanted, gone at the end unless it took that one's place."""
    if folder is None:
        yield None
        return
    folder = folder.resolve()
    for left in folder.parent.glob(f".{folder.name}.*.part"):  # of a release that was killed
        owner = left.name.split(".")[-2]
        if owner.isdigit() and len(owner) < 10 and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir()
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)

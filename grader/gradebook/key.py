"""Hashes of what a mark follows from: a grade whose key has changed is worth doing again."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import GraderError, UsageError

ROOT = Path(__file__).parents[2]
OURS = ("grader", "datasets")
# Where a mark is made. Whatever these import is followed; the console, the pages and the commands
# are not among it. The worker and the given files are copied into the box, imported by nothing.
STARTS = ("grader/grading.py", "grader/checks/*.py", "grader/worker/*.py")
READ = ("grader/rubric.toml", "grader/checks/pytest.ini")
GIVEN = "assignment/*.py"
# The packages whose numbers reach a mark, as checks run or as data are made.
PACKAGES = (
    "matplotlib",  # its fonts draw the unknown letters
    "numpy",
    "pillow",
    "pytest",
    "safetensors",
    "scikit-learn",
    "scipy",
    "torch",
)


def grader_sha256() -> str:
    """The hash of checks, rubric, given files, worker and all code of ours a mark depends on.

    It is the same on every machine and in every checkout of the same code with the same packages.

    Raises:
        GraderError: a file of the grader's or a package is missing or broken.
    """
    try:
        return hash_grader(ROOT, {name: importlib.metadata.version(name) for name in PACKAGES})
    except importlib.metadata.PackageNotFoundError as error:
        raise GraderError(
            f"{error.name}: it is not installed; pip install -e . repairs it"
        ) from None
    except (OSError, SyntaxError, ValueError) as error:
        raise GraderError(f"the grader's own files cannot be read: {error}") from None


def data_sha256(profile: str, hidden: Path | None) -> str:
    """The hash of the data that accuracy is measured on.

    Of public sets it takes names, sizes and whether they count, and of an instructor's own `.npz`
    the bytes; the embedded digits are part of the packages in `grader_sha256`.

    Args:
        profile: the name of the data profile.
        hidden: a hidden bundle, or None for the public test sets.

    Raises:
        UsageError: the bundle cannot be read.
        DataError: a public set is broken.
    """
    digest = hashlib.sha256(profile.encode())
    if hidden is not None:
        try:
            digest.update(b"hidden" + hashlib.sha256(hidden.read_bytes()).digest())
        except OSError as error:
            raise UsageError(f"{hidden}: it cannot be read ({error.strerror})") from None
    elif profile == "mnist":
        for line in _public_sets():
            digest.update(f"\n{line}".encode())
    return digest.hexdigest()


def _public_sets() -> Iterator[str]:
    from datasets.root import data_root
    from datasets.sources import find_sources

    for source in find_sources(data_root()):
        if not source.known:
            own = source.file.suffix == ".npz"
            content = hashlib.sha256(source.file.read_bytes()).hexdigest() if own else ""
            yield f"{source.family} {source.count} {source.graded} {content}"


def hash_grader(root: Path, versions: Mapping[str, str]) -> str:
    """The hash over names and contents of the files under `root`, and over packages' versions.

    Line ends do not count, nor does a version's local part (`+cpu`).
    """
    digest = hashlib.sha256()
    for name, version in sorted(versions.items()):
        digest.update(f"{name}=={version.partition('+')[0]}\n".encode())
    for path in marking_files(root):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def marking_files(root: Path = ROOT) -> list[Path]:
    """The files that a mark depends on, in the order of their names."""
    from ..submission import MODULES

    starts = [path for pattern in STARTS for path in root.glob(pattern)]
    given = [path for path in root.glob(GIVEN) if path.stem not in MODULES]
    found = {*reachable(root, starts), *(root / name for name in READ), *given}
    return sorted(found, key=lambda path: path.relative_to(root).as_posix())


def reachable(root: Path, files: Iterable[Path]) -> set[Path]:
    """These files and all of ours under `root` that they import, directly or not."""
    found: set[Path] = set()
    waiting = list(files)
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imported_by(root, file)
    return found


def _imported_by(root: Path, file: Path) -> list[Path]:
    names = _imports(file.read_bytes(), file.relative_to(root).parent.parts)
    return [path for name in names for path in _files_of(root, name)]


@functools.cache  # parsing takes nearly all of the time
def _imports(source: bytes, package: tuple[str, ...]) -> tuple[str, ...]:
    """Names of modules of ours that a source in this package imports."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return tuple(name for name in names if name.split(".")[0] in OURS)


def _files_of(root: Path, name: str) -> list[Path]:
    """A module's file, and those of the packages around it, which importing it runs."""
    parts = name.split(".")
    packages = [root.joinpath(*parts[:n], "__init__.py") for n in range(1, len(parts) + 1)]
    module = root.joinpath(*parts).with_suffix(".py")
    return [path for path in (*packages, module) if path.is_file()]

"""A release as bytes: every file of the student repository, in memory."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from datasets.errors import DataError
from solutions.errors import UserError
from solutions.release.contents import cut, is_released
from solutions.stubs import MODULES, make_stubs

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SCHEMA = "osr-release/1"
MARKER = ".release.json"
TEMPLATES = Path(__file__).parent / "templates"
# Written from templates: the file in `templates/`, and its place in the release.
PAGES = {
    "README.md.j2": "README.md",
    "Makefile": "Makefile",
    "pyproject.toml.j2": "pyproject.toml",
    "gitignore": ".gitignore",
    "grade.yml": ".github/workflows/grade.yml",
    "smoke.py": "tests/test_smoke.py",
}
REFERENCE_RESULTS = "solutions/results/reference-{data}.json"
RELEASED_RESULTS = "grader/results/reference-{data}.json"
PROFILES = ("digits", "mnist")


def build(root: Path, tracked: list[str]) -> dict[str, bytes]:
    """The files of a release, with the marker that lists them.

    Args:
        root: the checkout.
        tracked: its tracked files, relative to `root`.

    Returns:
        Contents by path with forward slashes, in the paths' order. The same tracked files give the
        same bytes, wherever the checkout lies and however its lines end.

    Raises:
        UserError: a file cannot be read, or a stub cannot be made.
    """
    files = {path: _read(root, path) for path in tracked if is_released(path)}
    for stub in make_stubs(root / "solutions" / "reference", Path("assignment")):
        files[stub.path.as_posix()] = stub.text.encode("utf-8")
    files |= _pages(root, sorted(files))
    files |= _reference_results(root)
    marker = {"schema": SCHEMA, "files": {path: _sha256(files[path]) for path in sorted(files)}}
    files[MARKER] = (json.dumps(marker, indent=1) + "\n").encode("utf-8")
    return dict(sorted(files.items()))


def _read(root: Path, path: str) -> bytes:
    """A tracked file with lines that end in a newline; what is no text is left as it is."""
    place = root / path
    try:
        if place.is_symlink() or not place.is_file():
            raise UserError(f"{path}: is tracked, but no regular file is there; git restore it")
        content = place.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content  # the search will say what it thinks of it
    try:
        return cut(path, text.replace("\r\n", "\n")).encode("utf-8")
    except ValueError as error:
        raise UserError(f"{error}; see CUT in solutions/release/contents.py") from None


def _pages(root: Path, released: list[str]) -> dict[str, bytes]:
    environment = Environment(  # noqa: S701 (Markdown and TOML of our own, no HTML)
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    facts = _facts(root) | {"has_notebook": "assignment/walkthrough.ipynb" in released}
    pages = {
        place: environment.get_template(name).render(facts).encode("utf-8")
        if name.endswith(".j2")
        else (TEMPLATES / name).read_bytes().replace(b"\r\n", b"\n")
        for name, place in PAGES.items()
    }
    tomllib.loads(pages["pyproject.toml"].decode("utf-8"))  # else pip would be the first to know
    return pages


def _facts(root: Path) -> dict[str, Any]:
    """What the pages say of the project, as its pyproject.toml has it."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return {
            "version": project["version"],
            "python": project["requires-python"],
            "dependencies": _quoted(project["dependencies"]),
            "notebook": _quoted(project["optional-dependencies"]["notebook"]),
            "modules": MODULES,
        }
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"pyproject.toml: cannot be used ({error})") from None


def _quoted(texts: list[str]) -> list[str]:
    """Texts as TOML has them, which for these is as JSON has them."""
    return [json.dumps(text) for text in texts]


def _reference_results(root: Path) -> dict[str, bytes]:
    """The reference's means, which the grader shows beside a student's; its runs stay here."""
    files = {}
    for data in PROFILES:
        path = REFERENCE_RESULTS.format(data=data)
        try:
            metrics = json.loads((root / path).read_text(encoding="utf-8"))["metrics"]
        except (OSError, ValueError, KeyError, DataError) as error:
            raise UserError(
                f"{path}: cannot be used ({error}); python -m solutions results"
            ) from None
        text = json.dumps({"data": data, "metrics": metrics}, indent=2) + "\n"
        files[RELEASED_RESULTS.format(data=data)] = text.encode("utf-8")
    return files


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

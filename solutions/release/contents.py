"""Which files students receive, which they do not, and why."""

from __future__ import annotations

import ast
import posixpath
from pathlib import PurePosixPath

# Copied as they are, where git tracks them. The grader goes whole: a student grades with the very
# program that the instructor grades with.
RELEASED = ("LICENSE", "constraints.txt", "assignment/", "datasets/", "grader/")
# What lies among those and stays here, with the reason.
WITHHELD = {
    "datasets/hidden.py": "it says what a hidden bundle is made of",
    "grader/README.md": "it is the instructor's guide",
    "grader/checks/hidden/": "an instructor's own checks, if there are any",
}
# The maintainers' own: no file of theirs may turn up in a release under any name.
MAINTAINERS = (".ci/", "solutions/", "tests/")
TEMPLATES = ("solutions/release/templates/",)
# Parts of a page that students have no use for: the page, and the heading that such a part begins
# with; it ends where the page does.
CUT = {"datasets/README.md": "## Hidden bundles"}
# Wherever they turn up, they are no source.
JUNK = ("__pycache__", ".hypothesis", ".pytest_cache", ".mypy_cache", ".ruff_cache", "runs")


def is_released(path: str) -> bool:
    """Whether a tracked file goes to students.

    Args:
        path: relative to the repository, with forward slashes.
    """
    return _is_below(path, RELEASED) and why_withheld(path) == ""


def why_withheld(path: str) -> str:
    """Why a file in a released folder stays here; "" where it does not."""
    for place, reason in WITHHELD.items():
        if _is_below(path, (place,)):
            return reason
    parts = PurePosixPath(path).parts
    if any(part in JUNK for part in parts) or parts[-1] == "weights.safetensors":
        return "it is no source"
    return ""


def is_maintainers(path: str) -> bool:
    """Whether a tracked file is the maintainers' own, and no template of a released one."""
    return _is_below(path, MAINTAINERS) and not _is_below(path, TEMPLATES)


def is_in_released_folder(path: str) -> bool:
    """Whether a file, or a folder with a slash at its end, lies where released ones do."""
    return _is_below(path, RELEASED)


def cut(path: str, text: str) -> str:
    """A released page without the part that is the instructor's.

    Raises:
        ValueError: the heading that the part begins with is not there.
    """
    heading = CUT.get(path)
    if heading is None:
        return text
    kept, found, _ = text.partition(f"\n{heading}\n")
    if not found:
        raise ValueError(f"{path}: has no heading '{heading}' to cut it at")
    return kept.rstrip("\n") + "\n"


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    """Whether a path is one of these files, or lies in one of these folders (with a slash)."""
    return any(path == place or (place[-1] == "/" and path.startswith(place)) for place in places)


def dangling_links(files: dict[str, bytes]) -> list[str]:
    """Links of the pages to files that are not among these, each as `page:line: target`."""
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    found = []
    for page in sorted(path for path in files if path.endswith(".md")):
        for number, line in enumerate(files[page].decode("utf-8").split("\n"), start=1):
            for piece in line.split("](")[1:]:
                target = piece.partition(")")[0].partition("#")[0]
                if not target or "://" in target or target.startswith("mailto:"):
                    continue
                place = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
                if place not in files and place not in folders:
                    found.append(f"{page}:{number}: {target}")
    return found


def missing_modules(files: dict[str, bytes], packages: tuple[str, ...]) -> list[str]:
    """Imports at the top of released modules that no released file answers.

    Only the project's own packages are looked at, and only what is imported when a module is:
    a command may import what is not there and say so.

    Returns:
        Each as `file:line: module`.
    """
    found = []
    for path in sorted(path for path in files if path.endswith(".py")):
        package = list(PurePosixPath(path).parent.parts)
        for node in ast.parse(files[path]).body:
            for module in _imported(node, package):
                parts = module.split(".")
                place = "/".join(parts)
                known = {f"{place}.py", f"{place}/__init__.py"} & files.keys()
                if parts[0] in packages and not known:
                    found.append(f"{path}:{node.lineno}: {module}")
    return found


def _imported(node: ast.stmt, package: list[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else []
        return [".".join([*base, *([node.module] if node.module else [])])]
    return []

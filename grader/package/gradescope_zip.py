"""Gradescope's autograder as one zip: what it takes to grade, and nothing of the solutions."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import datasets
from datasets.errors import DataError

from ..errors import GraderError, UsageError
from ..staging import ASSIGNMENT, given_files
from .archive import make_zip

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).with_name("gradescope")
SCRIPTS = ("setup.sh", "run_autograder")
PACKAGES = ("grader", "datasets")
CODE = (
    ".py",
    ".toml",
    ".ini",
    ".sql",
    ".j2",
    ".css",
    ".js",
)  # no record, bundle or image set among them
BUNDLE = "hidden.npz"
# What grading does not import: torchvision downloads image sets, Jinja makes pages.
NOT_NEEDED = ("torchvision", "jinja2")


def package(hidden: Path | None = None, leaderboard: bool = False, sandbox: str = "auto") -> bytes:
    """The zip's bytes, the same for the same project and bundle.

    Without weights in the submission the model is trained in the box, on the embedded digits; for a
    bundle of MNIST's there are no training images in it, so that students hand in their weights.

    Args:
        hidden: a hidden bundle to grade accuracy on.
        leaderboard: whether the results bring one, of public data.
        sandbox: "auto", or "require": hand nothing in where the image offers less than bwrap.

    Raises:
        UsageError: the bundle cannot be used, or a leaderboard is asked for with one.
        GraderError: this is no whole checkout of the project.
    """
    if hidden is not None and leaderboard:
        raise UsageError("--leaderboard: it would show every student figures of hidden data")
    data = "digits" if hidden is None else _profile(hidden)
    options = {
        "data": data,
        "train": "auto" if data == "digits" else "never",
        "hidden": BUNDLE if hidden is not None else "",
        "leaderboard": leaderboard,
        "sandbox": sandbox,
    }
    try:
        files = {name: (TEMPLATES / name).read_bytes() for name in SCRIPTS}
        files["constraints.txt"] = (PROJECT / "constraints.txt").read_bytes()
        files["requirements.txt"] = requirements(PROJECT / "pyproject.toml").encode()
        for folder in PACKAGES:
            files |= _code(folder)
        files |= {f"{ASSIGNMENT.name}/{name}": text for name, text in given_files().items()}
        if hidden is not None:
            files[BUNDLE] = hidden.read_bytes()
    except OSError as error:
        raise GraderError(f"{error.filename}: cannot be read ({error.strerror})") from None
    files["options.json"] = (json.dumps(options, indent=2) + "\n").encode()
    return make_zip(files, frozenset(SCRIPTS))


def requirements(pyproject: Path) -> str:
    """The project's dependencies, a line each, without what grading does not need."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    kept = [
        line
        for line in project["dependencies"]
        if re.split(r"[^A-Za-z0-9_.-]", line)[0].lower() not in NOT_NEEDED
    ]
    return "".join(f"{line}\n" for line in kept)


def _code(folder: str) -> dict[str, bytes]:
    """The files of a package that its code is made of."""
    top = PROJECT / folder
    return {
        path.relative_to(PROJECT).as_posix(): path.read_bytes()
        for path in top.rglob("*")
        if path.suffix in CODE
        and path.is_file()
        and not path.is_relative_to(PROJECT / "datasets" / "cache")
        and not any(part.startswith((".", "__pycache__")) for part in path.relative_to(top).parts)
    }


def _profile(bundle: Path) -> str:
    """The profile that a bundle was built from; reading it shows that it is whole."""
    try:
        profile = datasets.read_bundle(bundle).manifest.get("profile")
    except DataError as error:
        raise UsageError(str(error)) from None
    if profile not in ("digits", "mnist"):
        raise UsageError(f"{bundle}: its manifest names no profile, digits or mnist")
    return str(profile)

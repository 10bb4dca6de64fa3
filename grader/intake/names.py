"""Which names of files are taken from a submission."""

from __future__ import annotations

import keyword
import sys
import unicodedata
from collections.abc import Collection
from pathlib import PurePath, PurePosixPath

from . import limits

# Of each module, what the checks ask it for.
PUBLIC_NAMES = {
    "autoencoder": ("Autoencoder",),
    "classifier": ("Classifier",),
    "contrastive": ("contrastive_loss",),
    "threshold": ("reconstruction_error", "adaptive_threshold", "reject"),
    "evaluation": ("eval_model",),
}
MODULES = tuple(PUBLIC_NAMES)
WEIGHTS = "weights.safetensors"
NOTEBOOK = ".ipynb"
WANTED = (*(f"{name}.py" for name in MODULES), WEIGHTS)
# What a module beside the five must not be called: it would confuse its author, or a tool.
TAKEN_ELSEWHERE = sys.stdlib_module_names | {
    "torch", "torchvision", "numpy", "scipy", "sklearn", "safetensors", "matplotlib", "pytest",
    "conftest", "sitecustomize", "usercustomize", "__main__",
    "assignment", "datasets", "grader", "solutions", "tests", "worker",
}  # fmt: skip


def place(name: str) -> PurePosixPath | None:
    """Where an archive's member lies; None for a name that points elsewhere or is none at all."""
    path = PurePosixPath(normal(name.replace("\\", "/")))
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or ".." in parts or not parts or "\0" in name or ":" in name:
        return None
    return PurePosixPath(*parts)


def normal(name: str) -> str:
    """One spelling of letters with accents, which some systems store in two parts."""
    return unicodedata.normalize("NFC", name)


def is_hidden(path: PurePosixPath) -> bool:
    """Whether it is of no interest at all: caches, and what a system or an editor leaves behind."""
    return any(part.startswith(".") or part in ("__MACOSX", "__pycache__") for part in path.parts)


def is_read(path: PurePosixPath) -> bool:
    """Whether the content may be wanted; only then it is read."""
    return path.suffix == ".py" or path.name == WEIGHTS or is_notebook(path)


def is_notebook(path: PurePath) -> bool:
    """Whether a name is a notebook's."""
    return path.suffix.lower() == NOTEBOOK


def may_take(name: str, given: Collection[str]) -> bool:
    """Whether a file beside the modules is taken, the modules themselves among them."""
    if name in WANTED:
        return True
    stem = name.removesuffix(".py")
    return (
        name.endswith(".py")
        and stem.isidentifier()
        and unicodedata.normalize("NFKC", stem) == stem  # what Python makes of a name it imports
        and not keyword.iskeyword(stem)
        and stem not in TAKEN_ELSEWHERE
        and len(name.encode("utf-8", "replace")) <= limits.MAX_NAME
        and name.casefold() not in WANTED  # some file systems would take the one for the other
        and name.casefold() not in {other.casefold() for other in given}
    )


def advise(name: str, there: frozenset[str]) -> str:
    """What to rename, in one line, where a file is not taken for its name alone; else "".

    Args:
        name: of the file that is not taken.
        there: names of the files that are.
    """
    meant = name.casefold()
    if meant in WANTED and name != meant and meant not in there:
        return f"{name} is not {meant}: rename it"
    if name.endswith(".py") and name.removesuffix(".py") in TAKEN_ELSEWHERE:
        return f"{name} is not taken, it has the name of a standard module or of a tool: rename it"
    return ""

"""Submissions to compare: whole modules of the correct variants, each its author's own solution."""

from __future__ import annotations

import ast
import functools
import io
import tokenize
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from grader.similarity.document import Document, given_fingerprints, make_document
from grader.staging import ASSIGNMENT
from grader.submission import MODULES
from tests.submissions.patches import HERE, REFERENCE, read_patch

Files = dict[str, bytes]


@functools.cache
def variants() -> dict[str, tuple[bytes, ...]]:
    """Whole modules by file name, none of them made from the reference's text."""
    found: dict[str, list[bytes]] = {f"{module}.py": [] for module in MODULES}
    for path in sorted((HERE / "correct").glob("*.toml")):
        files = read_patch(path).files
        if len(files) == 1:
            for name, text in files.items():
                found[name].append(text.encode())
    return {name: tuple(texts) for name, texts in found.items()}


def mixed(choice: Sequence[int]) -> Files:
    """A submission of one variant of each module."""
    return {
        name: texts[index % len(texts)]
        for (name, texts), index in zip(variants().items(), choice, strict=True)
    }


def reference() -> Files:
    """The reference's modules."""
    return {f"{module}.py": (REFERENCE / f"{module}.py").read_bytes() for module in MODULES}


def disguise(content: bytes) -> bytes:
    """The same program with other names for what is its own, and with other comments."""
    tree = ast.parse(content)
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            own.add(node.attr)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
    own -= {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    own -= {"self", "training"}
    made = []
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        text = token.string
        if token.type == tokenize.NAME and text in own:
            text = f"my_{text}_2"
        elif token.type == tokenize.COMMENT:
            text = "# all my own work"
        made.append((token.type, text))
    changed = b"# written by me\n\n" + tokenize.untokenize(made)
    ast.parse(changed)
    return changed


@functools.cache
def given() -> np.ndarray:
    """Fingerprints of the assignment as it is handed out."""
    return given_fingerprints(path.read_bytes() for path in sorted(ASSIGNMENT.glob("*.py")))


def document(number: int, files: Files, name: str = "") -> Document:
    return make_document(number, name or f"s{number}", files, given())


def write(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder

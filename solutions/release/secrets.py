"""What must not stand in a release: the solution's lines, hidden checks, bundles and weights.

A *line that tells something* has at least four different words (names, keywords, numbers). A line
with fewer, such as `return latent` or `model.eval()`, stands in many programs; it counts together
with the lines that follow it in the solution, as many as make four words. White space, quotes, a
comment behind the code and a `return` before it do not count, on either side.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from datasets.bundle import read_bundle
from datasets.errors import DataError
from solutions.errors import UserError
from solutions.files import read_source, shown
from solutions.regions import find_regions
from solutions.stubs import MODULES

FEWEST_WORDS = 4
WORD = re.compile(r"\w+")
PIECE = 48  # bytes of a bundle, at PIECES places
PIECES = 64
FEWEST_BYTES = 16  # different ones in a piece: a run of zeros is anybody's
LONG_SEED = 10**6  # a smaller number stands in many places


@dataclass(frozen=True)
class Secret:
    """Something to search for.

    Attributes:
        what: for the message, with its place: `solutions/reference/threshold.py:46`.
        text: as `squeezed` gives it; "" for bytes.
        content: bytes; empty for text.
    """

    what: str
    text: str = ""
    content: bytes = b""


@dataclass(frozen=True)
class Secrets:
    """All of it.

    Attributes:
        pieces: texts and bytes.
        files: what a whole file is, by its SHA-256.
    """

    pieces: tuple[Secret, ...]
    files: dict[str, str]

    def __add__(self, other: Secrets) -> Secrets:
        return Secrets((*self.pieces, *other.pieces), self.files | other.files)


NONE = Secrets((), {})


def squeezed(text: str) -> str:
    """A text without white space, quotes and backslashes: wrapped or in JSON, it is the same."""
    return re.sub(r"[\s\\'\"]+", "", text)


def solution_secrets(reference: Path) -> Secrets:
    """Every line inside a region of the solved modules.

    Raises:
        UserError: a module is missing or its markers are wrong.
    """
    found: list[Secret] = []
    for number, module in enumerate(MODULES, start=1):
        path = reference / f"{module}.py"
        source, name = read_source(path), shown(path)
        lines = _without_comments(source)
        for region in find_regions(source, name, f"task {number}, {module}"):
            inside = [(line, lines[line - 1]) for line in range(region.begin + 1, region.end)]
            found += _pieces(name, inside)
    return Secrets(tuple(found), {})


def code_secrets(path: Path) -> Secrets:
    """Every line of code of a module that is withheld, but its imports."""
    source, name = read_source(path), shown(path)
    lines = _without_comments(source)
    try:
        body = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError) as error:
        raise UserError(
            f"{name}: is not valid Python ({error}), and cannot be searched for"
        ) from None
    imports = {
        line
        for node in body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    kept = [(n, line) for n, line in enumerate(lines, start=1) if n not in imports]
    return Secrets(tuple(_pieces(name, kept)), {_sha256(path.read_bytes()): name})


def binary_secrets(path: Path) -> Secrets:
    """A bundle or weights: the file, its hashes, its seed, and pieces of its bytes."""
    name = shown(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{name}: cannot be read ({error.strerror})") from None
    whole = _sha256(content)
    pieces = [Secret(f"the SHA-256 of {name}", text=whole)]
    pieces += [Secret(f"bytes of {name}", content=piece) for piece in _samples(content)]
    try:
        manifest = read_bundle(path).manifest
    except DataError:  # weights, or somebody's images
        manifest = {}
    if "sha256" in manifest:
        pieces.append(Secret(f"the SHA-256 in {name}", text=squeezed(manifest["sha256"])))
    seed = manifest.get("seed")
    if isinstance(seed, int) and seed >= LONG_SEED:
        pieces.append(Secret(f"the seed of {name}", text=str(seed)))
    return Secrets(tuple(pieces), {whole: name})


def withheld_files(root: Path, paths: Iterable[str]) -> Secrets:
    """Whole files that must not be among the released ones under any name.

    Empty ones and those of a few bytes, such as `__init__.py`, are nobody's secret.
    """
    files = {}
    for path in paths:
        content = (root / path).read_bytes() if (root / path).is_file() else b""
        if len(content.split()) >= FEWEST_WORDS:
            files[_sha256(content)] = path
    return Secrets((), files)


def _pieces(name: str, lines: list[tuple[int, str]]) -> Iterator[Secret]:
    """From each line on, as many as hold enough words; all that are left at the end."""
    told = [(number, line) for number, line in lines if line.strip()]
    for index, (number, _) in enumerate(told):
        for end in range(index + 1, len(told) + 1):
            text = "\n".join(line for _, line in told[index:end])
            returned = re.sub(r"^\s*return\b", "", text)  # tells as much without the word
            long = [t for t in (returned, text) if len(set(WORD.findall(t))) >= FEWEST_WORDS]
            if long:
                yield Secret(f"{name}:{number}", text=squeezed(long[0]))
                break


def _without_comments(source: str) -> list[str]:
    """The lines, without the comments behind code; a comment on a line of its own stays."""
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT and lines[row - 1][:column].strip():
            lines[row - 1] = lines[row - 1][:column]
    return lines


def _samples(content: bytes) -> Iterator[bytes]:
    step = max(PIECE, len(content) // PIECES)
    for start in range(0, len(content) - PIECE + 1, step):
        piece = content[start : start + PIECE]
        if len(set(piece)) >= FEWEST_BYTES:
            yield piece


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

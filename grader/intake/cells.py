"""One code cell: a file that it writes, or statements of Python. Parsed, and never run."""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from . import limits
from .notebook import Cell

WRITE = ("%%writefile", "%%file")
RUNS_AS_IT_IS = ("%%time", "%%capture")  # cell magics that run the cell's Python in the notebook
MAGIC = re.compile(r"[%!?]|[\w., ]+=\s*[%!]")  # where a line without its margins begins
# Of a syntax error's message only these words are the parser's own; the rest may quote the cell.
LONGEST_REASON = 100
TOO_MUCH = "more to parse than is read"
NO_TEXT = "characters that are no text"


@dataclass(frozen=True)
class Written:
    """A file that a cell writes by `%%writefile`.

    Attributes:
        path: where the cell says that it lies.
        appended: whether it is added to what was written there before.
        line: of the cell, from 1, where its text begins.
        problem: why Python cannot parse it; "" where it can, or is none.
    """

    cell: int
    path: PurePosixPath
    text: str
    appended: bool
    line: int
    problem: str = ""


@dataclass(frozen=True)
class Broken:
    """A cell that cannot be parsed, with the reason."""

    cell: int
    text: str
    reason: str


@dataclass(frozen=True)
class Statement:
    """A statement at a cell's top level that can be part of a module.

    Attributes:
        cell: the cell's number.
        line: where it begins in the cell, from 1.
        text: its source.
        binds: the global names that it defines or assigns.
        changes: the names of which it assigns an attribute or an item.
        needs: the global names that it uses, at once or when what it defines is called.
        imported: for an import, of one name alone, the module: `torch`, `.threshold`; else "".
    """

    cell: int
    line: int
    text: str
    binds: frozenset[str]
    changes: frozenset[str]
    needs: frozenset[str]
    imported: str = ""


@dataclass(frozen=True)
class Plain:
    """A cell of Python.

    Attributes:
        statements: what can be part of a module.
        future: whether it imports `annotations` from `__future__`, which all later cells have too.
        left: whether something in it is no definition: a call, a loop, a magic.
    """

    cell: int
    statements: tuple[Statement, ...]
    future: bool
    left: bool


class Reader:
    """Reads the cells of one notebook, with a bound on how much is parsed for all of them."""

    def __init__(self) -> None:
        self._left = limits.MAX_PARSED

    def read(self, cell: Cell) -> Written | Plain | Broken:
        """What a cell is."""
        skipped, text = _without_empty_lines(cell.source)
        first, _, rest = text.partition("\n")
        words = first.split()
        try:
            text.encode()
        except UnicodeEncodeError:  # half a pair of surrogates
            return Broken(cell.number, text, NO_TEXT)
        if words and words[0] in WRITE:
            return self._written(cell.number, words[1:], rest, skipped + 2)
        if words and words[0] in RUNS_AS_IT_IS:
            return self._plain(cell.number, rest, skipped + 1, magic=True)
        if first.startswith("%%"):
            return Plain(cell.number, (), future=False, left=True)
        return self._plain(cell.number, text, skipped, magic=False)

    def _written(self, number: int, words: list[str], text: str, line: int) -> Written:
        options = [word for word in words if word in ("-a", "--append")]
        name = " ".join(word for word in words if word not in options).strip("\"'")
        parsed = self._parse(text) if name.endswith(".py") else None
        problem = parsed.shown(line - 1) if isinstance(parsed, _Unparsed) else ""
        return Written(number, PurePosixPath(name), text, bool(options), line, problem)

    def _plain(self, number: int, text: str, skipped: int, *, magic: bool) -> Plain | Broken:
        lines = text.split("\n")
        parsed = self._parse(text)
        while isinstance(parsed, _Unparsed) and _take_out_magic(lines, parsed.line - 1):
            magic = True
            parsed = self._parse("\n".join(lines))
        if isinstance(parsed, _Unparsed):
            return Broken(number, text, parsed.shown(skipped))
        made: list[Statement] = []
        left, future = magic, False
        source = [line.encode() for line in lines]  # ast counts columns in bytes
        for node in parsed.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                future |= any(alias.name == "annotations" for alias in node.names)
                continue
            try:
                found = list(_statements(node, source, number, skipped))
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                return Broken(number, text, f"line {node.lineno + skipped}: {_words(error)}")
            made += found
            left |= not found and not _is_text(node)
        return Plain(number, tuple(made), future, left)

    def _parse(self, text: str) -> ast.Module | _Unparsed:
        """The tree, or why there is none."""
        self._left -= len(text)
        if self._left < 0:
            return _Unparsed(TOO_MUCH)
        try:
            return ast.parse(text)
        except SyntaxError as error:
            return _Unparsed(_words(error), error.lineno or 1)
        except (ValueError, RecursionError, MemoryError) as error:
            return _Unparsed(_words(error))


@dataclass(frozen=True)
class _Unparsed:
    """Why a text cannot be parsed, and in which of its lines, from 1; 0 where none is to blame."""

    reason: str
    line: int = 0

    def shown(self, before: int) -> str:
        """The reason, for a cell that has so many lines before the text."""
        return f"line {self.line + before}: {self.reason}" if self.line else self.reason


def _words(error: BaseException) -> str:
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, RecursionError | MemoryError):
        said = "nested too deeply"
    return (said or type(error).__name__)[:LONGEST_REASON]


def _without_empty_lines(source: str) -> tuple[int, str]:
    """How many empty lines a cell begins with, which Jupyter skips, and the rest."""
    lines = source.split("\n")
    skipped = next((place for place, line in enumerate(lines) if line.strip()), 0)
    return skipped, "\n".join(lines[skipped:])


def is_magic(line: str) -> bool:
    """Whether IPython would take a line that Python cannot parse for a magic or a command.

    Its margins are stripped, not matched: a match that tries each of a hundred thousand spaces as
    the margin's last takes minutes.
    """
    bare = line.strip()
    return bool(MAGIC.match(bare)) or bare.endswith("?")


def _take_out_magic(lines: list[str], place: int) -> bool:
    """Put `pass` for a magic or a command at this line; False where there is none.

    The parser stops at them, so no line of a text is taken for one.
    """
    if not 0 <= place < len(lines) or not is_magic(lines[place]):
        return False
    end = place
    while lines[end].endswith("\\") and end + 1 < len(lines):
        end += 1
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines[place : end + 1] = [f"{indent}pass", *[""] * (end - place)]
    return True


def _is_text(node: ast.stmt) -> bool:
    """Whether it does nothing: a text that stands alone, `...`, `pass`."""
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _statements(
    node: ast.stmt, source: list[bytes], cell: int, skipped: int
) -> Iterator[Statement]:
    """What of a top-level statement can be part of a module: each import, or the definition."""
    line = node.lineno + skipped
    match node:
        case ast.Import():
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                yield _import(cell, line, ast.Import([alias]), name, alias.name)
        case ast.ImportFrom():
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                one = ast.ImportFrom(node.module, [alias], node.level)
                yield _import(cell, line, one, alias.asname or alias.name, module)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            begin = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            text = _segment(source, begin, 0, node)
            if node.decorator_list and not text.lstrip().startswith("@"):  # it stood a line above
                text = ast.unparse(node)
            yield _definition(cell, begin + skipped, text, node)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Try():
            text = _segment(source, node.lineno, node.col_offset, node)
            yield _definition(cell, line, text, node)
        case ast.If() if not _is_main(node.test):
            text = _segment(source, node.lineno, node.col_offset, node)
            made = _definition(cell, line, text, node)
            if made.binds:
                yield made
        case _ if type(node).__name__ in ("TypeAlias", "TryStar"):  # of later versions of Python
            text = _segment(source, node.lineno, node.col_offset, node)
            yield _definition(cell, line, text, node)


def _import(cell: int, line: int, node: ast.stmt, name: str, module: str) -> Statement:
    text = ast.unparse(ast.fix_missing_locations(node))
    binds = frozenset({name}) - {"*"}
    return Statement(cell, line, text, binds, frozenset(), frozenset(), module)


def _definition(cell: int, line: int, text: str, node: ast.stmt) -> Statement:
    table = symtable.symtable(text, "cell", "exec")
    own = table.get_symbols()
    binds = {symbol.get_name() for symbol in own if symbol.is_assigned() or symbol.is_imported()}
    needs = {symbol.get_name() for symbol in own if symbol.is_referenced()}
    changes = {_base(target) for target in _targets(node)} - {""}
    return Statement(
        cell, line, text, frozenset(binds), frozenset(changes),
        frozenset(needs | set(_globals(table.get_children()))),
    )  # fmt: skip


def _globals(tables: Iterable[symtable.SymbolTable]) -> Iterator[str]:
    """The global names that functions and classes use, and those that they assign."""
    for table in tables:
        yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_global())
        yield from _globals(table.get_children())


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _base(target: ast.expr) -> str:
    """Of `name.attribute = …` or `name[item] = …` the name; "" of any other target."""
    if isinstance(target, ast.Name):
        return ""
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def _segment(source: list[bytes], line: int, column: int, node: ast.stmt) -> str:
    """The text of a statement, from a line and column, in bytes, to its end."""
    assert node.end_lineno is not None
    lines = source[line - 1 : node.end_lineno]
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][column:]
    return b"\n".join(lines).decode()


def _is_main(test: ast.expr) -> bool:
    """Whether it asks for `__name__`, which is no module's where the notebook runs."""
    return any(isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(test))

"""A notebook's cells as the modules of a submission.

A module is what its public names need, in the notebook's order: of all plain cells the imports,
functions, classes and assignments that they reach by names, so that the last definition of a name
counts, as it does when the notebook is run. A cell that begins with `%%writefile threshold.py` is
that module as it stands. Nothing is run here.
"""

from __future__ import annotations

import builtins
import re
import symtable
import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..text import one_line
from .cells import Broken, Plain, Reader, Statement, Written
from .given import GIVEN_IN
from .names import MODULES, PUBLIC_NAMES, WEIGHTS, may_take
from .notebook import NotebookError, read_notebook

PACKAGE = "assignment"
WHERE = (PurePosixPath(), PurePosixPath(PACKAGE))  # the folders that a cell may write into
MARK = "# %% cell {}, line {} of the notebook"  # `grader/worker/failures.py` reads it
FUTURE = "from __future__ import annotations"
MOST_NOTES = 20
MOST_NUMBERS = 12  # of cells, in one note


@dataclass(frozen=True)
class Extracted:
    """What a notebook holds of a submission.

    Attributes:
        files: the modules' and helper modules' contents by name.
        notes: what its author should know, a line each.
    """

    files: dict[str, bytes]
    notes: tuple[str, ...]


@dataclass
class _File:
    """A file that cells write: its text so far, and the cells."""

    text: str
    cells: list[int]


def extract(content: bytes, given: Collection[str], beside: Iterable[str] = ()) -> Extracted:
    """Make modules of a notebook.

    Args:
        content: the notebook's bytes.
        given: names of the given files, which are never taken from a submission.
        beside: names of the files that lie beside the notebook and are taken with it.

    Raises:
        NotebookError: it cannot be read, or none of the tasks' names is defined in it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd escapes: the student's own to see
        reader = Reader()
        cells = [reader.read(cell) for cell in read_notebook(content)]
        return _Notebook(cells, given, beside).make()


class _Notebook:
    """The cells of one notebook on their way to modules."""

    def __init__(
        self,
        cells: Sequence[Written | Plain | Broken],
        given: Collection[str],
        beside: Iterable[str],
    ) -> None:
        self._notes: list[str] = []
        self._broken = [cell for cell in cells if isinstance(cell, Broken)]
        plain = [cell for cell in cells if isinstance(cell, Plain)]
        self._statements = [statement for cell in plain for statement in cell.statements]
        self._future = any(cell.future for cell in plain)
        self._left = [cell.cell for cell in plain if cell.left]
        for cell in self._broken:
            self._note(f"cell {cell.cell} cannot be parsed ({cell.reason})")
        self._files: dict[str, _File] = {}
        for each in cells:
            if isinstance(each, Written):
                self._write(each, given)
        stems = (name.removesuffix(".py") for name in (*beside, *self._files))
        self._sisters = frozenset(stems) | frozenset(MODULES)

    def make(self) -> Extracted:
        """The modules, and what is to be said of the cells."""
        made = {f"{module}.py": self._module(module) for module in MODULES}
        if not made.keys() & self._files.keys() and not self._defines_any():
            raise NotebookError(self._nothing())
        if self._left:
            self._note(f"what is no definition is left out ({_cells(self._left)})")
        files = {name: file.text for name, file in self._files.items()} | made
        contents = {name: text.encode() for name, text in sorted(files.items())}
        more = len(self._notes) - MOST_NOTES
        notes = [*self._notes[:MOST_NOTES], *([f"and {more} notes more"] if more > 0 else [])]
        return Extracted(contents, tuple(notes))

    def _note(self, text: str) -> None:
        self._notes.append(one_line(text, 300))

    def _write(self, cell: Written, given: Collection[str]) -> None:
        """Take what a cell writes into a file, if it may be part of a submission."""
        path, name = cell.path, cell.path.name
        if reason := _why_not(path, given):
            self._note(f"cell {cell.cell}: %%writefile {path} is not taken: {reason}")
            return
        if cell.problem:
            self._note(f"cell {cell.cell}, {name}: it cannot be parsed ({cell.problem})")
        mark = MARK.format(cell.cell, cell.line)
        earlier = self._files.get(name)
        if earlier and cell.appended:
            text, cells = f"{earlier.text}{mark}\n{cell.text}\n", [*earlier.cells, cell.cell]
        else:
            text, cells = f"{mark}\n{cell.text}\n", [cell.cell]
            if earlier:
                both = _cells([*earlier.cells, cell.cell])
                self._note(f"{name} is written more than once ({both}): the last one counts")
        self._files[name] = _File(text, cells)

    def _module(self, module: str) -> str:
        """The text of one of the five modules."""
        file = self._files.get(f"{module}.py")
        there = _bound(file.text) if file else frozenset()
        wanted, stubs = [], []
        for name in PUBLIC_NAMES[module]:
            cells = [each.cell for each in self._definitions(name)]
            in_file = file is not None and (name in there or _seems_to_define(file.text, name))
            written = file.cells if file and in_file else []
            if len(cells) + bool(written) > 1:
                found = _cells(sorted({*cells, *written}))
                self._note(f"{name} is defined more than once ({found}): the last one counts")
            if cells and (not written or cells[-1] > written[-1]):
                wanted.append(name)
            elif not file:
                stubs.append(self._stub(name))
        pieces = self._gather(module, wanted)
        if file:
            return "\n".join([file.text, *pieces])
        future = [f"{FUTURE}\n"] if self._future else []
        return "\n".join([*future, *pieces, *stubs])

    def _definitions(self, name: str) -> list[Statement]:
        return [each for each in self._statements if name in each.binds and not each.imported]

    def _defines_any(self) -> bool:
        names = {name for names in PUBLIC_NAMES.values() for name in names}
        return any(names & each.binds and not each.imported for each in self._statements)

    def _stub(self, name: str) -> str:
        """What stands for a name that is missing: it says why, wherever it is used."""
        broken = [cell.cell for cell in self._broken if _seems_to_define(cell.text, name)]
        reason = f"no cell of the notebook defines {name}"
        if broken:
            reason = f"{name} seems to be defined in cell {broken[-1]}, which cannot be parsed"
        self._note(reason)
        complaint = f"raise NotImplementedError({reason!r})\n"
        if name[0].isupper():
            return f"class {name}:\n    def __init__(self, *_, **__):\n        {complaint}"
        return f"def {name}(*_, **__):\n    {complaint}"

    def _gather(self, module: str, names: Iterable[str]) -> list[str]:
        """The statements that names need, with what those need, in the notebook's order."""
        own = {module, f".{module}", f"{PACKAGE}.{module}"}
        usable = [
            each
            for each in self._statements
            if not (each.imported in own and each.text.startswith("from "))
        ]
        binding = _places(each.binds for each in usable)
        changing = _places(each.changes for each in usable)
        chosen: set[int] = set()
        given: dict[str, str] = {}
        seen: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            found = set(binding.get(name, ()))
            if any(not usable[place].imported for place in found):
                found.update(changing.get(name, ()))
            for place in found - chosen:
                todo += usable[place].needs
            chosen |= found
            if not found and name in GIVEN_IN.get(module, {}):
                given[name] = GIVEN_IN[module][name]
        if seen - binding.keys() - given.keys() - set(dir(builtins)):
            # Names that nobody defines: `from … import *` may bring them.
            stars = (place for place, each in enumerate(usable) if each.text.endswith(" import *"))
            chosen.update(stars)
        kept = _without_repeated_imports([usable[place] for place in sorted(chosen)])
        return [*given.values(), *map(self._piece, kept)]

    def _piece(self, statement: Statement) -> str:
        text = statement.text
        if statement.imported in self._sisters:  # beside it, which is a package here
            words = text.split(" ")
            text = " ".join(
                ["from", ".", "import", *words[1:]]
                if words[0] == "import"
                else ["from", f".{words[1]}", *words[2:]]
            )
        return f"{MARK.format(statement.cell, statement.line)}\n{text}\n"

    def _nothing(self) -> str:
        names = ", ".join(name for names in PUBLIC_NAMES.values() for name in names)
        told = next((f"; {note}" for note in self._notes if "parsed" in note), "")
        return f"no cell defines any of the tasks' names ({names}){told}"


def _why_not(path: PurePosixPath, given: Collection[str]) -> str:
    """Why a file that a cell writes is not taken; "" where it is."""
    if path.name == WEIGHTS:
        return "weights are no text, hand in the file beside the notebook"
    if path.name in given:
        return "it is given, and the grader uses its own"
    if path.parent not in WHERE:
        return f"write it as {path.name} or {PACKAGE}/{path.name}"
    return "" if may_take(path.name, given) else "it is no module of this name"


def _places(names: Iterable[frozenset[str]]) -> dict[str, list[int]]:
    """By name, the places of the sets that hold it."""
    found: dict[str, list[int]] = {}
    for place, each in enumerate(names):
        for name in each:
            found.setdefault(name, []).append(place)
    return found


def _without_repeated_imports(statements: Sequence[Statement]) -> list[Statement]:
    """The statements, of imports that stand in several cells the first alone."""
    assigned = {name for each in statements if not each.imported for name in each.binds}
    seen: set[str] = set()
    kept = []
    for each in statements:
        if not (each.imported and each.text in seen and not each.binds & assigned):
            kept.append(each)
        seen.add(each.text)
    return kept


def _bound(text: str) -> frozenset[str]:
    """The names that a module's text defines; none where it cannot be parsed."""
    try:
        symbols = symtable.symtable(text, "module", "exec").get_symbols()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(s.get_name() for s in symbols if s.is_assigned() or s.is_imported())


def _seems_to_define(text: str, name: str) -> bool:
    """Whether a text that need not be Python looks so.

    The margin is of spaces and tabs: one of line ends too would be tried from each of a hundred
    thousand empty lines to the last.
    """
    defines = rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{name}\b|^{name}[ \t]*="
    return bool(re.search(defines, text, re.M))


def _cells(numbers: Sequence[int]) -> str:
    """`cell 3`, `cells 3 and 5`, `cells 3, 5 and 9`."""
    words = [str(number) for number in dict.fromkeys(numbers)]
    if len(words) > MOST_NUMBERS:
        words = [*words[:MOST_NUMBERS], f"{len(words) - MOST_NUMBERS} more"]
    if len(words) == 1:
        return f"cell {words[0]}"
    return f"cells {', '.join(words[:-1])} and {words[-1]}"

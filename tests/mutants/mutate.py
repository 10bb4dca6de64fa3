"""The mutants of a module: every variant of every node of it, one at a time.

Annotations and imports stay as they are; docstrings and comments are left out. A mutant is known by
the function that it is in and by what was done, not by its line, so that an edit elsewhere leaves
its name alone.

The operators are our own: a library that is kept up comes with a runner and a database or a
terminal interface, and knows of no layer to drop and no mean to take for a sum.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.submissions.patches import REFERENCE

from .difference import difference
from .expressions import expression_variants
from .statements import statement_variants


@dataclass(frozen=True)
class Mutant:
    """One module with one mistake in it; `before` and `after` are what differs."""

    name: str
    module: str
    before: str
    after: str
    text: str


@dataclass(frozen=True)
class Site:
    """A node, where it hangs, and the function or class around it."""

    parent: ast.AST
    field: str
    index: int | None
    scope: tuple[str, ...]
    mistaken: dict[str, str]

    @property
    def node(self) -> ast.AST:
        """What stands there."""
        value: Any = getattr(self.parent, self.field)
        node: ast.AST = value if self.index is None else value[self.index]
        return node


def reference_mutants(folder: Path = REFERENCE) -> list[Mutant]:
    """All mutants of the modules in a folder."""
    files = sorted(folder.glob("*.py"))
    return [made for file in files for made in mutants(file.stem, file.read_text(encoding="utf-8"))]


def mutants(module: str, source: str) -> list[Mutant]:
    """All mutants of a module's text, in the order of the text; no two are the same program."""
    tree = _without_docstrings(ast.parse(source))
    original = ast.unparse(tree)
    seen = {ast.dump(tree)}
    counts: Counter[str] = Counter()
    found = []
    for site in list(_sites(tree, (), {})):
        for label, replacement in _variants(site):
            with _replaced(site, replacement):
                text = ast.unparse(tree)
            if not _compiles(text) or (program := ast.dump(ast.parse(text))) in seen:
                continue
            seen.add(program)
            name = f"{'.'.join((module, *site.scope))}: {label}"
            counts[name] += 1
            name += f" #{counts[name]}" if counts[name] > 1 else ""
            found.append(Mutant(name, module, *difference(original, text), text + "\n"))
    return found


def _sites(node: ast.AST, scope: tuple[str, ...], mistaken: dict[str, str]) -> Iterator[Site]:
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in items:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Import | ast.ImportFrom):
                continue
            yield Site(node, field, index, scope, mistaken)
            if isinstance(child, ast.FunctionDef):
                yield from _sites(child, (*scope, child.name), _mistaken(child))
            elif isinstance(child, ast.ClassDef):
                yield from _sites(child, (*scope, child.name), {})
            else:
                yield from _sites(child, scope, mistaken)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """The same tree: docstrings would stand in the way where what differs is shown."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _mistaken(function: ast.FunctionDef) -> dict[str, str]:
    """Each local name of a function, and the one that comes up after it; the last: the first."""
    names = [argument.arg for argument in function.args.args if argument.arg != "self"]
    names += [
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    unique = list(dict.fromkeys(names))
    return dict(zip(unique, unique[1:] + unique[:1], strict=True)) if len(unique) > 1 else {}


def _variants(site: Site) -> Iterator[tuple[str, ast.expr | list[ast.stmt]]]:
    yield from statement_variants(site.node)
    # A call that stands alone is dropped as a statement.
    alone = isinstance(site.parent, ast.Expr) and isinstance(site.node, ast.Call)
    # What a method is called on is no other name: that one lacks the method, more often than not.
    mistaken = {} if isinstance(site.parent, ast.Attribute) else site.mistaken
    for label, replacement in expression_variants(site.node, mistaken):
        if not (alone and not isinstance(replacement, ast.Call)):
            yield label, replacement


@contextmanager
def _replaced(site: Site, replacement: ast.expr | list[ast.stmt]) -> Iterator[None]:
    """Put something else in the place of a node, for a while."""
    value = getattr(site.parent, site.field)
    if site.index is None:
        new = replacement
    else:
        middle = replacement if isinstance(replacement, list) else [replacement]
        new = [*value[: site.index], *middle, *value[site.index + 1 :]]
    setattr(site.parent, site.field, new)
    try:
        yield
    finally:
        setattr(site.parent, site.field, value)


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True

"""What a method's numbers depend on, as a hash: a change of any of it makes them stale.

Comments and docstrings are no part of it, nor is the code of `datasets`: the images that come out
of it are pinned by its own tests.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from solutions.zoo.method import Spec
from solutions.zoo.training import Budget

ROOT = Path(__file__).parents[3]
MEASURING = "solutions.zoo.tables.measuring"
OURS = ("solutions", "assignment")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def fingerprint(spec: Spec, budget: Budget) -> str:
    """A hash of the method's settings and of every module of ours that it is computed with.

    Args:
        spec: The method.
        budget: Of its training.
    """
    modules = {MEASURING}  # which brings the metrics, the problems and the interface
    parts = (spec.training, spec.score, spec.rule)
    settings = [described(part, modules) for part in parts]
    files = reachable(path for name in modules if (path := _file_of(name)))
    header = (spec.name, spec.threshold_on, budget, settings)
    digest = hashlib.sha256(repr(header).encode())
    for file in files:
        if file != Path(__file__):  # how it is stamped changes no number
            digest.update(_meaning(file).encode())
    return digest.hexdigest()[:16]


def described(value: Any, modules: set[str]) -> str:
    """A part of a method in words that are the same in every process.

    Args:
        value: A number, a function, a class, a dataclass, or a collection of such.
        modules: The names of modules that functions and classes come from are added to it.
    """
    if isinstance(value, functools.partial):
        inner = (value.func, value.args, value.keywords)
        return f"partial{described(inner, modules)}"
    if isinstance(value, Mapping):
        items = [f"{described(k, modules)}: {described(v, modules)}" for k, v in value.items()]
        return f"{{{', '.join(items)}}}"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(described(inner, modules) for inner in value)})"
    if inspect.isclass(value) or inspect.isroutine(value):
        modules.add(value.__module__)
        return f"{value.__module__}.{value.__qualname__}"
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return f"{described(type(value), modules)}({described(fields, modules)})"
    if value is None or isinstance(value, (str, int, float)):
        return repr(value)
    return described(type(value), modules)


def reachable(files: Iterable[Path]) -> list[Path]:
    """These files of ours and all that they import, directly or not, in a fixed order."""
    found: set[Path] = set()
    waiting = [file for file in files if file.is_relative_to(ROOT)]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        waiting += [
            path for name in _imports(file) if (path := _file_of(name)) and path not in found
        ]
    return sorted(found)


@functools.cache  # every method reaches mostly the same files
def _meaning(file: Path) -> str:
    """A file's code without its comments, docstrings and layout, which change no number."""
    tree = _parsed(file)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@functools.cache
def _imports(file: Path) -> list[str]:
    """Names of modules of ours that a file imports."""
    names = []
    for node in ast.walk(_parsed(file)):
        if isinstance(node, ast.ImportFrom):
            package = ".".join(file.relative_to(ROOT).parts[:-1]) if node.level else ""
            module = ".".join(filter(None, [package, node.module]))
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [name for name in names if name.split(".")[0] in OURS]


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _file_of(name: str) -> Path | None:
    """The file of a module; None where the name is none."""
    place = ROOT.joinpath(*name.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)

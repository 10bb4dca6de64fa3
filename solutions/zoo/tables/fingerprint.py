"""What a method's numbers depend on, as a hash: a change of any of it makes them stale."""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from solutions.zoo import method as interface
from solutions.zoo.method import Spec
from solutions.zoo.training import Budget

ROOT = Path(__file__).parents[3]
OURS = ("solutions", "assignment", "datasets")


def fingerprint(spec: Spec, budget: Budget) -> str:
    """A hash of the method's settings and of every module of ours that it is computed with.

    Args:
        spec: The method.
        budget: Of its training.
    """
    parts = [vars(spec.training), spec.score, spec.rule]
    modules = {_home(value) for part in parts for value in _values(part)} | {interface}
    homes = (getattr(module, "__file__", None) for module in modules)
    files = reachable(Path(home) for home in homes if home)  # what is built in has no file
    recipes = getattr(spec.training, "recipes", {})
    settings = (spec.name, spec.training.name, spec.rule, spec.threshold_on, budget)
    digest = hashlib.sha256(repr((settings, recipes.get(budget))).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


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


def _values(part: object) -> list[object]:
    return list(part.values()) if isinstance(part, dict) else [part]


def _home(value: object) -> ModuleType | None:
    """The module that a function, a class or an object's class is from."""
    while isinstance(value, functools.partial):
        value = value.func
    return inspect.getmodule(value) or inspect.getmodule(type(value))


def _imports(file: Path) -> list[str]:
    """Names of modules of ours that a file imports."""
    names = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            package = ".".join(file.relative_to(ROOT).parts[:-1]) if node.level else ""
            module = ".".join(filter(None, [package, node.module]))
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return [name for name in names if name.split(".")[0] in OURS]


def _file_of(name: str) -> Path | None:
    """The file of a module; None where the name is none."""
    place = ROOT.joinpath(*name.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)

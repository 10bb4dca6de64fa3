"""Whose code it is: a student's, or that of Python, an installed package, the worker.

A name of a file proves nothing, since code can be made with any; so code is known by its value.
"""

from __future__ import annotations

import builtins
import os
import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path

# As in `guard`. Nor is anything of Python's library called by `Trust` once student code runs.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]
SEPARATOR = os.sep

# Packages that hand frames on to whoever asks: test runners and debuggers. Others that look at
# frames, as matplotlib does for its warnings, keep them.
HANDING_ON = frozenset(
    {
        "_pytest",
        "pytest",
        "hypothesis",
        "IPython",
        "ipykernel",
        "debugpy",
        "executing",
        "stack_data",
    }
)


class Trust:
    """Which code is not a student's: the standard library's, the installed packages', the worker's.

    It was loaded before any student code, or the file that it names holds the very same.

    Args:
        own: the folder of the worker's modules.
    """

    def __init__(self, own: Path) -> None:
        paths = sysconfig.get_paths()
        folders = {paths["stdlib"], paths["platstdlib"], str(Path(os.__file__).parent), str(own)}
        installed = [folder for folder in sys.path if folder.endswith("-packages")]
        self._places = tuple(f"{folder}{os.sep}" for folder in (*folders, *installed))
        self._installed = tuple(f"{folder}{os.sep}" for folder in installed)
        # Frozen modules have no file to look into.
        frozen = [m for name, m in sys.modules.items() if _is_frozen(name, m)]
        self._loaded = {code for module in frozen for code in _codes_of_module(module)}
        self._files: dict[str, frozenset[types.CodeType]] = {}

    def knows(self, code: types.CodeType) -> bool:
        """Whether it is not a student's."""
        file = code.co_filename
        if type(file) is not str:  # its methods are a student's
            return False
        if code in self._loaded:
            return True
        if not file.startswith(self._places):
            return False
        if file not in self._files:
            self._files[file] = _codes_of_file(file)
        return code in self._files[file]

    def may_ask(self, code: types.CodeType) -> bool:
        """Whether it is neither a student's nor of a package that hands frames on."""
        file = code.co_filename
        if type(file) is not str:
            return False
        place = next((place for place in self._installed if file.startswith(place)), "")
        if place and file[len(place) :].split(SEPARATOR)[0] in HANDING_ON:
            return False
        return self.knows(code)


def _is_frozen(name: str, module: types.ModuleType) -> bool:
    spec = getattr(module, "__spec__", None)
    return "importlib" in name or getattr(spec, "origin", None) == "frozen"


def _codes_of_module(module: types.ModuleType) -> Iterator[types.CodeType]:
    """The code of a module's functions and of its classes' methods."""
    classes = [vars(made) for made in vars(module).values() if isinstance(made, type)]
    for space in (vars(module), *classes):
        for made in list(space.values()):
            function = getattr(made, "__func__", made)  # of a static or a class method
            if isinstance(function, types.FunctionType):
                yield from _nested(function.__code__)


def _codes_of_file(file: str) -> frozenset[types.CodeType]:
    """All code that a file of Python holds; none where it cannot be read."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 -- pathlib can be replaced
            return frozenset(_nested(compile(stream.read(), file, "exec", dont_inherit=True)))
    except (OSError, SyntaxError, ValueError):
        return frozenset()


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)

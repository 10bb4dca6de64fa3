"""Every method by name."""

from __future__ import annotations

import difflib

from solutions.errors import UserError
from solutions.zoo.method import Spec
from solutions.zoo.systems import a, b, beyond, c, d, floors


def all_methods() -> dict[str, Spec]:
    """Every method of the zoo by its name, in the order of the tables."""
    specs = [spec for system in (floors, a, b, c, d, beyond) for spec in system.METHODS]
    return {spec.name: spec for spec in specs}


def find(name: str) -> Spec:
    """The method of this name.

    Raises:
        UserError: There is none; names the nearest.
    """
    methods = all_methods()
    if name in methods:
        return methods[name]
    near = difflib.get_close_matches(name, methods, 1)
    hint = f"did you mean {near[0]}?" if near else "python -m solutions zoo list names them all"
    raise UserError(f"no method {name!r}: {hint}")

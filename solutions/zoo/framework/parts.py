"""From a node of the configuration to the part that it names."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from solutions.errors import UserError


def make(node: Mapping[str, Any], what: str, *given: Any) -> Any:
    """Call what `_target_` names with what is given and the node's other entries.

    Args:
        node: A configuration with `_target_`, the dotted path of a class or function.
        what: Which group it is, for messages.
        given: What the framework passes in front, such as channels and size.

    Raises:
        UserError: Nothing is at that path, or it takes no such options; says which it takes.
    """
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    target = node.get("_target_")
    if target in (None, "???"):
        raise UserError(f"{what} names no _target_: set {what}._target_ to a class or function")
    try:
        part = instantiate(node, _partial_=True, _convert_="all")
    except InstantiationException as error:
        raise UserError(f"{what}: {target} cannot be found ({_root(error)})") from error
    try:
        inspect.signature(part.func).bind(*given, **part.keywords)
    except TypeError as error:
        takes = list(inspect.signature(part.func).parameters)[len(given) :]
        options = f"its options are {', '.join(takes)}" if takes else "it has no options"
        raise UserError(f"{what}: {target}: {error}; {options}") from error
    return part(*given)


def find(path: str, what: str) -> Any:
    """The function at a dotted path.

    Raises:
        UserError: Nothing is there.
    """
    from hydra.utils import get_object

    try:
        return get_object(path)
    except (ImportError, ValueError) as error:
        raise UserError(f"{what}: {path} cannot be found ({_root(error)})") from error


def _root(error: BaseException) -> str:
    """What the first error in a chain said, in one line."""
    while error.__cause__:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__

"""What the worker answers, as arrays and numbers: a wrong kind of value fails with a sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np

from .errors import Crashed, Mismatch
from .expect import expect

Array = np.ndarray
Arrays = dict[str, Array]
P = ParamSpec("P")
T = TypeVar("T")
NUMBERS = "fiu"  # of NumPy's kinds: floating, signed, unsigned
MALFORMED = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)


def reads_replies(method: Callable[P, T]) -> Callable[P, T]:
    """Make a method blame the worker for a reply that is not of the form our worker sends.

    Student code shares the worker's process and could forge one; that must cost the check, not
    the grade.
    """

    @functools.wraps(method)
    def wrapper(*args: P.args, **options: P.kwargs) -> T:
        try:
            return method(*args, **options)
        except MALFORMED as error:
            raise Crashed(
                f"{method.__name__}: the worker's answer makes no sense ({type(error).__name__})"
            ) from error

    return wrapper


def typed(value: Any, kind: type[T]) -> T:
    """The value if it is of that very type: checks compute with it, outside of `reads_replies`.

    Raises:
        TypeError: it is of another.
    """
    if type(value) is not kind:
        raise TypeError(f"a {type(value).__name__} instead of {kind.__name__}")
    return value


def text_or_none(value: Any) -> str | None:
    """A text, or None; as `typed`."""
    return None if value is None else typed(value, str)


def numbers(array: Array) -> Array:
    """An array of numbers that can be computed with; as `typed`."""
    if array.dtype.kind not in NUMBERS:
        raise TypeError(f"{array.dtype} instead of numbers")
    return array


def as_tensor(what: str, value: dict[str, Any], arrays: Arrays) -> Array:
    """The array of a value that has to be a tensor of numbers.

    Args:
        what: the call it came from, for the student.
        value: its description, as `worker.values.describe` gives it.
        arrays: the tensors that came along.

    Raises:
        Mismatch: it is something else.
    """
    if value["kind"] != "tensor":
        forgotten = value["kind"] == "plain" and value["value"] is None
        advice = ": is a return missing?" if forgotten else ""
        raise Mismatch(f"{what} must be a torch.Tensor; it is {name_kind(value)}{advice}")
    array = arrays[value["name"]]
    if array.dtype.kind not in NUMBERS:
        raise Mismatch(f"{what} has dtype {value['dtype']}, expected numbers")
    return array


def as_scalar(what: str, value: dict[str, Any], arrays: Arrays) -> float:
    """The number in a value that has to be a 0-dim tensor.

    Raises:
        Mismatch: it is something else.
    """
    array = as_tensor(what, value, arrays)
    expect(array.shape == (), f"{what} must be a 0-dim tensor; it has shape {array.shape}")
    return float(array)


def as_evaluation(value: dict[str, Any], arrays: Arrays) -> tuple[float, float, float]:
    """The three fractions of an `Evaluation`: Python numbers, or 0-dim tensors.

    Raises:
        Mismatch: it is something else.
    """
    names = ["known_accuracy", "unknown_accuracy", "total_accuracy"]
    is_evaluation = value["kind"] == "sequence" and value["fields"] == names
    if not is_evaluation or len(value["items"]) != len(names):
        raise Mismatch(
            "eval_model must return Evaluation(known_accuracy, unknown_accuracy, total_accuracy); "
            f"it returned {name_kind(value)}"
        )
    numbers = []
    for name, item in zip(names, value["items"], strict=True):
        if item["kind"] == "plain" and isinstance(item["value"], int | float):
            numbers.append(_as_float(f"Evaluation.{name}", item["value"]))
        else:
            numbers.append(as_scalar(f"Evaluation.{name}", item, arrays))
    return numbers[0], numbers[1], numbers[2]


def _as_float(what: str, number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        raise Mismatch(f"{what} is too large for a fraction") from None


def name_kind(value: dict[str, Any]) -> str:
    """What a value is, in words."""
    if value["kind"] == "plain":
        return repr(value["value"])[:80]
    if value["kind"] == "sequence":
        return f"a {value['type']} of {len(value['items'])}"
    return "a torch.Tensor" if value["kind"] == "tensor" else f"a {value['type']}"

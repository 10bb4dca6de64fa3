"""What a check expects, said in the student's words when it is not so."""

from __future__ import annotations

import numpy as np

from .errors import Mismatch

RELATIVE, ABSOLUTE = 1e-4, 1e-5  # float32 on any processor, in any order of summation


def expect(condition: bool | np.bool_, message: str, *, explained: bool = True) -> None:
    """Fail with `message` unless the condition holds; `explained`: it names the mistake.

    Raises:
        Mismatch: it does not.
    """
    if not condition:
        raise Mismatch(message, explained=explained)


def expect_shape(what: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    """Fail unless the array has the shape; names both.

    Raises:
        Mismatch: it has another.
    """
    expect(array.shape == shape, f"{what}: the shape is {array.shape}, expected {shape}")


def expect_finite(what: str, array: np.ndarray | float) -> None:
    """Fail where there is a nan or an infinity.

    Raises:
        Mismatch: there is one.
    """
    expect(np.isfinite(array).all(), f"{what} holds nan or infinity", explained=False)


def expect_close(
    what: str,
    actual: np.ndarray | float,
    expected: np.ndarray | float,
    *,
    relative: float = RELATIVE,
    absolute: float = ABSOLUTE,
    because: str = "",
) -> None:
    """Fail unless |actual - expected| <= absolute + relative * |expected| everywhere.

    Raises:
        Mismatch: it is farther off; quotes the worst element and `because`, the likely mistake.
    """
    actual, expected = np.asarray(actual, np.float64), np.asarray(expected, np.float64)
    expect_shape(what, actual, expected.shape)
    expect_finite(what, actual)
    excess = np.abs(actual - expected) - (absolute + relative * np.abs(expected))
    if excess.size and excess.max() > 0:
        worst = np.unravel_index(excess.argmax(), excess.shape)
        place = f" at index {tuple(map(int, worst))}" if excess.ndim else ""
        message = f"{what} is {actual[worst]:.6g}{place}, expected {expected[worst]:.6g}"
        if because:
            raise Mismatch(f"{message}: {because}")
        raise Mismatch(message, explained=False)


def is_right(actual: float, expected: float) -> bool:
    """Whether a number is within `expect_close`'s tolerance."""
    return bool(np.isclose(actual, expected, rtol=RELATIVE, atol=ABSOLUTE))


def expect_varied(what: str, output: np.ndarray) -> None:
    """Fail where every image gets the same output (N, ...).

    Raises:
        Mismatch: it does.
    """
    expect(bool(np.ptp(output, axis=0).max() > 0), f"{what}: the same for every image")


def is_same(output: np.ndarray, other: np.ndarray) -> bool:
    """Whether two outputs agree, but for rounding."""
    return output.shape == other.shape and bool(np.allclose(output, other, atol=1e-4))

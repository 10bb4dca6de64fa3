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


def expect_gradients(gradients: dict[str, float | None]) -> None:
    """Fail unless every parameter got a finite gradient (its largest element; None: it got none).

    Raises:
        Mismatch: one did not, or all are zero.
    """
    missing = [name for name, largest in gradients.items() if largest is None]
    expect(
        not missing,
        f"{len(missing)} of {len(gradients)} parameters get no gradient, among them "
        f"{', '.join(missing[:3])}: is the layer unused, or the graph cut before it?",
    )
    broken = [name for name, largest in gradients.items() if not np.isfinite(largest or 0.0)]
    expect(not broken, f"the gradient of {', '.join(broken[:3])} holds nan or infinity")
    expect(
        any(largest for largest in gradients.values()),
        "every gradient is zero: is the output constant?",
    )


def expect_registered(output: np.ndarray, of_twin: np.ndarray) -> None:
    """Fail unless a network and another one with its registered weights give the same.

    Raises:
        Mismatch: something that counts is not in the state_dict.
    """
    expect_close(
        "the output of a new network with the same state_dict",
        of_twin,
        output,
        absolute=1e-4,
        because="a layer is not registered, so it is neither trained nor saved: keep layers in "
        "attributes, nn.Sequential or nn.ModuleList, not in a plain list",
    )


def expect_varied(what: str, output: np.ndarray) -> None:
    """Fail where every image gets the same output (N, ...).

    Raises:
        Mismatch: it does.
    """
    expect(bool(np.ptp(output, axis=0).max() > 0), f"{what}: the same for every image")


def is_same(output: np.ndarray, other: np.ndarray) -> bool:
    """Whether two outputs agree, but for rounding."""
    return output.shape == other.shape and bool(np.allclose(output, other, atol=1e-4))


def expect_trained(
    code: str, result: str, gradients: dict[str, float | None], of_code: frozenset[str]
) -> None:
    """Fail unless parameters lead to the code (latent, embedding) and the result's loss moves them.

    Raises:
        Mismatch: there are none, or all their gradients are 0.
    """
    expect(
        bool(of_code),
        f"no parameter that can be trained leads to the {code}: are its layers frozen "
        "(requires_grad_(False)) or buffers, or is it detached?",
    )
    expect(
        any(gradients.get(name) for name in of_code),
        f"the {result}'s gradient is 0 for everything that leads to the {code}, so it is never "
        "trained: round, sign and argmax let no gradient through",
    )

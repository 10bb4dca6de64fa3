"""Openness: how much of what is met was never trained on."""

from __future__ import annotations

import math

from solutions.errors import UserError


def openness(train: int, test: int, target: int) -> float:
    """1 - √(2 · train / (test + target)).

    Source: W. Scheirer, A. Rocha, A. Sapkota and T. Boult, Toward Open Set Recognition, TPAMI 2013,
    eq. 1.

    Args:
        train: How many classes are trained on.
        test: How many are met in testing, the trained ones among them.
        target: How many are to be recognised, most often `train`.

    Returns:
        In [0, 1): 0 where nothing is unknown.

    Raises:
        UserError: A number is below 1, or there are fewer classes in testing than in training.
    """
    if min(train, test, target) < 1:
        raise UserError(f"openness counts classes, 1 or more, not {train}, {test} and {target}")
    if 2 * train > test + target:
        raise UserError(
            f"openness of {train} classes trained on, {test} tested and {target} to recognise "
            "would be negative: test counts the trained classes too"
        )
    return 1 - math.sqrt(2 * train / (test + target))

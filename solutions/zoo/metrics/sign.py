"""A score that separates the wrong way round is most often one whose sign is reversed."""

from __future__ import annotations

import warnings

ROUNDING = 1e-9  # an AUROC of one half may come out an ulp below it


class SignWarning(UserWarning):
    """An AUROC lies below .5: unknown images score lower than known ones."""


def warn_if_reversed(auroc: float, of: str = "") -> None:
    """Warn where chance would do better.

    Args:
        auroc: In [0, 1].
        of: Which images it is of, for the message.
    """
    if auroc < 0.5 - ROUNDING:
        warnings.warn(
            f"AUROC{f' on {of}' if of else ''} is {auroc:.3f}, below .5: the sign of the score is "
            "probably reversed (high has to mean more likely unknown)",
            SignWarning,
            stacklevel=3,
        )

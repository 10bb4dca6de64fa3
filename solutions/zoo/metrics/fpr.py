"""FPR at 95 % TPR: what it costs to recognise 95 % of the positive side.

Libraries differ in which side that is: OpenOOD and pytorch-ood take the unknown, ODIN (S. Liang,
Y. Li and R. Srikant, ICLR 2018) and ARPL the known. The two are different numbers, so it has to be
said.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import roc_curve

from solutions.errors import UserError
from solutions.zoo.metrics.checked import require_share
from solutions.zoo.metrics.ranks import pooled

Side = Literal["known", "unknown"]


def fpr_at_tpr(
    known_scores: ArrayLike, unknown_scores: ArrayLike, positive: Side, tpr: float = 0.95
) -> float:
    """The least false positive rate of a threshold whose true positive rate is at least `tpr`.

    No interpolation: some threshold does just this. Images that tie fall on one side together.

    Args:
        known_scores: (N,), high = more likely unknown.
        unknown_scores: (M,).
        positive: "unknown": the share of known images rejected where `tpr` of the unknown are.
            "known": the share of unknown images accepted where `tpr` of the known are.
        tpr: In [0, 1].

    Returns:
        In [0, 1], low is good.

    Raises:
        UserError: A side is empty, not (N,), NaN or infinite; there is no such side; `tpr` is no
            share.
    """
    if positive not in ("known", "unknown"):
        raise UserError(f"the positive side is known or unknown, not {positive!r}")
    require_share(tpr, "tpr")
    is_unknown, ranks, _ = pooled(known_scores, unknown_scores)
    if positive == "unknown":
        false, true, _ = roc_curve(is_unknown, ranks, drop_intermediate=False)
    else:
        false, true, _ = roc_curve(~is_unknown, -ranks, drop_intermediate=False)
    return float(false[np.argmax(true >= tpr)])

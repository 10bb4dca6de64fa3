"""Pictures of a model that never was: scores and embeddings drawn from a seed."""

from __future__ import annotations

import numpy as np

from grader.gallery import figures
from grader.gallery.choose import KINDS
from grader.gallery.gallery import Gallery, Neighbours, Shown
from grader.gallery.sprite import sprite

KNOWN, UNKNOWN = 500, 400
EACH = 6


def made_up_gallery(missing: dict[str, str] | None = None) -> Gallery:
    """Every picture, of a model that is fairly good.

    Args:
        missing: why a picture is not there, though it is.
    """
    draw = np.random.default_rng(0)
    truth = np.concatenate([draw.integers(0, 10, KNOWN), np.full(UNKNOWN, 10)])
    known, unknown = draw.lognormal(-2, 0.5, KNOWN), draw.lognormal(0, 0.7, UNKNOWN)
    threshold = float(np.quantile(known, 0.97))
    rightly = draw.random(KNOWN) < 0.97
    labels = np.where(np.concatenate([known, unknown]) > threshold, 10, truth % 10)
    images = draw.integers(0, 256, (EACH * len(KINDS), 28, 28)).astype(np.uint8)
    shown = tuple(
        Shown(
            kind, n if kind in ("right", "wrong") else 10, 10 if kind == "rejected" else 9 - n,
            "digits" if kind in ("right", "wrong") else "letters",
        )
        for kind in KINDS
        for n in range(EACH)
    )  # fmt: skip
    angles = truth[:200]
    places = draw.normal(size=(200, 2)) + 4 * np.stack([np.cos(angles), np.sin(angles)], 1)
    return Gallery(
        missing=missing or {},
        known=KNOWN,
        unknown=UNKNOWN,
        shown=shown,
        sprite=sprite([images, images[::-1]]),
        redrawn=True,
        threshold=threshold,
        scores=figures.spread(known, unknown, threshold),
        confusion=figures.confusion(truth, labels),
        curves=figures.curves(known, rightly, unknown),
        neighbours=Neighbours(
            tuple((float(x), float(y)) for x, y in places), tuple(map(int, angles))
        ),
    )

"""All ideas at once: a batch of outliers in which each family has its share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Generator, Tensor

from solutions.zoo.outliers.glyphs import glyphs, lattices
from solutions.zoo.outliers.joined import joined, overlaid
from solutions.zoo.outliers.pen import redraw
from solutions.zoo.outliers.pieces import added, bent, fragments, moved
from solutions.zoo.outliers.random import shuffled, uniform
from solutions.zoo.outliers.textures import textures
from solutions.zoo.outliers.turned import turned

Family = Callable[[Tensor, Tensor, Generator], Tensor]


def families() -> dict[str, tuple[Family, float]]:
    """Every family by its name, and its share of a batch; the shares add up to 1."""
    return {
        "glyphs": (glyphs, 0.28),
        "lattices": (lattices, 0.08),
        "joined": (joined, 0.14),
        "overlaid": (overlaid, 0.05),
        "turned": (turned, 0.12),
        "fragments": (fragments, 0.09),
        "moved": (moved, 0.08),
        "added": (added, 0.06),
        "bent": (bent, 0.03),
        "textures": (textures, 0.07),
    }


def mixture(
    images: Tensor,
    labels: Tensor,
    generator: Generator,
    shares: Mapping[str, tuple[Family, float]] | None = None,
) -> Tensor:
    """A batch of outliers, in a random order.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1], digits.
        labels: int64 (N,).
        generator: draws everything.
        shares: the families and their shares, which are made to add up to 1; `families()` if None.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].
    """
    chosen = families() if shares is None else shares
    total = sum(share for _, share in chosen.values())
    ends = torch.tensor([share / total for _, share in chosen.values()]).cumsum(0) * len(images)
    order = shuffled(len(images), generator)
    parts, start = [], 0
    for (family, _), end in zip(chosen.values(), ends.round().long().tolist(), strict=True):
        picked = order[start:end]
        if len(picked):
            made = family(images[picked], labels[picked], generator)
            # Drawings anew, textures as they are: see `redraw`.
            parts.append(made if family is textures else _half_redrawn(made, generator))
        start = end
    return torch.cat(parts)[shuffled(start, generator)]


def _half_redrawn(images: Tensor, generator: Generator) -> Tensor:
    """Images of which every second one, by chance, is drawn anew."""
    again = uniform((len(images), 1, 1, 1), 0, 1, generator) < 0.5
    return torch.where(again, redraw(images, generator), images)

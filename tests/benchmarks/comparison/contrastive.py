"""The contrastive loss, forward and backward, beside pytorch-metric-learning's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.errors import GraderError
from solutions.reference.contrastive import contrastive_loss

from .peers import metric_learning
from .row import named, row
from .timing import in_turn, stopwatch

DIMENSION = 128
BATCHES = (200, 1024)
CLASSES = 10
MARGIN = 10.0  # random embeddings of this dimension lie 16 apart: scaled, so that both terms count
SCALE = 0.6
Loss = Callable[[Tensor, Tensor], Tensor]


def measure(quick: bool) -> dict[str, Any]:
    """A line for each batch size."""
    rounds, least_s = (3, 0.02) if quick else (15, 0.3)
    rows = []
    theirs, peer = peers_loss(), named("pytorch-metric-learning")
    for batch in BATCHES:
        embeddings, labels = draw(batch)
        require_same(ours, theirs, embeddings, labels)
        taken = in_turn(
            {
                "ours": stopwatch(lambda e=embeddings, y=labels: step(ours, e, y), least_s),
                "peer": stopwatch(lambda e=embeddings, y=labels: step(theirs, e, y), least_s),
            },
            rounds,
        )
        what = f"contrastive loss and gradient, batch {batch}, dimension {DIMENSION}"
        rows.append(row(what, taken["ours"], peer, taken["peer"], "ContrastiveLoss, MeanReducer"))
    return {"rows": rows, "threads": torch.get_num_threads()}


def draw(batch: int) -> tuple[Tensor, Tensor]:
    """Embeddings (batch, D) that ask for a gradient, and labels (batch,)."""
    generator = torch.Generator().manual_seed(batch)
    embeddings = SCALE * torch.randn(batch, DIMENSION, generator=generator)
    return embeddings.requires_grad_(), torch.randint(CLASSES, (batch,), generator=generator)


def step(loss: Loss, embeddings: Tensor, labels: Tensor) -> None:
    """Forward and backward."""
    embeddings.grad = None
    loss(embeddings, labels).backward()  # type: ignore[no-untyped-call]


def ours(embeddings: Tensor, labels: Tensor) -> Tensor:
    """The reference solution's."""
    return contrastive_loss(embeddings, labels, MARGIN)


def plain(embeddings: Tensor, labels: Tensor) -> Tensor:
    """The formula written down over the whole matrix of pairs: a yardstick without a library."""
    distances = torch.cdist(embeddings, embeddings)
    same = labels[:, None] == labels[None, :]
    other = ~torch.eye(len(labels), dtype=torch.bool)
    return distances[same & other].mean() + (MARGIN - distances[~same]).clamp_min(0).mean()


def peers_loss() -> Loss:
    """Theirs, set up to the same formula: distances as they are, a mean over each kind of pair."""
    made: Loss = metric_learning("losses").ContrastiveLoss(
        pos_margin=0,
        neg_margin=MARGIN,
        distance=metric_learning("distances").LpDistance(normalize_embeddings=False, p=2, power=1),
        reducer=metric_learning("reducers").MeanReducer(),
    )
    return made


def require_same(one: Loss, other: Loss, embeddings: Tensor, labels: Tensor) -> None:
    """Does nothing where value and gradient agree.

    Raises:
        GraderError: They do not: timing them would compare two different things.
    """
    found = []
    for loss in (one, other):
        step(loss, embeddings, labels)
        assert embeddings.grad is not None
        found.append((loss(embeddings, labels).detach(), embeddings.grad.clone()))
    (value, gradient), (value_2, gradient_2) = found
    # cdist by products, as theirs, has about half of float32's digits.
    if not torch.allclose(value, value_2, rtol=1e-4) or not torch.allclose(
        gradient, gradient_2, rtol=1e-3, atol=1e-6
    ):
        raise GraderError(f"the contrastive losses differ: {float(value)} and {float(value_2)}")

"""What methods learn from: checked, and split without losing or sharing an image."""

from __future__ import annotations

import pytest
import torch

from solutions.errors import UserError
from solutions.zoo.known import Known, split

from .known_images import bars


def rows(known: Known) -> set[bytes]:
    return {image.numpy().tobytes() for image in known.images}


def test_a_split_shares_no_image_and_loses_none():
    known = bars(200)
    train, heldout = split(known, seed=0)
    assert len(train) == 150
    assert len(heldout) == 50
    assert rows(train) | rows(heldout) == rows(known)
    assert not rows(train) & rows(heldout)


def test_a_split_keeps_the_share_of_each_class():
    _, heldout = split(bars(200, classes=4), seed=3)
    counts = torch.bincount(heldout.labels)
    assert int(counts.max() - counts.min()) <= 2


def test_the_split_moves_with_the_seed_and_with_nothing_else():
    known = bars(200)
    assert torch.equal(split(known, 1)[1].images, split(known, 1)[1].images)
    assert not torch.equal(split(known, 1)[1].images, split(known, 2)[1].images)


def test_at_most_5000_are_held_out():
    labels = torch.arange(24_000) % 10
    known = Known(torch.zeros(24_000, 1, 1, 1), labels)
    assert len(split(known, 0)[1]) == 5000


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (torch.zeros(3, 28, 28), torch.zeros(3).long(), "known images are"),
        (torch.zeros(3, 1, 28, 28), torch.zeros(2).long(), "known images are"),
        (torch.zeros(0, 1, 28, 28), torch.zeros(0).long(), "show every class"),
        (torch.zeros(3, 1, 28, 28), torch.tensor([0, 2, 2]), r"\[1\]"),
        (torch.full((2, 1, 2, 2), torch.nan), torch.tensor([0, 1]), "known image 0 holds NaN"),
    ],
)
def test_images_that_cannot_be_learnt_from_are_refused(images, labels, said):
    with pytest.raises(UserError, match=said):
        Known(images, labels)

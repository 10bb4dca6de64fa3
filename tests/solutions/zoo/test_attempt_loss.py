"""The losses of system b against float64 NumPy, and what augmentation may touch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from solutions.zoo.attempt_loss import AttemptLoss, Contrast, augmented


def digits(count, seed=0):
    """Images (count, 1, 28, 28) with a bar each, so that moving them shows."""
    images = torch.full((count, 1, 28, 28), -1.0)
    images[:, :, 8:20, 12:15] = torch.rand(
        count, 1, 1, 1, generator=torch.Generator().manual_seed(seed)
    )
    return images


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class Fixed(nn.Module):
    """Says what it is told to, and remembers what it was shown."""

    def __init__(self, outputs):
        super().__init__()
        self.outputs = outputs

    def forward(self, images):
        self.shown = images
        return self.outputs


def made_up(count=6, classes=3, size=4):
    draw = np.random.default_rng(0)
    arrays = {
        "logits": draw.normal(size=(count, classes)),
        "unknown_logit": draw.normal(size=count),
        "code": draw.normal(size=(count, size)) * 0.3,
        "embedding": draw.normal(size=(count, 2 * size)) * 0.3,
        "reconstruction": draw.uniform(-1, 1, (count, 1, 28, 28)),
    }
    tensors = {name: torch.from_numpy(a.astype(np.float32)) for name, a in arrays.items()}
    return tensors, {name: t.numpy().astype(float) for name, t in tensors.items()}


LABELS = [0, 1, 2, 0, 1, 1]


def cross_entropy(said):
    wide = np.concatenate([said["logits"], said["unknown_logit"][:, None]], axis=1)
    logs = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    return -np.mean([logs[row, label] for row, label in enumerate(LABELS)])


def contrast(vectors, margin):
    near, far = [], []
    for i, a in enumerate(vectors):
        for j, b in enumerate(vectors):
            distance = np.linalg.norm(a - b)
            if i != j and LABELS[i] == LABELS[j]:
                near.append(distance)
            elif i != j:
                far.append(max(0.0, margin - distance))
    return np.mean(near) + np.mean(far)


@pytest.mark.parametrize(
    ("term", "size", "divisor"),
    [
        (Contrast(0.1, 0.5, "code"), 4, 1),
        (Contrast(0.05, 1.0, "code", "half size"), 4, 2),
        (Contrast(1.0, 1.0, "embedding", "size"), 8, 8),
    ],
)
def test_the_sum_of_the_terms_equals_the_definition(term, size, divisor):
    tensors, said = made_up()
    images = digits(6)
    loss = AttemptLoss(classify=True, reconstruct=True, contrast=term)
    squared = ((said["reconstruction"] - images.numpy().astype(float)) ** 2).mean()
    vectors = said[term.on]
    assert vectors.shape[1] == size
    expected = (
        cross_entropy(said) + squared + term.weight * contrast(vectors, term.margin) / divisor
    )
    value = loss(Fixed(tensors), images, torch.tensor(LABELS), generator())
    assert value.item() == pytest.approx(expected, rel=1e-5)


def test_a_loss_asks_only_for_the_terms_that_it_has():
    tensors, said = made_up()
    alone = {name: tensors[name] for name in ("logits", "unknown_logit")}
    value = AttemptLoss(classify=True)(Fixed(alone), digits(6), torch.tensor(LABELS), generator())
    assert value.item() == pytest.approx(cross_entropy(said), rel=1e-5)


@pytest.mark.parametrize(("share", "still"), [(0.0, 6), (0.5, 3), (1.0, 0)])
def test_only_the_share_asked_for_is_moved(share, still):
    images = digits(6)
    before = images.clone()
    moved = augmented(images, share, generator())
    assert torch.equal(images, before)
    assert moved.shape == images.shape
    same = [torch.equal(a, b) for a, b in zip(moved, images, strict=True)]
    assert same == [True] * still + [False] * (6 - still)


def test_each_image_is_moved_by_its_own_draw_and_background_stays_background():
    images = digits(1).expand(4, -1, -1, -1)
    moved = augmented(images, 1.0, generator())
    assert not torch.equal(moved[0], moved[1])
    assert torch.allclose(moved[:, :, 0], torch.tensor(-1.0))


def test_a_moved_image_is_also_what_has_to_be_redrawn():
    class Copy(nn.Module):
        def forward(self, images):
            return {"reconstruction": images}

    loss = AttemptLoss(reconstruct=True, augmented=1.0)
    assert loss(Copy(), digits(6), torch.tensor(LABELS), generator()).item() == 0


def test_the_unknown_logit_is_only_ever_pushed_down():
    tensors, _ = made_up()
    tensors["unknown_logit"].requires_grad_()
    loss = AttemptLoss(classify=True)(Fixed(tensors), digits(6), torch.tensor(LABELS), generator())
    loss.backward()
    assert (tensors["unknown_logit"].grad > 0).all()

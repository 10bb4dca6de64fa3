"""Synthetic unknowns come from the batch alone, and are what they are said to be."""

from __future__ import annotations

import pytest
import torch

from solutions.zoo.framework.synthetic import synthetic_unknowns


def draw(images: torch.Tensor, labels: torch.Tensor, seed: int = 0) -> torch.Tensor:
    return synthetic_unknowns(images, labels, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(9, 1, 28, 28), (4, 3, 32, 32), (3, 1, 30, 17), (1, 1, 4, 4)])
def test_patches_of_one_class_keep_their_pixels(shape: tuple[int, ...]) -> None:
    # With one class alone there is no partner of another, so every image is cut.
    images = torch.rand(shape)
    before = images.clone()
    made = draw(images, torch.zeros(len(images), dtype=torch.int64))
    assert torch.equal(images, before)
    assert torch.equal(made.flatten(2).sort().values, images.flatten(2).sort().values)
    assert not torch.equal(made, images)


def test_patches_stay_whole() -> None:
    blocks = torch.arange(16.0).reshape(1, 1, 4, 4)
    images = blocks.repeat_interleave(7, 2).repeat_interleave(7, 3).expand(5, 1, 28, 28)
    made = draw(images, torch.zeros(5, dtype=torch.int64))
    cut = made.reshape(5, 4, 7, 4, 7)
    assert torch.equal(cut.amin(dim=(2, 4)), cut.amax(dim=(2, 4)))
    assert len({tuple(image.flatten().tolist()) for image in made}) > 1  # each in its own order


def test_overlaid_images_are_of_two_classes() -> None:
    count = 40
    labels = torch.arange(count)
    images = torch.rand(count, 1, 8, 8)
    made = draw(images, labels)
    for index in range(count // 2):
        pairs = torch.maximum(images[index], images)
        assert (made[index] == pairs).flatten(1).all(1).any() or torch.equal(
            made[index].sort().values.flatten().sort().values, images[index].flatten().sort().values
        )
    assert (made[: count // 2].mean() > images.mean() + 0.1).item()  # most have a partner


def test_the_same_seed_gives_the_same_images() -> None:
    images, labels = torch.rand(10, 1, 28, 28), torch.arange(10)
    assert torch.equal(draw(images, labels), draw(images, labels))
    assert not torch.equal(draw(images, labels), draw(images, labels, seed=1))

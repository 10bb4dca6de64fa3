"""The combined detector's scale comes from digits that nothing else was fitted to."""

from __future__ import annotations

import pytest
import torch

from solutions.zoo.combined import detector as module
from solutions.zoo.combined.training import OutlierRecipe

from .known_images import bars


def test_calibration_digits_are_kept_from_the_network_and_from_the_distances(monkeypatch):
    seen: dict[str, set[bytes]] = {"network": set(), "neighbours": set(), "scale": set()}

    def noted(name: str, images: torch.Tensor) -> None:
        seen[name] |= {image.numpy().tobytes() for image in images}

    train, fit_neighbours, parts_of = module.train, module.fit_neighbours, module.parts_of

    def watched_train(network, known, recipe, generator):
        noted("network", known.images)
        return train(network, known, recipe, generator)

    def watched_neighbours(images, labels):
        noted("neighbours", images)
        return fit_neighbours(images, labels)

    def watched_parts(network, images):
        if seen["neighbours"]:  # the last look is at the calibration digits
            noted("scale", images)
        return parts_of(network, images)

    monkeypatch.setattr(module, "train", watched_train)
    monkeypatch.setattr(module, "fit_neighbours", watched_neighbours)
    monkeypatch.setattr(module, "parts_of", watched_parts)
    known = bars(200)
    module.fit(known, seed=0, recipe=OutlierRecipe(steps=2, digits=16, outliers=16))
    everything = {image.numpy().tobytes() for image in known.images}
    assert len(seen["scale"]) == 20, "a tenth"
    assert seen["network"] == seen["neighbours"] == everything - seen["scale"]


@pytest.mark.parametrize("count", [30, 200])
def test_at_most_a_tenth_is_kept(count):
    fitted = module.fit(bars(count), seed=0, recipe=OutlierRecipe(steps=1, digits=8, outliers=8))
    assert sum(map(len, fitted.distances.neighbours.banks)) == count - count // 10

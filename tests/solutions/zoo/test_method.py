"""The interface: fitted on known images alone, one image at a time, the same for a seed."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from solutions.errors import UserError
from solutions.zoo import method as method_module
from solutions.zoo.catalogue import all_methods, find
from solutions.zoo.known import split
from solutions.zoo.method import Method, decide, seen_by
from solutions.zoo.networks.small import SmallClassifier
from solutions.zoo.objectives import cross_entropy
from solutions.zoo.rules import Conformal
from solutions.zoo.tables.pages import SOLUTIONS, files_of
from solutions.zoo.training import GradientTraining, Recipe

from .known_images import bars

TINY = GradientTraining(
    name="tiny",
    build=SmallClassifier,
    objective=cross_entropy,
    recipes={"seed": Recipe(epochs=4, batch_size=50, rate=3e-3)},
)


def tiny(name: str, **changes: object) -> Method:
    changes = {"training": TINY, "rule": Conformal(0.1), **changes}
    spec = dataclasses.replace(find(name), **changes)
    return Method(spec, seed=0, budget="seed")


@pytest.fixture(scope="module")
def fitted() -> Method:
    return tiny("mahalanobis").fit(bars())


def test_predictions_are_classes_or_unknown(fitted):
    unknown = torch.rand(20, 1, 28, 28) * 2 - 1
    labels = fitted.predict(torch.cat([bars(20, seed=1).images, unknown]))
    assert labels.dtype == torch.int64
    assert set(labels.tolist()) <= {0, 1, 2, 3, 10}
    assert (labels[20:] == 10).all(), "noise was taken for bars"


def test_an_image_scores_the_same_alone_and_among_others(fitted):
    images = torch.cat([bars(12, seed=2).images, torch.rand(12, 1, 28, 28)])
    together = fitted.scores(images)
    alone = torch.cat([fitted.scores(image[None]) for image in images])
    torch.testing.assert_close(alone, together, rtol=1e-3, atol=1e-3)


def test_the_order_of_images_does_not_matter(fitted):
    images = bars(30, seed=4).images
    order = torch.randperm(30, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(fitted.scores(images)[order], fitted.scores(images[order]))


def test_a_seed_gives_the_same_method_twice_and_leaves_the_global_stream_alone(fitted):
    before = torch.random.get_rng_state()
    again = tiny("mahalanobis").fit(bars())
    assert torch.equal(before, torch.random.get_rng_state())
    assert again.threshold == fitted.threshold
    images = bars(10, seed=5).images
    assert torch.equal(again.scores(images), fitted.scores(images))


def test_a_method_that_is_not_fitted_says_so():
    with pytest.raises(UserError, match="fit"):
        tiny("energy").scores(bars(4).images)


def test_a_network_without_what_the_score_needs_is_named():
    class OnlyLogits(nn.Module):
        def __init__(self, num_classes: int) -> None:
            super().__init__()
            self.inner = SmallClassifier(num_classes)

        def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"logits": self.inner(images)["logits"]}

    poor = dataclasses.replace(TINY, build=OnlyLogits)
    with pytest.raises(UserError, match="mahalanobis needs embedding"):
        Method(dataclasses.replace(find("mahalanobis"), training=poor), 0, "seed").fit(bars())


def test_images_whose_features_are_nan_are_named(fitted):
    images = bars(5).images
    images[3] = torch.nan
    with pytest.raises(UserError, match=r"of image 3 is NaN .*1 of 5"):
        fitted.scores(images)


def test_scores_strictly_above_the_threshold_are_unknown():
    logits = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    scores = torch.tensor([0.5, 0.5000001, 0.4])
    assert decide(logits, scores, 0.5).tolist() == [1, 10, 1]


@pytest.mark.parametrize("basis", ["heldout", "train"])
def test_the_threshold_is_the_rules_of_the_images_that_it_is_to_be_of(basis):
    parts = dict(zip(("train", "heldout"), split(bars(), 0), strict=True))
    method = tiny("energy", threshold_on=basis).fit(bars())
    scores = method.scores(parts[basis].images).double().numpy()
    assert method.threshold == pytest.approx(Conformal(0.1).threshold(scores), rel=1e-5)


def test_no_more_training_images_are_looked_at_than_needed(monkeypatch):
    monkeypatch.setattr(method_module, "ENOUGH", 20)
    train, heldout = split(bars(), 0)
    network = TINY.fit(train, 0, "seed")

    def looked_at(*specs) -> int:
        return len(seen_by(network, specs, train, heldout)[0].labels)

    neither = find("energy")
    of_training = dataclasses.replace(neither, threshold_on="train")
    assert looked_at(neither) == len(heldout)
    assert looked_at(neither, of_training) == 20
    assert looked_at(of_training, find("vim")) == len(train)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean mahalanobis"):
        find("mahalanobi")
    with pytest.raises(UserError, match="zoo list"):
        find("zzz")


def test_every_method_has_a_page_of_its_own():
    methods = all_methods()
    for name, spec in methods.items():
        assert name == spec.name
        assert name.isidentifier(), "commands and files are named by it"
        assert len(spec.idea) <= 500, f"{name}: five lines at most"
        assert spec.formula, name
        assert spec.source, name
        assert all((SOLUTIONS / file).is_file() for file in files_of(spec)), name
    assert len({spec.title for spec in methods.values()}) == len(methods)


def test_trainings_of_one_name_are_one_training():
    found: dict[str, object] = {}
    for spec in all_methods().values():
        assert found.setdefault(spec.training.name, spec.training) is spec.training, spec.name

"""System b's rows: what is on record, and that each runs."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from solutions.zoo.apart import Apart
from solutions.zoo.attempt_loss import Contrast
from solutions.zoo.known import Known
from solutions.zoo.method import UNKNOWN, Method
from solutions.zoo.rules import Fixed, MeanStd
from solutions.zoo.systems import b_trainings as trainings
from solutions.zoo.systems.b import METHODS
from solutions.zoo.training import GradientTraining, Recipe

ROWS = {spec.name: spec for spec in METHODS}


def known_images(count=60, classes=3):
    """Bars in as many places as there are classes, with a little noise."""
    labels = torch.arange(count) % classes
    images = torch.full((count, 1, 28, 28), -1.0)
    for index, label in enumerate(labels.tolist()):
        images[index, 0, 6:22, 5 + 7 * label : 9 + 7 * label] = 1.0
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(0)) * 0.1
    return Known((images + noise).clamp(-1, 1), labels)


def tiny(training):
    """The same training on recipes of two steps."""
    if isinstance(training, Apart):
        return replace(training, parts=tuple(tiny(part) for part in training.parts))
    return replace(training, recipes={"seed": Recipe(epochs=1, batch_size=16, rate=1e-3)})


def parts(training):
    return training.parts if isinstance(training, Apart) else (training,)


@pytest.mark.parametrize("name", ROWS)
def test_every_row_fits_and_predicts_any_number_of_classes(name):
    spec = replace(ROWS[name], training=tiny(ROWS[name].training))
    known = known_images()
    method = Method(spec, 0, "seed").fit(known)
    assert method.scores(known.images).shape == (60,)
    assert set(method.predict(known.images).tolist()) <= {0, 1, 2, UNKNOWN}


def test_the_same_seed_gives_the_same_scores_and_another_seed_others():
    spec = replace(ROWS["b_final"], training=tiny(ROWS["b_final"].training))
    known = known_images()
    first, again, other = (
        Method(spec, seed, "seed").fit(known).scores(known.images) for seed in (5, 5, 6)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_names_of_trainings_tell_them_apart():
    by_name = {}
    for spec in METHODS:
        assert by_name.setdefault(spec.training.name, spec.training) is spec.training
    assert ROWS["b1_small_15"].training is ROWS["b1_small_20"].training


def test_the_thresholds_are_those_on_record():
    rules = {name: spec.rule for name, spec in ROWS.items()}
    assert rules == {
        "b1": Fixed(0.25),
        "b1_small_15": Fixed(0.15),
        "b1_small_20": Fixed(0.2),
        "b2": Fixed(0.15),
        "b2_divided": Fixed(0.15),
        "b3_skips": Fixed(0.005),
        "b3_both_skips": Fixed(0.005),
        "b3_cnn": Fixed(0.015),
        "b4": MeanStd(3.0),
        "b5": MeanStd(3.0),
        "b_final": MeanStd(3.0),
        "b_baseline": Fixed(math.inf),
    }
    on_train = {name for name, spec in ROWS.items() if spec.threshold_on == "train"}
    assert on_train == {"b4", "b5", "b_final"}


@pytest.mark.parametrize(
    ("name", "epochs", "batch_size", "rate", "step_size", "decay"),
    [
        ("b1", 300, 128, 0.01, None, None),
        ("b1_small_15", 300, 256, 0.01, None, None),
        ("b2", 300, 256, 0.001, 10, 0.5),
        ("b2_divided", 300, 256, 0.001, 10, 0.5),
        ("b3_skips", 100, 128, 0.004, 10, 0.5),
        ("b3_cnn", 100, 128, 0.004, 10, 0.5),
        ("b_final", 300, 200, 0.01, 25, 0.4),
        ("b_baseline", 100, 200, 0.01, 25, 0.4),
    ],
)
def test_the_seed_recipe_is_the_one_on_record(name, epochs, batch_size, rate, step_size, decay):
    for part in parts(ROWS[name].training):
        recipe = part.recipes["seed"]
        assert (recipe.epochs, recipe.batch_size, recipe.rate) == (epochs, batch_size, rate)
        assert recipe.optimizer == "adam"
        if step_size is None:
            assert recipe.schedule == "constant"
        else:
            assert recipe.schedule == "step"
            assert (recipe.step_size, recipe.decay) == (step_size, decay)


def test_the_contrastive_terms_are_those_on_record():
    assert ROWS["b1"].training.objective.contrast is None
    assert ROWS["b2"].training.objective.contrast == Contrast(0.1, 0.5, "code", "nothing")
    assert ROWS["b2_divided"].training.objective.contrast == Contrast(
        0.05, 1.0, "code", "half size"
    )
    autoencoder, classifier = ROWS["b_final"].training.parts
    assert autoencoder.objective.contrast is None
    assert classifier.objective.contrast == Contrast(1.0, 1.0, "embedding", "size")


@pytest.mark.parametrize(
    ("name", "autoencoder", "classifier"),
    [("b3_cnn", 0.0, 0.0), ("b4", 1.0, 1.0), ("b5", 0.0, 1.0), ("b_final", 0.0, 0.5)],
)
def test_augmentation_reaches_the_networks_that_it_should(name, autoencoder, classifier):
    """Looks at what each network is shown in training, not at the configuration."""
    known = known_images(20)
    for part, share in zip(ROWS[name].training.parts, (autoencoder, classifier), strict=True):
        network = part.build(3)
        shown = []
        network.register_forward_pre_hook(lambda _, inputs, shown=shown: shown.append(inputs[0]))
        part.objective(network, known.images, known.labels, torch.Generator().manual_seed(0))
        moved = [not torch.equal(a, b) for a, b in zip(shown[0], known.images, strict=True)]
        assert sum(moved) == share * 20


def test_the_baseline_never_rejects():
    spec = replace(ROWS["b_baseline"], training=tiny(ROWS["b_baseline"].training))
    method = Method(spec, 0, "seed").fit(known_images())
    strange = torch.rand(20, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert UNKNOWN not in method.predict(strange).tolist()


@pytest.mark.parametrize("training", [spec.training for spec in METHODS], ids=list(ROWS))
def test_the_recipe_for_tests_is_small(training):
    for part in parts(training):
        assert isinstance(part, GradientTraining)
        assert part.recipes["quick"] is trainings.QUICK

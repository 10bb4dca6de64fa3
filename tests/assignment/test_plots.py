"""The pictures of a training."""

from __future__ import annotations

import io

import matplotlib.image
import numpy as np
import pytest


@pytest.fixture(scope="module")
def plots(assignment):
    return assignment("plots")


def pixels(png):
    assert png.startswith(b"\x89PNG")
    image = matplotlib.image.imread(io.BytesIO(png))
    assert image.std() > 0.01  # something is drawn
    return image


def examples(plots, family="digits", count=4):
    images = np.linspace(-1, 1, count * 784).reshape(count, 28, 28)
    labels = np.arange(count)
    return plots.Examples(family, images, -images, (labels * 5) % 11, labels)


@pytest.mark.parametrize("epochs", [1, 3, 60])
def test_losses(plots, assignment, epochs):
    history = assignment("history")
    losses = tuple(history.Losses(1 / e, 0.0, 0.1, 2.0) for e in range(1, epochs + 1))
    recipe = assignment("recipe").recipe_for("digits")
    pixels(
        plots.plot_losses(
            history.History("digits", 0, "cpu", "float32", recipe, losses, 1.0, 0.01, None, 1.0)
        )
    )


def test_reconstructions(plots):
    one = pixels(plots.plot_reconstructions([examples(plots)]))
    groups = [examples(plots), examples(plots, "letters", 2), examples(plots, "noise", 1)]
    three = pixels(plots.plot_reconstructions(groups))
    assert three.shape[0] > 2 * one.shape[0]
    assert three.shape[1] == one.shape[1]


@pytest.mark.parametrize("known", [[0.0], [0.1, 0.2], [0.1, np.inf, np.nan]])
def test_errors(plots, known):
    pixels(plots.plot_errors(np.array(known), np.array([0.0, 3.0, 1e6]), 0.5))


def test_wrong_predictions_say_what_is_true(plots):
    assert plots._verdict(3, 3) == "3"
    assert plots._verdict(10, 3) == "unknown, is 3"
    assert plots._verdict(10, 10) == "unknown"
    assert plots._verdict(4, 10) == "4"


def test_no_window_and_no_pyplot(plots):
    assert not hasattr(plots, "plt")
    assert "pyplot" not in plots.__dict__


def test_all_pictures_of_a_training(assignment):
    from datasets import ImageSet, Profile

    random = np.random.default_rng(0)

    def some(name, labels):
        images = random.integers(0, 256, (len(labels), 28, 28)).astype(np.uint8)
        return ImageSet(name, name, images, labels.astype(np.int64))

    digits = [some(name, np.arange(40) % 10) for name in ("train", "heldout", "test")]
    profile = Profile("digits", *digits, (some("noise", np.full(12, 10)),))
    model, history = assignment("fit").train_model(
        "digits",
        digits[0].images,
        digits[0].labels,
        digits[1].images,
        recipe=assignment("recipe").recipe_for("digits", epochs=1),
    )
    pictures = assignment("pictures").draw_pictures(model, history, profile)
    assert sorted(pictures) == ["errors.png", "losses.png", "reconstructions.png"]
    for picture in pictures.values():
        pixels(picture)

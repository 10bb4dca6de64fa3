"""Whatever a model answers, there is a gallery or a reason, and no exception."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from grader.channel import Limits
from grader.errors import (
    Crashed,
    GraderError,
    Mismatch,
    OutOfMemory,
    Raised,
    StudentFailure,
    TimedOut,
)
from grader.gallery import gather as gathering
from grader.gallery.choose import handful
from grader.gallery.gallery import Gallery
from grader.gallery.gather import LOST, NO_MODEL, PARTIAL, PLAIN_HIDDEN, TRAINED_HIDDEN, gather
from grader.grading import Graded
from grader.outcome import Predictions
from tests.grader.gallery.trials import make_trial, predict_somehow


@dataclass
class Pretended:
    """A student whose model answers what a test says, and who notes what happens."""

    drawn: Callable[[np.ndarray], Any] = lambda images: images[:, None] / 127.5 - 1
    embedded: Callable[[np.ndarray], Any] = lambda images: images[:, :8, 0].astype(np.float32)
    threshold: float = 1.0
    did: list[str] = field(default_factory=list)

    def begin(self, seed: int) -> None:
        self.did.append("begin")

    def load_weights(self) -> None:
        self.did.append("load")

    def reconstruct(self, images: np.ndarray) -> tuple[Any, float]:
        self.did.append("reconstruct")
        return self.drawn(images), self.threshold

    def embed(self, images: np.ndarray) -> Any:
        self.did.append("embed")
        return self.embedded(images)


@pytest.fixture
def graded(rng: np.random.Generator) -> Graded:
    trial = make_trial(rng)
    return Graded(
        student=Pretended(),  # type: ignore[arg-type]
        tasks=("accuracy",),
        data="digits",
        hidden=False,
        level="bwrap",
        trained=False,
        trial=trial,
        predictions=predict_somehow(rng, trial),
        seed=1,
        limits=Limits(1.0, 1.0, 100, 1),
        restart=lambda: None,
    )


def raising(error: Exception) -> Callable[[np.ndarray], Any]:
    def answer(images: np.ndarray) -> Any:
        raise error

    return answer


def with_student(graded: Graded, **answers: Any) -> Graded:
    return replace(graded, student=Pretended(**answers))  # type: ignore[arg-type]


def pixels(gallery: Gallery) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(gallery.sprite)))
    return np.asarray(image.convert("L")).astype(int)


def test_all_pictures_of_an_honest_model(graded: Graded) -> None:
    gallery = gather(graded)
    assert gallery.missing == {}
    assert (gallery.known, gallery.unknown) == (30, 30)  # look-alikes are not graded
    assert gallery.scores is not None
    assert gallery.curves is not None
    assert gallery.neighbours is not None
    assert len(gallery.neighbours.points) == 60
    assert gallery.threshold == 1
    assert {one.kind for one in gallery.shown} == {"right", "wrong", "rejected", "passed"}
    json.dumps(gallery.to_json(), allow_nan=False)


def test_the_sprite_holds_images_above_their_reconstructions(graded: Graded) -> None:
    gallery = gather(graded)
    assert graded.trial is not None
    assert graded.predictions is not None
    rows = np.flatnonzero(graded.trial.graded)
    above, below = np.split(pixels(gallery), 2)
    assert above.shape == (28, 28 * len(gallery.shown))
    images = graded.trial.images[rows]
    for number, one in enumerate(gallery.shown):
        tile = above[:, 28 * number : 28 * (number + 1)]
        (found,) = [
            row for row in rows if np.abs(graded.trial.images[row].astype(int) - tile).max() <= 19
        ]
        assert graded.trial.labels[found] == one.truth
        assert graded.predictions.labels[found] == one.label
        assert graded.trial.families[found] == one.family
    assert np.abs(above - below).max() == 0  # this model draws what it sees
    assert len(images) == 60


def test_a_gallery_travels_as_json(graded: Graded) -> None:
    gallery = gather(graded)
    assert Gallery.from_json(json.loads(json.dumps(gallery.to_json()))) == gallery


@pytest.mark.parametrize("ending", [Crashed, OutOfMemory, TimedOut])
def test_a_model_that_is_lost_is_not_asked_again(
    graded: Graded, ending: type[StudentFailure]
) -> None:
    """The next worker has no model, and its words are no mistake of the student's."""
    student = Pretended(drawn=raising(ending("boo")))
    gallery = gather(replace(graded, student=student))  # type: ignore[arg-type]
    assert gallery.missing == {"reconstructions": "boo", "neighbours": LOST}
    assert "embed" not in student.did
    assert gallery.curves is not None


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"drawn": raising(Raised("ValueError: boo (autoencoder.py:3)"))}, "reconstructions"),
        ({"drawn": raising(Mismatch("the reconstruction: the shape is (1,)"))}, "reconstructions"),
        ({"drawn": lambda images: np.full((len(images), 1, 28, 28), np.nan)}, "reconstructions"),
        ({"drawn": lambda images: np.full((len(images), 1, 28, 28), -np.inf)}, "reconstructions"),
        ({"embedded": raising(Crashed("the worker broke off"))}, "neighbours"),
        ({"embedded": lambda images: np.full((len(images), 4), np.nan)}, "neighbours"),
        ({"embedded": lambda images: np.ones((len(images), 4))}, "neighbours"),
        ({"embedded": lambda images: np.ones((len(images), 0))}, "neighbours"),
    ],
)
def test_what_cannot_be_had_is_said_and_the_rest_is_shown(
    graded: Graded, answers: dict[str, Any], missing: str
) -> None:
    gallery = gather(with_student(graded, **answers))
    assert set(gallery.missing) == {missing}
    assert gallery.missing[missing]
    assert gallery.redrawn == (missing != "reconstructions")
    assert (gallery.neighbours is None) == (missing == "neighbours")
    assert gallery.curves is not None
    json.dumps(gallery.to_json(), allow_nan=False)


@pytest.mark.parametrize("factor", [1e-300, 1e38, 1e300])
def test_numbers_of_any_size(graded: Graded, factor: float) -> None:
    assert graded.predictions is not None
    made = graded.predictions
    huge = replace(graded, predictions=replace(made, scores=made.scores * factor))
    gallery = gather(
        with_student(
            huge,
            drawn=lambda images: factor * (images[:, None] - 128.0),
            embedded=lambda images: factor * images[:, :8, 0].astype(np.float64),
            threshold=factor,
        )
    )
    assert gallery.missing == {}
    assert gallery.neighbours is not None
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in gallery.neighbours.points)
    json.dumps(gallery.to_json(), allow_nan=False)


@pytest.mark.parametrize("threshold", [np.inf, -np.inf, np.nan])
def test_a_threshold_that_is_no_number_is_none(graded: Graded, threshold: float) -> None:
    assert gather(with_student(graded, threshold=threshold)).threshold is None


def test_scores_that_are_no_numbers_cost_only_their_pictures(graded: Graded) -> None:
    assert graded.predictions is not None
    scores = graded.predictions.scores.copy()
    scores[np.flatnonzero(graded.trial.graded)[0]] = np.nan  # type: ignore[union-attr]
    gallery = gather(replace(graded, predictions=replace(graded.predictions, scores=scores)))
    assert set(gallery.missing) == {"scores"}
    assert gallery.curves is None
    assert gallery.confusion
    assert gallery.redrawn


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tasks": ("threshold",), "predictions": None, "trial": None}, PARTIAL),
        ({"predictions": None}, NO_MODEL),
        ({"hidden": True, "trained": True}, TRAINED_HIDDEN),
        ({"hidden": True, "level": "plain"}, PLAIN_HIDDEN),
    ],
)
def test_where_there_is_nothing_to_picture_the_student_is_not_asked(
    graded: Graded, changes: dict[str, Any], reason: str
) -> None:
    student = Pretended()
    gallery = gather(replace(graded, student=student, **changes))  # type: ignore[arg-type]
    assert gallery.missing == {"all": reason}
    assert student.did == []


@pytest.mark.parametrize("error", [GraderError("no room"), MemoryError(), ZeroDivisionError("x")])
def test_a_fault_of_ours_costs_nobody_a_grade(graded: Graded, error: Exception) -> None:
    gallery = gather(with_student(graded, embedded=raising(error)))
    assert set(gallery.missing) == {"all"}


def test_a_hidden_grade_is_pictured_by_a_worker_that_has_seen_nothing(
    graded: Graded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended before anything is asked, and the hidden images are not among those asked."""
    student = Pretended()
    asked: list[np.ndarray] = []

    def predict(of: Any, trial: Any, limits: Limits) -> Predictions:
        assert of.did == ["restart", "begin", "load"]
        asked.append(trial.images)
        return predict_somehow(np.random.default_rng(1), trial)

    monkeypatch.setattr(gathering, "predict", predict)
    gallery = gather(
        replace(
            graded,
            hidden=True,
            student=student,  # type: ignore[arg-type]
            restart=lambda: student.did.append("restart"),
        )
    )
    assert student.did == ["restart", "begin", "load", "begin", "reconstruct", "embed"]
    assert gallery.sampled
    assert graded.trial is not None
    hidden = {image.tobytes() for image in graded.trial.images}
    assert hidden.isdisjoint(image.tobytes() for image in asked[0])


def test_different_digits_and_families_are_shown(graded: Graded) -> None:
    assert graded.trial is not None
    assert graded.predictions is not None
    _, shown = handful(graded.trial, graded.predictions)
    assert len({one.truth for one in shown if one.kind == "right"}) == 6
    assert len({one.family for one in shown if one.kind == "rejected"}) >= 2
    for one in shown:
        assert (one.truth == one.label) == (one.kind in ("right", "rejected"))
        assert (one.truth == 10) == (one.kind in ("rejected", "passed"))

"""The student's model on the trial: trained or loaded in the box, judged out here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import datasets

from .errors import Mismatch, StudentFailure
from .expect import expect
from .limits import Limits
from .metrics import measure
from .record import Metrics
from .rubric import Ramp
from .student import Student
from .trial import Trial

Progress = Callable[[dict[str, Any]], None]
OTHER_PART = {"known": "unknown", "unknown": "known", "worst_family": "known"}
TITLES = {"known": "the known digits are recognised", "unknown": "the unknown images are rejected"}
# All that is said of hidden data: no figure and no name, which would tell what it holds.
LOST = {
    "known": "known digits lose points",
    "unknown": "unknown images lose points",
    "worst_family": "unknown images of one kind lose points",
}


@dataclass(frozen=True)
class Predictions:
    """What a model says of N images, as `judge` has looked at it.

    Attributes:
        labels: (N,) int64, 0-10.
        closed_set: (N,) int64, 0-9: what it would say if it rejected nothing.
        scores: (N,) float64, high = more likely unknown; any may be nan or infinite.
    """

    labels: np.ndarray
    closed_set: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """Metrics of a submission's model, and the ramps that turn them into points.

    `hidden`: they were measured on hidden data, of which no message says a figure; `predictions`
    is what they were measured from.
    """

    metrics: Metrics
    graded_families: tuple[str, ...]
    ramps: dict[str, Ramp]
    hidden: bool = False
    predictions: Predictions | None = None

    def judge(self, part: str) -> tuple[float, str, bool]:
        """The share of a part's points, a message, and whether that says why points are lost."""
        fraction = self.fraction(part)
        is_held_back = fraction < self.ramps[part].fraction(self.accuracy(part))
        return fraction, self._describe(part, fraction, is_held_back), is_held_back

    def accuracy(self, part: str) -> float:
        """The accuracy that a part measures."""
        return {
            "known": self.metrics.known_accuracy,
            "unknown": self.metrics.unknown_accuracy,
            "worst_family": self.metrics.per_family[self.worst_family],
        }[part]

    def fraction(self, part: str) -> float:
        """Share of a part's points: on the ramp, and 0 unless the other part is above its floor.

        Without that rule a model that rejects everything would earn all that unknown images give.
        """
        other = OTHER_PART[part]
        if not self.accuracy(other) > self.ramps[other].floor:
            return 0.0
        return self.ramps[part].fraction(self.accuracy(part))

    @property
    def worst_family(self) -> str:
        """The family that is graded of which the smallest share is rejected."""
        return min(self.graded_families, key=lambda family: self.metrics.per_family[family])

    def _describe(self, part: str, fraction: float, is_held_back: bool) -> str:
        """The accuracy in words with what full marks ask for; of hidden data only what is lost."""
        ramp, other = self.ramps[part], OTHER_PART[part]
        if self.hidden:
            also = f"; they earn nothing while {other} ones earn nothing" if is_held_back else ""
            return f"{LOST[part]}{also}" if fraction < 1 else ""
        what = TITLES.get(
            part, f"the images of {self.worst_family}, the hardest family, are rejected"
        )
        also = (
            f"; it earns nothing while only {100 * self.accuracy(other):.2f} % of {TITLES[other]}"
            if is_held_back
            else ""
        )
        return (
            f"{100 * self.accuracy(part):.2f} % of {what}; "
            f"full marks from {100 * ramp.target:g} %, none at {100 * ramp.floor:g} %{also}"
        )


def train_in_box(
    student: Student, data: str, seed: int, limits: Limits, progress: Progress
) -> dict[str, float]:
    """Send training and held-out digits into the box and run the given loop there.

    Returns:
        `wall_s` and `cpu_s` of the training alone.
    """
    _send_training_data(student, data)
    return student.train(data, seed, limits, progress)


def _send_training_data(student: Student, data: str) -> None:
    """Send the digits; a function of its own, so that they are not held while training runs."""
    training, heldout = datasets.load_training(data)
    student.store(
        {
            "train_images": training.images,
            "train_labels": training.labels,
            "heldout_images": heldout.images,
        }
    )


def judge(
    student: Student, trial: Trial, ramps: dict[str, Ramp], limits: Limits, hidden: bool = False
) -> Outcome:
    """Predict the trial's images in the box and measure the predictions out here.

    Args:
        student: whose model is loaded already.
        trial: the images.
        ramps: of the profile.
        limits: of one batch.
        hidden: the images are hidden ones, so that what student code says of them is kept back.

    Raises:
        Mismatch: a prediction is not a label from 0 to 10.
        StudentFailure: the model did not return.
    """
    try:
        made = predict(student, trial, limits)
    except (StudentFailure, Mismatch) as error:
        if not hidden:
            raise
        # An exception's text is the student's: it could carry the images themselves.
        message = "model.predict failed on hidden images; try it on images of your own"
        raise type(error)(message) from None
    metrics = measure(trial, made.labels, made.closed_set, made.scores)
    return Outcome(metrics, trial.graded_families, ramps, hidden, made)


def predict(student: Student, trial: Trial, limits: Limits) -> Predictions:
    """What the loaded model says of the trial's images.

    Raises:
        Mismatch: a prediction is not a label from 0 to 10.
        StudentFailure: the model did not return.
    """
    made = student.predict(trial.images, limits)
    for name, highest in (("labels", 10), ("closed_set", 9)):
        values = made[name]
        if values.dtype.kind not in "iu":
            raise Mismatch(f"the model's {name} are {values.dtype}, expected int64")
        expect(
            bool(((values >= 0) & (values <= highest)).all()),
            f"the model's {name} are not all from 0 to {highest}",
        )
    return Predictions(
        made["labels"].astype(np.int64),
        made["closed_set"].astype(np.int64),
        made["scores"].astype(np.float64),
    )

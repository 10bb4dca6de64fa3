"""The student's model on the trial: trained or loaded in the box, judged out here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import datasets

from .channel import Limits
from .errors import Mismatch
from .expect import expect
from .metrics import measure
from .record import Metrics
from .rubric import Ramp
from .student import Student
from .trial import Trial

Progress = Callable[[dict[str, Any]], None]
OTHER_PART = {"known": "unknown", "unknown": "known", "worst_family": "known"}


@dataclass(frozen=True)
class Outcome:
    """Metrics of a submission's model, and the ramps that turn them into points."""

    metrics: Metrics
    graded_families: tuple[str, ...]
    ramps: dict[str, Ramp]

    @property
    def worst_family_accuracy(self) -> float:
        """The share of it that is rejected."""
        return self.metrics.per_family[self.worst_family]

    def fraction(self, part: str, accuracy: float, other: float) -> float:
        """Share of a part's points: on the ramp, and 0 unless the other part is above its floor.

        Without that rule a model that rejects everything would earn all that unknown images give.
        """
        if not other > self.ramps[OTHER_PART[part]].floor:
            return 0.0
        return self.ramps[part].fraction(accuracy)

    def describe(self, part: str, what: str, accuracy: float) -> str:
        """The accuracy in words, with what full marks ask for."""
        ramp = self.ramps[part]
        return (
            f"{100 * accuracy:.2f} % of {what}; "
            f"full marks from {100 * ramp.target:g} %, none at {100 * ramp.floor:g} %"
        )

    @property
    def worst_family(self) -> str:
        """The family that is graded of which the smallest share is rejected."""
        return min(self.graded_families, key=lambda family: self.metrics.per_family[family])


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


def judge(student: Student, trial: Trial, ramps: dict[str, Ramp], limits: Limits) -> Outcome:
    """Predict the trial's images in the box and measure the predictions out here.

    Raises:
        Mismatch: a prediction is not a label from 0 to 10.
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
    metrics = measure(
        trial,
        made["labels"].astype(np.int64),
        made["closed_set"].astype(np.int64),
        made["scores"].astype(np.float64),
    )
    return Outcome(metrics, trial.graded_families, ramps)

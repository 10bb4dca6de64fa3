"""Asking a graded model for what its pictures need; whatever happens, the grade stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import datasets
from datasets.errors import DataError

from ..errors import Crashed, GraderError, Mismatch, OutOfMemory, StudentFailure, TimedOut
from ..grading import Graded
from ..limits import Limits
from ..outcome import Predictions, predict
from ..student import Student
from ..text import one_line
from ..trial import Trial, build_trial
from . import figures
from .choose import balanced, handful, part_of, sample
from .gallery import Gallery, Neighbours, nothing
from .neighbours import plane
from .sprite import as_pixels, sprite

KNOWN, UNKNOWN = 150, 150  # images whose embeddings are laid out
SAMPLE_KNOWN, SAMPLE_PER_FAMILY = 1000, 250  # public images that a hidden grade is pictured with
SAMPLE_CPU_S, SAMPLE_WALL_S = 60.0, 300.0
LOST = "the model was lost when it was asked for its reconstructions"
PARTIAL = "the task accuracy was not graded, so there is no model to look at"
NO_MODEL = "there is no model to look at: the task accuracy says why"
TRAINED_HIDDEN = (
    "the model was trained by the grader and graded on hidden data; it is pictured with "
    "weights.safetensors, or in a grading without --hidden"
)
PLAIN_HIDDEN = (
    "a grade on hidden data shows pictures only where the sandbox is bwrap, which keeps the data "
    "from the model"
)


def gather(graded: Graded) -> Gallery:
    """The pictures' numbers of a graded model, on public test images alone.

    A worker that has seen hidden images could show them again in what it draws, so those of a
    hidden grade come from a worker that has not.
    """
    try:
        return _gather(graded)
    except (StudentFailure, Mismatch) as error:
        return nothing(one_line(f"the model did not answer: {error}", 400))
    except (DataError, GraderError) as error:
        return nothing(one_line(f"the pictures could not be made: {error}", 400))
    except Exception as error:  # a fault of ours, which must not cost anybody a grade
        return nothing(f"the grader failed to make them ({type(error).__name__})")


def _gather(graded: Graded) -> Gallery:
    if "accuracy" not in graded.tasks:
        return nothing(PARTIAL)
    if graded.predictions is None or graded.trial is None:
        return nothing(NO_MODEL)
    if not graded.hidden:
        rows = np.flatnonzero(graded.trial.graded)
        trial, predictions = part_of(graded.trial, graded.predictions, rows)
    elif graded.trained:
        return nothing(TRAINED_HIDDEN)
    elif graded.level != "bwrap":
        return nothing(PLAIN_HIDDEN)
    else:
        trial, predictions = _afresh(graded)
    graded.student.begin(graded.seed)
    pictured = _picture(graded.student, trial, predictions)
    return replace(pictured, sampled=graded.hidden)


def _afresh(graded: Graded) -> tuple[Trial, Predictions]:
    """The same model in a worker that has seen nothing, on a sample of the public test images."""
    whole = build_trial(*datasets.load_test(graded.data))
    rows = sample(whole, SAMPLE_KNOWN, SAMPLE_PER_FAMILY)
    trial = Trial(
        whole.images[rows], whole.labels[rows], whole.families[rows], whole.graded[rows],
        whole.unknown_families, whole.graded_families,
    )  # fmt: skip
    graded.restart()
    graded.student.begin(graded.seed)
    graded.student.load_weights()
    return trial, predict(graded.student, trial, _sample_limits(graded.limits))


def _sample_limits(limits: Limits) -> Limits:
    return replace(
        limits,
        cpu_s=min(limits.cpu_s, SAMPLE_CPU_S),
        wall_s=min(limits.wall_s, SAMPLE_WALL_S),
    )


def _picture(student: Student, trial: Trial, predictions: Predictions) -> Gallery:
    """All pictures that can be made; of the others, why not."""
    missing: dict[str, str] = {}
    is_known = trial.labels != trial.unknown
    made: dict[str, Any] = {
        "known": int(is_known.sum()),
        "unknown": int((~is_known).sum()),
        "confusion": figures.confusion(trial.labels, predictions.labels),
    }
    rows, shown = handful(trial, predictions)
    made["shown"] = tuple(shown)
    images = [trial.images[rows]]

    def redraw() -> str:
        try:
            drawn, threshold = student.reconstruct(trial.images[rows])
        except (Crashed, OutOfMemory, TimedOut):  # the worker's end: the next one has no model
            missing["neighbours"] = LOST
            raise
        if np.isfinite(threshold):
            made["threshold"] = float(np.clip(threshold, -figures.LARGEST, figures.LARGEST))
        if not np.isfinite(drawn).all():
            return "the reconstructions hold nan or infinity"
        images.append(as_pixels(drawn))
        made["redrawn"] = True
        return ""

    def lay_out() -> str:
        chosen = balanced(trial, KNOWN, UNKNOWN)
        placed = plane(student.embed(trial.images[chosen]))
        if isinstance(placed, str):
            return placed
        points = tuple((float(x), float(y)) for x, y in placed)
        made["neighbours"] = Neighbours(points, tuple(map(int, trial.labels[chosen])))
        return ""

    def draw_scores() -> str:
        scores = predictions.scores
        if not np.isfinite(scores).all():
            return "the model's scores hold nan or infinity"
        known, unknown = scores[is_known], scores[~is_known]
        made["scores"] = figures.spread(known, unknown, made.get("threshold"))
        rightly = predictions.closed_set[is_known] == trial.labels[is_known]
        made["curves"] = figures.curves(known, rightly, unknown)
        return ""

    missing |= _attempt("reconstructions", redraw)
    if "neighbours" not in missing:
        missing |= _attempt("neighbours", lay_out)
    missing |= _attempt("scores", draw_scores)
    made["sprite"] = sprite(images)
    return Gallery(missing=missing, **made)


def _attempt(name: str, make: Callable[[], str]) -> dict[str, str]:
    """Why a picture is missing; nothing where it was made."""
    try:
        reason = make()
    except (StudentFailure, Mismatch) as error:
        reason = one_line(str(error), 400)
    return {name: reason} if reason else {}

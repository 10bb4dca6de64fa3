"""Everything that a row of a table needs, from one method's word on one set of test images."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from datasets.image_set import UNKNOWN
from solutions.errors import UserError
from solutions.zoo.metrics.accuracy import accuracies, require_both
from solutions.zoo.metrics.aupr import aupr_in, aupr_out
from solutions.zoo.metrics.auroc import auroc
from solutions.zoo.metrics.checked import (
    Classes,
    Mask,
    Scores,
    as_classes,
    as_scores,
    require_same_length,
    require_threshold,
)
from solutions.zoo.metrics.f1 import macro_f1
from solutions.zoo.metrics.fpr import fpr_at_tpr
from solutions.zoo.metrics.oscr import oscr_area
from solutions.zoo.metrics.rejection import rejection


@dataclass(frozen=True)
class FamilySummary:
    """One family of unknown images against all known images.

    Attributes:
        images: How many of the family there are.
        unknown_accuracy: The share of them that is rejected.
        auroc: Chance is .5.
        fpr95: The share of known images rejected where 95 % of the family are (unknown positive).
        oscr: The area under the OSCR curve.
        macro_f1: Over the known classes and unknown.
    """

    images: int
    unknown_accuracy: float
    auroc: float
    fpr95: float
    oscr: float
    macro_f1: float


@dataclass(frozen=True)
class Summary:
    """One method on one set of test images; shares in [0, 1].

    Attributes:
        known_images: How many there are.
        unknown_images: How many there are.
        known_accuracy: Of known images, those given their class; a rejected one is an error.
        unknown_accuracy: Of unknown images, those rejected.
        total_accuracy: Of all images, those right either way.
        known_unknown_accuracy: Of all images, those on the right side, whatever the class.
        closed_set_accuracy: Of known images, those given their class before rejection.
        known_rejection: Of known images, those rejected, whatever the class.
        auroc: Chance is .5.
        aupr_in: Average precision, known positive.
        aupr_out: Average precision, unknown positive.
        fpr95: The share of known images rejected where 95 % of the unknown are (unknown positive).
        oscr: The area under the OSCR curve.
        macro_f1: Over the known classes and unknown.
        families: By the family's name, in alphabetical order.
    """

    known_images: int
    unknown_images: int
    known_accuracy: float
    unknown_accuracy: float
    total_accuracy: float
    known_unknown_accuracy: float
    closed_set_accuracy: float
    known_rejection: float
    auroc: float
    aupr_in: float
    aupr_out: float
    fpr95: float
    oscr: float
    macro_f1: float
    families: dict[str, FamilySummary]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and names, as JSON holds them."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class _Said:
    """Checked arguments, a row an image."""

    labels: Classes
    closed_set: Classes
    scores: Scores
    predictions: Classes
    num_known: int

    def against_known(self, unknown: Mask, name: str) -> FamilySummary:
        """The unknown images of this mask against all known ones."""
        known = self.labels != UNKNOWN
        known_scores, unknown_scores = self.scores[known], self.scores[unknown]
        correct = (self.labels == self.closed_set)[known]
        both = known | unknown
        return FamilySummary(
            images=int(unknown.sum()),
            unknown_accuracy=float((self.predictions[unknown] == UNKNOWN).mean()),
            auroc=auroc(known_scores, unknown_scores, name),
            fpr95=fpr_at_tpr(known_scores, unknown_scores, positive="unknown"),
            oscr=oscr_area(correct, known_scores, unknown_scores),
            macro_f1=macro_f1(self.labels[both], self.predictions[both], self.num_known),
        )


def summary(
    labels: ArrayLike,
    closed_set: ArrayLike,
    scores: ArrayLike,
    threshold: float,
    families: ArrayLike,
    num_known: int = 10,
) -> Summary:
    """Measure everything at once; warns with `SignWarning` where an AUROC is below .5.

    Args:
        labels: int (N,), the truth: 0 to K - 1, or 10 = unknown.
        closed_set: int (N,), predicted without rejection, 0 to K - 1.
        scores: (N,), high = more likely unknown.
        threshold: Scores strictly above it are rejected; infinite rejects nothing.
        families: str (N,), which family each image is of. Only those of unknown images count.
        num_known: How many known classes there are, K, 1 to 10.

    Raises:
        UserError: Known or unknown images are missing, the shapes differ, a value is no class, a
            score is NaN or infinite, or the threshold NaN.
    """
    said = _said(labels, closed_set, scores, threshold, num_known)
    names = _names(families)
    require_same_length(labels=said.labels, families=names)
    unknown = said.labels == UNKNOWN
    require_both(int(unknown.sum()), len(unknown))
    overall = said.against_known(unknown, "all unknown images")
    known_scores, unknown_scores = said.scores[~unknown], said.scores[unknown]
    accuracy = accuracies(said.labels, said.predictions, num_known)
    return Summary(
        known_images=int((~unknown).sum()),
        unknown_images=overall.images,
        known_accuracy=accuracy.known,
        unknown_accuracy=accuracy.unknown,
        total_accuracy=accuracy.total,
        known_unknown_accuracy=accuracy.known_unknown,
        closed_set_accuracy=float((said.labels == said.closed_set)[~unknown].mean()),
        known_rejection=rejection(known_scores, threshold).realised,
        auroc=overall.auroc,
        aupr_in=aupr_in(known_scores, unknown_scores),
        aupr_out=aupr_out(known_scores, unknown_scores),
        fpr95=overall.fpr95,
        oscr=overall.oscr,
        macro_f1=overall.macro_f1,
        families={
            str(name): said.against_known(unknown & (names == name), str(name))
            for name in np.unique(names[unknown])
        },
    )


def _said(
    labels: ArrayLike, closed_set: ArrayLike, scores: ArrayLike, threshold: float, num_known: int
) -> _Said:
    truth = as_classes(labels, "labels", num_known)
    closed = as_classes(closed_set, "closed-set predictions", num_known, unknown=False)
    values = as_scores(scores, "images")
    require_same_length(labels=truth, closed_set=closed, scores=values)
    require_threshold(threshold)
    predictions = np.where(values > threshold, UNKNOWN, closed)
    return _Said(truth, closed, values, predictions, num_known)


def _names(families: ArrayLike) -> NDArray[np.str_]:
    names = np.asarray(families)
    if names.ndim != 1 or not all(isinstance(name, str) for name in names):
        raise UserError(f"families are names, one an image, not {names.dtype} {names.shape}")
    return names.astype(np.str_)

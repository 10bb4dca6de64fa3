"""The one interface of the zoo: `fit(known)`, `scores(images)`, `predict(images)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from solutions.errors import UserError
from solutions.zoo.known import Known, split
from solutions.zoo.outputs import Outputs, outputs_of, require_finite, wanted
from solutions.zoo.rules import Rule
from solutions.zoo.scores.fitless import Fitless
from solutions.zoo.training import Budget, Training

UNKNOWN = 10
ENOUGH = 10_000  # images for the mean and deviation of their scores


class Score(Protocol):
    """How unknown images look, from what a network says about them.

    A pure function with what it was fitted to. The score of an image depends on that image alone,
    never on what else is in the batch.
    """

    @property
    def needs(self) -> tuple[str, ...]:
        """The outputs that it reads, by name."""
        ...

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Fit to training images: outputs of N rows, labels int64 (N,). Twice the same is fine."""
        ...

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores, float (N,), high = more likely unknown."""
        ...


@dataclass(frozen=True)
class Spec:
    """One method of the zoo: a configuration of shared parts, and its page.

    Attributes:
        name: What commands call it, such as "energy".
        title: What tables call it.
        system: "a" to "d" for the systems of the teaching projects, "beyond", or "floor".
        training: The network and how it is trained. Methods that name the same one share it.
        score: Makes an unfitted score.
        rule: From scores to the threshold.
        threshold_on: Whose scores the rule is given: held-out images, or ten thousand of the
            training images themselves, as some systems have it.
        sees_synthetic_unknowns: Whether training shows it images made to stand for unknown ones.
        files: Where to read about it, from the folder `zoo/`; by default where the score and the
            network are defined.
        idea: At most five lines on what it does and why that should work.
        formula: The score, in one line.
        source: Paper and equation, or whose system it is.
    """

    name: str
    title: str
    system: str
    training: Training
    score: Callable[[], Score]
    rule: Rule
    idea: str
    formula: str
    source: str
    threshold_on: Literal["heldout", "train"] = "heldout"
    sees_synthetic_unknowns: bool = False
    files: tuple[str, ...] = ()

    @property
    def is_fitted_to_training_images(self) -> bool:
        """Whether the score is fitted to what the network says about them."""
        return not isinstance(self.score(), Fitless)


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network says about known images, computed once for every score on that network.

    Attributes:
        outputs: Of the network, N rows.
        labels: int64 (N,).
    """

    outputs: Outputs
    labels: Tensor


def seen_by(
    network: nn.Module, specs: Sequence[Spec], train: Known, heldout: Known
) -> tuple[Seen, Seen]:
    """What a network says about training and held-out images, as far as the methods need it.

    To look at every training image costs a deep network more than to learn from them. Scores that
    are fitted to them are given all; a threshold rule, ten thousand; where neither looks at them,
    the held-out ones stand in their place.

    Args:
        network: Trained.
        specs: Methods on this network.
        train: What it was trained on.
        heldout: What it was not.
    """
    on_heldout = Seen(outputs_of(network, heldout.images), heldout.labels)
    if not any(spec.is_fitted_to_training_images for spec in specs):
        if not any(spec.threshold_on == "train" for spec in specs):
            return on_heldout, on_heldout
        train = Known(train.images[:ENOUGH], train.labels[:ENOUGH], train.names)
    return Seen(outputs_of(network, train.images), train.labels), on_heldout


class Method:
    """A method that can be fitted.

    Args:
        spec: Which.
        seed: Of the split, the weights and the order of images.
        budget: "default" is the fast recipe; "seed" the recorded one, as far as there is a record
            (else the fast one); "quick" one for tests.

    Attributes:
        network: The trained network, once fitted.
        threshold: Scores strictly above it are unknown; once fitted.
    """

    network: nn.Module
    threshold: float

    def __init__(self, spec: Spec, seed: int = 0, budget: Budget = "default") -> None:
        self.spec = spec
        self.seed = seed
        self.budget = budget
        self._score = spec.score()

    def fit(self, known: Known) -> Method:
        """Train the network, fit the score, fit the threshold.

        Args:
            known: Known images; a quarter, at most 5,000, are held out for the threshold.

        Raises:
            UserError: Training failed, or the images do not suffice for this method.
        """
        train, heldout = split(known, self.seed)
        network = self.spec.training.fit(train, self.seed, self.budget)
        return self.fit_score(network, *seen_by(network, [self.spec], train, heldout))

    def fit_score(self, network: nn.Module, train: Seen, heldout: Seen) -> Method:
        """Fit score and threshold of a network that is trained already.

        Args:
            network: What `spec.training.fit` gave.
            train: What it says about the images it was trained on.
            heldout: What it says about held-out images.

        Raises:
            UserError: The network lacks an output, or the images do not suffice for this method.
        """
        self.network = network
        wanted(train.outputs, self._score.needs, self.spec.name)
        self._score.fit(train.outputs, train.labels)
        if self.spec.threshold_on == "heldout":
            basis = heldout.outputs
        else:
            basis = {name: value[:ENOUGH] for name, value in train.outputs.items()}
        self.threshold = self.spec.rule.threshold(self.score(basis).double().numpy())
        return self

    def score(self, outputs: Outputs) -> Tensor:
        """Scores, float (N,), of images that the network has been shown already.

        Raises:
            UserError: A score is NaN or infinite.
        """
        with torch.inference_mode():
            scores = self._score(outputs)
        require_finite(f"the score {self.spec.name}", scores)
        return scores

    def scores(self, images: Tensor) -> Tensor:
        """How unknown images look.

        Args:
            images: float32 (N, C, H, W) in [-1, 1].

        Returns:
            float (N,), high = more likely unknown.

        Raises:
            UserError: The method is not fitted, or an output is NaN.
        """
        return self.score(self._outputs(images))

    def predict(self, images: Tensor) -> Tensor:
        """The class, or 10 where the score lies above the threshold.

        Args:
            images: float32 (N, C, H, W) in [-1, 1].

        Returns:
            int64 (N,), 0 to K - 1, or 10.

        Raises:
            UserError: As `scores`.
        """
        outputs = self._outputs(images)
        return decide(outputs["logits"], self.score(outputs), self.threshold)

    def _outputs(self, images: Tensor) -> Outputs:
        if not hasattr(self, "threshold"):
            raise UserError(f"{self.spec.name} is not fitted: call fit(known) first")
        return outputs_of(self.network, images)


def decide(logits: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """The class of the highest logit, or 10 where the score lies strictly above the threshold.

    Args:
        logits: (N, K).
        scores: (N,), high = more likely unknown.
        threshold: A score.

    Returns:
        int64 (N,).
    """
    return torch.where(scores.double() > threshold, UNKNOWN, logits.argmax(dim=1))

"""One run: data, network, training, calibration, score, threshold, metrics, plots."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from solutions.errors import UserError
from solutions.zoo.framework import parts
from solutions.zoo.framework.calibration import (
    calibrated,
    expected_calibration_error,
    fit_temperature,
    nll,
)
from solutions.zoo.framework.data.open_set import OpenSet
from solutions.zoo.framework.drawing import draw
from solutions.zoo.framework.evaluation import evaluate
from solutions.zoo.framework.network import Assembled
from solutions.zoo.framework.recipe import as_recipe
from solutions.zoo.framework.results import Results, Scores
from solutions.zoo.framework.run_folder import Config, RunFolder
from solutions.zoo.known import split
from solutions.zoo.method import Method, Seen, Spec
from solutions.zoo.outputs import Outputs, outputs_of, wanted
from solutions.zoo.scores.brightness import Brightness
from solutions.zoo.training import GradientTraining

Say = Callable[[str], object]


def run(config: Config, folder: RunFolder, log: logging.Logger) -> dict[str, Any]:
    """Train, unless the folder's checkpoint is complete already, and evaluate.

    Args:
        config: As composed.
        folder: Has been claimed for it.
        log: Is told how things stand.

    Returns:
        What `metrics.json` holds.

    Raises:
        UserError: The configuration names no such thing, the loss became NaN, parts do not fit.
        DataError: The data is not there or broken.
    """
    experiment = Experiment.of(config)
    log.info(experiment.data.about)
    if folder.checkpoint.is_file():
        log.info("%s is complete: not trained again", folder.checkpoint)
        return experiment.evaluate(folder, log.info)
    experiment.require_fit()
    start = time.process_time()
    network = experiment.train(lambda epoch, loss, _: log.info("epoch %d: loss %.4f", epoch, loss))
    folder.save(network, time.process_time() - start)
    return experiment.evaluate(folder, log.info)


@dataclass(frozen=True, eq=False)
class Experiment:
    """A configuration whose parts were found and fit together.

    Attributes:
        seed: Of split, weights and order.
        data: What to learn from and to test on.
        training: The network and how it is trained.
        spec: The same with score and threshold rule, as the zoo has it.
        calibrate: Whether logits are divided by a fitted temperature before they are scored.
    """

    seed: int
    data: OpenSet
    training: GradientTraining
    spec: Spec
    calibrate: bool

    @classmethod
    def of(cls, config: Config) -> Experiment:
        """Find the parts that a configuration names.

        Raises:
            UserError: One is not there, or takes no such options.
            DataError: The data is not there or broken.
        """
        seed = config["seed"]
        if not isinstance(seed, int) or seed < 0:
            raise UserError(f"seed has to be a whole number, 0 or above, not {seed!r}")
        recipe = as_recipe(config["training"])
        score = parts.make(config["score"], "score")
        rule = parts.make(config["threshold"], "threshold")
        objective = parts.find(config["head"]["objective"], "head.objective")
        data: OpenSet = parts.make(config["data"], "data")

        def build(num_classes: int) -> nn.Module:
            backbone = parts.make(config["backbone"], "backbone", data.channels, data.size)
            neck = parts.make(config["neck"], "neck", backbone.width)
            head = parts.make(config["head"]["build"], "head.build", neck.width, num_classes)
            return Assembled(backbone, neck, head)

        training = GradientTraining("the network", build, objective, {"default": recipe})
        name = type(score).__name__
        spec = Spec(name, name, "c", training, lambda: score, rule, "", "", "")
        return cls(seed, data, training, spec, bool(config["calibrate"]))

    def require_fit(self) -> None:
        """Does nothing where data, network and score fit: better known before than after hours.

        Raises:
            UserError: The network, untrained, cannot take these images, or does not say what the
                score needs.
        """
        network = self.training.build(self.data.known.num_classes)
        images = self.data.known.images[:2]
        try:
            outputs = outputs_of(network, images)
        except RuntimeError as error:  # torch's one exception for shapes that do not fit
            shape = " x ".join(map(str, images.shape[1:]))
            raise UserError(f"the network cannot take images of {shape}: {error}") from error
        wanted(outputs, self.spec.score().needs, self.spec.name)

    def train(self, on_epoch: Callable[[int, float, nn.Module], None]) -> nn.Module:
        """The trained network.

        Raises:
            UserError: The loss became NaN or infinite.
        """
        train, _ = split(self.data.known, self.seed)
        return self.training.fit(train, self.seed, "default", on_epoch)

    def evaluate(self, folder: RunFolder, say: Say) -> dict[str, Any]:
        """Measure the network of the folder's checkpoint, and write metrics, scores and plots.

        Everything but the weights is fitted anew, so a checkpoint gives the same numbers whenever.

        Raises:
            UserError: The checkpoint is missing, broken or of another architecture.
        """
        network = self.training.build(self.data.known.num_classes)
        cpu_s = folder.load_into(network)
        results, calibration = self.measure(network)
        metrics = {
            "data": self.data.about,
            "seed": self.seed,
            "training_cpu_s": cpu_s,
            "calibration": calibration,
            **evaluate(results),
        }
        folder.write_scores(results.arrays())
        draw(results, folder.plots)
        folder.write_metrics(metrics)  # last: where it is, all others are
        for line in summary(metrics):
            say(line)
        return metrics

    def measure(self, network: nn.Module) -> tuple[Results, dict[str, float]]:
        """Scores of every test image, and what calibration found.

        The temperature is fitted on the held-out images that the threshold is fitted on as well.
        Strictly, that bends a conformal promise; it is one number, and leaves the ranking by energy
        at that temperature, by the highest logit and by distances as it is.
        """
        train, heldout = split(self.data.known, self.seed)
        raw = outputs_of(network, heldout.images)
        temperature = fit_temperature(raw["logits"], heldout.labels) if self.calibrate else 1.0

        def seen(images: Tensor) -> Outputs:
            return calibrated(outputs_of(network, images), temperature)

        on_train = seen(train.images)
        method = Method(self.spec, self.seed).fit_score(
            network,
            Seen(on_train, train.labels),
            Seen(calibrated(raw, temperature), heldout.labels),
        )
        floor = Brightness()
        floor.fit(on_train, train.labels)
        on_test = seen(self.data.test.images)
        on_unknown = {name: seen(images) for name, images in self.data.unknowns.items()}
        results = Results(
            labels=self.data.test.labels.numpy(),
            predicted=on_test["logits"].argmax(dim=1).numpy(),
            known=_array(method.score(on_test)),
            unknown={name: _array(method.score(each)) for name, each in on_unknown.items()},
            threshold=method.threshold,
            known_floor=_array(floor(on_test)),
            unknown_floor={name: _array(floor(each)) for name, each in on_unknown.items()},
        )
        tested = on_test["logits"] * temperature, self.data.test.labels  # as the network gave them
        return results, {
            "temperature": temperature,
            "heldout_nll_before": nll(raw["logits"], heldout.labels),
            "heldout_nll_after": nll(raw["logits"], heldout.labels, temperature),
            "test_ece_before": expected_calibration_error(*tested),
            "test_ece_after": expected_calibration_error(*tested, temperature),
        }


def summary(metrics: dict[str, Any]) -> list[str]:
    """What a person wants to see first."""
    found = metrics["calibration"]
    return [
        f"closed-set accuracy {metrics['closed_set_accuracy']:.2%}, temperature "
        f"{found['temperature']:.3f}, calibration error {found['test_ece_before']:.4f} before and "
        f"{found['test_ece_after']:.4f} after",
        f"known {metrics['known_accuracy']:.2%} right, {metrics['known_rejected']:.2%} rejected; "
        f"total {metrics['total_accuracy']:.2%}",
        *(
            f"{name}: {family['unknown_accuracy']:.2%} of {family['images']:,} rejected, AUROC "
            f"{family['auroc']:.4f} (brightness alone {family['auroc_of_brightness']:.4f})"
            for name, family in metrics["families"].items()
        ),
    ]


def _array(scores: Tensor) -> Scores:
    return scores.double().numpy()

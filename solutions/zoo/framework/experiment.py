"""One run: data, network, training, calibration, score, threshold, metrics, plots."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from solutions.errors import UserError
from solutions.zoo.framework import parts
from solutions.zoo.framework.calibration import calibrated, calibration_report, fit_temperature
from solutions.zoo.framework.data.open_set import OpenSet
from solutions.zoo.framework.network import Assembled
from solutions.zoo.framework.pictures import curves_and_tables, embeddings
from solutions.zoo.framework.recipe import as_recipe
from solutions.zoo.framework.report import lines, metrics_of
from solutions.zoo.framework.results import Results
from solutions.zoo.known import split
from solutions.zoo.method import UNKNOWN, Method, Seen, Spec
from solutions.zoo.outputs import Outputs, outputs_of, wanted
from solutions.zoo.run_folder import Config, RunFolder
from solutions.zoo.scores.brightness import Brightness
from solutions.zoo.training import Budget, GradientTraining

Say = Callable[[str], object]

# The one budget that adds no epochs to those of the recipe: here they are what somebody asked for.
BUDGET: Budget = "seed"


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
        tsne_images: Of how many test images at most embeddings are drawn; 0 = no such picture.
    """

    seed: int
    data: OpenSet
    training: GradientTraining
    spec: Spec
    calibrate: bool
    tsne_images: int

    @classmethod
    def of(cls, config: Config) -> Experiment:
        """Find the parts that a configuration names.

        Raises:
            UserError: One is not there, or takes no such options.
            DataError: The data is not there or broken.
        """
        for name in ("seed", "tsne_images"):
            number = config[name]
            if not isinstance(number, int) or isinstance(number, bool) or number < 0:
                raise UserError(f"{name} has to be a whole number, 0 or above, not {number!r}")
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

        training = GradientTraining("the network", build, objective, {BUDGET: recipe})
        name = type(score).__name__
        spec = Spec(name, name, "c", training, lambda: score, rule, "", "", "")
        calibrate = bool(config["calibrate"])
        return cls(config["seed"], data, training, spec, calibrate, config["tsne_images"])

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
        return self.training.fit(train, self.seed, BUDGET, on_epoch)

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
            **metrics_of(results),
        }
        folder.write_scores(results.arrays())
        for name, png in self.pictures(results, say).items():
            folder.write_plot(name, png)
        folder.write_metrics(metrics)  # last: where it is, all others are
        for line in lines(metrics):
            say(line)
        return metrics

    def pictures(self, results: Results, say: Say) -> dict[str, bytes]:
        """PNGs by file name; of embeddings where they can be drawn."""
        drawn = curves_and_tables(results, self.spec.title)
        if self.tsne_images:
            try:
                drawn["embeddings.png"] = embeddings(
                    results, self.tsne_images, self.seed, self.spec.title
                )
            except UserError as error:  # too few images, or all the same: the numbers still stand
                say(f"embeddings are not drawn: {error}")
        return drawn

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
        test = self.data.test
        said = {"known": seen(test.images)}
        said |= {name: seen(images) for name, images in self.data.unknowns.items()}
        results = Results(
            labels=np.concatenate([test.labels.numpy(), np.full(self.data.num_unknown, UNKNOWN)]),
            closed_set=_rows(outputs["logits"].argmax(dim=1) for outputs in said.values()),
            scores=_rows(method.score(outputs).double() for outputs in said.values()),
            brightness=_rows(floor(outputs).double() for outputs in said.values()),
            families=np.repeat(list(said), [len(outputs["logits"]) for outputs in said.values()]),
            embeddings=_rows(outputs["embedding"].flatten(1) for outputs in said.values()),
            threshold=method.threshold,
            classes=self.data.classes,
        )
        tested = said["known"]["logits"] * temperature  # as the network gave them
        return results, calibration_report(
            temperature, (raw["logits"], heldout.labels), (tested, test.labels)
        )


def _rows(parts: Iterable[Tensor]) -> NDArray[Any]:
    """Known images and each unknown family, one after the other."""
    return torch.cat(list(parts)).numpy()

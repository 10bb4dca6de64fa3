"""The detector: an unknown logit, Mahalanobis distances and a distance to near digits.

score = 3 z_1 + z_2 + z_3 + z_4 + 10 max(0, z_5 - 3)
z_i = (s_i - mean) / deviation     over known digits kept from the training
s_1 = unknown logit - logsumexp of the known logits
s_2 = log of the Mahalanobis distance of the embedding from the nearest class
s_3 = the same of the last feature map, averaged over its quarters
s_4 = log of the distance from the third nearest digit of the predicted class, blurred pixels
s_5 = as s_3, of an early feature map: for images that are far from any drawing
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from solutions.zoo.combined.augment import augment_all
from solutions.zoo.combined.neighbours import Neighbours, fit_neighbours
from solutions.zoo.combined.network import Network
from solutions.zoo.combined.standardise import WeightedSum, fit_weighted_sum
from solutions.zoo.combined.training import OutlierRecipe, train
from solutions.zoo.known import Known
from solutions.zoo.outliers.warp import moved
from solutions.zoo.outputs import CHUNK, Outputs
from solutions.zoo.scores.log_odds import unknown_log_odds
from solutions.zoo.scores.mahalanobis import Gaussians, fit_gaussians, mahalanobis

WEIGHTS = (3.0, 1.0, 1.0, 1.0, 10.0)
BOUNDS = (-math.inf, -math.inf, -math.inf, -math.inf, 3.0)  # s_5 counts beyond it only
CALIBRATION = 2_500  # digits kept from the training, at most a tenth of all
NEAR = 20_000  # training digits that the Mahalanobis distances are fitted on, at most
VIEWS = (0.0, 0.5, -0.5)  # pixels, down and to the right: the network's answers are averaged
RIDGE = 1e-2  # share of the mean variance that is added to every direction's
FLOOR = 1e-3  # below any distance that is measured between digits, and above rounding


@dataclass(frozen=True)
class Parts:
    """What the network makes of images, as far as the scores need it.

    Attributes:
        logits: float32 (N, K + 1).
        embedding: float32 (N, E).
        quarters: float32 (N, 4 C), the last feature map's mean over each quarter of the image.
        early: float32 (N, 4 D), the same of an early feature map.
    """

    logits: Tensor
    embedding: Tensor
    quarters: Tensor
    early: Tensor

    @property
    def classes(self) -> Tensor:
        """The predicted known class of each image, int64 (N,)."""
        return self.logits[:, :-1].argmax(dim=1)


@dataclass(frozen=True)
class Distances:
    """What the distances from known digits were fitted to.

    Attributes:
        embedding: Of s_2.
        quarters: Of s_3.
        early: Of s_5.
        neighbours: Of s_4.
    """

    embedding: Gaussians
    quarters: Gaussians
    early: Gaussians
    neighbours: Neighbours

    def single_scores(self, parts: Parts, images: Tensor) -> Tensor:
        """The five scores of each image (N, 1, 28, 28): float32 (N, 5), high = unknown."""
        distances = [
            mahalanobis(parts.embedding, self.embedding).float(),
            mahalanobis(parts.quarters, self.quarters).float(),
            self.neighbours.distances(images, parts.classes),
            mahalanobis(parts.early, self.early).float(),
        ]
        logs = [distance.clamp_min(FLOOR).log() for distance in distances]
        return torch.stack([unknown_log_odds(parts.logits), *logs], dim=1)


@dataclass(frozen=True)
class Detector:
    """A fitted detector."""

    network: Network
    distances: Distances
    total: WeightedSum

    def outputs(self, images: Tensor) -> Outputs:
        """What it says of images, float32 (N, 1, 28, 28) in [-1, 1], each by itself.

        Returns:
            "logits" (N, K), "embedding" (N, E), and the scores (N,) "unknown_score", of the
            unknown logit alone, and "combined", high = unknown.
        """
        parts = parts_of(self.network, images)
        single = self.distances.single_scores(parts, images)
        return {
            "logits": parts.logits[:, :-1],
            "embedding": parts.embedding,
            "unknown_score": single[:, 0],
            "combined": self.total(single),
        }


def fit(known: Known, seed: int, recipe: OutlierRecipe | None = None) -> Detector:
    """Train the network and fit the scores on known digits alone.

    Args:
        known: digits, every class present often; the threshold's are not among them.
        seed: of the weights and of every draw.
        recipe: how the network is trained.
    """
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(known), generator=generator)
    kept = min(CALIBRATION, len(known) // 10)
    training = order[kept:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(known.num_classes)
    network = train(network, known.take(training), recipe or OutlierRecipe(), generator)
    return fit_scores(network, known, order[:kept], training, generator)


def fit_scores(
    network: Network,
    known: Known,
    calibration: Tensor,
    training: Tensor,
    generator: Generator,
) -> Detector:
    """Fit the distances and their scale to a trained network.

    Args:
        network: in evaluation mode.
        known: what both kinds of places are in.
        calibration: places of the digits that the scores are standardised on, at least 2.
        training: places, in a random order, of the digits that the distances are measured from.
        generator: draws the augmentation.
    """
    images, labels = known.images, known.labels
    some = training[:NEAR]
    # Augmented, so that a digit is not far for being a pixel aside of where MNIST puts it.
    parts = parts_of(network, augment_all(images[some], generator))
    distances = Distances(
        fit_gaussians(parts.embedding, labels[some], RIDGE),
        fit_gaussians(parts.quarters, labels[some], RIDGE),
        fit_gaussians(parts.early, labels[some], RIDGE),
        fit_neighbours(images[training], labels[training]),
    )
    held = images[calibration]
    single = distances.single_scores(parts_of(network, held), held)
    return Detector(network, distances, fit_weighted_sum(single, WEIGHTS, BOUNDS))


@torch.no_grad()
def parts_of(network: Network, images: Tensor) -> Parts:
    """The network's answers to images (N, 1, 28, 28), averaged over `VIEWS` of each.

    Always `CHUNK` images go through together: a batch of another size would be computed by
    another routine, and round differently.
    """
    logits, embedding, quarters, early = [], [], [], []
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        kept = len(chunk)
        filled = torch.cat([chunk, chunk.new_zeros(CHUNK - kept, *chunk.shape[1:])])
        views = [_run(network, moved(filled, pixels)) for pixels in VIEWS]
        logits.append(torch.stack([view.logits for view in views]).mean(dim=0)[:kept])
        embedding.append(torch.stack([view.embedding for view in views]).mean(dim=0)[:kept])
        quarters.append(torch.stack([view.quarters for view in views]).mean(dim=0)[:kept])
        early.append(torch.stack([view.early for view in views]).mean(dim=0)[:kept])
    return Parts(*(torch.cat(part) for part in (logits, embedding, quarters, early)))


def _run(network: Network, images: Tensor) -> Parts:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = network(images.contiguous(memory_format=torch.channels_last))
    quarters = F.adaptive_avg_pool2d(features.coarse.float(), 2).flatten(1)
    early = F.adaptive_avg_pool2d(features.fine.float(), 2).flatten(1)
    return Parts(features.logits.float(), features.embedding.float(), quarters, early)

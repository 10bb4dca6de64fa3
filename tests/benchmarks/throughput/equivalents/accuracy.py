"""The accuracy task in the same process, with the submission's own weights."""

from __future__ import annotations

import numpy as np
import torch
from safetensors.torch import load_file

from grader import oracles

from .common import Work

BATCH = 500
KEPT = "_accuracies"  # predictions are made once for the three checks, as an instructor would


def known(work: Work) -> None:
    _reaches(work, "known")


def unknown(work: Work) -> None:
    _reaches(work, "unknown")


def worst_family(work: Work) -> None:
    _reaches(work, "worst_family")


def _reaches(work: Work, part: str) -> None:
    if KEPT not in work:
        work[KEPT] = _accuracies(work)
    accuracy, target = work[KEPT][part], work["TARGETS"][part]
    assert accuracy >= target, f"{accuracy:.1%}, expected {target:.1%}"


def _accuracies(work: Work) -> dict[str, float]:
    with np.load(work["TRIAL"]) as trial:
        images, labels, families = (trial[name] for name in ("images", "labels", "families"))
    predicted = _predict(work, images)
    by_kind = oracles.evaluation(labels, predicted)
    rejected = [
        float((predicted[families == family] == oracles.UNKNOWN).mean())
        for family in np.unique(families[labels == oracles.UNKNOWN])
    ]
    return {"known": by_kind[0], "unknown": by_kind[1], "worst_family": min(rejected)}


def _predict(work: Work, images: np.ndarray) -> np.ndarray:
    """Labels (N,) of images (N, 28, 28) uint8."""
    tensors = load_file(work["WEIGHTS"])
    autoencoder, classifier = work["Autoencoder"](), work["Classifier"]()
    for name, network in (("autoencoder", autoencoder), ("classifier", classifier)):
        start = f"{name}."
        own = {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
        network.load_state_dict(own)
        network.eval()
    parts = []
    with torch.no_grad():
        for first in range(0, len(images), BATCH):
            pixels = images[first : first + BATCH, None].astype(np.float32)
            batch = torch.from_numpy(pixels / 127.5 - 1)
            errors = work["reconstruction_error"](batch, autoencoder(batch)[0])
            digits = classifier(batch)[0].argmax(1)
            parts.append(work["reject"](digits, errors, tensors["threshold"]).numpy())
    return np.concatenate(parts)

"""Show a trained model at work: its losses, its reconstructions, its errors. Given, not graded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from .history import History
from .images import to_images
from .model import OpenSetModel
from .plots import Examples, plot_errors, plot_losses, plot_reconstructions

if TYPE_CHECKING:
    from datasets import ImageSet, Profile

COLUMNS = 10
MOST = 1000  # images of a set in the histogram


def draw_pictures(model: OpenSetModel, history: History, profile: Profile) -> dict[str, bytes]:
    """Draw a training's pictures.

    Args:
        model: trained, in evaluation mode.
        history: of its training.
        profile: what it was trained on; its public test sets are shown.

    Returns:
        PNG files by name.
    """
    sets = (profile.test, *profile.unknowns)
    # Sets that are not graded hold what even a person would call a digit, such as the letter O.
    unknown = [_errors(model, some) for some in profile.unknowns if some.graded]
    pictures = {
        "losses.png": plot_losses(history),
        "reconstructions.png": plot_reconstructions([_examples(model, some) for some in sets]),
    }
    if unknown:
        threshold = float(model.threshold)
        known = _errors(model, profile.test)
        pictures["errors.png"] = plot_errors(known, np.concatenate(unknown), threshold)
    return pictures


def _device(model: OpenSetModel) -> torch.device:
    return model.threshold.device


@torch.inference_mode()
def _errors(model: OpenSetModel, images: ImageSet) -> NDArray[np.floating]:
    """Reconstruction errors (M,) of the first images of a set."""
    errors = model.scores(to_images(images.images[:MOST]).to(_device(model)))
    return errors.cpu().numpy()


@torch.inference_mode()
def _examples(model: OpenSetModel, images: ImageSet) -> Examples:
    """Redraw images from all over a set: of each digit one, where it holds digits."""
    if images.labels.max() == images.labels.min():
        chosen = np.linspace(0, len(images) - 1, min(COLUMNS, len(images))).astype(np.int64)
    else:
        chosen = np.unique(images.labels, return_index=True)[1]
    shown = to_images(images.images[chosen]).to(_device(model))  # (K, 1, 28, 28)
    reconstruction, _ = model.autoencoder(shown)
    return Examples(
        images.name,
        shown[:, 0].cpu().numpy(),
        reconstruction[:, 0].cpu().numpy(),
        model.predict(shown).cpu().numpy(),
        images.labels[chosen],
    )

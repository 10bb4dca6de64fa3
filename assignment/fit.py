"""The training loop: digits in, a fitted open-set model out. Given, not graded.

It uses your tasks 1 to 4 and knows nothing of files or commands; `train.py` is the command.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .augment import jittered
from .contrastive import contrastive_loss
from .history import History, Losses, Progress
from .images import scaled, to_images
from .learner import Learner
from .model import OpenSetModel, build_model
from .precision import Precision, has_bfloat16, precision_of
from .recipe import Recipe, recipe_for
from .threshold import adaptive_threshold

__all__ = ["History", "Losses", "Progress", "Recipe", "recipe_for", "to_images", "train_model"]

CHUNK = 500  # images at a time where no gradients are needed
REHEARSAL = 50  # images
REPORT_EVERY = 10  # steps


def train_model(
    profile_name: str,
    train_images: NDArray[np.uint8],
    train_labels: NDArray[np.int64],
    heldout_images: NDArray[np.uint8],
    heldout_labels: NDArray[np.int64] | None = None,
    *,
    seed: int = 0,
    recipe: Recipe | None = None,
    device: str | torch.device = "cpu",
    mixed_precision: bool = False,
    on_step: Callable[[Progress], None] | None = None,
) -> tuple[OpenSetModel, History]:
    """Build a model, fit its weights on training digits and its threshold on held-out ones.

    The result depends on the data, the seed, the recipe, the device (with mixed precision also its
    make) and the number of threads, and on nothing else. The caller's random numbers are left as
    they were.

    Args:
        profile_name: "digits" or "mnist"; picks the recipe where none is given.
        train_images: uint8 (N, 28, 28), known digits.
        train_labels: int64 (N,), 0-9.
        heldout_images: uint8 (M, 28, 28), M >= 2, known digits that are in no other part.
        heldout_labels: int64 (M,); only reported, nothing is chosen by them.
        seed: what weights, order and jitter start from.
        recipe: instead of the profile's own, for instance `recipe_for(profile_name, epochs=1)`.
        device: a name or a `torch.device`.
        mixed_precision: learn in bfloat16 where the device is made for it, and the networks are
            fit for it; else, and without it, in float32.
        on_step: called every few steps and after the last.

    Returns:
        The model, in evaluation mode on `device`, and the history.

    Raises:
        ValueError: unknown profile without a recipe, no epoch, fewer than two samples, or images of
            another form.
        NotImplementedError: a task that training needs is still a stub; raised before the start.
        ArithmeticError: the loss became nan or infinite, or the threshold did.
        RuntimeError: neither network has anything that can learn.
    """
    recipe = recipe or recipe_for(profile_name)
    if min(len(train_images), len(heldout_images)) < 2:
        raise ValueError("training takes at least two training digits and two held-out digits")
    device = torch.device(device)
    digits = (train_images, train_labels, heldout_images, heldout_labels)
    if mixed_precision and has_bfloat16(device):
        # Code may mind the dtype, or its loss may be a number in float32 alone: then once more.
        with contextlib.suppress(Exception):
            return _train(profile_name, *digits, seed, recipe, device, "bfloat16", on_step)
    return _train(profile_name, *digits, seed, recipe, device, "float32", on_step)


def _train(
    profile_name: str,
    train_images: NDArray[np.uint8],
    train_labels: NDArray[np.int64],
    heldout_images: NDArray[np.uint8],
    heldout_labels: NDArray[np.int64] | None,
    seed: int,
    recipe: Recipe,
    device: torch.device,
    precision: str,
    on_step: Callable[[Progress], None] | None,
) -> tuple[OpenSetModel, History]:
    """One training, as `train_model` says, in "bfloat16" or "float32"."""
    started = time.perf_counter()
    # The networks' weights (and dropout) draw from torch's own generator, hence the fork.
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)  # for order and jitter
        model = build_model().to(device)
        _rehearse(model, train_images[:REHEARSAL], train_labels[:REHEARSAL], device)
        epoch_losses = _fit_weights(
            model, train_images, train_labels, recipe, precision_of(precision, device), generator,
            device, on_step,
        )  # fmt: skip
        model.eval()
        errors = _fit_threshold(model, heldout_images, recipe.z, device)
    return model, History(
        profile=profile_name,
        seed=seed,
        device=str(device),
        precision=precision,
        recipe=recipe,
        epochs=epoch_losses,
        threshold=float(model.threshold),
        heldout_rejection=float((errors > model.threshold).float().mean()),
        heldout_accuracy=_accuracy(model, heldout_images, heldout_labels, device),
        seconds=time.perf_counter() - started,
    )


def _rehearse(
    model: OpenSetModel,
    train_images: NDArray[np.uint8],
    train_labels: NDArray[np.int64],
    device: torch.device,
) -> None:
    """Call each task once, in order, so that an open stub shows before minutes of training.

    It also gives lazily built layers their shapes, which the optimiser has to see.
    """
    images = to_images(train_images).to(device)
    labels = torch.from_numpy(np.array(train_labels)).to(device)
    model.eval()
    with torch.no_grad():
        model.autoencoder(images)
        _, embedding = model.classifier(images)
        contrastive_loss(embedding, labels)
        adaptive_threshold(model.scores(images))
        model.predict(images)
    model.train()


def _fit_weights(
    model: OpenSetModel,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    recipe: Recipe,
    precision: Precision,
    generator: torch.Generator,
    device: torch.device,
    on_step: Callable[[Progress], None] | None,
) -> tuple[Losses, ...]:
    """Minimise the losses of both networks; return their means an epoch."""
    # At least one step an epoch, and no last batch of odd size: batch norm needs a fair sample.
    batch_size = min(recipe.batch_size, len(images))
    epoch_steps = len(images) // batch_size
    steps, every = epoch_steps * recipe.epochs, recipe.classifier_every
    # All on the device before the first step, as bytes: a quarter of the memory of floats.
    pixels = torch.from_numpy(np.array(images)).to(device)  # (N, 28, 28)
    classes = torch.from_numpy(np.array(labels)).to(device)  # (N,)
    autoencoder = Learner(model.autoencoder, recipe.autoencoder_rate, steps, recipe)
    classifier = Learner(model.classifier, recipe.classifier_rate, -(-steps // every), recipe)
    weights = torch.tensor([1.0, recipe.contrastive_weight], device=device)
    history: list[Losses] = []
    parts = torch.zeros(3, device=device)  # a step without the classifier keeps its last losses
    for epoch in range(1, recipe.epochs + 1):
        order = torch.randperm(len(images), generator=generator).to(device)
        total = torch.zeros(3, device=device)
        for step in range(epoch_steps):
            batch = order[step * batch_size : (step + 1) * batch_size]
            digits = scaled(pixels[batch])  # (B, 1, 28, 28)
            done = (epoch - 1) * epoch_steps + step
            moved = jittered(digits, recipe.autoencoder_jitter, generator)
            parts[1] = autoencoder.descend(_redrawing_loss(model, moved, precision))
            if done % every == 0:
                half = len(digits) // 2
                moved = jittered(digits[half:], recipe.classifier_jitter, generator)
                seen = torch.cat([digits[:half], moved])  # (B, 1, 28, 28)
                losses = weights * _naming_losses(model, seen, classes[batch], precision)  # (2,)
                classifier.descend(losses.sum())
                parts[0], parts[2] = losses.detach()
            total += parts
            if on_step and ((done + 1) % REPORT_EVERY == 0 or done + 1 == steps):
                on_step(Progress(done + 1, steps, epoch, recipe.epochs, _as_losses(parts)))
        history.append(_as_losses(total / epoch_steps))
        if not np.isfinite(history[-1].total):
            raise ArithmeticError(_no_number(history[-1], epoch))
        if not (autoencoder.taken or classifier.taken):
            raise RuntimeError("nothing learns: no parameter, or none with a gradient (no_grad?)")
    return tuple(history)


def _no_number(losses: Losses, epoch: int) -> str:
    """What is to be said where a loss is nan or infinite, and where to look."""
    if not np.isfinite(losses.reconstruction):
        task = "the autoencoder (task 1): does it divide, or take a logarithm or a root?"
    else:  # a gradient that is nan breaks the weights, and with them both of its losses
        task = (
            "the contrastive loss (task 3), whose root is infinitely steep at 0, or the classifier"
        )
    return (
        f"the loss is {losses.total} after epoch {epoch} (classification "
        f"{losses.classification:.3g}, reconstruction {losses.reconstruction:.3g}, contrastive "
        f"{losses.contrastive:.3g}): look at {task}"
    )


def _redrawing_loss(model: OpenSetModel, images: Tensor, precision: Precision) -> Tensor:
    """The autoencoder's loss, 0-dim: how far it redraws images (B, 1, 28, 28) from themselves."""
    with precision:  # of the network alone: a loss takes float32
        reconstruction, _ = model.autoencoder(images)  # (B, 1, 28, 28)
    return F.mse_loss(reconstruction.float(), images)


def _naming_losses(
    model: OpenSetModel, images: Tensor, labels: Tensor, precision: Precision
) -> Tensor:
    """The classifier's two losses, (2,): cross-entropy and contrastive."""
    with precision:
        logits, embedding = model.classifier(images)  # (B, 10), (B, D)
    contrast = contrastive_loss(embedding.float(), labels) / embedding.shape[1]
    return torch.stack([F.cross_entropy(logits.float(), labels), contrast])


def _fit_threshold(
    model: OpenSetModel,
    heldout_images: NDArray[np.uint8],
    z: float,
    device: torch.device,
) -> Tensor:
    """Set the model's threshold; return the errors (M,) of the held-out digits."""
    with torch.no_grad():
        chunks = range(0, len(heldout_images), CHUNK)
        errors = torch.cat(
            [model.scores(to_images(heldout_images[i : i + CHUNK]).to(device)) for i in chunks]
        )  # (M,)
        threshold = adaptive_threshold(errors, z)
    if not torch.isfinite(threshold):
        raise ArithmeticError(f"the threshold is {float(threshold)}")
    model.threshold.copy_(threshold)
    return errors


def _accuracy(
    model: OpenSetModel,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    device: torch.device,
) -> float | None:
    """Measure closed-set accuracy; None without labels."""
    if labels is None:
        return None
    right = 0
    with torch.no_grad():
        for start in range(0, len(images), CHUNK):
            predicted = model.classify(to_images(images[start : start + CHUNK]).to(device))
            right += int((predicted.cpu().numpy() == labels[start : start + CHUNK]).sum())
    return right / len(images)


def _as_losses(parts: Tensor) -> Losses:
    """Name the three parts (3,) and add their sum."""
    classification, reconstruction, contrastive = (float(part) for part in parts)
    total = classification + reconstruction + contrastive
    return Losses(classification, reconstruction, contrastive, total)

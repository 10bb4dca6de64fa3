"""The training loop: digits in, a fitted open-set model out. Given, not graded.

It uses your tasks 1 to 4 and knows nothing of files or commands; `train.py` is the command.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from .augment import jittered
from .contrastive import contrastive_loss
from .history import History, Losses, Progress
from .model import OpenSetModel, build_model
from .recipe import Recipe, recipe_for
from .threshold import adaptive_threshold

__all__ = ["History", "Losses", "Progress", "Recipe", "recipe_for", "to_images", "train_model"]

CHUNK = 500  # images at a time where no gradients are needed
REHEARSAL = 50  # images
REPORT_EVERY = 10  # steps


def to_images(array: NDArray[np.uint8]) -> Tensor:
    """Turn grey values into what the networks take.

    Args:
        array: uint8 (N, 28, 28), 0 is background, 255 is ink.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].

    Raises:
        ValueError: another dtype or shape.
    """
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[1:] != (28, 28):
        raise ValueError(f"images are uint8 (N, 28, 28), not {array.dtype} {array.shape}")
    pixels = torch.from_numpy(np.array(array))  # a copy: the array may be read-only
    return pixels.unsqueeze(1).float() / 127.5 - 1


def train_model(
    profile_name: str,
    train_images: NDArray[np.uint8],
    train_labels: NDArray[np.int64],
    heldout_images: NDArray[np.uint8],
    heldout_labels: NDArray[np.int64] | None = None,
    *,
    seed: int = 0,
    epochs: int | None = None,
    device: str | torch.device = "cpu",
    on_step: Callable[[Progress], None] | None = None,
) -> tuple[OpenSetModel, History]:
    """Build a model, fit its weights on training digits and its threshold on held-out ones.

    The result depends on the data, the seed, the recipe, the device and the number of threads, and
    on nothing else. The caller's random numbers are left as they were.

    Args:
        profile_name: "digits" or "mnist"; picks the recipe.
        train_images: uint8 (N, 28, 28), known digits.
        train_labels: int64 (N,), 0-9.
        heldout_images: uint8 (M, 28, 28), M >= 2, known digits that are in no other part.
        heldout_labels: int64 (M,); only reported, nothing is chosen by them.
        seed: what weights, order and jitter start from.
        epochs: instead of the recipe's own number.
        device: a name or a `torch.device`.
        on_step: called every few steps and after the last.

    Returns:
        The model, in evaluation mode on `device`, and the history.

    Raises:
        ValueError: unknown profile, no epoch, fewer than two samples, or images of another form.
        NotImplementedError: a task that training needs is still a stub; raised before the start.
        ArithmeticError: the loss became nan or infinite, or the threshold did.
    """
    started = time.perf_counter()
    recipe = recipe_for(profile_name, epochs)
    if min(len(train_images), len(heldout_images)) < 2:
        raise ValueError("training takes at least two training digits and two held-out digits")
    device = torch.device(device)
    # The networks' weights (and dropout) draw from torch's own generator, hence the fork.
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)  # for order and jitter
        model = build_model().to(device)
        _rehearse(model, train_images[:REHEARSAL], train_labels[:REHEARSAL], device)
        epoch_losses = _fit_weights(
            model, train_images, train_labels, recipe, generator, device, on_step
        )
        model.eval()
        errors = _fit_threshold(model, heldout_images, recipe.z, device)
    return model, History(
        profile=profile_name,
        seed=seed,
        device=str(device),
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
    generator: torch.Generator,
    device: torch.device,
    on_step: Callable[[Progress], None] | None,
) -> tuple[Losses, ...]:
    """Minimise the loss by AdamW with a one-cycle schedule; return the mean losses an epoch."""
    # At least one step an epoch, and no last batch of odd size: batch norm needs a fair sample.
    batch_size = min(recipe.batch_size, len(images))
    epoch_steps = len(images) // batch_size
    steps = epoch_steps * recipe.epochs
    networks = [
        (model.autoencoder, recipe.autoencoder_rate),
        (model.classifier, recipe.classifier_rate),
    ]
    optimizer = torch.optim.AdamW(
        [{"params": list(network.parameters()), "lr": rate} for network, rate in networks],
        weight_decay=recipe.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=[rate for _, rate in networks], total_steps=steps
    )
    history: list[Losses] = []
    for epoch in range(1, recipe.epochs + 1):
        order = torch.randperm(len(images), generator=generator).numpy()
        total = torch.zeros(3, device=device)
        for step in range(1, epoch_steps + 1):
            batch = order[(step - 1) * batch_size : step * batch_size]
            digits = to_images(images[batch]).to(device)  # (B, 1, 28, 28)
            classes = torch.from_numpy(labels[batch]).to(device)  # (B,)
            parts = _loss_parts(model, digits, classes, recipe, generator)  # (3,)
            optimizer.zero_grad()
            parts.sum().backward()  # type: ignore[no-untyped-call]
            for network, _ in networks:
                nn.utils.clip_grad_norm_(network.parameters(), recipe.gradient_norm)
            optimizer.step()
            schedule.step()
            total += parts.detach()
            done = (epoch - 1) * epoch_steps + step
            if on_step and (done % REPORT_EVERY == 0 or done == steps):
                on_step(Progress(done, steps, epoch, recipe.epochs, _as_losses(parts.detach())))
        history.append(_as_losses(total / epoch_steps))
        if not np.isfinite(history[-1].total):
            raise ArithmeticError(
                f"the loss is {history[-1].total} after epoch {epoch}: {history[-1]}"
            )
    return tuple(history)


def _loss_parts(
    model: OpenSetModel,
    images: Tensor,
    labels: Tensor,
    recipe: Recipe,
    generator: torch.Generator,
) -> Tensor:
    """Compute the loss of one batch: (3,) classification, reconstruction, contrastive, weighted."""
    half = len(images) // 2
    moved = jittered(images[half:], recipe.classifier_jitter, generator)
    mixed = torch.cat([images[:half], moved])  # (B, 1, 28, 28), what the classifier sees
    drawn = jittered(images, recipe.autoencoder_jitter, generator)  # (B, 1, 28, 28)
    reconstruction, _ = model.autoencoder(drawn)  # (B, 1, 28, 28)
    logits, embedding = model.classifier(mixed)  # (B, 10), (B, D)
    contrast = contrastive_loss(embedding, labels) / embedding.shape[1]
    return torch.stack(
        [
            F.cross_entropy(logits, labels),
            F.mse_loss(reconstruction, drawn),
            recipe.contrastive_weight * contrast,
        ]
    )


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

"""The open-set model: a classifier, an autoencoder, and a threshold between them.

Given, not graded: it puts your tasks 1, 2 and 4 together. `train.py` fits it, `weights.safetensors`
keeps it.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from .autoencoder import Autoencoder
from .classifier import Classifier
from .files import write_whole
from .threshold import reconstruction_error, reject

UNKNOWN = 10


class OpenSetModel(nn.Module):
    """Labels 0-9 for digits, 10 for everything else.

    The classifier says which digit an image would be; the autoencoder's reconstruction error says
    whether it is one.

    The methods compute in whatever mode the model is in and record gradients if they are on. To
    predict, call `model.eval()` first: in training mode batch norm uses the batch's own statistics,
    so that an image's label would depend on what else is in the batch.

    Args:
        autoencoder: `forward(images) -> (reconstruction, latent)`.
        classifier: `forward(images) -> (logits, embedding)`.

    Attributes:
        threshold: float32, 0-dim; errors above it mean unknown. A buffer, so it is saved with the
            weights. Infinite until it is fitted: nothing is rejected.
    """

    threshold: Tensor

    def __init__(self, autoencoder: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.autoencoder = autoencoder
        self.classifier = classifier
        self.register_buffer("threshold", torch.tensor(float("inf"), dtype=torch.float32))

    def classify(self, images: Tensor) -> Tensor:
        """Name the likeliest digit, and reject nothing (closed set).

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1].

        Returns:
            Labels 0-9, int64 (N,).
        """
        logits, _ = self.classifier(images)  # (N, 10)
        labels: Tensor = logits.argmax(dim=1)
        return labels

    def scores(self, images: Tensor) -> Tensor:
        """Score how unknown each image looks: its reconstruction error.

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1].

        Returns:
            float32 (N,), high = more likely unknown.
        """
        reconstruction, _ = self.autoencoder(images)  # (N, 1, 28, 28)
        return reconstruction_error(images, reconstruction)

    def predict(self, images: Tensor) -> Tensor:
        """Name the digit, or 10 where the score lies above the threshold.

        Args:
            images: float32 (N, 1, 28, 28) in [-1, 1].

        Returns:
            Labels 0-10, int64 (N,).
        """
        return self.decide(self.classify(images), self.scores(images))

    def decide(self, digits: Tensor, scores: Tensor) -> Tensor:
        """Say 10 in place of the digit where the score lies above the threshold.

        Args:
            digits: int64 (N,), what `classify` says.
            scores: float32 (N,), what `scores` says.

        Returns:
            Labels 0-10, int64 (N,).
        """
        return reject(digits, scores, self.threshold, UNKNOWN)

    def save(self, path: str | Path, data: str = "") -> None:
        """Write weights and threshold as safetensors: numbers only, no code to run on loading.

        Args:
            path: the file, by custom `weights.safetensors`.
            data: the profile that the model was trained on, noted in the file.

        Raises:
            OSError: the file cannot be written; an earlier one is still whole.
        """
        # Cloned, because safetensors refuses tensors that share memory (tied weights).
        tensors = {
            name: tensor.detach().cpu().contiguous().clone()
            for name, tensor in self.state_dict().items()
        }
        write_whole(Path(path), tensors_to_bytes(tensors, {"data": data}))

    def load(self, path: str | Path) -> None:
        """Replace weights and threshold by those of a file, in place, on the model's device.

        Args:
            path: a file that `save` wrote.

        Raises:
            ValueError: the file is no safetensors file, or its tensors are not those of this
                architecture; the model is then as it was before.
            OSError: the file cannot be read.
        """
        name = Path(path).name
        try:
            tensors = tensors_from_bytes(Path(path).read_bytes())
        except SafetensorError as error:
            raise ValueError(f"{name}: no safetensors file ({error}); train again") from error
        difference = _first_difference(self.state_dict(), tensors)
        if difference:
            raise ValueError(
                f"{name} does not fit the architecture: {difference}; train again after a change"
            )
        self.load_state_dict(tensors)


def build_model() -> OpenSetModel:
    """Build the untrained model from the student's two networks, with their default sizes."""
    return OpenSetModel(Autoencoder(), Classifier())


def _first_difference(expected: dict[str, Tensor], found: dict[str, Tensor]) -> str:
    """Say in a few words how two sets of named tensors differ first; "" where they do not."""
    missing = [name for name in expected if name not in found]
    if missing:
        return f"{_named(missing)} missing in the file"
    unexpected = [name for name in found if name not in expected]
    if unexpected:
        return f"{_named(unexpected)} not in the model"
    for name, tensor in expected.items():
        if is_lazy(tensor):
            continue  # has no shape until it is loaded
        if tensor.shape != found[name].shape:
            return f"{name} is {_shape(found[name])} in the file, {_shape(tensor)} in the model"
        if tensor.dtype != found[name].dtype:
            return f"{name} is {found[name].dtype} in the file, {tensor.dtype} in the model"
    return ""


def _named(names: list[str]) -> str:
    """Join the first three names, and say how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more + (" is" if len(names) == 1 else " are")


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))

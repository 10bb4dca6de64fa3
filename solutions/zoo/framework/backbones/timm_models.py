"""Any model of timm as a backbone: its import, its names, its weights.

timm: R. Wightman, PyTorch Image Models, https://github.com/huggingface/pytorch-image-models.
"""

from __future__ import annotations

import difflib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from datasets.torchvision_import import import_torchvision_datasets
from solutions.errors import UserError

PATIENCE = 5  # seconds for the hub's first answer


class TimmBackbone(nn.Module):
    """A model of timm without its classifier.

    Args:
        model: Made with `num_classes=0`.

    Attributes:
        width: How many features an image gets.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        # A few families widen their features once more after the pooling.
        self.width: int = getattr(model, "head_hidden_size", None) or model.num_features

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W) -> features (N, width)."""
        features: Tensor = self.model(images)
        return features


def timm_backbone(
    channels: int, size: int, /, name: str, pretrained: bool = False, **options: Any
) -> TimmBackbone:
    """A backbone by its name in timm.

    Args:
        channels: Of the images.
        size: Their height and width; convolutional models take any, so it is not passed on.
        name: As `timm.list_models()` has it.
        pretrained: Start from published weights, downloaded or from the hub's cache.
        options: More arguments of timm's own constructor.

    Raises:
        UserError: timm is not installed, has no such model or option, or the weights cannot be had.
    """
    timm = import_timm()
    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), 1)
        hint = f"did you mean {near[0]}?" if near else "timm.list_models() names them all"
        raise UserError(f"timm has no model {name!r}: {hint}")
    try:
        with _no_waiting() if pretrained else nullcontext():
            model = timm.create_model(
                name, pretrained=pretrained, in_chans=channels, num_classes=0, **options
            )
    except (TypeError, AssertionError) as error:
        raise UserError(f"timm's {name} cannot be made with {options}: {_line(error)}") from error
    except (RuntimeError, OSError, ValueError) as error:
        if not pretrained:
            raise
        raise UserError(
            f"the pretrained weights of {name} cannot be had ({_line(error)}): "
            "leave out pretrained=true, or run once where the hub can be reached"
        ) from error
    return TimmBackbone(model)


def import_timm() -> ModuleType:
    """The module timm, which is no part of a plain installation.

    Raises:
        UserError: It is not installed.
        DataError: torchvision, which timm imports, is missing or broken.
    """
    import_torchvision_datasets()  # timm's own import of it fails where its wheel does not fit
    try:
        import timm
    except ImportError as error:
        raise UserError(
            f"backbones of timm need timm ({error}): pip install 'open-set-lab[zoo]'"
        ) from error
    module: ModuleType = timm
    return module


@contextmanager
def _no_waiting() -> Iterator[None]:
    """Where the hub cannot be reached, let its client look into its cache alone.

    Left to itself it tries again for 50 seconds, a line of complaint each time.
    """
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = before or not _answers(constants.ENDPOINT)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _answers(address: str) -> bool:
    request = urllib.request.Request(address, method="HEAD")  # noqa: S310  # the hub's, https
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
            return True
    except OSError as error:  # an HTTP status is an answer too
        return isinstance(error, urllib.error.HTTPError)


def _line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")

"""A trained network on disk: weights, and what they cost; no pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from datasets.files import write_whole
from solutions.errors import UserError

FORMAT = "osr-zoo/1"


def save_checkpoint(path: Path, network: nn.Module, cpu_s: float) -> None:
    """Write weights, and how many CPU seconds they took.

    Raises:
        DataError: The file cannot be written.
    """
    from safetensors.torch import save

    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    content = save(weights, metadata={"format": FORMAT, "training_cpu_s": f"{cpu_s:.2f}"})
    write_whole(path, lambda file: file.write(content))


def load_checkpoint(path: Path, network: nn.Module, again: str) -> float:
    """Put a checkpoint's weights into a network, and return the CPU seconds they took.

    Args:
        path: Of the checkpoint.
        network: Of the same architecture; is left in evaluation mode.
        again: The command that trains again, for the message.

    Raises:
        UserError: There is no checkpoint, it is broken, or of another architecture.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise UserError(
            f"{path} is missing: training was interrupted; {again} starts it again"
        ) from error
    except (SafetensorError, OSError) as error:
        said = str(error).partition("\n")[0]
        raise UserError(
            f"{path} is broken ({said}): delete it, and {again} trains again"
        ) from error
    if metadata.get("format") != FORMAT:
        raise UserError(f"{path} was not written by a run: its format is not {FORMAT}")
    _require_fit(path, weights, network)
    network.load_state_dict(weights)
    network.eval()
    return float(metadata["training_cpu_s"])


def _require_fit(path: Path, weights: Mapping[str, Any], network: nn.Module) -> None:
    """Does nothing where the weights are those of this architecture."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    there = {name: tuple(value.shape) for name, value in weights.items()}
    for name in sorted({*wanted, *there}):
        if wanted.get(name) != there.get(name):
            raise UserError(
                f"{path} is of another architecture: {name} is {there.get(name, 'not there')}, "
                f"and the configuration's network has {wanted.get(name, 'none')}"
            )

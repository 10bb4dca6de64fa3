"""A run's folder: which files it has, and reading and writing them whole.

config.yaml             the whole configuration
overrides.yaml          what the command line changed
train.log               what the run said
checkpoint.safetensors  the network, once it is trained
metrics.json            accuracies, AUROC, calibration
scores.npz              the scores of every test image
plots/                  ROC curves, a histogram of scores
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from datasets.files import write_whole
from solutions.errors import UserError
from solutions.files import write_atomically

FORMAT = "osr-framework/1"
Config = dict[str, Any]

# Where a run lies is no part of what it is.
IGNORED = ("runs", "resume")


class RunFolder:
    """The files of one run.

    Args:
        path: Of the folder; is made when something is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.yaml"
        self.checkpoint = path / "checkpoint.safetensors"
        self.plots = path / "plots"

    def claim(self, config: Config, overrides: Sequence[str]) -> None:
        """Write down what is run here.

        Raises:
            UserError: Something else was run here already; says where they differ.
        """
        from omegaconf import OmegaConf

        if self.config.is_file():
            different = first_difference(self.read_config(), config)
            if different:
                raise UserError(
                    f"{self.path} holds a run of another configuration ({different}): "
                    "name another folder"
                )
        write_atomically(self.config, OmegaConf.to_yaml(OmegaConf.create(config)))
        write_atomically(
            self.path / "overrides.yaml", OmegaConf.to_yaml(OmegaConf.create(list(overrides)))
        )

    def read_config(self) -> Config:
        """The configuration that the folder holds.

        Raises:
            UserError: It holds none, or a broken one.
        """
        from omegaconf import OmegaConf
        from omegaconf.errors import OmegaConfBaseException
        from yaml import YAMLError

        try:
            read = OmegaConf.to_container(OmegaConf.load(self.config), resolve=True)
        except FileNotFoundError as error:
            raise UserError(f"{self.path} is no run folder: it has no config.yaml") from error
        except (OSError, UnicodeDecodeError, OmegaConfBaseException, YAMLError) as error:
            raise UserError(f"{self.config} cannot be read ({_line(error)})") from error
        if not isinstance(read, dict):
            raise UserError(f"{self.config} holds no configuration")
        return {str(key): value for key, value in read.items()}

    def save(self, network: nn.Module, cpu_s: float) -> None:
        """Write the checkpoint: weights, and how many CPU seconds they took."""
        from safetensors.torch import save

        weights = {name: value.contiguous() for name, value in network.state_dict().items()}
        content = save(weights, metadata={"format": FORMAT, "training_cpu_s": f"{cpu_s:.2f}"})
        write_whole(self.checkpoint, lambda file: file.write(content))

    def load_into(self, network: nn.Module) -> float:
        """Put the checkpoint's weights into a network, and return the CPU seconds they took.

        Raises:
            UserError: There is no checkpoint, it is broken, or of another architecture.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.checkpoint, framework="pt") as file:
                metadata = file.metadata() or {}
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except FileNotFoundError as error:
            raise UserError(
                f"{self.checkpoint} is missing: training was interrupted; "
                f"python -m solutions.zoo.framework resume={self.path} starts it again"
            ) from error
        except (SafetensorError, OSError) as error:
            raise UserError(
                f"{self.checkpoint} is broken ({_line(error)}): delete it, and "
                f"python -m solutions.zoo.framework resume={self.path} trains again"
            ) from error
        if metadata.get("format") != FORMAT:
            raise UserError(f"{self.checkpoint} was not written by this framework")
        _require_fit(self.checkpoint, weights, network)
        network.load_state_dict(weights)
        network.eval()
        return float(metadata["training_cpu_s"])

    def write_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Write metrics.json."""
        text = json.dumps(metrics, indent=2, allow_nan=False) + "\n"
        write_atomically(self.path / "metrics.json", text)

    def write_plot(self, name: str, png: bytes) -> None:
        """Write a picture into plots/."""
        self.plots.mkdir(parents=True, exist_ok=True)
        write_whole(self.plots / name, lambda file: file.write(png))

    def write_scores(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Write scores.npz: arrays alone, which `numpy.load` reads without pickle."""
        named: dict[str, Any] = dict(arrays)
        write_whole(self.path / "scores.npz", lambda file: np.savez_compressed(file, **named))


def first_difference(one: Any, other: Any, where: str = "") -> str:
    """Where two configurations differ first, as `path: value, not value`; empty where nowhere."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}, key=str):
            if not where and key in IGNORED:
                continue
            found = first_difference(one.get(key), other.get(key), f"{where}.{key}".lstrip("."))
            if found:
                return found
        return ""
    return "" if one == other else f"{where}: {one}, not {other}"


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


def _line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__

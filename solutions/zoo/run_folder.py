"""A run's folder: which files it has, and reading and writing them whole.

config.yaml             the whole configuration
overrides.yaml          what the command line changed
train.log               what the run said, where the command keeps a log
checkpoint.safetensors  the network, once it is trained
metrics.json            what was measured
scores.npz              the scores of every test image
plots/                  pictures
"""

from __future__ import annotations

import itertools
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
from solutions.zoo.checkpoint import load_checkpoint, save_checkpoint

Config = dict[str, Any]


class RunFolder:
    """The files of one run.

    Args:
        path: Of the folder; is made when something is written.
        again: The command that starts this run again, for messages.
    """

    def __init__(self, path: Path, again: str) -> None:
        self.path = path
        self.again = again
        self.config = path / "config.yaml"
        self.checkpoint = path / "checkpoint.safetensors"
        self.plots = path / "plots"

    def claim(self, config: Config, overrides: Sequence[str]) -> None:
        """Write down what is run here.

        Raises:
            UserError: Something else was run here already; says where they differ. Or OmegaConf is
                not installed.
        """
        OmegaConf = import_omegaconf().OmegaConf  # noqa: N806  # a class
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
            UserError: It holds none, or a broken one. Or OmegaConf is not installed.
        """
        omegaconf = import_omegaconf()
        from yaml import YAMLError

        try:
            found = omegaconf.OmegaConf.load(self.config)
            read = omegaconf.OmegaConf.to_container(found, resolve=True)
        except FileNotFoundError as error:
            raise UserError(f"{self.path} is no run folder: it has no config.yaml") from error
        except (
            OSError,
            UnicodeDecodeError,
            omegaconf.errors.OmegaConfBaseException,
            YAMLError,
        ) as error:
            said = str(error).partition("\n")[0] or type(error).__name__
            raise UserError(f"{self.config} cannot be read ({said})") from error
        if not isinstance(read, dict):
            raise UserError(f"{self.config} holds no configuration")
        return {str(key): value for key, value in read.items()}

    def save(self, network: nn.Module, cpu_s: float) -> None:
        """Write the checkpoint: weights, and how many CPU seconds they took."""
        save_checkpoint(self.checkpoint, network, cpu_s)

    def load_into(self, network: nn.Module) -> float:
        """Put the checkpoint's weights into a network, and return the CPU seconds they took.

        Raises:
            UserError: There is no checkpoint, it is broken, or of another architecture.
        """
        return load_checkpoint(self.checkpoint, network, self.again)

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


def fresh(path: Path) -> Path:
    """Make a folder that is nobody else's, of this name or with -2, -3, … after it.

    Two runs that start in the same second have the same name, and only one of them makes it.

    Raises:
        UserError: No folder can be made there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            place = path if number == 1 else path.with_name(f"{path.name}-{number}")
            try:
                place.mkdir()
            except FileExistsError:
                continue
            return place
    except OSError as error:
        raise UserError(f"{path} cannot be made ({error.strerror}): name another") from error
    raise AssertionError  # numbers do not end


def import_omegaconf() -> Any:
    """The module omegaconf, which is no part of a plain installation.

    Raises:
        UserError: It is not installed.
    """
    try:
        import omegaconf
    except ImportError as error:
        raise UserError(
            f"run folders need OmegaConf ({error}): pip install 'open-set-lab[zoo]'"
        ) from error
    return omegaconf


def first_difference(one: Any, other: Any, where: str = "") -> str:
    """Where two configurations differ first, as `path: value, not value`; empty where nowhere."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in sorted({*one, *other}, key=str):
            found = first_difference(one.get(key), other.get(key), f"{where}.{key}".lstrip("."))
            if found:
                return found
        return ""
    return "" if one == other else f"{where}: {one}, not {other}"

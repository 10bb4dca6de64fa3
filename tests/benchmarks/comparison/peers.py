"""The libraries that ours is compared with; the project does not need them."""

from __future__ import annotations

import importlib
from types import ModuleType

from datasets.torchvision_import import import_torchvision_datasets
from grader.errors import GraderError

INSTALL = "python -m pip install -e '.[bench]' -c constraints.txt (or: make bench)"


def metric_learning(module: str) -> ModuleType:
    """A module of pytorch-metric-learning.

    Raises:
        GraderError: It is not installed; says how to.
    """
    return _imported(f"pytorch_metric_learning.{module}")


def pytorch_ood(module: str) -> ModuleType:
    """A module of pytorch-ood, which imports torchvision first of all.

    Raises:
        GraderError: It is not installed; says how to.
    """
    import_torchvision_datasets()  # beside a torch for CPU only it takes two declarations
    return _imported(f"pytorch_ood.{module}")


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise GraderError(f"{error.name} is not installed: {INSTALL}") from error

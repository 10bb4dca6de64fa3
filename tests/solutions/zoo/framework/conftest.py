"""Configurations as the command composes them, on data that takes no time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solutions.zoo import framework

CONF = Path(framework.__file__).parent / "conf"
QUARTERS = (
    "data=custom",
    "data._target_=tests.solutions.zoo.framework.shapes.quarters",
    "training.epochs=12",
    "training.batch_size=20",
    "tsne_images=0",  # it takes longer than everything else
)

Compose = Callable[..., dict[str, Any]]


@pytest.fixture
def compose() -> Compose:
    """Compose the configuration with these overrides, and any data."""
    hydra = pytest.importorskip("hydra")
    from omegaconf import OmegaConf

    def composed(*overrides: str) -> dict[str, Any]:
        with hydra.initialize_config_dir(str(CONF), version_base="1.3"):
            config = hydra.compose("config", list(overrides))
        return OmegaConf.to_container(config, resolve=True)

    return composed


@pytest.fixture
def tiny(compose: Compose) -> Compose:
    """The same on quarters."""
    return lambda *overrides: compose(*QUARTERS, *overrides)

"""Options that several commands have, with one meaning and one help."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer


class Train(str, Enum):
    """When to train the model of a submission."""

    auto = "auto"
    always = "always"
    never = "never"


class Level(str, Enum):
    """Which sandbox to insist on."""

    auto = "auto"
    require = "require"
    plain = "plain"


TrainOption = Annotated[Train, typer.Option(help="auto: where no weights.safetensors came along.")]
SandboxOption = Annotated[Level, typer.Option(help="require: refuse anything weaker than bwrap.")]
SeedOption = Annotated[
    int | None, typer.Option(min=0, help="Of the checks' inputs and the training.")
]

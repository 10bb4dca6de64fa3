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


def complete_task(begun: str) -> list[str]:
    """Ids of tasks that begin so, for a shell."""
    from ..rubric import load_rubric

    return [task.id for task in load_rubric().tasks if task.id.startswith(begun)]


def complete_check(begun: str) -> list[str]:
    """Ids of checks that begin so, for a shell."""
    from ..rubric import load_rubric

    checks = [check.id for task in load_rubric().tasks for check in task.checks]
    return [check for check in checks if check.startswith(begun)]


TaskOption = Annotated[
    list[str] | None,
    typer.Option(help="Grade this task alone; may be repeated.", autocompletion=complete_task),
]
TrainOption = Annotated[Train, typer.Option(help="auto: where no weights.safetensors came along.")]
SandboxOption = Annotated[Level, typer.Option(help="require: refuse anything weaker than bwrap.")]
SeedOption = Annotated[
    int | None, typer.Option(min=0, help="Of the checks' inputs and the training.")
]

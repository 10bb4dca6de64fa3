"""Between the command line and a run: which folder it is in, and whose configuration it has."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solutions.errors import UserError
from solutions.zoo.run_folder import Config, RunFolder, fresh

if TYPE_CHECKING:
    from omegaconf import DictConfig

RESUME = "resume="
SWEEP = ("-m", "--multirun")

# Where a run lies is no part of what it is.
PLACES = ("runs", "resume")


def sweep_first(arguments: list[str]) -> list[str]:
    """The command line with `-m` in front: Hydra's parser wants all overrides on one side of it."""
    return sorted(arguments, key=lambda argument: argument not in SWEEP)


def resumed(arguments: list[str]) -> list[str]:
    """The command line with `resume=FOLDER` made into Hydra's own option for the folder.

    Args:
        arguments: Without the program's name.

    Raises:
        UserError: The folder holds no run, or more is asked for than to go on with it.
    """
    folders = [argument for argument in arguments if argument.startswith(RESUME)]
    if not folders:
        return arguments
    if len(arguments) > 1:
        other = next(argument for argument in arguments if argument not in folders[:1])
        raise UserError(
            f"resume takes the configuration from its folder, so {other} has no place beside it"
        )
    path = folders[0].removeprefix(RESUME)
    folder_at(Path(path)).read_config()
    quoted = path.replace("\\", "\\\\").replace("'", "\\'")
    return [f"{RESUME}'{quoted}'", f"hydra.run.dir='{quoted}'"]


@cache  # Hydra asks for the folder of a run several times
def fresh_once(path: str) -> str:
    """A folder for this process alone, of this name or nearly; it is made."""
    return str(fresh(Path(path)))


def folder_at(path: Path) -> RunFolder:
    """A run folder of this command."""
    return RunFolder(path, f"python -m solutions.zoo.framework {RESUME}{shlex.quote(str(path))}")


def claimed(composed: DictConfig, hydra: Any) -> tuple[Config, RunFolder]:
    """The configuration to run, and its folder with that configuration written into it.

    Args:
        composed: Of this command line.
        hydra: Hydra's own part of it.

    Raises:
        UserError: The folder holds another run, or a value that must be given is not.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    folder = folder_at(Path(hydra.runtime.output_dir))
    if composed.get("resume"):
        return folder.read_config(), folder
    missing = sorted(OmegaConf.missing_keys(composed))
    if missing:
        raise UserError(f"{missing[0]} is not set: add {missing[0]}=... to the command")
    try:
        plain = OmegaConf.to_container(composed, resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(str(error).splitlines()[0]) from error
    assert isinstance(plain, dict)
    config = {str(key): value for key, value in plain.items() if key not in PLACES}
    folder.claim(config, hydra.overrides.task)
    return config, folder

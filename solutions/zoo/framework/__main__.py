"""Run `python -m solutions.zoo.framework`: one configuration, or a sweep over several with `-m`.

Hydra composes `conf/` and the command line, makes the dated folder and starts the log in it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from datasets.errors import DataError
from solutions.errors import UserError
from solutions.zoo.framework.command_line import resumed, sweep_first

if TYPE_CHECKING:
    from omegaconf import DictConfig

WRONG_USAGE = 2
INTERRUPTED = 130


def run_one(composed: DictConfig) -> None:
    """Run what Hydra composed, in the folder that it made."""
    import logging

    from hydra.core.hydra_config import HydraConfig

    from solutions.zoo.framework.command_line import claimed
    from solutions.zoo.framework.experiment import run

    try:
        config, folder = claimed(composed, HydraConfig.get())
        run(config, folder, logging.getLogger("framework"))
    except (UserError, DataError) as error:
        stop(str(error))


def main() -> None:
    """Hand the command line to Hydra."""
    try:
        import hydra
        from hydra.errors import HydraException
        from omegaconf.errors import OmegaConfBaseException
    except ImportError as error:
        stop(f"the framework needs Hydra ({error}): pip install 'open-set-lab[zoo]'")
    wants_tracebacks = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # or Hydra prints its errors itself, on several lines
    try:
        sys.argv[1:] = resumed(sweep_first(sys.argv[1:]))
        hydra.main(version_base="1.3", config_path="conf", config_name="config")(run_one)()
    except UserError as error:
        stop(str(error))
    except (HydraException, OmegaConfBaseException) as error:
        if wants_tracebacks:
            raise
        from solutions.zoo.framework.hydra_errors import one_line

        stop(one_line(error))
    except KeyboardInterrupt:
        stop("interrupted; resume=FOLDER goes on", INTERRUPTED)


def stop(message: str, code: int = WRONG_USAGE) -> NoReturn:
    """End with one line."""
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()

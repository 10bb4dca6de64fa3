"""Run `python -m solutions.zoo.framework`: one configuration, or a sweep over several with `-m`.

Hydra composes `conf/` and the command line, makes the dated folder and starts the log in it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from datasets.errors import DataError
from solutions.errors import UserError
from solutions.zoo.framework.command_line import fresh_once, resumed, sweep_first

if TYPE_CHECKING:
    from omegaconf import DictConfig

WRONG_USAGE = 2
INTERRUPTED = 130


def run_one(composed: DictConfig, failed: list[str]) -> None:
    """Run what Hydra composed, in the folder that it made.

    Args:
        composed: Of this run.
        failed: Of a sweep; is told of this run where it fails, and the next one starts.
    """
    import logging

    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    from solutions.zoo.framework.command_line import claimed
    from solutions.zoo.framework.experiment import run

    log, hydra = logging.getLogger("framework"), HydraConfig.get()
    try:
        config, folder = claimed(composed, hydra)
        run(config, folder, log)
    except (UserError, DataError) as error:
        if hydra.mode != RunMode.MULTIRUN:
            stop(str(error))
        log.error("run %d failed: %s", hydra.job.num, error)
        failed.append(f"run {hydra.job.num}: {error}")


def main() -> None:
    """Hand the command line to Hydra."""
    failed: list[str] = []

    def task(composed: DictConfig) -> None:
        run_one(composed, failed)

    try:
        import hydra
        from hydra.errors import HydraException
        from omegaconf import OmegaConf
        from omegaconf.errors import OmegaConfBaseException
    except ImportError as error:
        stop(f"the framework needs Hydra ({error}): pip install 'open-set-lab[zoo]'")
    wants_tracebacks = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # or Hydra prints its errors itself, on several lines
    try:
        sys.argv[1:] = resumed(sweep_first(sys.argv[1:]))
        OmegaConf.register_new_resolver("fresh", fresh_once, replace=True)
        hydra.main(version_base="1.3", config_path="conf", config_name="config")(task)()
    except UserError as error:
        stop(str(error))
    except (HydraException, OmegaConfBaseException) as error:
        if wants_tracebacks:
            raise
        from solutions.zoo.framework.hydra_errors import one_line

        stop(one_line(error))
    except OSError as error:  # Hydra makes the folder that hydra.run.dir names
        if wants_tracebacks:
            raise
        stop(f"{error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        stop("interrupted; resume=FOLDER goes on", INTERRUPTED)
    if failed:
        stop(f"{len(failed)} of the sweep's runs failed: {'; '.join(failed)}")


def stop(message: str, code: int = WRONG_USAGE) -> NoReturn:
    """End with one line."""
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()

"""The other graders, in a virtual environment of their own: the project does not need them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError

VERSIONS = {"otter-grader": "7.0.0", "nbgrader": "0.9.6"}
BESIDE = ("ipykernel", "nbconvert")
ASK = """\
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))"""


@dataclass(frozen=True)
class Environment:
    """The folder of a virtual environment."""

    folder: Path

    @property
    def scripts(self) -> Path:
        """Where its commands are."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.scripts / "python"

    def variables(self, folder: Path) -> dict[str, str]:
        """What its commands need: each other by name, and a place for what Jupyter writes."""
        return {
            "PATH": f"{self.scripts}{os.pathsep}{os.environ.get('PATH', '')}",
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
            "JUPYTER_DATA_DIR": str(folder / "jupyter-data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "jupyter-runtime"),
        }

    def versions(self) -> dict[str, str]:
        """Versions of the other graders that are installed; empty where one is missing."""
        if not self.python.exists():
            return {}
        found = subprocess.run(
            [self.python, "-c", ASK, *VERSIONS], capture_output=True, check=False
        )
        return dict(json.loads(found.stdout)) if found.returncode == 0 else {}


def prepare(folder: Path) -> Environment:
    """Install the other graders, unless they are there. They use the torch that runs this.

    Raises:
        GraderError: pip or venv failed.
    """
    environment = Environment(folder)
    if environment.versions() == VERSIONS:
        return environment
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(_run([str(environment.python), "-c", where]).strip())
    (packages / "the_project.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    wanted = [f"{name}=={version}" for name, version in VERSIONS.items()]
    install = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check"]
    _run([*install, "--quiet", *wanted, *BESIDE])
    return environment


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GraderError(f"{' '.join(command[1:5])}: {done.stderr.strip()[-800:]}")
    return done.stdout

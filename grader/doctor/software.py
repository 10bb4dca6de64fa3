"""Python, the packages a mark depends on, and what is optional. Nothing heavy is imported here."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .finding import BROKEN, NOTE, OK, WARNING, Finding

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
OLDEST, NEWEST = (3, 10), (3, 13)
INSTALL = "pip install -c constraints.txt -e ."
# What each extra is for, and the modules by which it is recognised.
EXTRAS = {
    "notebook": (("nbconvert", "ipykernel"), "the walkthrough, and notebooks as submissions"),
    "similarity": (("copydetect",), "python -m grader similarity"),
    "cluster": (("distributed", "dask_jobqueue"), "python -m grader batch on a cluster"),
    "zoo": (("timm", "hydra"), "python -m solutions zoo"),
    "browser": (("playwright",), "the tests of the pages"),
}
TORCH = """
import json, torch
mps = getattr(torch.backends, "mps", None)
print(json.dumps({
    "version": torch.__version__,
    "devices": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
    "mps": bool(mps and mps.is_available()),
    "sum": float(torch.ones(3).sum()),
}))
"""
TORCH_S = 120.0


def look_at_python() -> Iterator[Finding]:
    """Its version, and the system."""
    version, here = platform.python_version(), sys.version_info[:2]
    wanted = f"{'.'.join(map(str, OLDEST))} to {'.'.join(map(str, NEWEST))}"
    if here < OLDEST or here > NEWEST:
        yield Finding("python", BROKEN, f"{version}, which the project does not run on",
                      f"use Python {wanted}: make PYTHON=python3.11 ...")  # fmt: skip
    else:
        yield Finding("python", OK, f"{version} ({platform.platform()})")


def look_at_packages(
    constraints: Path = CONSTRAINTS, installed: Callable[[str], str | None] | None = None
) -> Iterator[Finding]:
    """The pinned packages, each of the very version that marks were measured with.

    Args:
        constraints: the file of the pins.
        installed: the installed version of a package, None where there is none.
    """
    from packaging.requirements import Requirement

    ask = installed or _installed
    missing, others, count = [], [], 0
    for line in constraints.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        pin = Requirement(text)
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        count += 1
        there = ask(pin.name)
        if there is None:
            missing.append(pin.name)
        elif not pin.specifier.contains(there.partition("+")[0], prereleases=True):
            others.append(f"{pin.name} {there}, not {str(pin.specifier).lstrip('=')}")
    if missing:
        yield Finding("packages", BROKEN, f"not installed: {', '.join(missing)}", INSTALL)
    if others:
        yield Finding(
            "packages", WARNING,
            f"other versions than the marks were measured with: {'; '.join(others)}", INSTALL,
        )  # fmt: skip
    if not missing and not others:
        yield Finding("packages", OK, f"{count} pinned packages have the pinned versions")


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def start_torch() -> subprocess.Popen[str]:
    """Import torch in a process of its own: the grader's never does."""
    return subprocess.Popen(  # noqa: S603 (the command is our own)
        [sys.executable, "-I", "-c", TORCH],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def look_at_torch(process: subprocess.Popen[str]) -> Iterator[Finding]:
    """What became of `start_torch`: whether it computes, and on which devices it could."""
    try:
        said, complaint = process.communicate(timeout=TORCH_S)
    except subprocess.TimeoutExpired:
        yield Finding("torch", BROKEN, f"it is not imported within {TORCH_S:g} s", INSTALL)
        return
    try:
        found = json.loads(said)
    except ValueError:
        lines = complaint.strip().splitlines() or [f"exit code {process.returncode}"]
        yield Finding("torch", BROKEN, f"it cannot be imported ({lines[-1][:200]})", INSTALL)
        return
    devices = [*found["devices"], *(["Apple's GPU (mps)"] if found["mps"] else [])]
    where = ", ".join(devices) if devices else "the CPU alone; no GPU is needed"
    yield Finding("torch", OK, f"{found['version']} computes; to train on: {where}")


def look_at_extras(there: Callable[[str], bool] | None = None) -> Iterator[Finding]:
    """What is optional, and what for."""
    ask = there or _is_there
    for name, (modules, purpose) in EXTRAS.items():
        missing = [module for module in modules if not ask(module)]
        if missing:
            how = f"pip install -e '.[{name}]'" if name != "browser" else "pip install playwright"
            yield Finding(name, NOTE, f"not installed: {', '.join(missing)}", f"{purpose}: {how}")
        else:
            yield Finding(name, OK, f"there: {purpose}")


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None

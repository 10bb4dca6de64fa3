"""The parts of the comparison, each measured in a process of its own, one after the other."""

from __future__ import annotations

import datetime
import importlib
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from solutions.measure import machine

from .timing import rounded

SCHEMA = "osr-comparison/1"
# Threads that wait spin for each other where something else runs too: fifty times as slow, once.
PASSIVE = {"OMP_WAIT_POLICY": "passive"}


@dataclass(frozen=True)
class Part:
    """A part of the comparison.

    Attributes:
        title: For the page.
        function: "module.function" of this package; takes whether to be quick, returns plain data.
        environment: Variables of its process.
    """

    title: str
    function: str
    environment: Mapping[str, str] = field(default_factory=lambda: PASSIVE)


PARTS: Mapping[str, Part] = {
    "training": Part("Training", "training.measure", {}),  # as a student starts it
    "contrastive": Part("Contrastive loss", "contrastive.measure"),
    "metrics": Part("Metrics and Weibull tails", "metrics.measure"),
    "grade": Part("One grade", "grading.measure"),
    "throughput": Part("A class, beside other graders", "classes.measure_throughput"),
    "memory": Part("Memory", "memory.measure"),
    "scaling": Part("Scaling", "classes.measure_scaling"),
    "inference": Part("Inference", "inference.measure"),
    "load": Part("Under load", "load.measure"),
    "startup": Part("What somebody waits for", "startup.measure", {}),
    "guard": Part("The guard's ratios", "guard.measure"),
}


def compare(
    names: Sequence[str],
    quick: bool,
    command: str,
    say: Callable[[str], None],
    before: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Measure parts, and put them among those that were measured before.

    Args:
        names: Keys of `PARTS`.
        quick: Everything small: it works, and its figures mean little.
        command: How to run it again.
        say: Is told of each part.
        before: An earlier result whose other parts are kept.
        given: Parts by name that somebody has measured already, with their own date and machine.

    Returns:
        Schema, and the parts, each with its date, machine and the machine's load.
    """
    found = dict((before or {}).get("parts", {}))
    for name in names:
        if given and name in given:
            found[name] = given[name]
            continue
        say(f"{PARTS[name].title} ...")
        found[name] = {"command": command, "quick": quick, **measured_apart(name, quick)}
        say(f"{PARTS[name].title}: {found[name]['took_s']:.0f} s")
    return {"schema": SCHEMA, "parts": {name: found[name] for name in PARTS if name in found}}


def measured(name: str, quick: bool) -> dict[str, Any]:
    """Measure a part in this process."""
    module, function = PARTS[name].function.rsplit(".")
    measure = getattr(importlib.import_module(f"{__package__}.{module}"), function)
    load, started = os.getloadavg()[0], time.perf_counter()
    found = measure(quick)
    return {
        "measured_at": datetime.date.today().isoformat(),
        "machine": machine(),
        "load_before": rounded(load),
        "took_s": rounded(time.perf_counter() - started),
        "found": found,
    }


def measured_apart(name: str, quick: bool) -> dict[str, Any]:
    """Measure a part in a new process, which has imported nothing yet."""
    before = dict(os.environ)
    os.environ.update(PARTS[name].environment)  # the new process reads it as it imports torch
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            return pool.submit(measured, name, quick).result()
    finally:
        os.environ.clear()
        os.environ.update(before)

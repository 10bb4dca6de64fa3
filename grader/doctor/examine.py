"""All looks, in order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from .finding import Finding, guarded
from .grading import look_at_data, look_at_sandbox, look_at_worker
from .machine import look_at_cores, look_at_disk, look_at_memory, look_at_terminal
from .software import (
    look_at_extras,
    look_at_packages,
    look_at_python,
    look_at_torch,
    start_torch,
)


def examine() -> Iterator[Finding]:
    """Look at everything; torch is imported beside, in a process that is gone at the end."""
    with contextlib.ExitStack() as stack:
        torch = start_torch()
        stack.enter_context(torch)
        stack.callback(torch.kill)  # first of all, so that nobody waits for it
        looks: dict[str, Callable[[], Iterator[Finding]]] = {
            "python": look_at_python,
            "packages": look_at_packages,
            "cores": look_at_cores,
            "memory": look_at_memory,
            "disk": look_at_disk,
            "terminal": look_at_terminal,
            "data": look_at_data,
            "sandbox": look_at_sandbox,
            "worker": look_at_worker,
            "torch": lambda: look_at_torch(torch),
            "extras": look_at_extras,
        }
        for name, look in looks.items():
            yield from guarded(name, look)

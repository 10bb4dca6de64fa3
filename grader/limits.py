"""What one request to a worker may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one request may use.

    A budget in CPU seconds is fair on a shared machine; the wall limit, a multiple of it, is for
    code that sleeps.
    """

    cpu_s: float
    wall_s: float
    memory_mb: int
    processes: int

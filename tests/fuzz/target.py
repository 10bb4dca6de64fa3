"""What is fuzzed: a reader, bytes for it, and the errors it may end in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Target:
    """One reader.

    Attributes:
        name: by which `--only` finds it.
        share: of all cases, in relation to the other targets' shares.
        make: one case.
        read: reads a case, to the end of what the grader does with it by itself.
        refusals: the errors that say no; any other is a fault.
    """

    name: str
    share: int
    make: Callable[[Random], bytes]
    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]

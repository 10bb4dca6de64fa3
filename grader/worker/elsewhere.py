"""The meta device stands for a GPU: its tensors have a shape and no data, on every machine."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterator

import torch

DEVICE = "meta"
COMPILER = "torch._dynamo"


@contextlib.contextmanager
def without_compiler() -> Iterator[None]:
    """Keep torch from importing its compiler, a second of imports, for its first operation there.

    It would only be told to leave the operation alone, so something that does this stands in for
    it. Where the compiler is there already, or torch works otherwise, nothing is changed.
    """
    if COMPILER in sys.modules:
        yield
        return
    stand_in = types.ModuleType(COMPILER)
    stand_in.disable = lambda function, *_, **__: function  # type: ignore[attr-defined]
    sys.modules[COMPILER] = stand_in
    torch._dynamo = stand_in
    try:
        yield
    finally:
        if sys.modules.get(COMPILER) is stand_in:
            del sys.modules[COMPILER]
            del torch._dynamo

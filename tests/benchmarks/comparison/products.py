"""How fast this machine multiplies matrices, and how much arithmetic a computation is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from .timing import stopwatch

SIDE = 1024


def product(dtype: torch.dtype, side: int = SIDE, least_s: float = 0.1) -> Callable[[], float]:
    """A case for `in_turn`: seconds of one product of two square matrices."""
    generator = torch.Generator().manual_seed(0)
    left, right = (torch.randn(side, side, generator=generator).to(dtype) for _ in range(2))
    return stopwatch(functools.partial(torch.mm, left, right), least_s)


def operations(side: int = SIDE) -> int:
    """Additions and multiplications in one such product."""
    return 2 * side**3


def counted(call: Callable[[], Any]) -> int:
    """Additions and multiplications in the products and convolutions of a call, gradients too."""
    with FlopCounterMode(display=False) as counter:
        call()
    return counter.get_total_flops()

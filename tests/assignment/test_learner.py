"""One network's optimiser and schedule."""

from __future__ import annotations

import copy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn


@pytest.fixture(scope="module")
def learner(assignment):
    return assignment("learner").Learner


@pytest.fixture(scope="module")
def recipe(assignment):
    return assignment("recipe").Recipe(epochs=1, weight_decay=0.0)


def holding(tensor, **options):
    network = nn.Module()
    network.w = nn.Parameter(tensor, **options)
    return network


@pytest.mark.parametrize(
    "cut",
    [lambda w: w[:, :4], lambda w: w[::2], lambda w: w.T],
    ids=["columns", "rows", "transposed"],
)
def test_a_parameter_that_is_a_view_moves_as_its_copy_does(learner, recipe, cut):
    ends = []
    for network in (
        holding(cut(torch.arange(64.0).reshape(8, 8))),
        holding(cut(torch.arange(64.0).reshape(8, 8)).contiguous()),
    ):
        slopes = torch.linspace(-1, 1, network.w.numel()).reshape(network.w.shape)
        one = learner(network, 0.1, 3, recipe)
        for _ in range(3):
            one.descend((network.w * slopes).sum())
        ends.append(network.w.detach().clone())
    torch.testing.assert_close(*ends)


@pytest.mark.parametrize(
    "network",
    [nn.Identity(), nn.Linear(2, 2).requires_grad_(False)],
    ids=["no parameters", "frozen"],
)
@pytest.mark.filterwarnings("error")
def test_what_cannot_learn_is_left_alone_without_a_warning(learner, recipe, network):
    before = [parameter.clone() for parameter in network.parameters()]
    one = learner(network, 0.1, 2, recipe)
    for _ in range(2):
        one.descend(network(torch.ones(1, 2)).sum())
    assert all(torch.equal(*pair) for pair in zip(before, network.parameters(), strict=True))


@pytest.mark.parametrize("dtype", [torch.float64, torch.complex64, torch.bfloat16])
def test_other_numbers_learn_too(learner, recipe, dtype):
    network = holding(torch.ones(3, dtype=dtype))
    one = learner(network, 0.1, 2, recipe)
    one.descend(network.w.abs().float().sum())
    assert (network.w.abs() < 1).all()


def test_a_layer_that_was_never_called_is_no_matter(learner, recipe):
    network = nn.ModuleDict({"used": nn.Linear(2, 1), "lazy": nn.LazyLinear(3)})
    one = learner(network, 0.1, 1, recipe)
    one.descend(network["used"](torch.ones(1, 2)).sum())


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 10, 23])
@pytest.mark.parametrize("network", [lambda: nn.Linear(3, 2), lambda: nn.Conv2d(1, 2, 3)])
def test_it_takes_the_steps_that_torchs_own_classes_take(learner, recipe, network, steps):
    recipe = replace(recipe, weight_decay=0.1)
    torch.manual_seed(0)
    ours = network()
    theirs = copy.deepcopy(ours)
    optimizer = torch.optim.AdamW(theirs.parameters(), weight_decay=0.1, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=steps)
    one = learner(ours, 0.1, steps, recipe)
    for step in range(steps):
        slopes = [torch.randn(p.shape) for p in ours.parameters()]
        one.descend(sum((p * s).sum() for p, s in zip(ours.parameters(), slopes, strict=True)))
        optimizer.zero_grad()
        sum((p * s).sum() for p, s in zip(theirs.parameters(), slopes, strict=True)).backward()
        nn.utils.clip_grad_norm_(theirs.parameters(), recipe.gradient_norm)
        optimizer.step()
        if step < steps - 1:
            schedule.step()
        for pair in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(*pair), step


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_default_dtype_does_not_count_the_steps(learner, recipe, dtype):
    torch.manual_seed(0)
    network = nn.Linear(2, 1)
    other = copy.deepcopy(network)
    ours, theirs = learner(network, 0.1, 300, recipe), learner(other, 0.1, 300, recipe)
    try:
        for _ in range(300):  # more than bfloat16 can count
            torch.set_default_dtype(dtype)
            ours.descend(network(torch.ones(1, 2, dtype=torch.float32)).sum())
            torch.set_default_dtype(torch.float32)
            theirs.descend(other(torch.ones(1, 2)).sum())
    finally:
        torch.set_default_dtype(torch.float32)
    assert torch.equal(network.weight, other.weight)


NO_COMPILER = """
import sys, torch
from assignment.learner import Learner
from assignment.recipe import Recipe
network = torch.nn.Linear(2, 1)
Learner(network, 0.1, 1, Recipe(epochs=1)).descend(network(torch.ones(1, 2)).sum())
assert "torch._dynamo" not in sys.modules
"""


def test_a_training_needs_no_compiler():
    """It would take a second to import, of a first training's few."""
    looked = subprocess.run(
        [sys.executable, "-c", NO_COMPILER],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (looked.returncode, looked.stderr) == (0, "")

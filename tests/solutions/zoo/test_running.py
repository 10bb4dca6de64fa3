"""A run's folder: complete, honest about what it is, and not taken over by another run."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from solutions.cli import app
from solutions.errors import UserError
from solutions.zoo.catalogue import find
from solutions.zoo.run_folder import RunFolder
from solutions.zoo.running import run
from solutions.zoo.tables.problems import Problem

from .known_images import bars


@pytest.fixture(scope="module")
def problem() -> Problem:
    test = bars(60, seed=9)
    noise = torch.rand(40, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return Problem("bars", bars(300), test.images, test.labels.numpy(), {"noise": noise})


@pytest.mark.slow  # draws eight pictures, a t-SNE among them
def test_a_run_leaves_everything_that_is_promised(problem, tmp_path):
    said: list[str] = []
    folder = RunFolder(tmp_path / "run", "again")
    metrics = run(find("assignment"), problem, 0, "quick", folder, said.append)
    written = {str(p.relative_to(folder.path)) for p in folder.path.rglob("*") if p.is_file()}
    plots = "roc oscr scores confusion known_unknown training embeddings reconstructions"
    expected = {f"plots/{name}.png" for name in plots.split()}
    expected |= {"metrics.json", "scores.npz", "checkpoint.safetensors", "config.yaml"}
    assert expected <= written
    assert json.loads((folder.path / "metrics.json").read_text()) == metrics
    with np.load(folder.path / "scores.npz", allow_pickle=False) as arrays:
        assert arrays["known_scores"].shape == (60,)
        rejected = float((arrays["unknown_noise"] > arrays["threshold"]).mean())
    assert rejected == pytest.approx(metrics["summary"]["families"]["noise"]["unknown_accuracy"])
    assert any("epoch 1" in line for line in said)


def test_a_folder_of_another_run_is_left_alone(problem, tmp_path):
    folder = RunFolder(tmp_path / "run", "again")
    folder.claim({"method": "vim", "problem": "bars", "seed": 0, "budget": "quick"}, [])
    with pytest.raises(UserError, match="another configuration"):
        run(find("energy"), problem, 0, "quick", folder, print)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vimm"], "did you mean vim?"),
        (["vim", "--data", "cifar"], "split-5"),
        (["vim", "--data", "digitz"], "did you mean digits?"),
        (["vim", "--seed", "-1"], "seed"),
        (["vim", "--budget", "endless"], "endless"),
    ],
)
def test_mistakes_are_answered_in_a_line(arguments, said):
    result = CliRunner().invoke(app, ["zoo", "run", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_without_mnist_the_command_that_brings_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("OSR_DATA", str(tmp_path))
    result = CliRunner().invoke(app, ["zoo", "run", "vim", "--data", "mnist"])
    assert result.exit_code == 2
    assert "datasets fetch mnist" in result.stderr

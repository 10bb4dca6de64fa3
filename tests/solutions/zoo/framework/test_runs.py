"""One run in a folder: what it leaves there, going on with it, and what is refused."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from solutions.errors import UserError
from solutions.zoo.framework.command_line import folder_at
from solutions.zoo.framework.experiment import Experiment, run
from solutions.zoo.framework.recipe import as_recipe

LOG = logging.getLogger("test")
PICTURES = {
    "confusion.png",
    "embeddings.png",
    "known_unknown.png",
    "oscr.png",
    "roc.png",
    "scores.png",
}
Compose = Callable[..., dict[str, Any]]


def go(config: dict[str, Any], path: Path) -> dict[str, Any]:
    folder = folder_at(path)
    folder.claim(config, [])
    return run(config, folder, LOG)


def test_a_run_leaves_everything_and_goes_on(
    tiny: Compose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, path = tiny("tsne_images=40"), tmp_path / "run"
    metrics = go(config, path)
    assert {file.name for file in path.iterdir()} == {
        "config.yaml",
        "overrides.yaml",
        "checkpoint.safetensors",
        "metrics.json",
        "scores.npz",
        "plots",
    }
    assert {file.name for file in (path / "plots").iterdir()} == PICTURES
    assert json.loads((path / "metrics.json").read_text(encoding="utf-8")) == metrics
    assert metrics["closed_set_accuracy"] > 0.9
    with np.load(path / "scores.npz", allow_pickle=False) as scores:
        family = metrics["families"]["bright"]
        pairs = scores["unknown_bright"][:, None] > scores["known_scores"]
        assert family["auroc"] == pytest.approx(pairs.mean(), abs=1e-12)  # there are no ties
        accepted = scores["known_scores"] <= scores["threshold"]
        right = scores["known_labels"] == scores["known_predicted"]
        assert metrics["known_accuracy"] == pytest.approx((accepted & right).mean())

    # From here on nothing may be trained any more.
    monkeypatch.setattr(Experiment, "train", lambda *_: pytest.fail("trained again"))
    (path / "metrics.json").unlink()
    assert go(config, path) == metrics
    with pytest.raises(UserError, match=r"another configuration \(seed: 0, not 1\)"):
        go(tiny("tsne_images=40", "seed=1"), path)
    assert folder_at(path).read_config() == config

    # A checkpoint of another architecture, a broken one, none.
    experiment = Experiment.of(tiny("backbone.widths=[8,8,8]"))
    with pytest.raises(UserError, match=r"of another architecture: backbone\.layers\.0"):
        experiment.evaluate(folder_at(path), print)
    content = (path / "checkpoint.safetensors").read_bytes()
    for broken in (b"", content[:100], b"\xff" * 200):
        (path / "checkpoint.safetensors").write_bytes(broken)
        with pytest.raises(UserError, match="is broken") as failure:
            go(config, path)
        assert "\n" not in str(failure.value)
    (path / "checkpoint.safetensors").unlink()
    with pytest.raises(UserError, match=r"is missing.*zoo.framework resume=.* starts it again"):
        Experiment.of(config).evaluate(folder_at(path), print)


@pytest.mark.parametrize(
    "overrides",
    [
        ("head=cosine", "neck=identity", "score=msp"),
        ("head=k_plus_1", "neck=mlp", "score=unknown_probability", "calibrate=false"),
        ("score=mav_distance",),
        ("score=max_logit", "training.bf16=true", "training.most_images=90"),
    ],
)
def test_parts_fit_together(tiny: Compose, tmp_path: Path, overrides: tuple[str, ...]) -> None:
    metrics = go(tiny(*overrides), tmp_path / "run")
    assert metrics["closed_set_accuracy"] > 0.6
    assert (metrics["calibration"]["temperature"] == 1) == ("calibrate=false" in overrides)


def test_the_same_seed_gives_the_same_scores(tiny: Compose, tmp_path: Path) -> None:
    for name in ("one", "two"):
        go(tiny(), tmp_path / name)
    with np.load(tmp_path / "one/scores.npz") as one, np.load(tmp_path / "two/scores.npz") as two:
        assert all(np.array_equal(one[key], two[key]) for key in one)


def test_epochs_are_those_asked_for(tiny: Compose) -> None:
    told: list[int] = []
    Experiment.of(tiny("training.epochs=2")).train(lambda epoch, *_: told.append(epoch))
    assert told == [1, 2]


def test_embeddings_that_cannot_be_drawn_cost_no_numbers(tiny: Compose, tmp_path: Path) -> None:
    metrics = go(tiny("tsne_images=4", "training.epochs=1"), tmp_path)
    assert "auroc" in metrics
    assert {file.name for file in (tmp_path / "plots").iterdir()} == PICTURES - {"embeddings.png"}


def test_every_experiment_names_parts_that_are_there(compose: Compose) -> None:
    from solutions.zoo.framework import parts

    conf = Path(parts.__file__).parent / "conf"
    for file in sorted((conf / "experiment").glob("*.yaml")):
        config = compose(f"experiment={file.stem}")
        as_recipe(config["training"])
        parts.make(config["score"], "score")
        parts.find(config["backbone"]["_target_"], "backbone")
        parts.find(config["data"]["_target_"], "data")
    for group in ("data", "backbone", "neck", "head", "score", "training"):
        for file in (conf / group).glob("*.yaml"):
            compose(f"{group}={file.stem}", f"+{group}.unused=null")


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (("training.rate=1e30",), "loss is (nan|inf).*lower its rate"),
        (("training.epochs=abc",), "training.epochs has to be a whole number, not 'abc'"),
        (("training.epochs=0",), "training.epochs is at least 1"),
        (("training.batch_size=1",), "training.batch_size is at least 2"),
        (("training.bf16=1",), "training.bf16 has to be true or false"),
        (("training.schedule=one_cicle",), "did you mean one_cycle"),
        (("+training.epoch=3",), "training has no epoch: did you mean epochs"),
        (("~training.rate",), "training.rate is not set"),
        (("seed=-1",), "seed has to be"),
        (("tsne_images=all",), "tsne_images has to be a whole number, 0 or above, not 'all'"),
        (("+training.least_steps=9",), "training has no least_steps"),
        (("score=unknown_probability",), "UnknownProbability needs unknown_logit"),
        (("+backbone.widht=3",), "'widht'; its options are widths"),
        (("+score.alpha=3",), "it has no options|its options are"),
        (("score=custom", "score._target_=nowhere.Score"), "No module named 'nowhere'"),
        (("head.objective=solutions.zoo.objectives.nothing",), "head.objective: .*cannot be found"),
        (("threshold.alpha=2",), "between 0 and 1"),
    ],
)
def test_a_mistake_is_one_line(
    tiny: Compose, tmp_path: Path, overrides: tuple[str, ...], line: str
) -> None:
    with pytest.raises(UserError, match=line) as failure:
        go(tiny(*overrides), tmp_path)
    assert "\n" not in str(failure.value)
    assert not (tmp_path / "checkpoint.safetensors").exists()


def test_a_network_too_deep_for_its_images(tiny: Compose, tmp_path: Path) -> None:
    config = tiny()
    config["backbone"] = {"_target_": "tests.solutions.zoo.framework.shapes.TooDeep"}
    with pytest.raises(UserError, match="the network cannot take images of 1 x 16 x 16: "):
        go(config, tmp_path)


def test_a_checkpoint_of_something_else(tiny: Compose, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    config = tiny()
    folder = folder_at(tmp_path)
    folder.claim(config, [])
    save_file({"weight": torch.zeros(2)}, folder.checkpoint)
    with pytest.raises(UserError, match="not written by a run"):
        run(config, folder, LOG)
    shutil.rmtree(tmp_path)

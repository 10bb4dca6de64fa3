"""A run's folder: it is nobody else's, and what is wrong with it is one line."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
import torch
from torch import nn

from solutions.errors import UserError
from solutions.zoo.run_folder import RunFolder, first_difference, fresh

AGAIN = "python -m something again"


def test_a_folder_without_a_run(tmp_path: Path) -> None:
    pytest.importorskip("omegaconf")
    with pytest.raises(UserError, match="is no run folder"):
        RunFolder(tmp_path, AGAIN).read_config()
    for content in (b"a: [", b"\xff\xfe\x00", b"- 1\n"):
        (tmp_path / "config.yaml").write_bytes(content)
        with pytest.raises(UserError, match=r"config\.yaml") as failure:
            RunFolder(tmp_path, AGAIN).read_config()
        assert "\n" not in str(failure.value)


def test_a_checkpoint_comes_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, AGAIN)
    network, other = nn.Linear(3, 2), nn.Linear(3, 2)
    with pytest.raises(UserError, match=f"is missing.*; {AGAIN} starts it again"):
        folder.load_into(other)
    folder.save(network, 1.5)
    assert folder.load_into(other) == 1.5
    assert torch.equal(other.weight, network.weight)
    with pytest.raises(UserError, match="of another architecture: bias is"):
        folder.load_into(nn.Linear(3, 4))
    folder.checkpoint.write_bytes(b"broken")
    with pytest.raises(UserError, match=f"is broken.* delete it, and {AGAIN} trains again"):
        folder.load_into(other)


def test_first_difference() -> None:
    one = {"a": {"b": 1}, "c": "x"}
    assert first_difference(one, {"a": {"b": 1}, "c": "x"}) == ""
    assert first_difference(one, {"a": {"b": 2}, "c": "x"}) == "a.b: 1, not 2"
    assert first_difference(one, {"a": {}, "c": "x"}) == "a.b: 1, not None"


def test_runs_of_the_same_second_share_no_folder(tmp_path: Path) -> None:
    wanted, made = tmp_path / "runs" / "2026-01-31_12-00-00", []
    starts = [threading.Thread(target=lambda: made.append(fresh(wanted))) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    names = ["2026-01-31_12-00-00", *(f"2026-01-31_12-00-00-{number}" for number in range(2, 9))]
    assert sorted(path.name for path in made) == sorted(names)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be made"):
        fresh(tmp_path / "file" / "run")
    shutil.rmtree(tmp_path)

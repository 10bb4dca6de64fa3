"""The command itself: sweeps, going on, wrong usage, and everything that the README shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from solutions.errors import UserError
from solutions.zoo import framework
from solutions.zoo.framework.command_line import resumed, sweep_first

ROOT = Path(framework.__file__).parents[3]
README = Path(framework.__file__).with_name("README.md")
QUICK = ("training=quick", "training.most_images=100", "tsne_images=0")

needs_hydra = pytest.mark.skipif(find_spec("hydra") is None, reason="hydra is not installed")


def command(folder: Path, *arguments: str, module: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"solutions.zoo.framework{module}", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_options_of_the_command_line(tmp_path: Path) -> None:
    assert sweep_first(["a=1,2", "-m", "b=3"]) == ["-m", "a=1,2", "b=3"]
    assert resumed(["a=1"]) == ["a=1"]
    with pytest.raises(UserError, match="is no run folder"):
        resumed([f"resume={tmp_path}"])
    (tmp_path / "config.yaml").write_text("seed: 0\n", encoding="utf-8")
    assert resumed([f"resume={tmp_path}"])[1] == f"hydra.run.dir='{tmp_path}'"
    with pytest.raises(UserError, match="seed=1 has no place"):
        resumed(["seed=1", f"resume={tmp_path}"])


@needs_hydra
@pytest.mark.slow
def test_sweep_resume_and_evaluate(tmp_path: Path) -> None:
    # The second of three runs fails, and the third is measured all the same.
    swept = command(tmp_path, "score=energy,unknown_probability,msp", "-m", *QUICK)
    assert (swept.returncode, swept.stderr.count("\n")) == (2, 1)
    assert "1 of the sweep's runs failed: run 1: UnknownProbability needs" in swept.stderr
    (dated,) = (tmp_path / "runs").iterdir()
    assert not (dated / "1" / "metrics.json").exists()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", dated.name)
    for number, score in ((0, "energy"), (2, "msp")):
        files = {file.name for file in (dated / str(number)).iterdir()}
        assert {"train.log", "metrics.json", "scores.npz", "checkpoint.safetensors"} <= files
        overrides = (dated / str(number) / "overrides.yaml").read_text(encoding="utf-8")
        assert f"score={score}" in overrides
    run = dated / "0"
    metrics = (run / "metrics.json").read_bytes()
    assert command(tmp_path, str(run), module=".evaluate").returncode == 0
    assert (run / "metrics.json").read_bytes() == metrics
    went_on = command(tmp_path, f"resume={run}")
    assert went_on.returncode == 0, went_on.stderr
    assert "not trained again" in (run / "train.log").read_text(encoding="utf-8")
    assert len(list((tmp_path / "runs").iterdir())) == 1
    (run / "checkpoint.safetensors").unlink()
    missing = command(tmp_path, str(run), module=".evaluate")
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "training was interrupted" in missing.stderr


@needs_hydra
@pytest.mark.slow
@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("backbone=resnt", "no backbone 'resnt': did you mean resnet?"),
        ("backbon=resnet", "no option 'backbon': did you mean backbone?"),
        ("backbone.widht=[1]", "no option 'backbone.widht': did you mean widths?"),
        ("data.grey=true", "no option 'data.grey': only cifar10, own have it"),
        ("data=own", "data.known is not set"),
        ("seed=[", "no viable alternative"),
        ("training.rate=-1", "training.rate is above 0"),
        ("runs=file/runs", "cannot be made"),
        ("hydra.run.dir=file/run", "file"),
    ],
)
def test_wrong_usage_is_one_line(tmp_path: Path, argument: str, line: str) -> None:
    (tmp_path / "file").touch()
    failed = command(tmp_path, argument)
    assert failed.returncode == 2
    assert failed.stderr.startswith("error: ")
    assert failed.stderr.count("\n") == 1
    assert line in failed.stderr


@needs_hydra
@pytest.mark.slow
def test_what_the_readme_adds(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    files = re.findall(r"^```(?:python|yaml) (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in files] == [
        "my_data.py",
        "my_backbone.py",
        "my_conf/backbone/mobilenet.yaml",
        "my_score.py",
    ]
    for name, content in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    shown = [line for line in text.splitlines() if re.search(r"^python .*my_", line)]
    assert len(shown) == len(files)
    for line in shown:
        if "my_conf" in line and find_spec("timm") is None:
            continue
        done = command(tmp_path, *line.split()[3:])
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    assert len(list((tmp_path / "runs").glob("*/metrics.json"))) >= len(files) - 1


def test_the_readme_names_every_choice() -> None:
    text = README.read_text(encoding="utf-8")
    for file in (README.parent / "conf").glob("*/*.yaml"):
        assert file.stem == "custom" or f"`{file.stem}`" in text, file

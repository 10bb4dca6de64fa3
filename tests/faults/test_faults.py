"""Each fault in its short form, as the command runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader import temporary
from tests.faults.cli import FAULTS, Fault

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and mounts are POSIX")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name, marks=[pytest.mark.slow] if fault.slow else [])
        for fault in FAULTS
    ],
)
def test_fault(fault: Fault, tmp_path: Path) -> None:
    out = tmp_path / "faults.json"
    command = [sys.executable, "-m", "tests.faults", "--short", "--only", fault.name, "--out", out]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert out.exists(), done.stderr
    found = next(
        entry for entry in json.loads(out.read_text())["faults"] if entry["name"] == fault.name
    )
    if found["verdict"] == "skipped":
        pytest.skip(found["seen"][-1])
    assert found["verdict"] == "held", found["seen"]


def test_exit_code_of_what_broke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from tests.faults import cli
    from tests.faults.lab import Lab

    def broken(lab: Lab) -> str:
        lab.expect(False, "it is broken")
        return ""

    monkeypatch.setattr(cli, "FAULTS", (Fault(broken, 3, 1),))
    monkeypatch.setattr(cli, "adopt_orphans", lambda: None)
    app = cli.typer.Typer()
    app.command()(cli.main)
    out = tmp_path / "faults.json"
    assert CliRunner().invoke(app, ["--out", str(out)]).exit_code == 1
    (entry,) = json.loads(out.read_text())["faults"]
    assert entry == {"name": "broken", "rounds": 1, "seen": ["it is broken"], "verdict": "broken"}


def test_leftovers_of_the_living_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary.tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with temporary.temporary_folder() as own:
        start, _, end = own.name.rsplit("-", 2)
        prefix, family = start.rsplit("-", 1)
        dead = own.with_name(f"{start}-{ended.pid}-{end}")
        elsewhere = own.with_name(f"{prefix}-{int(family) + 1}-{ended.pid}-{end}")
        foreign = own.with_name(f"{start}-thing-{end}")
        for folder in (dead, elsewhere, foreign):
            folder.mkdir()
        temporary.remove_leftovers()
        assert {own, elsewhere, foreign} == set(tmp_path.iterdir())
    assert not own.exists()

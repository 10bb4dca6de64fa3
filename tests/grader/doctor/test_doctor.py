"""`python -m grader doctor`: what it finds on this machine, and what it says of worse ones."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.doctor import examine, machine, software
from grader.doctor import grading as looks
from grader.doctor.finding import Finding, guarded, to_json, worst
from grader.doctor.machine import GB, MB, judge_disk, judge_memory, look_at_disk, look_at_terminal
from grader.doctor.software import look_at_extras, look_at_packages, look_at_torch
from grader.sandbox import PlainSandbox

ROOT = Path(__file__).parents[3]
NAMES = ("python", "packages", "cores", "memory", "disk", "terminal", "data", "sandbox", "worker",
         "torch", "notebook", "similarity", "cluster", "zoo", "browser")  # fmt: skip


def only(findings: Any) -> Finding:
    (found,) = findings
    assert isinstance(found, Finding)
    return found


def test_on_this_machine(tmp_path: Path) -> None:
    target = tmp_path / "doctor.json"
    done = subprocess.run(
        [sys.executable, "-m", "grader", "doctor", "--json", target],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "OSR_DATA": os.devnull, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    data = json.loads(target.read_text(encoding="utf-8"))
    assert data["schema"] == "osr-doctor/1"
    assert data["status"] in ("ok", "note", "warning")
    assert tuple(finding["name"] for finding in data["findings"]) == NAMES
    for finding in data["findings"]:
        assert finding["text"] in done.stdout
        assert bool(finding["advice"]) == (finding["status"] != "ok")
    assert [path.name for path in tmp_path.iterdir()] == ["doctor.json"], "something was left"


def test_the_process_itself_imports_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(sys.modules)
    list(look_at_extras())
    list(look_at_packages())
    assert not {"torch", "timm", "distributed"} & (set(sys.modules) - before)


class TestBrokenMachine:
    """Nothing can be graded: exit code 3, and no traceback."""

    def test_exit_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = Finding("torch", "broken", "it cannot be imported (no such file)", "install it")
        monkeypatch.setattr(examine, "examine", lambda: iter([broken]))
        result = CliRunner().invoke(app, ["doctor"])
        assert result.exit_code == 3
        assert "it cannot be imported" in result.output
        assert "install it" in result.output

    def test_a_look_that_fails_is_a_finding(self) -> None:
        def look() -> list[Finding]:
            raise ImportError("No module named 'numpy'")

        found = only(guarded("data", look))
        assert (found.name, found.status) == ("data", "broken")
        assert "No module named 'numpy'" in found.text
        assert "pip install" in found.advice

    def test_torch_that_cannot_be_imported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(software, "TORCH", "raise ImportError('libtorch is not there')")
        found = only(look_at_torch(software.start_torch()))
        assert found.status == "broken"
        assert "libtorch is not there" in found.text

    def test_torch_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(software, "TORCH", "import time; time.sleep(600)")
        monkeypatch.setattr(software, "TORCH_S", 0.1)
        process = software.start_torch()
        try:
            assert only(look_at_torch(process)).status == "broken"
        finally:
            process.kill()
            process.communicate()

    def test_worker_that_does_not_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Nothing(PlainSandbox):
            def start(self, box: Any) -> Any:
                raise OSError(12, "Cannot allocate memory")

        monkeypatch.setattr("grader.sandbox.choose_sandbox", lambda wish: (Nothing(), ""))
        found = only(looks.look_at_worker())
        assert found.status == "broken"
        assert "Cannot allocate memory" in found.text

    def test_no_temporary_folder(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "nowhere"))
        found = only(look_at_disk())
        assert found.status == "broken"
        assert "TMPDIR" in found.advice

    @pytest.mark.parametrize("version", [(3, 9), (3, 14), (4, 0)])
    def test_python(self, version: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(software.sys, "version_info", (*version, 0))
        assert only(software.look_at_python()).status == "broken"


class TestPackages:
    def write(self, tmp_path: Path, text: str) -> Path:
        path = tmp_path / "constraints.txt"
        path.write_text(text, encoding="utf-8")
        return path

    def test_each_is_compared_with_its_pin(self, tmp_path: Path) -> None:
        pins = self.write(tmp_path, "# a comment\n\ntorch==2.13.0\nnumpy==2.4.6 # fonts\npsutil==7")
        there = {"torch": "2.13.0+cpu", "numpy": "2.4.5"}
        missing, other = look_at_packages(pins, there.get)
        assert (missing.status, missing.text) == ("broken", "not installed: psutil")
        assert (other.status, "numpy 2.4.5, not 2.4.6" in other.text) == ("warning", True)
        assert "torch" not in other.text

    def test_pins_of_other_pythons_do_not_count(self, tmp_path: Path) -> None:
        pins = self.write(tmp_path, "numpy==1; python_version < '3'\nscipy==2; python_version>'3'")
        found = only(look_at_packages(pins, lambda name: "2"))
        assert (found.status, found.text[:9]) == ("ok", "1 pinned ")

    def test_extras_say_what_they_are_for(self) -> None:
        found = {f.name: f for f in look_at_extras(lambda module: module != "copydetect")}
        assert found["similarity"].status == "note"
        assert "pip install -e '.[similarity]'" in found["similarity"].advice
        assert found["cluster"].status == "ok"

    def test_extras_are_the_projects_own(self) -> None:
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        for name in set(software.EXTRAS) - {"browser"}:
            assert f"\n{name} = [" in text


class TestMachine:
    @pytest.mark.parametrize(
        ("available", "limit", "status"),
        [(8 * GB, None, "ok"), (8 * GB, 1 * GB, "ok"), (500 * MB, None, "warning"),
         (8 * GB, 512 * MB, "warning")],
    )  # fmt: skip
    def test_memory(self, available: int, limit: int | None, status: str) -> None:
        found = only(judge_memory(available, limit))
        assert found.status == status
        assert ("container" in found.text) == (limit is not None)

    @pytest.mark.parametrize(("free", "status"), [(5 * GB, "ok"), (50 * MB, "warning")])
    def test_disk(self, free: int, status: str, tmp_path: Path) -> None:
        assert only(judge_disk(tmp_path, free)).status == status

    def test_a_containers_limit_may_be_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "max").write_text("max\n", encoding="ascii")
        (tmp_path / "set").write_text("1073741824\n", encoding="ascii")
        monkeypatch.setattr(machine, "LIMITS", (tmp_path / "max", tmp_path / "nowhere"))
        assert machine.container_limit() is None
        monkeypatch.setattr(machine, "LIMITS", (tmp_path / "nowhere", tmp_path / "set"))
        assert machine.container_limit() == GB

    @pytest.mark.parametrize(
        ("encoding", "status"), [("utf-8", "ok"), ("cp1252", "note"), ("ascii", "note")]
    )
    def test_terminal(self, encoding: str, status: str) -> None:
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        assert only(look_at_terminal(stream)).status == status


def test_the_worst_counts() -> None:
    found = [Finding("a", status, "x") for status in ("ok", "warning", "note")]
    assert worst(found) == to_json(found)["status"] == "warning"
    assert worst([]) == "ok"

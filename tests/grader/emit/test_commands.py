"""`grade --emit` and `emit`, as they are typed."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader.cli import app
from grader.emit import KINDS, Settings
from grader.emit import emit as emit_record
from grader.emit.saved import read_record
from grader.errors import GraderError, UsageError
from tests.grader.emit.formats import RUNNER, SCHEMAS, read, read_junit
from tests.grader.grade_command.endings import REFERENCE, ROOT, run_module
from tests.grader.records import records
from tests.grader.test_record import METRICS, check, failed, record

INJECTION = "raise NotImplementedError('x\\n::set-output name=a::b\\n##[add-mask]z')\n"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "record.json"
    data = record(check(), failed("b"), metrics=METRICS).to_json()
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def emit(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, ["emit", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


class TestSaved:
    def test_an_unknown_format_is_said_under_the_option_that_named_it(self, saved: Path) -> None:
        result = emit(saved, "--to", "xml")
        assert result.exit_code == 2
        assert result.output.startswith("error: --to xml: there is no such format")

    @pytest.mark.parametrize("kind", KINDS)
    def test_to_a_file(
        self, kind: str, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in RUNNER.items():
            monkeypatch.setenv(name, value)
        target = tmp_path / "out"
        result = emit(saved, "--to", kind, "-o", target)
        assert (result.exit_code, result.output) == (0, "")
        text = target.read_text(encoding="utf-8")
        if kind == "junit":
            read_junit(text)
        elif (SCHEMAS / f"{kind}.json").is_file():
            read(text, kind)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "no JSON"),
            ('{"schema": "osr-grade/1", "score": 1e999}', "no JSON"),
            ("[" * 100_000, "no JSON"),
            ("[]", "no record"),
            ('{"schema": "osr-grade/2"}', "no record of schema osr-grade/1"),
            ('{"schema": "osr-grade/1"}', "'submission'"),
            ('{"schema": "osr-grade/1", "score": NaN}', "no JSON"),
        ],
    )
    def test_what_is_no_record(self, text: str, words: str, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        path.write_text(text, encoding="utf-8")
        result = emit(path, "--to", "junit")
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert words in result.stderr

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"score": 50.0}, "does not add up"),
            ({"max_score": 9.0}, "does not add up"),
            ({"tier": "secret"}, "tier"),
            ({"data": "::error::"}, "data"),
            ({"started_at": "now"}, "started_at"),
            ({"status": "graded", "tasks": [], "score": 0, "max_score": 0}, "disagree"),
            ({"tasks": [1]}, "a task is no table"),
            ({"notes": [1]}, "notes"),
            ({"status": "unusable"}, "a submission that could not be opened"),
            ({"metrics": {"per_family": []}}, "metrics"),
            ({"duration_s": True}, "'duration_s'"),
        ],
    )
    def test_a_record_changed_by_hand(
        self, change: dict[str, Any], words: str, saved: Path
    ) -> None:
        data = json.loads(saved.read_text(encoding="utf-8"))
        saved.write_text(json.dumps(data | change), encoding="utf-8")
        result = emit(saved, "--to", "autolab")
        assert result.exit_code == 2
        assert words in result.stderr
        assert result.stdout == ""

    def test_missing_file(self, tmp_path: Path) -> None:
        assert "cannot be read" in emit(tmp_path / "no.json", "--to", "junit").stderr


JUNK = st.sampled_from(
    [None, True, -1, 0, 7.5, "", "x", "::error::", [], [None], {}, {"a": []}, [[]], "\ud800"]
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A record with one value changed or gone."""
    data = draw(records())
    place: Any = data
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and draw(st.integers(0, 2)):
            place = place[key]
            continue
        if draw(st.booleans()):
            place[key] = draw(JUNK)
        else:
            del place[key]
        return data


@settings(max_examples=200)
@given(damaged())
def test_a_damaged_record_is_refused_or_written(data: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        try:
            record = read_record(path)
        except UsageError:
            return
    for kind in KINDS:
        with contextlib.suppress(GraderError):
            emit_record(record, kind, Settings(environment=RUNNER))


class TestGrade:
    OPTIONS = ("--data", "digits", "--task", "threshold")

    def test_several_formats_of_one_grade(self, tmp_path: Path) -> None:
        scores, page, saved = (tmp_path / name for name in ("r.json", "r.md", "record.json"))
        done = run_module(
            "grade", REFERENCE, *self.OPTIONS, "--json", saved, "--emit", f"gradescope={scores}",
            "--emit", f"markdown={page}", "--emit", "autolab",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout == '{"scores": {"threshold": 15.0}, "scoreboard": [15.0]}\n'
        assert "15 / 15" in done.stderr, "the table goes where it disturbs no format"
        data = read(scores.read_text(encoding="utf-8"), "gradescope")
        assert sum(test["score"] for test in data["tests"]) == 15
        assert page.read_text(encoding="utf-8").startswith("## reference: 15 / 15\n")
        again = tmp_path / "again.json"
        run_module("emit", saved, "--to", "gradescope", "-o", again)
        assert json.loads(again.read_text(encoding="utf-8")) == data

    def test_wrong_wish_is_said_before_anything_runs(self) -> None:
        done = run_module("grade", REFERENCE, *self.OPTIONS, "--emit", "html")
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert done.stdout == ""

    def test_student_text_is_no_command_in_a_workflow(self, tmp_path: Path) -> None:
        folder = tmp_path / "work"
        folder.mkdir()
        for source in (ROOT / "assignment").glob("*.py"):
            (folder / source.name).write_bytes(source.read_bytes())
        with (folder / "threshold.py").open("a", encoding="utf-8") as file:
            file.write(INJECTION)
        done = run_module(
            "grade", folder, *self.OPTIONS, "--emit", "github", GITHUB_ACTIONS="true",
            GITHUB_OUTPUT=str(tmp_path / "out"), GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        obeyed, hidden, stop = [], [], ""
        for line in done.stdout.splitlines():  # as the runner reads it
            if stop:
                hidden.append(line)
                stop = "" if line == f"::{stop}::" else stop
            elif line.lstrip().startswith("::stop-commands::"):
                stop = line.split("::")[2]
            elif line.lstrip().startswith("::") or "##[" in line:
                obeyed.append(line)
        assert "::set-output name=a::b" in [line.strip() for line in hidden]
        assert stop == ""
        assert obeyed
        ours = ("::error file=assignment/threshold.py,line=", "::notice title=Score::0 / 15")
        assert all(line.startswith(ours) for line in obeyed)
        assert not any("set-output" in line and "%0A::set-output" not in line for line in obeyed)

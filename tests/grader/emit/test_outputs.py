"""Where the formats go, and Gradescope's file while checks run."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from grader.emit import Settings
from grader.emit.github import commands_stopped
from grader.emit.outputs import Outputs, platform_place
from grader.errors import GraderError, UsageError
from grader.plan import Plan
from grader.rubric import load_rubric
from tests.grader.emit.formats import RUNNER, read, read_junit
from tests.grader.test_record import METRICS, check, failed, record

GRADED: dict[str, Any] = record(check(), failed("b"), metrics=METRICS).to_json()
BROKEN: dict[str, Any] = record(check(), failed("b", status="grader_error")).to_json()


def outputs(*wishes: str, **variables: str) -> Outputs:
    return Outputs(wishes, Settings(environment=variables))


def printed(made: Outputs, data: dict[str, Any]) -> tuple[str, str]:
    stdout, log = io.StringIO(), io.StringIO()
    made.print(data, stdout, log)
    return stdout.getvalue(), log.getvalue()


def end_with(error: BaseException, path: Path) -> None:
    """A grading that has begun, and then fails."""
    with outputs(f"gradescope={path}").running(Plan(path.parent)) as (file,):
        file.begin()
        raise error


class TestTargets:
    def test_one_format_goes_to_standard_output(self) -> None:
        made = outputs("junit")
        assert made.takes_stdout
        made.write(GRADED)
        stdout, log = printed(made, GRADED)
        read_junit(stdout)
        assert log == ""

    def test_a_file_that_is_named(self, tmp_path: Path) -> None:
        made = outputs(f"junit={tmp_path / 'a=b.xml'}", "autolab")
        made.write(GRADED)
        read_junit((tmp_path / "a=b.xml").read_text(encoding="utf-8"))
        read(printed(made, GRADED)[0], "autolab")

    @pytest.mark.parametrize(
        ("wishes", "words"),
        [
            (("html",), "there is no such format"),
            (("junit=",), "name a file"),
            (("junit=nowhere/x.xml",), "folder is not there"),
            (("junit=.",), "no regular file"),
            (("junit", "markdown"), "cannot both go to standard output"),
            (("classroom50",), "CLASSROOM, ASSIGNMENT"),
        ],
    )
    def test_wrong_wishes(self, wishes: tuple[str, ...], words: str) -> None:
        with pytest.raises(UsageError, match=words):
            outputs(*wishes)

    def test_platforms_places(self, tmp_path: Path) -> None:
        here = Settings(
            environment={**RUNNER, "AUTOGRADER_ROOT": str(tmp_path), "GRADE_ROOT": str(tmp_path)}
        )
        assert platform_place("gradescope", here) is None
        assert platform_place("prairielearn", here) == tmp_path / "results" / "results.json"
        assert platform_place("gradescope", here) == tmp_path / "results" / "results.json"
        assert platform_place("classroom50", here) == Path("result.json")
        assert platform_place("junit", here) is None

    def test_no_leaderboard_of_hidden_data(self, tmp_path: Path) -> None:
        made = Outputs(["gradescope"], Settings(leaderboard=True, environment={}))
        with (
            pytest.raises(UsageError, match="hidden"),
            made.running(Plan(tmp_path, hidden=tmp_path)),
        ):
            pass
        (board,) = [json.loads(printed(made, GRADED)[0])["leaderboard"]]
        assert {line["name"]: line["value"] for line in board} == {
            "known accuracy": 97.0, "unknown accuracy": 90.0,
        }  # fmt: skip

    def test_one_format_that_cannot_be_written_keeps_no_other_back(self, tmp_path: Path) -> None:
        first, second = tmp_path / "r.json", tmp_path / "r.xml"
        made = outputs(f"classroom50={first}", f"junit={second}", **RUNNER)
        with pytest.raises(GraderError, match="not your fault"):
            made.write(BROKEN)
        assert not first.exists()
        assert second.exists()


class TestWorkflow:
    """On GitHub a grade is a summary, a step's output, and annotations in the log."""

    def test_step(self, tmp_path: Path) -> None:
        summary, output = tmp_path / "summary.md", tmp_path / "output"
        summary.write_text("earlier\n", encoding="utf-8")
        made = outputs(
            "github", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary),
            GITHUB_OUTPUT=str(output),
        )  # fmt: skip
        assert not made.takes_stdout
        made.write(GRADED)
        assert summary.read_text(encoding="utf-8").startswith("earlier\n## sample: 2 / 4\n")
        line = output.read_text(encoding="utf-8")
        assert line.startswith("result=")
        read(line.removeprefix("result="), "github")
        stdout, log = printed(made, GRADED)
        assert stdout == ""
        assert "::error file=assignment/contrastive.py,title=Title of b::it is 3" in log

    @pytest.mark.parametrize("kind", ["github", "autolab"])
    def test_the_log_that_students_read_has_no_hidden_figure(self, kind: str) -> None:
        made = record(check(), tier="hidden", metrics=METRICS, flags=("look",))
        assert outputs(kind).shown(made).metrics is None
        assert outputs(kind).shown(made).flags == ()
        assert outputs("junit").shown(made) == made

    def test_elsewhere_it_is_the_reporters_result(self) -> None:
        read(printed(outputs("github"), GRADED)[0], "github")

    @pytest.mark.parametrize(
        ("message", "place"),
        [
            ("x: ValueError: bad (helpers.py:12)", "file=assignment/helpers.py,line=12,"),
            ("x (evil.py:1) it is 3", "file=assignment/contrastive.py,title"),
            ("x (../../a.py:1)", "file=assignment/contrastive.py,title"),
            ("x (a,b::c.py:1)", "file=assignment/contrastive.py,title"),
        ],
    )
    def test_place(self, message: str, place: str) -> None:
        data = record(failed(message=message)).to_json()
        _, log = printed(outputs("github", GITHUB_ACTIONS="true"), data)
        assert log.startswith(f"::error {place}")

    def test_commands_are_stopped_meanwhile(self) -> None:
        log = io.StringIO()
        with commands_stopped(log, {"GITHUB_ACTIONS": "true"}):
            print("text\n::error::x", file=log)
        first, *between, last = filter(None, log.getvalue().splitlines())
        token = first.removeprefix("::stop-commands::")
        assert re.fullmatch("[0-9a-f]{32}", token)
        assert between == ["text", "::error::x"]
        assert last == f"::{token}::"

    def test_they_stay_stopped_after_a_failure(self) -> None:
        log = io.StringIO()
        with pytest.raises(UsageError), commands_stopped(log, {"GITHUB_ACTIONS": "true"}):
            raise UsageError("::error::x")
        assert log.getvalue().count("::") == 2

    def test_nothing_is_printed_elsewhere(self) -> None:
        log = io.StringIO()
        with commands_stopped(log, {}):
            pass
        assert log.getvalue() == ""


class TestRunning:
    """A time limit of the platform's shows what was done."""

    @pytest.mark.parametrize("hidden", [None, Path("bundle.npz")])
    def test_every_state_is_whole(self, tmp_path: Path, hidden: Path | None) -> None:
        path = tmp_path / "results.json"
        entries = [entry for task in load_rubric().tasks for entry in task.checks]
        with outputs(f"gradescope={path}").running(Plan(tmp_path, hidden=hidden)) as (file,):
            assert not path.exists()
            file.begin()
            for done, entry in enumerate(entries[:5]):
                data = read(path.read_text(encoding="utf-8"), "gradescope")
                assert len(data["tests"]) == len(entries)
                assert sum(test["max_score"] for test in data["tests"]) == 100
                assert sum(test["status"] == "passed" for test in data["tests"]) == done
                assert [t["output"] for t in data["tests"]].count("not run yet") == (
                    len(entries) - done
                )
                assert sum(t["score"] for t in data["tests"]) == sum(
                    e.points for e in entries[:done]
                )
                assert (data["tests"][-1]["visibility"] == "visible") == (hidden is None)
                passed = {"score": entry.points, "max_score": entry.points, "id": entry.id}
                file.add(check(**passed))
            file.begin()  # a later note
        data = read(path.read_text(encoding="utf-8"), "gradescope")
        assert sum(test["status"] == "passed" for test in data["tests"]) == 5
        assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]

    def test_chosen_tasks_only(self, tmp_path: Path) -> None:
        path = tmp_path / "results.json"
        with outputs(f"gradescope={path}").running(Plan(tmp_path, tasks=("threshold",))) as (file,):
            file.begin()
        tests = read(path.read_text(encoding="utf-8"), "gradescope")["tests"]
        assert {test["tags"][0] for test in tests} == {"threshold"}

    def test_a_failing_grader_leaves_no_zero(self, tmp_path: Path) -> None:
        path = tmp_path / "results.json"
        with pytest.raises(GraderError):
            end_with(GraderError("no room"), path)
        data = json.loads(path.read_text(encoding="utf-8"))
        assert not {"tests", "score"} & set(data)
        assert "no room" in data["output"]

    def test_what_never_began_leaves_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "results.json"
        with pytest.raises(UsageError), outputs(f"gradescope={path}").running(Plan(tmp_path)):
            raise UsageError("no such folder")
        assert not path.exists()

    def test_an_interruption_keeps_what_was_done(self, tmp_path: Path) -> None:
        path = tmp_path / "results.json"
        with pytest.raises(KeyboardInterrupt):
            end_with(KeyboardInterrupt(), path)
        read(path.read_text(encoding="utf-8"), "gradescope")

    def test_a_full_disk_does_not_stop_the_grading(self, tmp_path: Path) -> None:
        folder = tmp_path / "gone"
        folder.mkdir()
        with outputs(f"gradescope={folder / 'r.json'}").running(Plan(tmp_path)) as (file,):
            folder.rmdir()
            file.begin()
            file.add(check())

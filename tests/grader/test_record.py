"""The record, its JSON, and how it looks on a terminal."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.console import next_step, print_record
from grader.errors import UsageError
from grader.record import (
    STATUSES,
    CheckResult,
    Metrics,
    Record,
    TaskResult,
    save_record,
    write_json,
)
from tests.grader.schema import assert_schema, load_strict


def check(name: str = "value", **changes: Any) -> CheckResult:
    made = CheckResult(f"contrastive.{name}", f"Title of {name}", "passed", 2, 2, "", "", 0.01)
    return dataclasses.replace(made, **changes)


def failed(name: str = "value", **changes: Any) -> CheckResult:
    kept = {"status": "failed", "score": 0, "message": "it is 3, expected 4", "hint": "a hint"}
    return check(name, **{**kept, **changes})


def record(*checks: CheckResult, **changes: Any) -> Record:
    fields: dict[str, Any] = {
        "name": "sample", "sha256": "0" * 64, "data": "digits", "tier": "public",
        "sandbox": "plain", "tasks": (TaskResult("contrastive", "Contrastive loss", checks),),
        "metrics": None, "memorisation": None, "flags": (), "training": None, "reference": None,
        "environment": {}, "notes": (),
        "started_at": "2026-11-20T12:00:00Z", "duration_s": 1.5, "not_run": (),
    }  # fmt: skip
    known = {field.name for field in dataclasses.fields(Record)}
    return Record(**{name: value for name, value in (fields | changes).items() if name in known})


METRICS = Metrics(0.97, 0.9, 0.95, 0.99, None, {"letters": 0.8, "noise": 1.0})


class TestTotals:
    """Sums that agree with what they are made of."""

    @given(st.lists(st.tuples(st.integers(0, 100), st.integers(1, 9)), min_size=1, max_size=9))
    def test_scores_add_up(self, parts: list[tuple[int, int]]) -> None:
        checks = [
            check(str(n), score=round(share / 100 * top, 2), max_score=top, status="partial")
            for n, (share, top) in enumerate(parts)
        ]
        made = record(*checks)
        assert made.score == made.tasks[0].score
        assert made.score == pytest.approx(sum(c.score for c in checks), abs=0.005)
        assert made.max_score == sum(top for _, top in parts)

    @pytest.mark.parametrize("status", STATUSES)
    def test_one_fault_of_the_graders_is_the_whole_records(self, status: str) -> None:
        expected = "grader_error" if status == "grader_error" else "graded"
        assert record(check(), failed(status=status)).status == expected

    def test_nothing_graded_is_the_graders_fault(self) -> None:
        assert record().status == "grader_error"


class TestJson:
    """`--json`."""

    def test_schema(self) -> None:
        partial = check("x", status="partial", score=1.25)
        data = record(check(), failed(), partial, metrics=METRICS).to_json()
        assert_schema(load_strict(json.dumps(data)))

    def test_file_is_utf8_with_a_last_line_end(self, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        write_json(path, record(failed(message="-1 ≠ 1 …")).to_json())
        text = path.read_bytes().decode("utf-8")
        assert "-1 ≠ 1 …" in text
        assert text.endswith("}\n")
        assert [file.name for file in tmp_path.iterdir()] == ["r.json"]

    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_no_nan_gets_in_and_the_old_file_stays(self, tmp_path: Path, number: float) -> None:
        path = tmp_path / "r.json"
        path.write_text("old", encoding="utf-8")
        with pytest.raises(ValueError, match="JSON"):
            write_json(path, {"score": number})
        assert path.read_text(encoding="utf-8") == "old"
        assert [file.name for file in tmp_path.iterdir()] == ["r.json"]

    def test_full_disk_leaves_the_old_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "r.json"
        path.write_text("old", encoding="utf-8")

        def refuse(self: Path, target: Path) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", refuse)
        with pytest.raises(UsageError, match="No space left"):
            write_json(path, {"score": 1})
        assert path.read_text(encoding="utf-8") == "old"
        assert [file.name for file in tmp_path.iterdir()] == ["r.json"]

    def test_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"r\.json"):
            write_json(tmp_path / "nowhere" / "r.json", {})

    def test_half_a_surrogate_pair_can_be_written(self, tmp_path: Path) -> None:
        """A student's message or file name may hold one."""
        path = tmp_path / "r.json"
        write_json(path, record(failed(message="half \ud800 a pair")).to_json())
        assert (
            "half"
            in load_strict(path.read_text(encoding="utf-8"))["tasks"][0]["checks"][0]["message"]
        )


class TestBrokenGrading:
    """A grading that the grader broke is never written over one that counts."""

    GRADED = record(check())
    BROKEN = record(check(), failed("z", status="grader_error"))

    def statuses(self, folder: Path) -> dict[str, str]:
        files = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
        return {name: json.loads(text)["status"] for name, text in files.items()}

    def test_goes_beside_a_final_grade(self, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        assert save_record(path, self.GRADED) == path
        assert save_record(path, self.BROKEN) == tmp_path / "r.grader_error.json"
        assert self.statuses(tmp_path) == {
            "r.json": "graded", "r.grader_error.json": "grader_error",
        }  # fmt: skip

    def test_is_written_where_nothing_final_is(self, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        for _ in range(2):
            assert save_record(path, self.BROKEN) == path
        assert self.statuses(tmp_path) == {"r.json": "grader_error"}
        assert save_record(path, self.GRADED) == path
        assert self.statuses(tmp_path) == {"r.json": "graded"}

    @pytest.mark.parametrize("text", ["", "[]", "{}", "null", '"graded"', "\xff", "[" * 100_000])
    def test_file_that_is_no_record_is_no_final_grade(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "r.json"
        path.write_text(text, encoding="latin-1")
        assert save_record(path, self.BROKEN) == path


class TestLessThanThereIs:
    """A grade of a part, or on public data, does not replace the whole or hidden one."""

    WHOLE = record(
        tasks=(TaskResult("contrastive", "C", (check(),)), TaskResult("threshold", "T", (check(),)))
    )
    PART = record(check(), not_run=("threshold",))

    def test_part_goes_beside_the_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        save_record(path, self.WHOLE)
        before = path.read_bytes()
        assert save_record(path, self.PART) == tmp_path / "r.contrastive.json"
        assert path.read_bytes() == before

    def test_whole_replaces_a_part(self, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        assert save_record(path, self.PART) == path
        assert save_record(path, self.PART) == path
        assert save_record(path, self.WHOLE) == path
        assert save_record(path, self.WHOLE) == path

    def test_public_goes_beside_hidden(self, tmp_path: Path) -> None:
        path = tmp_path / "r.json"
        hidden = dataclasses.replace(self.WHOLE, tier="hidden")
        assert save_record(path, self.WHOLE) == path
        assert save_record(path, hidden) == path
        assert save_record(path, self.WHOLE) == tmp_path / "r.public.json"
        assert save_record(path, hidden) == path


def shown(made: Record, width: int = 100, verbose: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_record(console, made, verbose)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


class TestConsole:
    """What a student reads."""

    def test_totals_titles_messages_and_hints(self) -> None:
        text = shown(record(check("a"), failed("b")))
        for part in ("2 / 4", "Title of a", "Title of b", "it is 3, expected 4", "hint: a hint"):
            assert part in text

    def test_markup_of_a_student_is_text(self) -> None:
        odd = "[bold red]x[/] [/nothing] [link=http://a]b[/link] \\[z]"
        text = shown(record(failed(message=odd, title=odd, hint=odd), name=odd), width=200)
        assert text.count(odd) >= 4

    def test_control_characters_of_a_student_do_not_reach_the_terminal(self) -> None:
        text = shown(record(failed(message="\x1b[2J\x1b]0;title\x07gone\r")))
        assert "\x1b" not in text
        assert "\x07" not in text

    @pytest.mark.parametrize("width", [20, 40, 80])
    def test_narrow_terminal_breaks_no_command(self, width: int) -> None:
        """The terminal wraps what is too long, so that it can still be copied as one line."""
        message = "a rather long message that does not fit into a narrow terminal by any means"
        text = shown(record(failed(message=message), metrics=METRICS), width=width)
        assert any(message in line for line in text.splitlines())

    def test_no_colour_where_none_is_wanted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NO_COLOR", "1")
        file = io.StringIO()
        print_record(Console(file=file, force_terminal=True, width=80), record(failed()))
        assert "\x1b[3" not in file.getvalue()

    def test_metrics_stand_beside_the_reference(self) -> None:
        reference = {"known_accuracy": 0.981, "per_family": {"letters": 0.7}}
        text = shown(record(check(), metrics=METRICS, reference=reference))
        lines = {line.split("  ")[0].strip(): line for line in text.splitlines() if "%" in line}
        assert "97.00 %" in lines["known accuracy"]
        assert "98.10 %" in lines["known accuracy"]
        assert "—" in next(line for line in text.splitlines() if line.startswith("AUROC"))

    def test_passed_messages_only_when_verbose(self) -> None:
        made = record(check(message="97 % of the digits"))
        assert "97 %" not in shown(made)
        assert "97 %" in shown(made, verbose=True)

    def test_messages_that_are_all_alike_are_said_once(self) -> None:
        same = [failed(name, message="importing x.py: boom") for name in "abc"]
        assert shown(record(*same)).count("importing x.py: boom") <= 2

    def test_each_hint_has_its_line(self) -> None:
        text = shown(record(failed(hint="one\ntwo"), failed("b", hint="")))
        assert [line.strip() for line in text.splitlines() if "hint:" in line] == [
            "hint: one", "hint: two",
        ]  # fmt: skip

    def test_hint_helps_with_what_did_not_return_too(self) -> None:
        assert "hint: a hint" in shown(record(failed(status="timeout", message="too slow")))

    def test_stub_gets_no_hint_yet(self) -> None:
        assert "a hint" not in shown(record(failed(status="not_implemented"), check("b")))

    @pytest.mark.parametrize("status", ["graded", "grader_error"])
    def test_last_line_says_what_was_not_run(self, status: str) -> None:
        last = failed("z", status="grader_error") if status == "grader_error" else failed("z")
        made = record(check(), last, not_run=("threshold", "hidden test data"))
        assert shown(made).splitlines()[-1] == "Not run here: threshold, hidden test data."

    def test_broken_grading_is_called_not_final(self) -> None:
        assert "not final" in shown(record(check(), failed("z", status="grader_error")))
        assert "not final" not in shown(record(check(), failed()))

    @pytest.mark.parametrize("status", STATUSES)
    def test_every_status_can_be_shown(self, status: str) -> None:
        assert "Title of value" in shown(record(failed(status=status)))


class TestNextStep:
    """One sentence on what to do."""

    def test_nothing_left(self) -> None:
        assert "nothing is left" in next_step(record(check()))

    def test_open_stub_names_task_and_command(self) -> None:
        text = next_step(record(failed(status="not_implemented")))
        assert "assignment/contrastive.py" in text
        assert "--task contrastive" in text

    def test_part_of_the_tasks_leads_to_the_others(self) -> None:
        assert "without --task" in next_step(record(check(), not_run=("threshold",)))

    def test_weights_are_to_be_handed_in(self) -> None:
        trained = record(check(), not_run=("hidden test data",), training={"wall_s": 1.0})
        assert "assignment.train" in next_step(trained)

    def test_first_lost_check_with_its_message(self) -> None:
        """The message names the mistake; the hint knows only the check."""
        text = next_step(record(check("a"), failed("b"), failed("c")))
        assert "Title of b" in text
        assert "it is 3, expected 4" in text

    @pytest.mark.parametrize(
        ("hint", "more"),
        [("", None), ("a", "--level 2"), ("a\nb", "--level 3"), ("a\nb\nc", None)],
    )
    def test_more_hints_are_a_command_away(self, hint: str, more: str | None) -> None:
        text = next_step(record(failed(hint=hint)))
        assert ("grader hint contrastive.value" in text) == (more is not None)
        assert text.endswith(more or text)

    def test_without_hints_the_message_has_to_do(self) -> None:
        assert "it is 3, expected 4" in next_step(record(failed(hint="")))

    def test_graders_fault_is_not_the_students(self) -> None:
        text = next_step(record(failed(), failed("z", status="grader_error", message="KeyError")))
        assert "not your fault" in text
        assert "contrastive.z: KeyError" in text

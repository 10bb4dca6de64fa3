"""No line is wider than the terminal, but for what must be copied whole."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from grader.compare.console import print_comparison
from grader.compare.entrants import compare, entrant_of
from grader.console import print_record
from grader.gradebook import Gradebook
from grader.hints import describe_check, list_checks
from grader.record import CheckResult, Metrics, Record, TaskResult
from grader.rubric import load_rubric
from grader.statistics.console import print_summary
from grader.statistics.rows import rows_of
from grader.statistics.summary import summarise
from grader.wrapping import COMMAND, say, say_lines, wrapped
from tests.grader.statistics.records import METRICS, check, new_grade, record

WIDTHS = (60, 80)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Przybyszewska-y-de-la-Fuente-von-und-zu-Musterstadt"
WORDS = "it is 3.14159 where 2.71828 was expected, at the first of 512 samples: is it a mean? " * 6
FAMILIES = {f"a rather long family of unknown images {n}": 0.1 * n for n in range(10)}


def terminal(width: int) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, color_system=None, width=width)


def lines_of(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return Text.from_ansi(console.file.getvalue()).plain.split("\n")


def assert_fits(console: Console, width: int) -> None:
    lines = lines_of(console)
    assert any(line.strip() for line in lines)
    for line in lines:
        rest = COMMAND.sub("", line)  # commands are copied whole
        assert cell_len(rest) <= width or " " not in rest.strip(), f"{cell_len(line)}: {line!r}"


def long_record() -> Record:
    lost = CheckResult("threshold.a", WORDS[:160], "failed", 0.0, 4.0, WORDS,
                       f"{WORDS}\n{WORDS}", 0.1)  # fmt: skip
    stub = dataclasses.replace(lost, id="threshold.b", status="not_implemented")
    tasks = tuple(
        TaskResult(task.id, task.title, (lost, stub)) for task in load_rubric().tasks
    )  # fmt: skip
    metrics = Metrics(0.9, 0.8, 0.85, 0.95, 0.97, FAMILIES)
    return Record(
        LONG, "0" * 64, "digits", "public", "plain", tasks, metrics, None, (WORDS,), None,
        {"per_family": FAMILIES, **METRICS}, {}, (WORDS,), ("hidden test data",) * 6,
        "2026-11-20T12:00:00Z", 12.3,
    )  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS)
class TestTablesFit:
    def test_a_grade(self, width: int) -> None:
        console = terminal(width)
        print_record(console, long_record(), verbose=True)
        assert_fits(console, width)
        shown = " ".join(" ".join(lines_of(console)).split())
        assert " ".join(WORDS.split()) in shown, "a message was cut"

    def test_the_checks_and_their_hints(self, width: int) -> None:
        console, rubric = terminal(width), load_rubric()
        say_lines(console, list_checks(rubric).split("\n"))
        say_lines(console, describe_check(rubric, "contrastive.value", 3).split("\n"))
        assert_fits(console, width)
        assert rubric.task("contrastive").checks[0].hints[0] in " ".join(
            " ".join(lines_of(console)).split()
        )

    def test_statistics_of_a_class(self, width: int, tmp_path: Path) -> None:
        book = Gradebook(tmp_path / "class.sqlite", create=True)
        with book:
            for number in range(3):
                made = record(check("a", "failed", 0.0, WORDS), check("b" * 70), flags=[WORDS])
                made["metrics"] = METRICS | {"per_family": FAMILIES}
                book.add(new_grade(f"{LONG}{number}", made, LONG))
            rows = rows_of(book.current())
        console = terminal(width)
        print_summary(console, summarise(rows, None))
        # Flags and sums are sentences, which the terminal wraps where they end.
        tables = [line for line in lines_of(console) if "%" in line or "—" in line or "▁" in line]
        assert tables
        for line in tables:
            assert cell_len(line) <= width or "median" in line, line

    def test_a_comparison(self, width: int) -> None:
        made: list[Any] = []
        for number in range(3):
            one = record(metrics=METRICS | {"per_family": FAMILIES})
            one["submission"] = {"name": f"{LONG}{number}", "sha256": "0" * 64}
            made.append(entrant_of(one))
        console = terminal(width)
        print_comparison(console, compare(made))
        lines = [line for line in lines_of(console) if "no published" not in line]
        for line in lines:
            assert cell_len(line) <= width, line
        figures = "".join(lines)
        for share in FAMILIES.values():
            assert f"{100 * share:.2f} %" in figures, "a figure was cut in two"


class TestWrapping:
    def test_a_command_is_never_cut(self) -> None:
        console = terminal(40)
        say(console, "do this, then python -m grader grade assignment --task threshold", indent=4)
        assert "    python -m grader grade assignment --task threshold" in lines_of(console)

    def test_a_file_keeps_its_lines_whole(self) -> None:
        console = Console(file=io.StringIO(), width=40)
        say(console, WORDS.strip(), indent=2)
        assert lines_of(console)[:1] == [f"  {WORDS.strip()}"]

    def test_each_line_hangs_below_its_beginning(self) -> None:
        console = terminal(30)
        say_lines(console, ["    one two three four five six seven eight"])
        lines = lines_of(console)
        assert len(lines) > 2
        assert all(line.startswith("    ") for line in lines if line)

    @given(st.text("ab (),;:.x", max_size=200), st.integers(20, 90))
    def test_nothing_is_lost_but_spaces(self, text: str, width: int) -> None:
        lines = wrapped(Text(text), width)
        assert "".join("".join(line.plain for line in lines).split()) == "".join(text.split())

    @given(st.lists(st.text("abc", min_size=1, max_size=20), max_size=40), st.integers(20, 90))
    def test_lines_of_short_words_fit(self, words: list[str], width: int) -> None:
        for line in wrapped(Text(" ".join(words)), width):
            assert cell_len(line.plain) <= width


def test_json_is_no_text_to_wrap(capsys: pytest.CaptureFixture[str]) -> None:
    from grader.commands.targets import print_json

    print_json({"name": f"{LONG} “quoted” \ud800"})
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed)["name"].startswith(LONG)

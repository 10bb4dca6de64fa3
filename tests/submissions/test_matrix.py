"""The matrix counts what is not as expected, says it, and fits a console."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from grader.record import STATUSES, CheckResult
from tests.submissions.grading import Cell, Row, code_checks, compare
from tests.submissions.matrix import Matrix, build_matrix
from tests.submissions.parallel import in_parallel, progress_bar
from tests.submissions.patches import Patch, read_patches
from tests.submissions.show import SYMBOLS, as_markdown, on_console

ROOT = Path(__file__).parents[2]


def result(check: str, status: str = "passed", message: str = "") -> CheckResult:
    return CheckResult(check, check, status, 0.0, 1.0, message, "", 0.0)


def graded(patch: Patch, **statuses: str) -> Row:
    """A row in which every check passed but for those given, with dots as underscores."""
    changed = {name.replace("__", "."): status for name, status in statuses.items()}
    checks = {
        name: result(name, changed.get(name, "passed"), f"about {name}") for name in code_checks()
    }
    return compare(patch, checks)


@pytest.mark.parametrize(
    ("status", "expected", "fault"),
    [
        ("passed", "passed", ""),
        ("failed", "failed", ""),
        ("passed", "failed", "false pass"),
        ("failed", "passed", "false fail"),
        ("grader_error", "passed", "false fail"),
        ("error", "failed", "other status"),
        ("absent", "failed", "other status"),
    ],
)
def test_fault_of_a_cell(status: str, expected: str, fault: str) -> None:
    assert Cell("a.b", status, expected).fault == fault


def test_false_pass_false_fail_and_missing_words_are_counted() -> None:
    patch = Patch("sample", "why", {"threshold.statistics": "failed"}, says="sample deviation")
    rows = [
        graded(patch),
        graded(patch, threshold__statistics="failed", evaluation__counts="error"),
        graded(Patch("right", "why"), contrastive__value="timeout"),
    ]
    found = build_matrix(rows).summary()
    assert found["wrong"] == 2
    assert found["correct"] == 1
    assert found["false_passes"] == 1
    assert found["false_fails"] == 2
    assert found["words_missing"] == 2
    assert not build_matrix(rows).is_as_expected


def test_check_that_is_not_there_is_a_fault() -> None:
    row = compare(Patch("sample", "why", {"threshold.typo": "failed"}), {})
    assert {cell.status for cell in row.cells} == {"absent"}
    assert row.differences


def everything_tripped() -> Matrix:
    """One wrong submission a check, and a right one."""
    rows = [
        graded(Patch(f"w_{name}", "why", {name: "failed"}), **{name.replace(".", "__"): "failed"})
        for name in code_checks()
    ]
    return build_matrix([graded(Patch("right", "why")), *rows])


def test_all_as_expected() -> None:
    made = everything_tripped()
    assert made.is_as_expected
    assert made.untripped == ()
    assert [row.kind for row in made.rows][-1] == "correct"


def test_check_that_nothing_trips_is_a_fault_of_a_whole_matrix_only() -> None:
    first, *rows = everything_tripped().rows
    assert build_matrix(rows).untripped == (first.name.removeprefix("w_"),)
    assert not build_matrix(rows).is_as_expected
    assert build_matrix(rows, is_whole=False).is_as_expected


def shown(made: Matrix, width: int) -> str:
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(on_console(made))
    return text.getvalue()


def test_table_fits_140_columns_with_the_longest_name() -> None:
    longest = max((p.name for kind in ("wrong", "correct") for p in read_patches(kind)), key=len)
    text = shown(build_matrix([graded(Patch(longest, "why"))], is_whole=False), 140)
    line = next(line for line in text.splitlines() if line.startswith(longest))
    assert line.split()[1:-1] == ["·"] * len(code_checks())
    assert max(map(len, text.splitlines())) <= 140
    assert "behind a symbol" in text.splitlines()[-4]  # no line was too long and broken


def test_unexpected_cells_are_marked_without_colour_too() -> None:
    row = graded(Patch("sample", "why"), threshold__statistics="failed")
    for text in (shown(build_matrix([row]), 140), as_markdown(build_matrix([row]))):
        assert "✗!" in text
        assert "threshold.statistics: expected passed, got failed" in text


def test_every_status_has_a_symbol_of_its_own() -> None:
    assert set(SYMBOLS) == {*STATUSES, "absent"}
    assert len({symbol for symbol, _ in SYMBOLS.values()}) == len(SYMBOLS)


def square(number: int) -> int:
    if number < 0:
        raise ValueError("negative")
    return number * number


@pytest.mark.slow
def test_parallel_gives_every_result_and_passes_exceptions_on() -> None:
    assert sorted(in_parallel(square, [3, 1, 2], 2)) == [1, 4, 9]
    with pytest.raises(ValueError, match="negative"):
        list(in_parallel(square, [-1], 1))


def test_progress_is_lines_where_there_is_no_terminal() -> None:
    text = io.StringIO()
    with progress_bar("pieces", 25, Console(file=text)) as advance:
        for _ in range(25):
            advance()
    lines = text.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[-1] == "pieces: 25 of 25, 0 s left"


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.submissions", "matrix", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_command_prints_and_writes_the_matrix(tmp_path: Path) -> None:
    out, markdown = tmp_path / "matrix.json", tmp_path / "matrix.md"
    done = run("--only", "threshold_z_ignored", "--out", str(out), "--markdown", str(markdown))
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(out.read_text(encoding="utf-8"))
    assert data["summary"]["false_passes"] == data["summary"]["false_fails"] == 0
    assert [row["name"] for row in data["rows"]] == ["threshold_z_ignored"]
    assert "threshold_z_ignored" in markdown.read_text(encoding="utf-8")
    assert "threshold_z_ignored" in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--only", "no_such_name"), "no_such_name"), (("--out", "nowhere/m.json"), "nowhere")],
)
def test_wrong_option_is_one_line(options: tuple[str, ...], said: str) -> None:
    done = run(*options)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1

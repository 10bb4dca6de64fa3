"""`python -m grader compare`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from grader.gradebook import Gradebook
from grader.reference import load_reference
from tests.grader.statistics.records import METRICS, new_grade, record

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, ["compare", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return result


def save(path: Path, name: str = "ann", **changes: Any) -> Path:
    made = record(submission={"name": name, "sha256": "0" * 64}, **changes)
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def test_records_stand_beside_the_reference(tmp_path: Path) -> None:
    worse = METRICS | {"total_accuracy": 0.5, "auroc": None}
    one, other = save(tmp_path / "1"), save(tmp_path / "2", "bob", metrics=worse)
    result = run("--record", other, "--record", one, "--json", tmp_path / "c.json",
                 "--plot", tmp_path / "c.png")  # fmt: skip
    assert result.exit_code == 0
    rows = [line.split("  ")[0].strip() for line in result.output.splitlines()]
    assert rows.index("ann") < rows.index("bob") < rows.index("the reference")
    assert "no published system was measured on digits" in result.output
    made = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert [entrant["name"] for entrant in made["entrants"]] == ["ann", "bob"]
    assert made["reference"] == load_reference("digits")
    assert made["published"]["systems"] == []
    assert (tmp_path / "c.png").read_bytes().startswith(PNG)


def test_published_systems_stand_beside_mnist(tmp_path: Path) -> None:
    result = run("--record", save(tmp_path / "1", data="mnist"))
    assert "published: system b, final model" in result.output
    assert "their authors' own choice" in result.output


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"data": "mnist"}, "mnist, public"),
        ({"tier": "hidden"}, "digits, hidden"),
    ],
)
def test_other_data_is_never_compared(changes: Any, words: str, tmp_path: Path) -> None:
    result = run("--record", save(tmp_path / "1"), "--record", save(tmp_path / "2", **changes))
    assert result.exit_code == 2
    assert "cannot be compared" in result.output
    assert words in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_two_hidden_bundles_are_other_data(tmp_path: Path) -> None:
    paths = [
        save(tmp_path / sha, tier="hidden", environment={"hidden_sha256": sha * 64}) for sha in "12"
    ]
    result = run("--record", paths[0], "--record", paths[1])
    assert result.exit_code == 2
    assert "cannot be compared" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--data", "mnist"), "measured on digits"),
        (("--hidden", "b.npz"), "leave out --hidden"),
    ],
)
def test_mismatch_is_said_before_any_grading(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    result = run(tmp_path / "never looked at", "--record", save(tmp_path / "1"), *arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_gradebook_gives_all_measured_students(tmp_path: Path) -> None:
    with Gradebook(tmp_path / "b") as book:
        book.add(new_grade("ann", record(), "[red]Ann $x_1$ \x1b[2J"))
        book.add(new_grade("bob", record(metrics=None)))
        for number in range(12):
            book.add(new_grade(f"s{number}", record()))
    result = run("--gradebook", tmp_path / "b", "--plot", tmp_path / "c.png")
    assert result.exit_code == 0
    assert "[red]Ann $x_1$ \\x1b[2J" in result.output
    assert "bob" not in result.output
    assert (tmp_path / "c.png").read_bytes().startswith(PNG)


def test_name_that_is_a_formula_or_of_another_script_is_drawn(tmp_path: Path) -> None:
    path = save(tmp_path / "1", "$\\frac{$ 李")
    result = run("--record", path, "--plot", tmp_path / "c.png")
    assert result.exit_code == 0


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"schema": "osr-grade/1"}'])
def test_file_that_is_no_record_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "r").write_text(text)
    result = run("--record", tmp_path / "r")
    assert result.exit_code == 2
    assert "no record" in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_record_without_a_model_is_said(tmp_path: Path) -> None:
    result = run("--record", save(tmp_path / "1", metrics=None))
    assert result.exit_code == 2
    assert "no model was measured" in result.output


def test_nothing_to_compare_is_said() -> None:
    result = run()
    assert result.exit_code == 2
    assert "nothing to compare" in result.output


def test_submission_that_cannot_be_opened_leaves_the_others(tmp_path: Path) -> None:
    target = tmp_path / "c.json"
    result = run(tmp_path / "nowhere", "--record", save(tmp_path / "1"), "--json", target)
    assert result.exit_code == 2
    assert "left out: " in result.output
    assert "nowhere: there is no such file" in result.output
    assert "ann" in result.output
    assert [one["name"] for one in json.loads(target.read_text())["entrants"]] == ["ann"]


def test_nothing_but_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere", tmp_path / "elsewhere")
    assert result.exit_code == 2
    assert result.output.count("left out: ") == 2

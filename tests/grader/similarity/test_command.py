"""`python -m grader similarity`."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("copydetect")

from grader.cli import app
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.similarity.report import read_flags
from tests.grader.notebooks import notebook
from tests.grader.similarity.material import disguise, mixed, write
from tests.grader.statistics.records import new_grade, record

A, B, C = (mixed([n] * 5) for n in range(3))
COPY = {name: disguise(content) for name, content in A.items()}


def run(*arguments: str | Path) -> Any:
    result = CliRunner().invoke(app, ["similarity", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "200")
    folder = tmp_path / "inbox"
    write(folder / "ann", A)
    write(folder / "bob", B)
    with zipfile.ZipFile(folder / "cid.zip", "w") as archive:
        for name, content in COPY.items():
            archive.writestr(f"assignment/{name}", content)
    (folder / "grades.csv").write_text("an LMS's own\n")
    return folder


def test_copy_is_ranked_shown_and_written(inbox: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    result = run(inbox, "-o", target)
    assert result.exit_code == 0
    assert "not a verdict" in result.output
    assert "lines" in result.output
    report = json.loads(target.read_text(encoding="utf-8"))
    assert report["schema"] == "osr-similarity/1"
    assert "not a verdict" in report["read_this"]
    assert [(p["left"]["name"], p["right"]["name"]) for p in report["pairs"]] == [
        ("ann", "cid.zip")
    ]
    assert report["pairs_compared"] == 3
    block = report["pairs"][0]["blocks"][0]
    for side, files in (("left", A), ("right", COPY)):
        part = block[side]
        lines = files[part["file"]].decode().split("\n")
        assert part["text"] == "\n".join(lines[part["first"] - 1 : part["last"]])


def test_earlier_year_is_looked_through(inbox: Path, tmp_path: Path) -> None:
    write(tmp_path / "2025" / "zoe", B)
    result = run(inbox, "--references", tmp_path / "2025", "-o", tmp_path / "r.json")
    assert "2025/zoe" in result.output
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (report["submissions"], report["references"]) == (3, 1)
    flags = read_flags(tmp_path / "r.json")
    assert set(flags) == {"ann", "bob", "cid.zip"}
    assert "2025/zoe" in flags["bob"][0]


def test_attempts_of_one_student_are_no_pair(inbox: Path, tmp_path: Path) -> None:
    for attempt in "12":
        write(inbox / "hal" / attempt, C)
    run(inbox, "-o", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["submissions"] == 4
    assert len(report["pairs"]) == 1


def test_a_download_that_is_still_zipped(inbox: Path, tmp_path: Path) -> None:
    download = shutil.make_archive(str(tmp_path / "download"), "zip", inbox)
    run(download, "-o", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["submissions"] == 3
    assert [(p["left"]["name"], p["right"]["name"]) for p in report["pairs"]] == [
        ("ann", "cid.zip")
    ]


def test_members_of_a_group_are_no_pair(tmp_path: Path) -> None:
    write(tmp_path / "export" / "submission_1", A)
    write(tmp_path / "export" / "submission_2", B)
    (tmp_path / "export" / "submission_metadata.yml").write_text(
        "submission_1:\n  :submitters:\n  - :name: Ann\n    :sid: '1'\n"
        "  - :name: Bob\n    :sid: '2'\n"
        "submission_2:\n  :submitters:\n  - :name: Cid\n    :sid: '3'\n"
    )
    run(tmp_path / "export", "-o", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (report["submissions"], report["pairs_compared"], report["pairs"]) == (2, 1, [])


def test_code_of_the_course_counts_as_given(inbox: Path, tmp_path: Path) -> None:
    course = write(tmp_path / "course", A)
    report = tmp_path / "r.json"
    run(inbox, "--given", course, "-o", report)
    assert json.loads(report.read_text(encoding="utf-8"))["pairs"] == []


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(inbox: Path) -> None:
    (inbox / "dan.zip").write_bytes(b"PK\x03\x04 no")
    write(inbox / "eve", {"threshold.py": b"x = 1\n" * 20_000})
    (write(inbox / "fay", {"notes.py": b""}) / "threshold.py").symlink_to("/dev/zero")
    write(inbox / "g\x1b[2J[red]", B)
    result = run(inbox)
    assert result.exit_code == 0
    for name, reason in (("dan.zip", "damaged"), ("eve", "64 kB"), ("fay", "five modules")):
        line = next(
            li for li in result.output.splitlines() if li.startswith(f"not compared: {name}")
        )
        assert reason in line
    assert "\x1b" not in result.output
    assert "g\\x1b[2J[red]" in result.output


def test_padding_is_a_flag_that_stats_shows(inbox: Path, tmp_path: Path) -> None:
    padding = {"threshold.py": COPY["threshold.py"] + b"# padding\n" * 7000}
    write(inbox / "eve", COPY | padding)
    write(inbox / "dan", {"notes.py": b""})
    write(tmp_path / "2025" / "old", COPY | padding)
    write(tmp_path / "2025" / "zoe", B)
    result = run(inbox, "--references", tmp_path / "2025", "-o", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert {entry["name"]: entry["flag"] for entry in report["not_compared"]} == {
        "eve": "too long to compare", "dan": None, "2025/old": None,
    }  # fmt: skip
    assert "eve: threshold.py has more than 64 kB of code (flagged: too long" in result.output
    flags = read_flags(tmp_path / "r.json")
    (line,) = flags["eve"]
    assert line.startswith("too long to compare: threshold.py has more than 64 kB of code")
    assert set(flags) == {"ann", "bob", "cid.zip", "eve"}
    with Gradebook(tmp_path / "book") as book:
        book.add(new_grade("eve", record()))
    stats = CliRunner().invoke(
        app, ["stats", str(tmp_path / "book"), "--similarity", str(tmp_path / "r.json")]
    )
    assert "too long to compare" in stats.output


def test_notebook_is_compared_like_modules(inbox: Path, tmp_path: Path) -> None:
    cells = [content.decode() for content in COPY.values()]
    (inbox / "nan.ipynb").write_bytes(notebook(*cells))
    run(inbox, "-o", tmp_path / "r.json")
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    pairs = {(pair["left"]["name"], pair["right"]["name"]) for pair in report["pairs"]}
    assert {("ann", "nan.ipynb"), ("cid.zip", "nan.ipynb")} <= pairs
    assert not report["not_compared"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder, "no such folder"),
        (lambda folder: folder.mkdir() or folder, "no submissions are in it"),
        (lambda folder: write(folder / "ann", {"a.py": b""}).parent, "none of the five modules"),
        (lambda folder: write(folder / "ann", A).parent, "only one submission"),
        (lambda folder: write(folder, A), "it is one submission"),
    ],
)
def test_wrong_folder_is_one_line(make: Any, words: str, tmp_path: Path) -> None:
    result = run(make(tmp_path / "class"))
    assert result.exit_code == 2
    assert words in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_this_year_is_no_earlier_one(inbox: Path) -> None:
    result = run(inbox, "--references", inbox)
    assert result.exit_code == 2
    assert "no earlier year" in result.output


def test_without_copydetect_one_line_says_what_to_install(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run(inbox)
    assert result.exit_code == 2
    assert "pip install" in result.output


def test_submissions_are_never_run(inbox: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    text = f"open({str(trace)!r}, 'w')\n".encode()
    write(inbox / "mal", {name: text + content for name, content in B.items()})
    run(inbox)
    assert not trace.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "osr-similarity/1"}', "[" * 100_000,
             '{"schema": "osr-similarity/1", "pairs": [1]}'],
)  # fmt: skip
def test_file_that_is_no_report_gives_no_flags(text: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"r\.json"):
        read_flags(path)

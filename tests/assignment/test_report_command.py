"""`python -m assignment report`: a student's run as one file, or one line that says why not."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbconvert")

ROOT = Path(__file__).parents[2]
HISTORY = {"profile": "digits", "seed": 4, "seconds": 12.0, "epochs": [{}, {}], "device": "cpu"}
Report = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def report(staged: Path, tmp_path: Path) -> Report:
    """Run the command where a finished assignment lies."""

    def command(*options: str, start: tuple[str, ...] = ("-m", "assignment", "report")) -> Any:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),  # for `datasets`; the current folder comes before it
            "OSR_DATA": str(tmp_path / "no data"),
            "IPYTHONDIR": str(tmp_path / "ipython"),
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
        }
        return subprocess.run(
            [sys.executable, *start, *options],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=560,
        )

    return command


@pytest.fixture
def trained(staged: Path) -> Path:
    """What the command looks for of a training; a notebook that needs no more than that."""
    (staged / "weights.safetensors").write_bytes(b"")
    runs = staged.parent / "runs"
    runs.mkdir()
    (runs / "history.json").write_text(json.dumps(HISTORY), encoding="utf-8")
    return runs


def notebook(path: Path, *sources: str) -> Path:
    """A notebook of code cells; of Markdown where the text says so."""
    v4 = nbformat.v4
    cells = [
        v4.new_markdown_cell(source[3:], id=f"c-{number}")
        if source.startswith("md:")
        else v4.new_code_cell(source, id=f"c-{number}")
        for number, source in enumerate(sources, start=1)
    ]
    made = v4.new_notebook(cells=cells)
    nbformat.write(made, path)
    return path


def one_line_error(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def test_without_a_training(report: Report) -> None:
    line = one_line_error(report())
    assert "no training run yet, runs/history.json is not there: python -m assignment.train" in line


def test_without_weights(report: Report, staged: Path, trained: Path) -> None:
    (staged / "weights.safetensors").unlink()
    assert "no training run yet, assignment/weights.safetensors" in one_line_error(report())


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"profile": "digits"}'])
def test_with_a_damaged_history(report: Report, trained: Path, text: str) -> None:
    (trained / "history.json").write_text(text, encoding="utf-8")
    line = one_line_error(report())
    assert "runs/history.json cannot be read" in line
    assert "python -m assignment.train" in line


def test_with_data_that_are_not_here(report: Report, trained: Path) -> None:
    history = {**HISTORY, "profile": "mnist"}
    (trained / "history.json").write_text(json.dumps(history), encoding="utf-8")
    assert "your training was on mnist, which is not here" in one_line_error(report())


def test_without_nbconvert(report: Report, trained: Path) -> None:
    code = (
        "import importlib.util, runpy, sys\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'nbconvert' else find(name)\n"
        "sys.argv = ['assignment', 'report']\n"
        "runpy.run_module('assignment', run_name='__main__', alter_sys=True)\n"
    )
    line = one_line_error(report(start=("-c", code)))
    assert line == "error: the report needs nbconvert: pip install -e '.[notebook]'"


def test_in_the_wrong_folder(report: Report, staged: Path) -> None:
    assert "run it from the folder above" in one_line_error(report(start=(str(staged), "report")))


def test_notebook_that_is_none(report: Report, trained: Path, tmp_path: Path) -> None:
    gone = one_line_error(report("--notebook", "gone.ipynb"))
    assert "gone.ipynb: cannot be read (No such file or directory)" in gone
    for number, text in enumerate(("", "{}", "[]", '{"cells": 3}', "\0")):
        path = tmp_path / f"{number}.ipynb"
        path.write_text(text, encoding="utf-8")
        assert "is no notebook" in one_line_error(report("--notebook", str(path)))
    assert not list(trained.glob("*.html"))


def test_help_is_shown_without_a_command(report: Report) -> None:
    done = report(start=("-m", "assignment"))
    assert done.returncode == 0
    assert done.stdout.count("Usage:") == 1
    assert "report" in done.stdout


class Page(HTMLParser):
    """Addresses that a page loads from, and the tags it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, list[dict[str, str]]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.setdefault(tag, []).append(values)


def test_page_is_one_file_that_needs_no_other(
    report: Report, trained: Path, tmp_path: Path
) -> None:
    mine = notebook(
        tmp_path / "mine.ipynb",
        r"md:# Mine with $m = 1$ and $$\frac{1}{2} \sum_i x_i$$ and `$not$` and $\unheardof{x}$",
        "import os; print('in', os.path.basename(os.getcwd()))",
        "from IPython.display import HTML\n"
        "HTML('<script src=\"https://example.org/a.js\"></script><b>bold</b>')",
    )
    before = mine.read_bytes()
    done = report("--notebook", str(mine), "-o", "deep/er/mine.html")
    assert done.returncode == 0, done.stderr
    assert "2 epochs from seed 4, 12 s on cpu" in done.stdout
    assert "written  deep/er/mine.html" in done.stdout
    assert mine.read_bytes() == before

    text = (tmp_path / "deep/er/mine.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "in assignment" in text  # where Jupyter would run it
    assert "digits, 2 epochs from seed 4" in text
    # What the student's own output asks for, the browser is told not to load.
    (policy,) = [meta["content"] for meta in page.tags["meta"] if "http-equiv" in meta]
    assert policy.startswith("default-src 'none'; img-src data:")
    assert [script.get("src") for script in page.tags["script"]] == ["https://example.org/a.js"]
    assert "link" not in page.tags
    assert all(image["src"].startswith("data:") for image in page.tags["img"])
    assert not re.search(r"url\((?!['\"]?data:)", text)

    inline, block = page.tags["img"]
    assert inline["alt"] == "$m = 1$"
    assert block["alt"] == r"$\dfrac{1}{2} \sum_i x_i$"
    svg = base64.b64decode(block["src"].partition(",")[2]).decode()
    assert "<svg" in svg
    assert "<text" not in svg  # drawn, so that no font is needed
    assert "<code>$not$</code>" in text
    assert r"<code>\unheardof{x}</code>" in text


def test_errors_of_cells_are_in_the_page_and_named(
    report: Report, trained: Path, tmp_path: Path
) -> None:
    mine = notebook(tmp_path / "mine.ipynb", "1 / 0", "print('still', 'here')")
    done = report("--notebook", str(mine))
    assert done.returncode == 1
    assert done.stderr.strip() == "in the page: cell 1 (c-1): ZeroDivisionError: division by zero"
    text = (trained / "report.html").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in text
    assert "still here" in text


@pytest.mark.slow
def test_kernel_that_dies_or_takes_too_long(report: Report, trained: Path, tmp_path: Path) -> None:
    dead = notebook(tmp_path / "dead.ipynb", "import os; os._exit(0)")
    assert "ended before the notebook did" in one_line_error(report("--notebook", str(dead)))
    slow = notebook(tmp_path / "slow.ipynb", "import time; time.sleep(60)")
    line = one_line_error(report("--notebook", str(slow), "--timeout", "2"))
    assert "more than 2 s, nothing was written; --timeout allows more" in line
    assert not list(trained.glob("*"))[1:]  # the history alone


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_interrupted_report_ends_with_one_line(trained: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    code = f"import pathlib, time; pathlib.Path({str(started)!r}).touch(); time.sleep(300)"
    mine = notebook(tmp_path / "mine.ipynb", code)
    process = subprocess.Popen(
        [sys.executable, "-m", "assignment", "report", "--notebook", str(mine)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path / "ipython")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not started.exists() and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=100)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "error: interrupted"
    assert "Traceback" not in said
    assert not list(trained.glob("*.html"))


@pytest.mark.slow
def test_walkthrough_shows_the_students_training(report: Report, tmp_path: Path) -> None:
    """As from the sheet: train, then report."""
    walkthrough = tmp_path / "assignment" / "walkthrough.ipynb"
    walkthrough.write_bytes((ROOT / "assignment" / "walkthrough.ipynb").read_bytes())
    train = ("-m", "assignment.train", "--data", "digits", "--epochs", "2")
    assert report(start=train).returncode == 0
    done = report()
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "runs" / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "your training: 2 epochs from seed 0" in text
    assert "Not done yet" not in text
    assert "Waiting" not in text
    assert "script" not in page.tags
    assert all(image["alt"].strip() for image in page.tags["img"])
    pictures = [image for image in page.tags["img"] if "image/png" in image["src"]]
    assert len(pictures) == 16  # with the curves of the training itself
    assert "<code>\\" not in text  # every formula could be drawn

"""`python -m grader watch` as a person meets it: on a terminal, piped, saved to, interrupted."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

from tests.grader.boxes import wait_for
from tests.grader.watch.terminal import ROOT, Terminal, on_terminal

REFERENCE = ROOT / "solutions" / "reference"
STUBS = ROOT / "assignment"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|38;|9[0-7])")
RIGHT, WRONG = "correction=1", "correction=0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The stubs, in a folder of a student's own."""
    made = tmp_path / "assignment"
    made.mkdir()
    for stub in STUBS.glob("*.py"):
        shutil.copy(stub, made)
    return made


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Where temporary files go; nothing may be left there."""
    made = tmp_path / "temporary"
    made.mkdir(mode=0o755)
    yield made
    assert not list(made.iterdir()), "something was left behind"


def solved(name: str) -> str:
    return (REFERENCE / f"{name}.py").read_text(encoding="utf-8")


def biased() -> str:
    """The task's commonest mistake: it divides by n."""
    text = solved("threshold")
    assert RIGHT in text
    return text.replace(RIGHT, WRONG)


def save_by_renaming(path: Path, text: str) -> None:
    """As vim and many others save."""
    path.rename(path.with_suffix(".py~"))
    beside = path.with_name(".save.tmp")
    beside.write_text(text, encoding="utf-8")
    beside.rename(path)


def assert_fits(terminal: Terminal, folder: Path) -> None:
    """No line is wider than the terminal, but for a path."""
    for line in re.split(r"[\r\n]", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.raw)):
        assert len(line) <= 80 or str(folder) in line, line


def descendants(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []


@pytest.mark.parametrize("level", ["auto", pytest.param("plain", marks=pytest.mark.slow)])
def test_from_the_stub_to_all_points(folder: Path, temporary: Path, level: str) -> None:
    path = folder / "threshold.py"
    arguments = ["watch", folder, "--data", "digits", "--sandbox", level]
    with on_terminal(arguments, TMPDIR=str(temporary), NO_COLOR="1") as terminal:
        page = terminal.wait_for("0 / 100", "q: quit")
        assert "Adaptive threshold 0 / 15" in page  # the sheet's first task
        assert "hint 1" not in page  # a stub needs none

        save_by_renaming(path, biased())
        page = terminal.wait_for("threshold.py saved", "q: quit")
        assert "✗ The threshold is the mean plus z sample standard deviations" in page
        assert "✓ The error is the mean squared error of each sample over its ink" in page
        assert "hint 1 of 3" in page
        assert "hint 2 of 3" not in page
        assert "11 / 100" in page

        path.write_text(biased() + "\n# another try\n", encoding="utf-8")
        page = terminal.wait_for("threshold.py saved", "q: quit")
        assert "hint 2 of 3" in page
        terminal.press("h")
        assert "hint 3 of 3" in terminal.wait_for("hint 3 of 3")

        path.write_text("def (:\n", encoding="utf-8")
        page = terminal.wait_for("threshold.py saved", "q: quit")
        assert "SyntaxError" in page
        assert "hint 1" not in page  # it would be about something else

        path.unlink()
        terminal.wait_for("threshold.py is gone")
        path.write_text(solved("threshold"), encoding="utf-8")
        page = terminal.wait_for("threshold.py saved", "q: quit")
        assert "all 5 checks pass" in page
        assert "15 / 100" in page
        assert "Next: task 3" in page

        workers = descendants(terminal.process.pid)
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.echoes(), "the terminal was not put back"
    assert not COLOUR.search(terminal.raw), "NO_COLOR was set"
    assert_fits(terminal, folder)
    wait_for(lambda: not any(map(psutil.Process.is_running, workers)))


def test_ctrl_c_leaves_nothing(folder: Path, temporary: Path) -> None:
    with on_terminal(
        ["watch", folder, "--data", "digits", "--sandbox", "plain"], TMPDIR=str(temporary)
    ) as terminal:
        terminal.wait_for("q: quit")
        workers = descendants(terminal.process.pid)
        assert workers, "no worker is in reserve"
        terminal.press("\x03")
        assert terminal.end() == 130
        assert terminal.text.rstrip().endswith("the watch has ended")
        assert "Traceback" not in terminal.text
        assert terminal.echoes()
    wait_for(lambda: not any(map(psutil.Process.is_running, workers)))


def test_piped_there_are_no_control_codes_and_a_signal_ends_it(
    folder: Path, temporary: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch", folder, "--data", "digits"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary), "OSR_DATA": os.devnull, "PYTHONUTF8": "1"},
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        printed = b""
        while b"accuracy\n" not in printed:  # the line below the bar
            chunk = os.read(process.stdout.fileno(), 65536)
            assert chunk, printed
            printed += chunk
        process.send_signal(signal.SIGINT)
        printed += process.stdout.read()
    assert process.returncode == 130
    assert b"\x1b" not in printed
    assert b"\r" not in printed
    assert printed.rstrip().endswith(b"the watch has ended")
    assert b"q: quit" not in printed  # nobody can press it


def test_a_terminal_that_can_do_nothing(folder: Path, temporary: Path) -> None:
    with on_terminal(
        ["watch", folder, "--data", "digits"], TERM="dumb", TMPDIR=str(temporary)
    ) as terminal:
        terminal.wait_for("q: quit")
        terminal.press("q")
        assert terminal.end() == 0
    assert "\x1b" not in terminal.raw
    assert_fits(terminal, folder)


def test_what_cannot_be_watched_is_one_line(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "nowhere", "folder"), (tmp_path, "none of the five")):
        done = subprocess.run(
            [sys.executable, "-m", "grader", "watch", path],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1

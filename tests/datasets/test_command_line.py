"""What every command line of the project shares."""

from __future__ import annotations

import io
import subprocess
import sys
import time

import pytest

from datasets.command_line import working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("name", ["moving digits", "the class of [red]"])
def test_work_shows_on_a_terminal_and_is_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with working(name):
        for _ in range(1000):  # a thread draws it
            if name in screen.getvalue():
                break
            time.sleep(0.01)
        assert name in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[1A\x1b[2K")  # its line is empty again


def test_work_leaves_a_file_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="through"), working("moving digits"):
        raise ValueError("through")
    assert capsys.readouterr() == ("", "")


# The last thing that a Python does which ends: ours is registered after it, hence run before it.
ENDING = """
import atexit, os, signal
from datasets.cli import app
atexit.register(os.kill, os.getpid(), signal.SIGINT)
app(["--version"], prog_name="python -m datasets")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal there")
def test_ctrl_c_after_the_end_changes_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDING],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Open-Set Lab ")

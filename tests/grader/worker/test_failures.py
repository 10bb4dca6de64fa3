"""How what student code raises is described."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.worker.failures import describe_failure


class TestFailures:
    """Exceptions as data."""

    @pytest.fixture
    def package(self, tmp_path: Path) -> Path:
        return tmp_path / "assignment"

    def fail(self, package: Path, text: str) -> dict[str, Any]:
        """Run a text as the student's `sample.py`, and describe what it raises."""
        package.mkdir(exist_ok=True)
        path = package / "sample.py"
        path.write_text(text, encoding="utf-8")
        try:
            exec(compile(text, str(path), "exec"), {})
        except BaseException as error:
            return describe_failure(error, package)
        raise AssertionError("it did not raise")

    def test_names_line_and_code(self, package: Path) -> None:
        failure = self.fail(package, "def f():\n    return 1 / 0\n\nf()\n")
        assert (failure["kind"], failure["type"]) == ("error", "ZeroDivisionError")
        assert [frame["line"] for frame in failure["frames"]] == [4, 2]
        assert failure["frames"][-1] == {
            "file": "sample.py", "line": 2, "function": "f", "code": "return 1 / 0",
        }  # fmt: skip

    def test_syntax_error_names_its_line(self, package: Path) -> None:
        failure = self.fail(package, "x = 1\ny = = 2\n")
        assert failure["type"] == "SyntaxError"
        assert failure["frames"][0]["line"] == 2
        assert failure["frames"][0]["file"] == "sample.py"

    def test_frames_outside_the_package_are_left_out(self, package: Path) -> None:
        failure = self.fail(package, "import json\njson.loads('{')\n")
        assert {frame["file"] for frame in failure["frames"]} == {"sample.py"}

    def test_recursion_keeps_few_frames(self, package: Path) -> None:
        failure = self.fail(package, "def f():\n    f()\nf()\n")
        assert failure["type"] == "RecursionError"
        assert 1 <= len(failure["frames"]) <= 6

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("raise NotImplementedError('task')", "not_implemented"),
            ("import abc, numbers\nnumbers.Number.__hash__\nraise MemoryError", "out_of_memory"),
            ('raise RuntimeError("DefaultCPUAllocator: can\'t allocate memory")', "out_of_memory"),
            ("raise SystemExit", "error"),
            ("raise KeyboardInterrupt", "error"),
        ],
    )
    def test_kinds(self, package: Path, text: str, kind: str) -> None:
        assert self.fail(package, text)["kind"] == kind

    @pytest.mark.parametrize(
        ("text", "advice"),
        [
            ("import helper", "write 'from .helper import ...'"),
            ("import nowhere_at_all", "PyTorch, NumPy and what comes with Python are enough"),
            ("1 / 0", ""),
            ("open('no such file')", "read none"),
            ("import bdb\nbdb.Bdb().canonic(None)", "remove breakpoint()"),
            (
                "import torch\ntorch.nn.Module.__new__(torch.nn.Module).a = torch.nn.ReLU()",
                "call super().__init__()",
            ),
            ("raise SystemExit", "remove exit()"),
            ("input()", "remove input()"),
        ],
    )
    def test_what_to_do(
        self, package: Path, monkeypatch: pytest.MonkeyPatch, text: str, advice: str
    ) -> None:
        package.mkdir()
        (package / "helper.py").write_text("", encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        message = self.fail(package, text)["message"]
        assert advice in message
        assert bool(advice) == (";" in message or ": " in message)

    def test_torchs_own_not_implemented_is_an_error(self, package: Path) -> None:
        failure = self.fail(package, "from torch import nn\nnn.Module()(1)\n")
        assert failure["type"] == "NotImplementedError"
        assert failure["kind"] == "error"

    def test_message_is_bounded_and_survives_a_broken_str(self, package: Path) -> None:
        long = self.fail(package, "raise ValueError('x' * 100000)")
        assert len(long["message"]) == 2000
        odd = "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd\n"
        assert "could not be read" in self.fail(package, odd)["message"]

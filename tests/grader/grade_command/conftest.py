"""Running the command in this process, on copies of the reference."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.cli import app
from tests.grader.grade_command.endings import REFERENCE, Run


@pytest.fixture(autouse=True)
def _wide_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal wide enough for every line, without colours."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("OSR_DATA", os.devnull)


@pytest.fixture
def run() -> Run:
    """Run a grading in this process; nothing but a defined exit is let through."""

    def call(*arguments: str | Path) -> Any:
        result = CliRunner().invoke(app, ["grade", *map(str, arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def copy_reference(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the reference; a text replaces a file, None removes it, bytes are written so."""

    def copy(**changes: str | bytes | None) -> Path:
        folder = tmp_path / "submission"
        shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for stem, content in changes.items():
            path = folder / ("weights.safetensors" if stem == "weights" else f"{stem}.py")
            if content is None:
                path.unlink()
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content, encoding="utf-8")
        return folder

    return copy

"""Modules that cannot be loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import grading
from grader.rubric import load_rubric
from tests.grader.grade_command.endings import (
    CODE_TASKS,
    Run,
    assert_all,
    checks_of,
    graded,
    task_options,
)


class TestBrokenModules:
    """A module that cannot be loaded costs its own task; the others are graded as ever."""

    def test_each_in_its_own_way(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        folder = copy_reference(
            autoencoder="raise ValueError('boom at import')\n",
            classifier="import os\nos._exit(0)\n",
            contrastive="def contrastive_loss(:\n",
            evaluation=None,
        )
        data = graded(run, folder, *task_options(*CODE_TASKS))
        assert data["status"] == "graded"
        assert data["score"] == 15
        assert_all(data, "autoencoder", "error", "autoencoder.py", "boom at import")
        assert_all(data, "classifier", "crashed", "classifier.py", "exit code 0")
        assert_all(data, "contrastive", "error", "SyntaxError", "contrastive.py:1")
        assert_all(data, "evaluation", "error", "evaluation.py is missing")
        assert_all(data, "threshold", "passed")
        assert any("missing: evaluation.py" in note for note in data["notes"])

    @pytest.mark.slow
    def test_each_in_another_way(
        self,
        run: Run,
        copy_reference: Callable[..., Path],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        rubric = load_rubric()
        limits = dataclasses.replace(rubric.limits, cpu_s=3.0)
        monkeypatch.setattr(
            grading, "load_rubric", lambda: dataclasses.replace(rubric, limits=limits)
        )
        folder = copy_reference(
            autoencoder="while True:\n    pass\n",
            classifier="import sys\nsys.exit(0)\n",
            contrastive="contrastive_loss = 3\n",
            threshold="from .nowhere import thing\n",
        )
        data = graded(run, folder, *task_options(*CODE_TASKS))
        assert_all(data, "autoencoder", "timeout", "autoencoder.py", "3 s")
        assert_all(data, "classifier", "error", "classifier.py", "SystemExit")
        assert_all(data, "contrastive", "error", "defines no contrastive_loss")
        assert_all(data, "threshold", "error", "threshold.py", "nowhere")
        assert_all(data, "evaluation", "passed")

    @pytest.mark.slow
    def test_accuracy_is_skipped_without_what_it_needs(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        folder = copy_reference(threshold="raise ValueError\n", autoencoder="import nowhere\n")
        data = graded(run, folder, *task_options("autoencoder", "threshold", "accuracy"))
        assert_all(data, "accuracy", "skipped", "Autoencoder", "Adaptive threshold")
        assert data["score"] == 0

    def test_text_that_no_terminal_or_file_can_hold(
        self, run: Run, copy_reference: Callable[..., Path]
    ) -> None:
        folder = copy_reference(contrastive=r"raise ValueError('half a pair \ud800 \x1b[2J')")
        data = graded(run, folder, "--task", "contrastive")
        assert_all(data, "contrastive", "error", "half a pair")
        assert "\x1b" not in checks_of(data, "contrastive")[0]["message"]

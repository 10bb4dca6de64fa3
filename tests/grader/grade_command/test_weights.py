"""Weights that came along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import safetensors.numpy

from tests.grader.grade_command.endings import Run, assert_all, graded


class TestWeights:
    """Weights that cannot be used are the student's fault, said in their words."""

    def test_garbage(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        data = graded(run, copy_reference(weights=b"\x80\x04 a pickle"), "--task", "accuracy")
        assert_all(data, "accuracy", "error", "weights.safetensors", "no safetensors file")

    def test_of_another_architecture(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        other = safetensors.numpy.save({"fc1.weight": np.zeros((3, 3), np.float32)})
        data = graded(run, copy_reference(weights=other), "--task", "accuracy")
        assert_all(data, "accuracy", "error", "weights.safetensors", "does not fit")

    def test_none_and_no_training(self, run: Run, copy_reference: Callable[..., Path]) -> None:
        data = graded(run, copy_reference(), "--task", "accuracy", "--train", "never")
        assert_all(data, "accuracy", "not_implemented", "assignment.train")

"""Replies that no worker of ours sends: they cost the check, and never end the grading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets import ImageSet
from datasets.bundle import write_bundle
from datasets.image_set import unknown_set
from grader.errors import Crashed, UsageError
from grader.plan import Plan, choose_data
from tests.fuzz.frames import CALLS, EVALUATED, IMAGES, NUMBER, frame, read_result

SCALAR = {"value": {"kind": "tensor", "name": "t0"}, "attached": True}
CALLED = [{"size": "4", "training": False, "gradients": False}]
FORGED: list[tuple[str, Any, dict[str, np.ndarray]]] = [
    ("loss_gradient", SCALAR, {"t0": NUMBER, "gradient": IMAGES.astype(np.complex64)}),
    ("jacobians", None, {"j0": np.ones((10, 3136), bool), "j1": np.ones((64, 3136))}),
    ("placement", {"dtype": 3, "clash": None, "device": None}, {}),
    ("device", {"device": ["meta"], "clash": None}, {}),
    ("changed", {"value": None, "changed_inputs": [None]}, {}),
    ("evaluate", EVALUATED | {"calls": CALLED}, {"t0": NUMBER}),
    ("parameters", [{"name": "a", "largest": "a lot", "code": True}], {}),
    ("parameters", [{"name": 3, "largest": 0.5, "code": True}], {}),
    ("train", {"step": float("nan"), "steps": 10}, {}),
    ("train", {"step": 3, "steps": 10**400}, {}),
    ("train", {"step": 11, "steps": 10}, {}),
    ("train", "done", {}),
]


@pytest.mark.parametrize(("call", "value", "arrays"), FORGED)
def test_is_the_students_fault(call: str, value: Any, arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(Crashed) as caught:
        read_result(call, frame({"value": value}, arrays))
    assert str(caught.value)


@pytest.mark.parametrize("call", CALLS)
def test_honest_replies_are_taken(call: str) -> None:
    _, _, value, arrays, _ = CALLS[call]
    read_result(call, frame({"value": value}, arrays))


@pytest.mark.parametrize("facts", [{}, {"profile": "cifar"}, {"profile": ["digits"]}])
def test_bundle_of_no_profile(tmp_path: Path, facts: dict[str, Any]) -> None:
    known = ImageSet("d", "digits", np.zeros((1, 28, 28), np.uint8), np.array([1]))
    path = tmp_path / "hidden.npz"
    write_bundle(path, known, (unknown_set("runes", np.ones((1, 28, 28), np.uint8)),), **facts)
    with pytest.raises(UsageError, match="names no profile, digits or mnist"):
        choose_data(Plan(tmp_path, hidden=path))

"""Hidden bundles that cannot be read, at once or when they are needed."""

from __future__ import annotations

import os

from tests.grader.tiny import TINY, ZEROS, write_tiny_bundle

from .lab import Lab


def unreadable_bundle(lab: Lab) -> str:
    """Not there, a folder, a pipe that nobody writes to, garbage, or the first half of one."""
    kinds = ("missing", "folder", "pipe", "garbage", "half")
    kind = kinds[lab.number % len(kinds)]
    path = lab.root / "hidden.npz"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "garbage":
        path.write_bytes(lab.rng.randbytes(5000))
    elif kind == "half":
        whole = write_tiny_bundle(path).read_bytes()
        path.write_bytes(whole[: lab.rng.randrange(1, len(whole) - 1)])
    return f"{kind}: {lab.judge(lab.grade('--hidden', path), 2, words='hidden.npz')}"


def bundle_vanishes(lab: Lab) -> str:
    """It is there when the grading begins, and gone when the model is measured on it."""
    for name, text in TINY.items():
        (lab.submission / f"{name}.py").write_text(text, encoding="utf-8")
    (lab.submission / "weights.safetensors").write_bytes(ZEROS)
    options = ("--hidden", write_tiny_bundle(lab.root / "hidden.npz"), "--task", "accuracy")
    said = lab.judge(lab.grade(*options, under="bundle_vanishes"), 3, words="hidden.npz")
    data = lab.broken_record()
    assert data is not None
    statuses = {check["status"] for check in data["tasks"][-1]["checks"]}
    lab.expect(statuses == {"grader_error"}, f"statuses {statuses}")
    return said

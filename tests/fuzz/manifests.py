"""What an instructor writes or keeps: the rubric, and a hidden bundle."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from datasets.bundle import _digest, read_bundle, write_bundle
from datasets.errors import DataError
from datasets.image_set import ImageSet, unknown_set
from grader.errors import GraderError, UsageError
from grader.metrics import measure
from grader.plan import Plan, choose_data
from grader.rubric import load_rubric
from grader.trial import build_trial
from tests.fuzz.mutation import mutate_bytes, mutate_json
from tests.fuzz.scratch import scratch
from tests.fuzz.target import Target

CHECK = 'def test_value():\n    """The value is right"""\n'
RUBRIC = b"""schema = 1
[limits]
cpu_s = 5.0
wall_s = 20
memory_mb = 1500
processes = 64
[waiting]
check_s = 100
all_s = 1_000.5
[training]
memory_mb = 3000
digits = { cpu_s = 90, wall_s = 300 }
mnist = { cpu_s = 0x5a, wall_s = 300 }
[accuracy.digits]
known = { floor = 0.80, target = 0.93 }
unknown = { floor = 0.5, target = 0.9 }
worst_family = { floor = 0.5, target = 0.9 }
[accuracy.mnist]
known = { floor = 0.80, target = 0.93 }
unknown = { floor = 0.5, target = 0.9 }
worst_family = { floor = 0.5, target = 0.9 }
[memorisation]
digits = 0.05
mnist = 3e-2
[[tasks]]
id = "threshold"
title = "Adaptive threshold"
points = 100
needs = []
[tasks.checks.value]
points = 100
cause = "the threshold is \\u006eot the mean"
hints = ["a", 'b', \"\"\"c\"\"\"]
"""
NUMBERS = (b"0", b"-1", b"1e400", b"nan", b"-inf", b"0x" + b"f" * 5000, b"9" * 5000, b"1e308",
           b"[" * 2000, b"true", b"1979-05-27", b'"x"', b"{}", b"[]", b"0.1", b"1_0")  # fmt: skip


def make_rubric(rng: Random) -> bytes:
    """A rubric with bytes changed, or with other values at some keys."""
    if rng.random() < 0.5:
        return mutate_bytes(rng, [RUBRIC])
    lines = RUBRIC.splitlines()
    for _ in range(rng.choice((1, 1, 2))):
        place = rng.randrange(len(lines))
        key = lines[place].partition(b"=")[0]
        lines[place] = key + b"=" + rng.choice(NUMBERS)
    return b"\n".join(lines)


def read_rubric(data: bytes) -> None:
    """Load it beside a folder of one check."""
    rubric = scratch() / "rubric.toml"
    rubric.write_bytes(data)
    load_rubric(rubric, _checks())


@cache
def _checks() -> Path:
    folder = scratch() / "checks"
    folder.mkdir()
    (folder / "threshold.py").write_text(CHECK, encoding="utf-8")
    return folder


@cache
def _arrays() -> dict[str, np.ndarray]:
    """A small bundle's arrays."""
    known = ImageSet("d", "digits", np.full((2, 28, 28), 7, np.uint8), np.array([3, 0]))
    path = scratch() / "valid.npz"
    runes = unknown_set("runes", np.ones((1, 28, 28), np.uint8))
    write_bundle(path, known, (runes,), profile="digits")
    with np.load(path) as arrays:
        return dict(arrays)


def _save(arrays: dict[str, np.ndarray], manifest: Any) -> bytes:
    buffer = io.BytesIO()
    kept = {key: value for key, value in arrays.items() if key != "manifest"}
    text = np.array(manifest if isinstance(manifest, str) else json.dumps(manifest))
    np.savez(buffer, **kept, manifest=text)
    return buffer.getvalue()


@cache
def _bundles() -> list[bytes]:
    manifest = str(_arrays()["manifest"])
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_save(_arrays(), manifest))) as archive,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as other,
    ):
        for name in archive.namelist():
            other.writestr(name, archive.read(name))
    return [_save(_arrays(), manifest), packed.getvalue()]


def make_bundle(rng: Random) -> bytes:
    """A bundle with bytes changed, or with arrays and a manifest that are odd and yet signed."""
    if rng.random() < 0.4:
        return mutate_bytes(rng, _bundles())
    arrays = dict(_arrays())
    manifest = mutate_json(rng, json.loads(str(arrays["manifest"])))
    name = rng.choice(("images", "labels", "families"))
    arrays[name] = rng.choice(
        (
            arrays[name][:0], arrays[name][None], arrays[name].astype("U9"), np.array(3),
            arrays[name], arrays[name], np.zeros(3, "V5"), np.zeros(3, "M8[s]"),
            np.zeros(3, [("a", int)]), np.zeros(3, complex), np.array([[]]),
        )
    )  # fmt: skip
    if isinstance(manifest, dict) and rng.random() < 0.9:
        manifest.setdefault("schema", "osr-hidden/1")
        parts = (arrays["images"], arrays["labels"], arrays["families"])
        manifest["sha256"] = _digest(*parts, manifest)
    text = json.dumps(manifest)
    if rng.random() < 0.03:
        text = text.replace("5", "[" * 3000, 1)
    return _save(arrays, text)


def read_bundle_bytes(data: bytes) -> None:
    """Read it, as the grader does before any student code runs, and measure what knows it all."""
    path = scratch() / "case.npz"
    path.write_bytes(data)
    choose_data(Plan(path, hidden=path))
    bundle = read_bundle(path)
    trial = build_trial(bundle.known, bundle.unknowns)
    measure(trial, trial.labels, trial.labels, trial.labels.astype(float))


TARGETS = [
    Target("rubric", 30, make_rubric, read_rubric, (GraderError,)),
    Target("bundle", 30, make_bundle, read_bundle_bytes, (DataError, UsageError)),
]

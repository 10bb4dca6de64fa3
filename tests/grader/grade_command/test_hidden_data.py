"""What a student learns about hidden images."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

import datasets
from grader.rubric import load_rubric
from tests.grader.grade_command.endings import CODE_TASKS, Run, checks_of, graded
from tests.grader.tiny import TINY, ZEROS, write_tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("hidden") / "hidden.npz")


class TestHiddenData:
    """A student reads which kind of image loses points; figures stay in the record's metrics."""

    def grade(self, run: Run, folder: Path, *options: str | Path) -> list[dict[str, Any]]:
        data = graded(run, folder, "--task", "accuracy", "--train", "never", *map(str, options))
        self.data = data
        return checks_of(data, "accuracy")

    def test_category_and_hint(
        self, run: Run, copy_reference: Callable[..., Path], bundle: Path
    ) -> None:
        folder = copy_reference(weights=ZEROS, **TINY)
        hidden = self.grade(run, folder, "--hints", "3", "--hidden", bundle)
        assert self.data["metrics"]["unknown_accuracy"] == 0
        assert set(self.data["metrics"]["per_family"]) > {"letters"}
        assert self.data["not_run"] == list(CODE_TASKS)
        for entry, check in zip(load_rubric().task("accuracy").checks, hidden, strict=True):
            assert (check["visibility"], check["status"]) == ("hidden", "failed")
            assert "lose points" in check["message"]
            assert not re.search(r"\d|%|letters|photographs|noise", check["message"])
            assert check["hint"] == "\n".join(entry.hints)

    def test_what_an_exception_says_of_them(
        self, run: Run, copy_reference: Callable[..., Path], bundle: Path
    ) -> None:
        telling = "raise ValueError(f'mean {images.mean()}')"
        classifier = TINY["classifier"].replace("# HERE", telling)
        folder = copy_reference(weights=ZEROS, **{**TINY, "classifier": classifier})
        for check in self.grade(run, folder, "--hidden", bundle):
            assert check["status"] == "error"
            assert "hidden images" in check["message"]
            assert "mean" not in check["message"]


class TestRememberedImages:
    """A program that looks the public test images up is flagged, and earns nothing by it."""

    LOOKS_UP = """
                logits = self.head(images.flatten(1)).clone()
                for row, image in zip(logits, images):
                    pixels = ((image + 1) * 127.5).round().byte().numpy().tobytes()
                    if zlib.crc32(pixels) in LABELS:
                        row[LABELS[zlib.crc32(pixels)]] += 10
                return logits, images.flatten(1)[:, :64]
    """

    def test_they_are_flagged(
        self, run: Run, copy_reference: Callable[..., Path], bundle: Path
    ) -> None:
        digits = datasets.load_test("digits")[0]
        labels = {
            zlib.crc32(image.tobytes()): int(label)
            for image, label in zip(digits.images, digits.labels, strict=True)
        }
        classifier = TINY["classifier"].replace(
            "# HERE", indent(dedent(self.LOOKS_UP).strip(), 8 * " ").lstrip()
        )
        text = f"import zlib\nLABELS = {labels}\n{classifier}"
        folder = copy_reference(weights=ZEROS, **{**TINY, "classifier": text})
        options = ("--task", "accuracy", "--train", "never", "--hidden", str(bundle))
        data = graded(run, folder, *options)
        assert data["memorisation"]["public_known_accuracy"] == 1
        assert data["memorisation"]["hidden_known_accuracy"] < 0.3
        (flag,) = data["flags"]
        assert flag.startswith("known accuracy is 100.00 % on the public test digits")
        assert data["score"] == 0
        assert "Flag: known accuracy" in run(folder, "--data", "digits", *options).stdout

    def test_a_model_that_knows_nothing_is_not(
        self, run: Run, copy_reference: Callable[..., Path], bundle: Path
    ) -> None:
        folder = copy_reference(weights=ZEROS, **TINY)
        data = graded(
            run, folder, "--task", "accuracy", "--train", "never", "--hidden", str(bundle)
        )
        assert data["memorisation"]["public_known_accuracy"] == pytest.approx(0.1, abs=0.02)
        assert data["flags"] == []

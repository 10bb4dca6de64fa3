"""The examples by hand in the problem sheet, worked out by the oracles and by the reference."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from grader import oracles
from solutions.reference.contrastive import contrastive_loss
from solutions.reference.evaluation import eval_model
from solutions.reference.threshold import adaptive_threshold, reconstruction_error, reject
from solutions.regions import find_regions
from solutions.stubs import MODULES, REFERENCE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sheet() -> str:
    return (ROOT / "assignment" / "README.md").read_text(encoding="utf-8")


def part(sheet: str, heading: str) -> str:
    """The text from a heading to the next one, on one line, in plain characters, nothing bold."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", sheet, re.M | re.S)
    assert found is not None, f"no heading {heading!r}"
    return " ".join(found[1].replace("**", "").replace("\N{MINUS SIGN}", "-").split())


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


class TestTask1:
    def test_sizes_of_convolutions(self, sheet: str) -> None:
        text = part(sheet, "Task 1 by hand")
        down, up = nn.Conv2d(1, 8, 4, 2, 1), nn.ConvTranspose2d(8, 1, 4, 2, 1)
        small = down(torch.zeros(1, 1, 28, 28)).shape[-1]
        smaller = down(torch.zeros(1, 1, small, small)).shape[-1]
        assert f"A side of 28 becomes ⌊(28 + 2 - 4) / 2⌋ + 1 = 13 + 1 = {small}" in text
        assert f"14 becomes ⌊(14 + 2 - 4) / 2⌋ + 1 = 6 + 1 = {smaller}" in text
        back = up(torch.zeros(1, 8, smaller, smaller)).shape[-1]
        whole = up(torch.zeros(1, 8, back, back)).shape[-1]
        assert f"(7 - 1) · 2 - 2 + 4 = {back}, and (14 - 1) · 2 - 2 + 4 = {whole}" in text

    def test_kernel_3_loses_a_pixel_on_the_way_up(self, sheet: str) -> None:
        text = part(sheet, "Task 1 by hand")
        down = nn.Conv2d(1, 8, 3, 2, 1)(torch.zeros(1, 1, 28, 28)).shape[-1]
        half = torch.zeros(1, 8, 7, 7)
        up = nn.ConvTranspose2d(8, 1, 3, 2, 1)(half).shape[-1]
        assert f"⌊27 / 2⌋ + 1 = {down}" in text
        assert f"(7 - 1) · 2 - 2 + 3 = {up}" in text
        assert nn.ConvTranspose2d(8, 1, 3, 2, 1, output_padding=1)(half).shape[-1] == up + 1

    def test_parameters(self, sheet: str) -> None:
        text = part(sheet, "Task 1 by hand")

        def parameters(layer: nn.Module) -> int:
            return sum(weights.numel() for weights in layer.parameters())

        assert f"(1 · 4 · 4 + 1) · 8 = {parameters(nn.Conv2d(1, 8, 4))} parameters" in text
        inputs = nn.Conv2d(1, 8, 4, 2, 1)(torch.zeros(1, 1, 28, 28)).numel()
        large = parameters(nn.Linear(inputs, 1300))
        assert f"8 · 14 · 14 = {inputs:,} numbers" in text
        assert f"({inputs:,} + 1) · 1,300 = {large:,}" in text
        assert large > 2_000_000


class TestTask2:
    def test_two_classes(self, sheet: str) -> None:
        text = part(sheet, "Task 2 by hand")
        logits = torch.tensor([[math.log(9), 0.0]], dtype=torch.float64)
        right = torch.tensor([0])
        once = logits.softmax(dim=1)
        twice = once.softmax(dim=1)
        assert f"-ln {once[0, 0]:.1f} = {nn.functional.cross_entropy(logits, right):.3f}" in text
        assert f"$1 / (1 + e^{{-0.8}})$ = {twice[0, 0]:.3f}" in text
        assert f"the loss is -ln 0.690 = {nn.functional.cross_entropy(once, right):.3f}" in text

    @pytest.mark.parametrize("classes", [2, 10])
    def test_the_least_loss_of_two_softmaxes(self, sheet: str, classes: int) -> None:
        sure = torch.eye(classes, dtype=torch.float64)[:1]  # what a softmax can come near
        best = sure.softmax(dim=1)[0, 0]
        least = nn.functional.cross_entropy(sure, torch.tensor([0]))
        assert f"{best:.3f}, a loss of {least:.3f}" in part(sheet, "Task 2 by hand")
        draws = torch.randn(1000, classes, generator=torch.manual_seed(0), dtype=torch.float64) * 50
        losses = nn.functional.cross_entropy(
            draws.softmax(dim=1), draws.argmax(dim=1), reduction="none"
        )
        assert losses.min() >= least - 1e-12


EMBEDDINGS = np.array([[0, 0], [0.6, 0.8], [0, 0.8]])
LABELS = np.array([7, 7, 1])


class TestTask3:
    def test_distances_are_those_of_the_embeddings(self, sheet: str) -> None:
        text = part(sheet, "Task 3 by hand")
        assert "A = (0, 0) and B = (0.6, 0.8) are a 7, C = (0, 0.8) is a 1" in text
        rows = re.findall(r"\| ([ABC]), ([ABC]) \|[^|]*\|([^|]*)\|([^|]*)\|", text)
        assert [row[:2] for row in rows] == [("A", "B"), ("A", "C"), ("B", "C")]
        for one, other, distance, contributed in rows:
            i, j = "ABC".index(one), "ABC".index(other)
            expected = float(np.linalg.norm(EMBEDDINGS[i] - EMBEDDINGS[j]))
            assert numbers(distance)[-1] == pytest.approx(expected)
            same = LABELS[i] == LABELS[j]
            assert numbers(contributed)[-1] == pytest.approx(expected if same else 1 - expected)

    @pytest.mark.parametrize(("margin", "words"), [(1.0, "the loss is 1.3"), (0.7, "= 1.05, not")])
    def test_losses(self, sheet: str, margin: float, words: str) -> None:
        expected = oracles.contrastive_loss(EMBEDDINGS, LABELS, margin)
        embeddings = torch.from_numpy(EMBEDDINGS)
        assert float(contrastive_loss(embeddings, torch.from_numpy(LABELS), margin)) == (
            pytest.approx(expected)
        )
        assert numbers(words)[0] == pytest.approx(expected)
        assert words in part(sheet, "Task 3 by hand")

    def test_wrong_ways(self, sheet: str) -> None:
        text = part(sheet, "Task 3 by hand")
        d = np.linalg.norm(EMBEDDINGS[:, None] - EMBEDDINGS, axis=2)
        same = LABELS[:, None] == LABELS
        push = np.maximum(0, 1 - d[~same])
        diagonal = d[same].mean()
        assert f"(0 + 0 + 0 + 1 + 1) / 5 = {diagonal:.1f}, and the loss " in text
        assert f"and the loss {diagonal + push.mean():.1f}." in text
        squared = 1.0 + (push**2).mean()
        assert f"1 + (0.04 + 0.16) / 2 = {squared:.1f}." in text
        assert f"not 1.0 + (-0.1 + 0.1) / 2 = {1 + (0.7 - d[~same]).mean():.1f}." in text


class TestTask4:
    def test_errors(self, sheet: str) -> None:
        text = part(sheet, "Task 4 by hand")
        rows = [
            [cell.strip() for cell in row.split("|")[1:-1]]
            for row in re.findall(r"\| [-1, ]+ \|[^|]*\|[^|]*\|[^|]*\|[^|]*\|", text)
        ]
        assert len(rows) == 2
        for row in rows:
            images, redrawn = (np.array(numbers(cell)).reshape(1, 1, 2, 2) for cell in row[:2])
            *squares, mean = numbers(row[2])
            assert ((images - redrawn) ** 2).ravel() == pytest.approx(squares)
            assert np.mean(squares) == pytest.approx(mean)
            above, below = numbers(row[3])
            assert oracles.ink(images) == pytest.approx(above / below)
            error = numbers(row[4])[-1]
            assert oracles.reconstruction_error(images, redrawn) == pytest.approx(error)
            ours = reconstruction_error(torch.from_numpy(images), torch.from_numpy(redrawn))
            assert ours.numpy() == pytest.approx(error)

    def test_threshold(self, sheet: str) -> None:
        text = part(sheet, "Task 4 by hand")
        errors = np.array([1.0, 1, 1, 3])
        assert "Four errors, 1, 1, 1 and 3, and z = 2" in text
        expected = oracles.adaptive_threshold(errors, 2)
        assert float(adaptive_threshold(torch.from_numpy(errors), 2)) == pytest.approx(expected)
        assert f"the threshold 1.5 + 2 · 1 = {expected:.1f}." in text
        assert f"standard deviation {errors.std():.3f}" in text
        assert f"the threshold {errors.mean() + 2 * errors.std():.2f}." in text

    def test_decision(self, sheet: str) -> None:
        text = part(sheet, "Task 4 by hand")
        made = reject(torch.tensor([7, 1, 4]), torch.tensor([2, 3.5, 4]), torch.tensor(3.5))
        shown = ", ".join(map(str, made.tolist()))
        assert f"Predictions 7, 1, 4 with errors 2, 3.5, 4 become {shown}:" in text


class Told(nn.Module):
    """A model that gives the predictions it was told, batch by batch."""

    def __init__(self, batches: list[list[int]]) -> None:
        super().__init__()
        self.batches = iter(batches)

    def predict(self, images: torch.Tensor) -> torch.Tensor:
        return torch.tensor(next(self.batches))


class TestTask5:
    def test_fractions(self, sheet: str) -> None:
        text = part(sheet, "Task 5 by hand")
        labels = self.batches(text, "labels")
        predictions = self.batches(text, "predictions")
        assert [len(batch) for batch in labels] == [4, 2]
        loader = [(torch.zeros(len(batch), 1, 28, 28), torch.tensor(batch)) for batch in labels]
        found = eval_model(Told(predictions), loader)
        flat = [np.concatenate(batches) for batches in (labels, predictions)]
        assert found == pytest.approx(oracles.evaluation(*flat))
        assert found == pytest.approx((3 / 4, 1 / 2, 4 / 6))
        assert "Known accuracy 3/4." in text
        assert "Unknown accuracy 1/2." in text
        assert f"total accuracy 4/6 = {found.total_accuracy:.3f}." in text

        pairs = [(np.array(a), np.array(b)) for a, b in zip(labels, predictions, strict=True)]
        means = np.mean([oracles.evaluation(*pair) for pair in pairs], axis=0)
        assert f"known (2/3 + 1/1) / 2 = {means[0]:.3f}" in text
        assert f"total (2/4 + 2/2) / 2 = {means[2]:.2f}" in text

    @staticmethod
    def batches(text: str, row: str) -> list[list[int]]:
        found = re.search(rf"\| {row} \|([^|]*)\|([^|]*)\|", text)
        assert found is not None
        return [[int(number) for number in cell.split(",")] for cell in found.groups()]


def test_lines_of_the_reference(sheet: str) -> None:
    lines = 0
    for number, module in enumerate(MODULES, start=1):
        source = (REFERENCE / f"{module}.py").read_text(encoding="utf-8")
        rows = source.split("\n")
        for region in find_regions(source, module, f"task {number}, {module}"):
            inside = [row.strip() for row in rows[region.begin : region.end - 1]]
            lines += sum(bool(row) and not row.startswith("#") for row in inside)
    assert f"the reference solution has {lines} lines of code in all five tasks" in " ".join(
        sheet.split()
    )


def test_what_the_softmax_rejects_is_what_was_measured(sheet: str) -> None:
    text = part(sheet, "Why a model must be able to say no")
    assert "rejected less than 3 % of the photographs of CIFAR-10 in each of five trainings" in text
    assert "not one image of pure noise" in text
    assert "rejects more than 99 % of both" in text
    results = ROOT / "solutions" / "results" / "zoo-mnist.json"
    cells = json.loads(results.read_text(encoding="utf-8"))["cells"]

    def rejected(method: str, family: str) -> list[float]:
        return [
            cell["summary"]["families"][family]["unknown_accuracy"]
            for cell in cells
            if cell["method"] == method and cell["budget"] == "default"
        ]

    assert len(rejected("msp", "noise")) == 5
    assert max(rejected("msp", "cifar10")) < 0.03
    assert max(rejected("msp", "noise")) == 0
    assert min(rejected("assignment", "cifar10") + rejected("assignment", "noise")) > 0.99

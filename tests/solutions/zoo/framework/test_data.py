"""Known and unknown images are the right ones, and the same for every run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from datasets import DataError, load_training
from datasets.digits import load_digits_test
from solutions.errors import UserError
from solutions.zoo.framework.data.digits import against_families, six_four
from solutions.zoo.framework.data.npz import from_npz
from solutions.zoo.framework.data.open_set import OpenSet, as_images
from solutions.zoo.known import Known
from solutions.zoo.splits import SPLITS


@pytest.mark.parametrize("split", [0, 3])
def test_six_four(split: int) -> None:
    data = six_four("digits", split)
    classes = sorted(SPLITS[split])
    assert data.classes == tuple(classes)
    train, heldout = load_training("digits")
    test = load_digits_test()
    labels = np.concatenate([train.labels, heldout.labels])
    assert len(data.known) == np.isin(labels, classes).sum()
    for new, digit in enumerate(classes):
        members = as_images(test.images[test.labels == digit])
        assert torch.equal(data.test.images[data.test.labels == new], members)
    assert len(data.unknowns["other_digits"]) == (~np.isin(test.labels, classes)).sum()
    assert (data.channels, data.size) == (1, 28)


def test_against_families() -> None:
    data = against_families("digits")
    assert data.classes == tuple(range(10))
    assert list(data.unknowns) == ["letters", "lookalikes", "photographs", "noise"]


def test_the_published_splits() -> None:
    assert len(set(map(frozenset, SPLITS))) == 5
    assert all(len(set(split)) == 6 and set(split) < set(range(10)) for split in SPLITS)


def test_wrong_split_and_missing_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OSR_DATA", str(tmp_path))
    with pytest.raises(UserError, match="no split 5: there are 0 to 4"):
        six_four("digits", 5)
    with pytest.raises(DataError, match="datasets fetch mnist"):
        six_four("mnist", 0)
    with pytest.raises(DataError, match="datasets fetch cifar10"):
        from_npz("cifar10", known=[0, 1])
    np.savez(tmp_path / "leaves.npz", images=np.zeros((2, 8, 8), np.uint8), labels=np.arange(2))
    with pytest.raises(DataError, match="did you mean leaves"):
        from_npz("leafs", known=[0, 1])


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> np.ndarray:
    """A file of 60 colour images whose every pixel tells the label."""
    monkeypatch.setenv("OSR_DATA", str(tmp_path))
    labels = np.repeat([3, 5, 7], 20)
    images = np.zeros((60, 12, 12, 3), np.uint8)
    images[..., 0] = labels[:, None, None] * 10
    np.savez(tmp_path / "colours.npz", images=images, labels=labels)
    return labels


def level(label: int) -> float:
    return label * 10 / 127.5 - 1


@pytest.mark.usefixtures("colours")
def test_a_file_of_ones_own() -> None:
    data = from_npz("colours", known=[7, 3], test_share=0.25)
    assert data.classes == (3, 7)
    assert (data.channels, data.size) == (3, 12)
    assert (len(data.known), len(data.test), len(data.unknowns["other_classes"])) == (30, 10, 20)
    for part in (data.known, data.test):
        for new, label in enumerate(data.classes):
            red = part.images[part.labels == new][:, 0]
            torch.testing.assert_close(red, torch.full_like(red, level(label)))
    red = data.unknowns["other_classes"][:, 0]
    torch.testing.assert_close(red, torch.full_like(red, level(5)))
    again = from_npz("colours", known=[7, 3], test_share=0.25)
    assert torch.equal(again.test.labels, data.test.labels)
    small = from_npz("colours", known=[3, 7], grey=True, size=8)
    assert (small.channels, small.size) == (1, 8)
    assert from_npz("colours", known=[3, 7], size=16).size == 16


@pytest.mark.usefixtures("colours")
@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"known": [3, 4]}, "data.known: no class 4; there are 3, 5, 7"),
        ({"known": [3, 3]}, "named twice"),
        ({"known": [3, 5], "unknown": [5]}, "known and unknown at once: class 5"),
        ({"known": [3, 5, 7]}, "no unknown images"),
        ({"known": [3]}, "two known classes"),
        ({"known": [3, 5], "test_share": 1.0}, "between 0 and 1"),
        ({"known": [3, 5], "size": 0}, "number of pixels"),
    ],
)
def test_what_a_file_cannot_give(options: dict[str, object], line: str) -> None:
    with pytest.raises((UserError, DataError), match=line):
        from_npz("colours", **options)


def test_eleven_known_classes_are_one_too_many() -> None:
    images, labels = torch.zeros(11, 1, 8, 8), torch.arange(11)
    known = Known(images, labels)
    with pytest.raises(UserError, match="11 known classes: label 10 is unknown, so 10 at most"):
        OpenSet("", known, known, {"other": images}, tuple(range(11)))

"""The pictures that every method has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from solutions.zoo.plots import open_set
from solutions.zoo.plots.open_set import open_set_pictures


def test_what_is_handed_to_each_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, list[tuple[Any, ...]]] = {}
    for name in ("roc", "oscr", "scores", "confusion"):
        monkeypatch.setattr(
            open_set,
            f"plot_{name}",
            lambda *args, name=name, **_: given.setdefault(name, []).append(args) or b"png",
        )
    labels = np.array([0, 0, 1, 1, 10, 10, 10])
    closed_set = np.array([0, 1, 1, 1, 0, 1, 1])
    scores = np.array([0.1, 0.4, 0.2, 0.9, 0.3, 0.8, 0.7])
    families = np.array(["a", "known", "known", "known", "b", "a", "a"])
    drawn = open_set_pictures(labels, closed_set, scores, 0.5, families, ["x", "y"], "t")
    assert set(drawn) == {
        "roc.png",
        "oscr.png",
        "scores.png",
        "confusion.png",
        "known_unknown.png",
    }
    eleven_way, two_way = (args[0].tolist() for args in given["confusion"])
    assert eleven_way == [[1, 1, 0], [0, 1, 1], [1, 0, 2]]
    assert two_way == [[3, 1], [1, 2]]
    known, unknown = given["scores"][0][:2]
    assert known.tolist() == [0.1, 0.4, 0.2, 0.9]
    assert {name: of.tolist() for name, of in unknown.items()} == {"a": [0.8, 0.7], "b": [0.3]}
    assert list(given["roc"][0][0]) == list(given["oscr"][0][0]) == ["a", "b"]
    assert given["oscr"][0][0]["a"].ccr[-1] == 0.75  # the closed-set accuracy

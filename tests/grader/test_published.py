"""The grader's published figures are the maintainers', of which it may not import anything."""

from __future__ import annotations

from grader.published import load_published
from solutions.zoo.tables.published import published


def test_every_finished_system_with_both_accuracies_is_there_and_no_other() -> None:
    wanted = {
        (row["name"], row["source"], row["known"], row["unknown"], row["total"])
        for row in published("accuracy")
        if {"known", "unknown", "total"} <= set(row)
        and "(read)" in row["source"]
        and ", attempt" not in row["name"]
    }
    made = {
        (one.name, one.source, *(round(100 * value, 4) for value in (
            one.known_accuracy, one.unknown_accuracy, one.total_accuracy)))
        for one in load_published("mnist")
    }  # fmt: skip
    assert made == wanted
    assert len(made) >= 5


def test_nothing_was_published_on_the_embedded_digits() -> None:
    assert load_published("digits") == ()

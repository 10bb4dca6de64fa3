"""Accuracy on known against unknown images, with the reference and published systems beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..published import Published, load_published
from .rows import Row


@dataclass(frozen=True)
class Measured:
    """One student's model; accuracies are fractions in [0, 1], auroc None where not finite."""

    student: str
    name: str
    known_accuracy: float
    unknown_accuracy: float
    total_accuracy: float
    auroc: float | None


@dataclass(frozen=True)
class AccuracyGroup:
    """Students whose models were measured on the same data, so that they can be compared.

    Attributes:
        data: the profile.
        tier: "public" or "hidden".
        students: by total accuracy, the best first.
        reference: the reference's metrics on the public data of the profile; None where unknown.
        published: systems published on the profile's known classes.
    """

    data: str
    tier: str
    students: tuple[Measured, ...]
    reference: dict[str, Any] | None
    published: tuple[Published, ...]


def group_accuracies(graded: Iterable[Row]) -> list[AccuracyGroup]:
    """Put students with a measured model into groups by data, the largest group first."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in graded:
        if row.record["metrics"] is not None:
            groups.setdefault((row.record["data"], row.record["tier"]), []).append(row)
    return sorted(
        (_make_group(data, tier, rows) for (data, tier), rows in groups.items()),
        key=lambda group: (-len(group.students), group.data, group.tier),
    )


def _make_group(data: str, tier: str, rows: list[Row]) -> AccuracyGroup:
    references = [row.record["reference"] for row in rows if row.record.get("reference")]
    students = sorted(map(_measured, rows), key=lambda one: (-one.total_accuracy, one.student))
    return AccuracyGroup(
        data=data,
        tier=tier,
        students=tuple(students),
        reference=references[-1] if references else None,
        published=load_published(data),
    )


def _measured(row: Row) -> Measured:
    metrics = row.record["metrics"]
    return Measured(
        row.student, row.name, metrics["known_accuracy"], metrics["unknown_accuracy"],
        metrics["total_accuracy"], metrics["auroc"],
    )  # fmt: skip

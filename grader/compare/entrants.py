"""What is compared, and whether it may be: figures of the same images alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..published import CAVEAT, Published, load_published
from ..record import SCHEMA as RECORD_SCHEMA
from ..reference import load_reference
from ..text import one_line

SCHEMA = "osr-comparison/1"
FIGURES = (
    "known_accuracy", "unknown_accuracy", "total_accuracy", "closed_set_accuracy", "auroc",
)  # fmt: skip


@dataclass(frozen=True)
class Images:
    """Which test images accuracies were measured on: a profile's public ones, or a bundle's."""

    data: str
    tier: str
    bundle: str = ""

    def __str__(self) -> str:
        which = f" (bundle {self.bundle[:8]})" if self.bundle else ""
        return f"{self.data}, {self.tier} data{which}"


@dataclass(frozen=True)
class Entrant:
    """One submission's model; `metrics` are the record's, fractions in [0, 1]."""

    name: str
    images: Images
    metrics: dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """Entrants that were measured on the same images, and who stands beside them.

    Attributes:
        images: which.
        entrants: by total accuracy, the best first.
        reference: the reference's metrics on the profile's public images; None where unknown.
        published: systems published on the profile's known classes.
    """

    images: Images
    entrants: tuple[Entrant, ...]
    reference: dict[str, Any] | None
    published: tuple[Published, ...]

    @property
    def families(self) -> tuple[str, ...]:
        """Unknown families that any of them was measured on, in the order they occur in."""
        others = [self.reference] if self.reference else []
        tables = [*(entrant.metrics for entrant in self.entrants), *others]
        return tuple(dict.fromkeys(family for one in tables for family in one["per_family"]))

    def to_json(self) -> dict[str, Any]:
        """The comparison as `--json` writes it."""
        return {
            "schema": SCHEMA,
            "images": asdict(self.images),
            "entrants": [{"name": one.name, "metrics": one.metrics} for one in self.entrants],
            "reference": self.reference,
            "published": {"caveat": CAVEAT, "systems": [asdict(one) for one in self.published]},
        }


def entrant_of(record: dict[str, Any], name: str = "") -> Entrant | None:
    """A record's model; None where none was measured.

    Raises:
        KeyError, TypeError, ValueError: it is no record.
    """
    if record["schema"] != RECORD_SCHEMA:
        raise ValueError(record["schema"])
    images = Images(
        str(record["data"]),
        str(record["tier"]),
        str(record.get("environment", {}).get("hidden_sha256", "")),
    )
    shown = one_line(name or str(record["submission"]["name"]))
    metrics = record["metrics"]
    if metrics is None:
        return None
    auroc = metrics["auroc"]
    read: dict[str, Any] = {
        figure: float(metrics[figure]) for figure in FIGURES if figure != "auroc"
    }
    read |= {
        "auroc": None if auroc is None else float(auroc),
        "per_family": {one_line(str(family)): float(value)
                       for family, value in metrics["per_family"].items()},
    }  # fmt: skip
    return Entrant(shown, images, read)


def read_entrant(path: Path) -> Entrant:
    """The model of a record's file.

    Raises:
        UsageError: it cannot be read, is no record, or no model was measured in it.
    """
    try:
        entrant = entrant_of(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"--record {path}: cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            f"--record {path}: it is no record of schema {RECORD_SCHEMA}, as grade --json writes it"
        ) from None
    if entrant is None:
        raise UsageError(f"--record {path}: no model was measured in it; grade the task accuracy")
    return entrant


def same_images(entrants: Sequence[Entrant]) -> Images:
    """The images that all were measured on.

    Raises:
        UsageError: they were measured on different ones.
    """
    first = entrants[0]
    for other in entrants[1:]:
        if other.images != first.images:
            raise UsageError(
                f"{first.name} was measured on {first.images}, {other.name} on {other.images}: "
                "their accuracies cannot be compared; grade both on the same data"
            )
    return first.images


def compare(entrants: Sequence[Entrant]) -> Comparison:
    """Put entrants beside the reference and the published systems.

    Args:
        entrants: at least one.

    Raises:
        UsageError: they were measured on different images.
    """
    images = same_images(entrants)
    return Comparison(
        images=images,
        entrants=tuple(
            sorted(entrants, key=lambda one: (-one.metrics["total_accuracy"], one.name))
        ),
        reference=load_reference(images.data),
        published=load_published(images.data),
    )

"""What a page's pictures of one model need, as plain numbers; it travels as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shown:
    """One public image that is shown beside its reconstruction.

    Attributes:
        kind: "right", "wrong", "rejected" (unknown, and called so) or "passed" (unknown, and taken
            for a digit).
        truth: 0-10.
        label: what the model says, 0-10.
        family: "digits", or which kind of unknown image it is.
    """

    kind: str
    truth: int
    label: int
    family: str


@dataclass(frozen=True)
class Scores:
    """How the scores of known and unknown images lie.

    Attributes:
        logarithmic: the bins are of equal ratio, not of equal width.
        edges: of the bins; the first and the last bin hold all beyond them too.
        known: the share of the known images in each bin.
        unknown: of the unknown ones.
        beyond: the share of all images above the last edge.
    """

    logarithmic: bool
    edges: tuple[float, ...]
    known: tuple[float, ...]
    unknown: tuple[float, ...]
    beyond: float


@dataclass(frozen=True)
class Curves:
    """What every threshold would give; each a curve of fractions that rises to the right.

    Attributes:
        roc: (known images rejected, unknown images rejected).
        auroc: the area under it.
        oscr: (unknown images that pass, known images that pass and are named rightly).
        oscr_area: the area under it.
    """

    roc: Points
    auroc: float
    oscr: Points
    oscr_area: float


@dataclass(frozen=True)
class Neighbours:
    """Embeddings laid out in a plane; `labels` are the images' true ones, 0-10."""

    points: Points
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Gallery:
    """The pictures of one model on public test images.

    Attributes:
        missing: why a picture is not there, by its name (a field of this class); "all" where no
            picture is.
        known: how many known images were measured.
        unknown: how many unknown ones.
        sampled: these are a sample of the public test images, not all.
        shown: the images in the sprite, from left to right.
        sprite: a grey PNG, base64: the images in one row, their reconstructions in the row below
            (`redrawn`: that row is there).
        redrawn: the reconstructions are there.
        threshold: the model's; None where it is not finite or was not to be had.
        scores: of the images.
        confusion: counts, a row for each true label 0-10, a column for each given.
        curves: over all thresholds.
        neighbours: of some of the images.
    """

    missing: dict[str, str] = field(default_factory=dict)
    known: int = 0
    unknown: int = 0
    sampled: bool = False
    shown: tuple[Shown, ...] = ()
    sprite: str = ""
    redrawn: bool = False
    threshold: float | None = None
    scores: Scores | None = None
    confusion: tuple[tuple[int, ...], ...] = ()
    curves: Curves | None = None
    neighbours: Neighbours | None = None

    def to_json(self) -> dict[str, Any]:
        """Itself as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, read: dict[str, Any]) -> Gallery:
        """What `to_json` gave."""
        scores, curves, neighbours = read["scores"], read["curves"], read["neighbours"]
        return cls(
            **read
            | {
                "shown": tuple(Shown(**one) for one in read["shown"]),
                "confusion": tuple(map(tuple, read["confusion"])),
                "scores": scores and Scores(**{k: _frozen(v) for k, v in scores.items()}),
                "curves": curves and Curves(**{k: _frozen(v) for k, v in curves.items()}),
                "neighbours": neighbours
                and Neighbours(**{k: _frozen(v) for k, v in neighbours.items()}),
            }
        )


def _frozen(value: Any) -> Any:
    """JSON's lists as tuples."""
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value


def nothing(reason: str) -> Gallery:
    """A gallery without pictures, and why."""
    return Gallery(missing={"all": reason})

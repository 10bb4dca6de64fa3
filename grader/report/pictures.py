"""A gallery's numbers as charts and tables."""

from __future__ import annotations

from dataclasses import dataclass

from ..gallery.gallery import Gallery, Shown
from ..pages.charts import (
    Dots,
    Histogram,
    LineChart,
    Scatter,
    histogram,
    line_chart,
    scatter,
)

UNKNOWN = 10
KINDS = {
    "right": ("Digits it names rightly", "good"),
    "wrong": ("Digits it gets wrong", "bad"),
    "rejected": ("Unknown images it rejects", "good"),
    "passed": ("Unknown images that pass as digits", "bad"),
}
WHOLE = (0.0, 1.0)
DEEPEST = 10  # of the grounds that a share of a row is coloured with


@dataclass(frozen=True)
class Pair:
    """One image and its reconstruction: the column of the sprite, what it is, and in words.

    `label` is what it is called, "" where that goes without saying.
    """

    column: int
    truth: str
    label: str
    description: str


@dataclass(frozen=True)
class Kind:
    """The pairs of one kind, with a title, and "good" or "bad"."""

    title: str
    tone: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Cell:
    """A count of the confusion matrix; `depth` is its share of the row in tenths."""

    count: int
    share: float
    depth: int
    is_right: bool


@dataclass(frozen=True)
class Row:
    """A row of the confusion matrix."""

    name: str
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Pictures:
    """All pictures of a page; None or empty where one is missing, and `missing` says why."""

    missing: dict[str, str]
    source: str
    sprite: str
    columns: int
    redrawn: bool
    kinds: tuple[Kind, ...]
    confusion: tuple[Row, ...]
    columns_of_confusion: tuple[str, ...]
    scores: Histogram | None
    scores_note: str
    roc: LineChart | None
    roc_note: str
    oscr: LineChart | None
    oscr_note: str
    neighbours: Scatter | None


def pictures(gallery: Gallery) -> Pictures:
    """What the page shows of a gallery."""
    confusion = _confusion(gallery)
    scores, note = _scores(gallery)
    roc, oscr = _curves(gallery, confusion)
    curves = gallery.curves
    return Pictures(
        missing=gallery.missing,
        source=_source(gallery),
        sprite=gallery.sprite,
        columns=len(gallery.shown),
        redrawn=gallery.redrawn,
        kinds=_kinds(gallery.shown),
        confusion=confusion,
        columns_of_confusion=tuple(map(_short, range(UNKNOWN + 1))),
        scores=scores,
        scores_note=note,
        roc=roc,
        roc_note=f"area {curves.auroc:.4f}; 1 is perfect, 0.5 is guessing" if curves else "",
        oscr=oscr,
        oscr_note=f"area {curves.oscr_area:.4f}; 1 is perfect" if curves else "",
        neighbours=_neighbours(gallery),
    )


def _source(gallery: Gallery) -> str:
    counts = f"{gallery.known} known and {gallery.unknown} unknown public test images"
    return f"a sample of {counts}" if gallery.sampled else f"{counts}"


def _name(label: int) -> str:
    return "unknown" if label == UNKNOWN else str(label)


def _short(label: int) -> str:
    return "?" if label == UNKNOWN else str(label)


def _kinds(shown: tuple[Shown, ...]) -> tuple[Kind, ...]:
    made = []
    for kind, (title, tone) in KINDS.items():
        pairs = tuple(
            Pair(
                column,
                _truth(one),
                "" if tone == "good" else _name(one.label),
                f"{_truth(one)}, called {_name(one.label)}",
            )
            for column, one in enumerate(shown)
            if one.kind == kind
        )
        if pairs:
            made.append(Kind(title, tone, pairs))
    return tuple(made)


def _truth(one: Shown) -> str:
    return one.family.replace("_", " ") if one.truth == UNKNOWN else str(one.truth)


def _confusion(gallery: Gallery) -> tuple[Row, ...]:
    rows = []
    for truth, counts in enumerate(gallery.confusion):
        total = sum(counts)
        cells = []
        for label, count in enumerate(counts):
            share = count / total if total else 0.0
            depth = min(DEEPEST, max(1, round(DEEPEST * share))) if count else 0
            cells.append(Cell(count, share, depth, truth == label))
        rows.append(Row(_name(truth), total, tuple(cells)))
    return tuple(rows)


def _scores(gallery: Gallery) -> tuple[Histogram | None, str]:
    scores = gallery.scores
    if scores is None:
        return None, ""
    chart = histogram(
        "scores",
        "Scores of known and unknown images",
        "Two histograms over the reconstruction error and the threshold between them. "
        f"Lowest {scores.edges[0]:.3g}, highest drawn {scores.edges[-1]:.3g}.",
        (("known", scores.known), ("unknown", scores.unknown)),
        scores.edges,
        "score (reconstruction error, no unit)",
        "share of the images",
        gallery.threshold,
        "" if gallery.threshold is None else f"threshold {gallery.threshold:.3g}",
        logarithmic=scores.logarithmic,
    )
    notes = ["above the threshold an image is called unknown"]
    if gallery.threshold is None:
        notes = ["the model has no finite threshold, so it rejects nothing"]
    if scores.beyond:
        notes.append(f"the last bar also holds the {100 * scores.beyond:.1f} % beyond it")
    return chart, "; ".join(notes)


def _curves(
    gallery: Gallery, confusion: tuple[Row, ...]
) -> tuple[LineChart | None, LineChart | None]:
    curves = gallery.curves
    if curves is None:
        return None, None
    known, unknown = confusion[:UNKNOWN], confusion[UNKNOWN]
    known_total = sum(row.total for row in known) or 1
    rejected = sum(row.cells[UNKNOWN].count for row in known) / known_total
    right = sum(row.cells[number].count for number, row in enumerate(known)) / known_total
    found = unknown.cells[UNKNOWN].share
    roc = line_chart(
        "roc",
        "ROC: known from unknown",
        "How many unknown images each threshold rejects, over how many known ones it rejects by "
        f"mistake. The area under the curve is {curves.auroc:.4f}.",
        [("the model", curves.roc)],
        "known images rejected", "unknown images rejected", WHOLE, WHOLE,
        as_percent=True, diagonal=True, stops=[((rejected, found), "its threshold")],
    )  # fmt: skip
    oscr = line_chart(
        "oscr",
        "OSCR: named rightly while open",
        "How many known images pass each threshold and are named rightly, over how many unknown "
        f"ones pass it too. The area under the curve is {curves.oscr_area:.4f}.",
        [("the model", curves.oscr)],
        "unknown images that pass", "known images named rightly", WHOLE, WHOLE,
        as_percent=True, stops=[((1 - found, right), "its threshold")],
    )  # fmt: skip
    return roc, oscr


def _neighbours(gallery: Gallery) -> Scatter | None:
    laid_out = gallery.neighbours
    if laid_out is None:
        return None
    placed = list(zip(laid_out.points, laid_out.labels, strict=True))
    known = [(point, str(label)) for point, label in placed if label != UNKNOWN]
    unknown = [point for point, label in placed if label == UNKNOWN]
    return scatter(
        "neighbours",
        "Neighbours: t-SNE of embeddings",
        f"The embeddings of {len(known)} digits, each drawn as its digit, and of {len(unknown)} "
        "unknown images, drawn as crosses, laid out so that neighbours stay neighbours.",
        [
            Dots("known, drawn as its digit", [p for p, _ in known], glyphs=[d for _, d in known]),
            Dots("unknown", unknown, glyphs=["+"] * len(unknown)),
        ],
        "t-SNE 1 (no unit)", "t-SNE 2 (no unit)",
        (-0.04, 1.04), (-0.04, 1.04), numbered=False,
    )  # fmt: skip

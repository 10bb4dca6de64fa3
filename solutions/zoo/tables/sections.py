"""Each table of `solutions/README.md`, from cells to Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solutions.zoo.method import Spec
from solutions.zoo.tables.markdown import NOTHING, Number, of_family, of_summary, spread, table
from solutions.zoo.tables.measuring import Cell
from solutions.zoo.tables.results import Results

FAMILIES = {
    "fashion_mnist": "Fashion",
    "cifar10": "CIFAR-10",
    "kmnist": "KMNIST",
    "svhn": "SVHN",
    "emnist_letters": "EMNIST letters",
    "omniglot": "Omniglot",
    "omniglot_thin": "Omniglot, thin",
    "omniglot_raw": "Omniglot, raw",
    "noise": "noise",
    "mnist_noise": "digit + noise",
    "mnist_noise_unclipped": "… unclipped",
    "letters": "letters",
    "lookalikes": "look-alikes",
    "photographs": "photographs",
}
SYNTHETIC, STALE = "†", "‡"
Published = Sequence[dict[str, Any]]


def accuracies(specs: Sequence[Spec], results: Results, others: Published = ()) -> str:
    """Accuracy on known images, rejection of each family, time to train."""
    measured = families_of(results)
    families = [name for name in FAMILIES if name in measured or any(name in o for o in others)]
    titles = [_with_count(name, measured.get(name)) for name in families]
    both = [FASHION_AND_CIFAR10] if {"fashion_mnist", "cifar10"} <= measured.keys() else []
    rows = [
        [
            titled(spec, results),
            spread(cells, of_summary("closed_set_accuracy")),
            spread(cells, of_summary("known_accuracy")),
            *(spread(cells, _fashion_and_cifar10) for _ in both),
            *(spread(cells, of_family(family, "unknown_accuracy")) for family in families),
            spread(cells, lambda cell: cell["train_cpu_s"], scale=1, places=0),
        ]
        for spec, cells in with_cells(specs, results)
    ]
    names = ("closed_set", "known", *("fashion_and_cifar10" for _ in both), *families)
    rows += [[_cited(o), *(_given(o.get(name)) for name in names), NOTHING] for o in others]
    return table(["method", "closed set", "known", *both, *titles, "CPU s"], rows)


FASHION_AND_CIFAR10 = "Fashion + CIFAR-10"


def overall(specs: Sequence[Spec], results: Results, others: Published = ()) -> str:
    """Everything over all unknown families together."""
    columns: dict[str, str] = {
        "unknown": "unknown_accuracy",
        "total": "total_accuracy",
        "known or unknown": "known_unknown_accuracy",
        "AUROC": "auroc",
        "AUPR-in": "aupr_in",
        "AUPR-out": "aupr_out",
        "FPR95": "fpr95",
        "OSCR": "oscr",
        "macro-F1": "macro_f1",
    }
    rows = [
        [titled(spec, results), *(spread(cells, of_summary(name)) for name in columns.values())]
        for spec, cells in with_cells(specs, results)
    ]
    names = ("unknown", "total", "known_unknown")
    rest = [NOTHING] * (len(columns) - len(names))
    rows += [
        [_cited(o), *(_given(o.get(name)) for name in names), *rest]
        for o in others
        if any(name in o for name in names)
    ]
    return table(["method", *columns], rows)


def per_family(specs: Sequence[Spec], results: Results, number: str) -> str:
    """One number of every method against every unknown family."""
    families = families_of(results)
    rows = [
        [titled(spec, results), *(spread(cells, of_family(name, number)) for name in families)]
        for spec, cells in with_cells(specs, results)
    ]
    return table(["method", *(_with_count(*item) for item in families.items())], rows)


def crosr(specs: Sequence[Spec], results: Results, others: Published) -> str:
    """CROSR's table: macro-F1 over eleven classes, one unknown family at a time."""
    families = {
        name: count
        for name, count in families_of(results).items()
        if "omniglot" in name or "noise" in name
    }
    rows = [
        [titled(spec, results), *(spread(cells, of_family(name, "macro_f1")) for name in families)]
        for spec, cells in with_cells(specs, results)
    ]
    rows += [[_cited(o), *(_given(o.get(name)) for name in families)] for o in others]
    return table(["method", *(_with_count(*item) for item in families.items())], rows)


def splits(specs: Sequence[Spec], results: Sequence[Results], others: Published) -> str:
    """Six known digits, four unknown: mean and spread over the five splits."""
    names = ("auroc", "oscr", "closed_set_accuracy", "fpr95")
    rows = []
    for spec in specs:
        cells = [cell for result in results for cell in result.of(spec.name)]
        if cells:
            numbers = [spread(cells, of_summary(name)) for name in names]
            rows.append([titled(spec, *results), *numbers, str(len(cells))])
    rows += [[_cited(o), _given(o["auroc"]), *[NOTHING] * 4] for o in others]
    header = ["method", "AUROC", "OSCR", "closed set", "FPR95 (unknown positive)", "splits"]
    return table(header, rows)


def rejection(specs: Sequence[Spec], results: Results) -> str:
    """What share of known test images a threshold rejects, beside what it promises."""
    rows = []
    for spec, cells in with_cells(specs, results):
        nominal = spec.rule.nominal
        promised = NOTHING if nominal is None else f"{100 * nominal:.2f}"
        realised = spread(cells, of_summary("known_rejection"))
        rows.append([titled(spec, results), type(spec.rule).__name__, promised, realised])
    return table(["method", "rule", "nominal", "realised"], rows)


def with_cells(specs: Sequence[Spec], results: Results) -> list[tuple[Spec, list[Cell]]]:
    """The methods that were measured, with their cells."""
    return [(spec, cells) for spec in specs if (cells := results.of(spec.name))]


def families_of(results: Results) -> dict[str, int]:
    """The unknown families that were measured on, in the tables' order, with their images."""
    counts = {
        name: family["images"]
        for cell in results.cells
        for name, family in cell["summary"]["families"].items()
    }
    order = [*(name for name in FAMILIES if name in counts), *sorted(counts.keys() - FAMILIES)]
    return {name: counts[name] for name in order}


def titled(spec: Spec, *results: Results) -> str:
    """The method's title, with marks for synthetic unknowns and for older code."""
    marks = SYNTHETIC if spec.sees_synthetic_unknowns else ""
    if any(result.stale(spec) for result in results):
        marks += STALE
    return f"{spec.title} {marks}".rstrip()


def _fashion_and_cifar10(cell: Cell) -> float | None:
    """The mean of the two families' accuracies, as if there were as many images of each."""
    numbers: list[Number] = [
        of_family(name, "unknown_accuracy") for name in ("fashion_mnist", "cifar10")
    ]
    values = [number(cell) for number in numbers]
    return None if None in values else sum(value or 0 for value in values) / 2


def _with_count(name: str, count: int | None) -> str:
    title = FAMILIES.get(name, name)
    return f"{title} ({count:,})" if count else title


def _cited(other: dict[str, Any]) -> str:
    return f"*{other['name']}; {other['source']}*"


def _given(value: float | None) -> str:
    return NOTHING if value is None else f"*{value:.2f}*"

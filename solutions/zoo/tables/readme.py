"""`solutions/README.md` from the measured results: tables and pages into a template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from solutions.errors import UserError
from solutions.measure import RESULTS
from solutions.zoo.catalogue import all_methods
from solutions.zoo.method import Spec
from solutions.zoo.tables.markdown import NOTHING, of_family, of_summary, spread, table
from solutions.zoo.tables.measuring import Cell
from solutions.zoo.tables.pages import page
from solutions.zoo.tables.problems import problem_names
from solutions.zoo.tables.published import published
from solutions.zoo.tables.results import Results

TEMPLATES = Path(__file__).parent
README = Path(__file__).parents[2] / "README.md"

FAMILIES = {
    "fashion_mnist": "Fashion",
    "cifar10": "CIFAR-10",
    "kmnist": "KMNIST",
    "svhn": "SVHN",
    "emnist_letters": "EMNIST letters",
    "omniglot": "Omniglot",
    "omniglot_thin": "… thin",
    "omniglot_raw": "… raw",
    "noise": "noise",
    "mnist_noise": "digit + noise",
    "mnist_noise_unclipped": "… unclipped",
    "letters": "letters",
    "lookalikes": "look-alikes",
    "photographs": "photographs",
}


def rendered(folder: Path = RESULTS) -> str:
    """The page as it should be.

    Args:
        folder: Where the results are.

    Raises:
        UserError: There are none on MNIST yet, or a file holds something else.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown of ours, no web page
    )
    specs = list(all_methods().values())
    results = {name: Results(name, folder) for name in problem_names()}
    mnist, digits = results["mnist"], results["digits"]
    if not mnist.cells:
        raise UserError(f"{mnist.path}: no results yet; python -m solutions zoo reproduce")
    splits = [result for name, result in results.items() if name.startswith("split-")]
    return environment.get_template("readme.md.j2").render(
        accuracy=_accuracies(specs, mnist, published("accuracy")),
        digits=_accuracies(specs, digits, []),
        per_family={
            "AUROC": _per_family(specs, mnist, "auroc"),
            "FPR95": _per_family(specs, mnist, "fpr95"),
            "OSCR": _per_family(specs, mnist, "oscr"),
            "macro-F1": _per_family(specs, mnist, "macro_f1"),
        },
        crosr=_crosr(specs, mnist),
        splits=_splits(specs, splits),
        rejection=_rejection(specs, mnist),
        seeds=_seeds(mnist),
        digits_seeds=_seeds(digits),
        pages=[page(spec) for spec in specs],
        machine=mnist.machine,
        measured_at=mnist.measured_at,
    )


def _seeds(results: Results) -> str:
    """How many seeds stand behind the numbers, in words."""
    counts = {len(results.of(cell["method"])) for cell in results.cells}
    if not counts:
        return "not measured yet"
    few, many = min(counts), max(counts)
    return f"{many} seed{'s' if many > 1 else ''}" if few == many else f"{few} to {many} seeds"


def _measured(specs: Sequence[Spec], results: Results) -> list[tuple[Spec, list[Cell]]]:
    return [(spec, cells) for spec in specs if (cells := results.of(spec.name))]


def _families(results: Results) -> list[str]:
    there = {name for cell in results.cells for name in cell["summary"]["families"]}
    return [*(name for name in FAMILIES if name in there), *sorted(there - FAMILIES.keys())]


def _accuracies(specs: Sequence[Spec], results: Results, others: Sequence[dict[str, Any]]) -> str:
    """Accuracy on known images, rejection of each family, time to train."""
    families = _families(results)
    titles = [FAMILIES.get(name, name) for name in families]
    rows = [
        [
            spec.title,
            spread(cells, of_summary("closed_set_accuracy")),
            spread(cells, of_summary("known_accuracy")),
            *(spread(cells, of_family(family, "unknown_accuracy")) for family in families),
            spread(cells, of_summary("total_accuracy")),
            spread(cells, lambda cell: cell["train_cpu_s"], scale=1, places=0),
        ]
        for spec, cells in _measured(specs, results)
    ]
    for other in others:
        both = other.get("fashion_and_cifar10")
        shared = {"fashion_mnist": both, "cifar10": both} if both else {}
        found = [_given(shared.get(family, other.get(family))) for family in families]
        first = [_given(other.get("closed_set")), _given(other["known"])]
        rows.append([f"*{other['name']}; {other['source']}*", *first, *found, NOTHING, NOTHING])
    return table(["method", "closed set", "known", *titles, "total", "CPU s"], rows)


def _given(value: float | None) -> str:
    return NOTHING if value is None else f"*{value:.2f}*"


def _per_family(specs: Sequence[Spec], results: Results, number: str) -> str:
    """One number of every method against every unknown family."""
    families = _families(results)
    titles = [FAMILIES.get(name, name) for name in families]
    rows = [
        [spec.title, *(spread(cells, of_family(family, number)) for family in families)]
        for spec, cells in _measured(specs, results)
    ]
    return table(["method", *titles], rows)


def _crosr(specs: Sequence[Spec], results: Results) -> str:
    """CROSR's table: macro-F1 over eleven classes, at the method's threshold and at its best."""
    families = [name for name in _families(results) if "omniglot" in name or "noise" in name]
    rows = []
    for spec, cells in _measured(specs, results):
        row = [spec.title]
        for family in families:
            row.append(spread(cells, of_family(family, "macro_f1")))
        rows.append(row)
    for other in published("macro_f1"):
        found = [_given(other.get(family)) for family in families]
        rows.append([f"*{other['name']}; {other['source']}*", *found])
    return table(["method", *(FAMILIES[name] for name in families)], rows)


def _splits(specs: Sequence[Spec], results: Sequence[Results]) -> str:
    """Six known digits, four unknown: mean and spread over the five splits."""
    rows = []
    for spec in specs:
        cells = [cell for result in results for cell in result.of(spec.name)]
        if cells:
            names = ("auroc", "oscr", "closed_set_accuracy", "fpr95")
            rows.append([spec.title, *(spread(cells, of_summary(name)) for name in names)])
    for other in published("splits"):
        rows.append(
            [f"*{other['name']}; {other['source']}*", _given(other["auroc"]), *[NOTHING] * 3]
        )
    return table(["method", "AUROC", "OSCR", "closed set", "FPR95"], rows)


def _rejection(specs: Sequence[Spec], results: Results) -> str:
    """What share of known test digits a threshold rejects, beside what it promises."""
    rows = []
    for spec, cells in _measured(specs, results):
        nominal = cells[0]["nominal"]
        rows.append(
            [
                spec.title,
                type(spec.rule).__name__,
                NOTHING if nominal is None else f"{100 * nominal:.2f}",
                spread(cells, of_summary("known_rejection")),
            ]
        )
    return table(["method", "rule", "nominal", "realised"], rows)

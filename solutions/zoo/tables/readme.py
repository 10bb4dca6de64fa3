"""`solutions/README.md` from the measured results: tables and pages into a template."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from solutions.measure import RESULTS
from solutions.zoo.catalogue import all_methods
from solutions.zoo.metrics.openness import openness
from solutions.zoo.splits import SPLITS
from solutions.zoo.tables import sections
from solutions.zoo.tables.pages import page
from solutions.zoo.tables.problems import problem_names
from solutions.zoo.tables.published import published
from solutions.zoo.tables.results import Results
from solutions.zoo.training import Budget

TEMPLATES = Path(__file__).parent
DIGITS = 10
README = Path(__file__).parents[2] / "README.md"


def rendered(folder: Path = RESULTS, budget: Budget = "default") -> str:
    """The page as it should be. A table of what was not measured says so.

    Args:
        folder: Where the results are.
        budget: Whose results.

    Raises:
        UserError: A file of results holds something else.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - Markdown of ours, no web page
    )
    specs = list(all_methods().values())
    results = {name: Results(name, folder).only(budget) for name in problem_names()}
    mnist, digits = results["mnist"], results["digits"]
    splits = [result for name, result in results.items() if name.startswith("split-")]
    accuracy = published("accuracy")
    return environment.get_template("readme.md.j2").render(
        accuracy=sections.accuracies(specs, mnist, accuracy),
        overall=sections.overall(specs, mnist, accuracy),
        digits=sections.accuracies(specs, digits),
        per_family={
            "AUROC": sections.per_family(specs, mnist, "auroc"),
            "FPR95 (unknown positive)": sections.per_family(specs, mnist, "fpr95"),
            "OSCR": sections.per_family(specs, mnist, "oscr"),
            "macro-F1": sections.per_family(specs, mnist, "macro_f1"),
        },
        crosr=sections.crosr(specs, mnist, published("macro_f1")),
        splits=sections.splits(specs, splits, published("splits")),
        openness=f"{openness(len(SPLITS[0]), DIGITS, len(SPLITS[0])):.3f}",
        rejection=sections.rejection(specs, mnist),
        seeds={name: _seeds(result) for name, result in results.items()},
        pages=[page(spec) for spec in specs],
        cpu_minutes=f"{_cpu_s(mnist) / 60:.0f}",
        measured=_measured(list(results.values())),
    )


def _seeds(results: Results) -> str:
    """How many seeds stand behind the numbers, in words."""
    counts = {len(results.of(cell["method"])) for cell in results.cells}
    if not counts:
        return "not measured yet"
    few, many = min(counts), max(counts)
    return f"{many} seed{'s' if many > 1 else ''}" if few == many else f"{few} to {many} seeds"


def _cpu_s(results: Results) -> float:
    """Of all trainings and scores; methods that share a network have its seconds in common."""
    trained = {(cell["seed"], cell["train_cpu_s"]) for cell in results.cells}
    scored = sum(cell["score_cpu_s"] for cell in results.cells)
    return float(sum(seconds for _, seconds in trained) + scored)


def _measured(results: Sequence[Results]) -> str:
    """When, and on what."""
    cells = [cell for result in results for cell in result.cells]
    if not cells:
        return "not measured yet"
    days = sorted({cell["measured_at"] for cell in cells})
    machines = {
        f"{on['processor']}, {on['cores']} cores, Python {on['python']}, "
        f"torch {on['versions']['torch']}"
        for on in (cell["machine"] for cell in cells)
    }
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return f"{when}, {'; '.join(sorted(machines))}"

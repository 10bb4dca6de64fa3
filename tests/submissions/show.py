"""The matrix for people: a table for a console of 140 columns, and the same in Markdown."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tests.submissions.grading import Cell
from tests.submissions.matrix import Matrix

# One letter each, so that a check is one narrow column; a colour says it again, not alone.
SYMBOLS = {
    "passed": ("·", "dim"),
    "partial": ("~", "yellow"),
    "failed": ("✗", "red"),
    "error": ("E", "magenta"),
    "timeout": ("T", "cyan"),
    "crashed": ("C", "magenta"),
    "out_of_memory": ("M", "magenta"),
    "not_implemented": ("○", "blue"),
    "skipped": ("-", "blue"),
    "grader_error": ("G", "magenta"),
    "absent": ("?", "magenta"),
}
UNEXPECTED = "!"


def by_task(checks: tuple[str, ...]) -> dict[str, list[str]]:
    """The checks' names by task."""
    tasks: dict[str, list[str]] = {}
    for check in checks:
        task, _, name = check.partition(".")
        tasks.setdefault(task, []).append(name)
    return tasks


def letters(count: int) -> str:
    """The columns' names: a, b, c, …"""
    return "abcdefghijklmnopqrstuvwxyz"[:count]


def table(matrix: Matrix) -> Table:
    """One row a submission, one group of narrow columns a task."""
    tasks = by_task(matrix.checks)
    made = Table(title="submissions by check", title_justify="left", box=None, padding=(0, 2, 0, 0))
    made.add_column("submission", no_wrap=True)
    for task, names in tasks.items():
        made.add_column(f"{task}\n{' '.join(letters(len(names)))}", no_wrap=True)
    made.add_column("s", justify="right")
    kind = ""
    for row in matrix.rows:
        if row.kind != kind:
            kind = row.kind
            made.add_row(Text(f"{kind} ({matrix.count(kind)})", style="bold"))
        cells = {cell.check: cell for cell in row.cells}
        groups = [
            Text.assemble(*(_symbol(cells[f"{task}.{name}"]) for name in names))
            for task, names in tasks.items()
        ]
        name = Text(row.name, style="bold red" if row.differences else "")
        made.add_row(name, *groups, f"{row.duration_s:.1f}")
    return made


def legend(matrix: Matrix) -> list[str]:
    """What the letters and the symbols mean."""
    lines = [
        f"{task}: {', '.join(map(' '.join, zip(letters(len(names)), names, strict=True)))}"
        for task, names in by_task(matrix.checks).items()
    ]
    return [
        *lines,
        ", ".join(f"{symbol} {status}" for status, (symbol, _) in SYMBOLS.items()),
        f"{UNEXPECTED} behind a symbol: not as expected",
    ]


def summary_lines(matrix: Matrix) -> list[str]:
    """What the matrix says about the grader, each thing that is wrong on a line of its own."""
    found = matrix.summary()
    lines = [
        f"{found['wrong']} wrong and {found['correct']} correct submissions, "
        f"{found['checks']} checks: {found['false_passes']} false passes, "
        f"{found['false_fails']} false fails",
        f"{found['other_statuses']} other statuses than expected, "
        f"{found['words_missing']} messages without their words, "
        f"{len(found['never_tripped'])} checks never tripped",
    ]
    lines += [f"{row.name}: {line}" for row in matrix.rows for line in row.differences]
    lines += [f"{check}: no wrong submission trips it" for check in matrix.untripped]
    return lines


def on_console(matrix: Matrix) -> RenderableType:
    """The table, the legend and the summary."""
    return Group(
        table(matrix),
        Text(),
        *(Text(line, style="dim") for line in legend(matrix)),
        Text(),
        *(Text(line) for line in summary_lines(matrix)),
    )


def as_markdown(matrix: Matrix) -> str:
    """The same as a Markdown document."""
    tasks = by_task(matrix.checks)
    rows = [["submission", *tasks], ["---"] * (len(tasks) + 1)]
    for row in matrix.rows:
        cells = {cell.check: cell for cell in row.cells}
        groups = [
            "`" + "".join(_symbol(cells[f"{task}.{name}"])[0] for name in names).rstrip() + "`"
            for task, names in tasks.items()
        ]
        rows.append([f"{row.name} ({row.kind})", *groups])
    lines = summary_lines(matrix)
    return "\n".join(
        [
            "# Submissions by check\n",
            *(f"- {line}" for line in lines),
            "",
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
            *(f"- {line}" for line in legend(matrix)),
            "",
        ]
    )


def _symbol(cell: Cell) -> tuple[str, str]:
    """Two characters and their style."""
    symbol, style = SYMBOLS.get(cell.status, ("?", "magenta"))
    return (symbol + UNEXPECTED, "bold reverse red") if cell.fault else (symbol + " ", style)

"""`python -m grader similarity`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from .targets import check_target

if TYPE_CHECKING:
    from rich.console import Console

RANKED = 50  # pairs on the console
SHOWN = 3  # blocks of a pair on the console; the report has all
SHOWN_LINES = 12  # of a block, each side


def similarity(
    folder: Annotated[Path, typer.Argument(help="Of submissions, as for batch; or a .zip of it.")],
    references: Annotated[
        list[Path] | None, typer.Option(help="A folder of an earlier year's; may be repeated.")
    ] = None,
    given: Annotated[
        list[Path] | None,
        typer.Option(help="More code that all students were given; may be repeated."),
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0.05, max=1, help="Flag pairs sharing this part of their code.")
    ] = 0.5,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write all of it here, as JSON.")
    ] = None,
    show: Annotated[int, typer.Option(min=0, help="Show the lines of so many pairs.")] = 3,
) -> None:
    """Find submissions with code in common: evidence to read, not a verdict."""
    from rich.console import Console

    if importlib.util.find_spec("copydetect") is None:
        raise UsageError("similarity needs copydetect: pip install -e '.[similarity]'")
    from ..record import write_json
    from ..similarity.opening import open_all
    from ..similarity.report import make_report

    check_target("--output", output)
    opened = open_all(folder, references or (), given or ())
    if len(opened.documents) < 2:
        raise UsageError(f"{folder}: only one submission can be read: nothing to compare")
    report = make_report(opened, _compare(opened.documents), threshold)
    if output is not None:
        write_json(output, report)
    _print(Console(highlight=False), report, show)


def _compare(documents: Any) -> Any:
    from rich.console import Console
    from rich.progress import Progress

    from ..similarity.pairs import compare_all

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("comparing")
        return compare_all(
            documents, lambda done, total: progress.update(task, completed=done, total=total)
        )


def _print(console: Console, report: dict[str, Any], show: int) -> None:
    from ..console import escape

    for missing in report["not_compared"]:
        flag = f" ([bold]flagged: {missing['flag']}[/])" if missing["flag"] else ""
        line = f"[yellow]not compared:[/] {escape(missing['name'])}: {escape(missing['reason'])}"
        console.print(f"{line}{flag}", soft_wrap=True)
    pairs = report["pairs"]
    if pairs:
        console.print(_ranking(pairs[:RANKED]))
        if len(pairs) > RANKED:
            console.print(f"[dim]{len(pairs) - RANKED} pairs more: -o FILE.json has them[/]")
        for pair in pairs[:show]:
            _print_lines(console, pair)
    earlier = f" and {report['references']} earlier ones" if report["references"] else ""
    below = report["below"]
    rest = (
        f"; the other {below['pairs']}: median {100 * below['median']:.0f} %, "
        f"largest {100 * below['largest']:.0f} %"
        if below["pairs"]
        else ""
    )
    console.print(
        f"{report['submissions']} submissions{earlier}, {report['pairs_compared']} pairs, "
        f"{len(pairs)} to read{rest}.",
        soft_wrap=True,
    )
    console.print(f"[bold]{escape(report['read_this'])}[/]", soft_wrap=True)


def _beginning(text: str) -> str:
    """The first lines of a run: a whole module side by side would fill many screens."""
    lines = text.splitlines()
    rest = [f"… {len(lines) - SHOWN_LINES} lines more"] if len(lines) > SHOWN_LINES else []
    return "\n".join([*lines[:SHOWN_LINES], *rest])


def _ranking(pairs: list[dict[str, Any]]) -> Any:
    from rich.table import Table

    from ..console import escape

    table = Table(title="Pairs to read", title_justify="left", box=None, pad_edge=False)
    for title in ("", "submission", "its share", "other", "its share", "longest run"):
        table.add_column(title, justify="left" if title in ("submission", "other") else "right")
    for rank, pair in enumerate(pairs, start=1):
        left, right = pair["left"], pair["right"]
        table.add_row(
            str(rank), escape(left["name"]), f"{100 * left['share']:.0f} %",
            escape(right["name"]), f"{100 * right['share']:.0f} %", str(pair["longest_run"]),
        )  # fmt: skip
    return table


def _print_lines(console: Console, pair: dict[str, Any]) -> None:
    from rich.table import Table

    from ..console import escape

    table = Table(show_lines=True, expand=True)
    for side in ("left", "right"):
        table.add_column(escape(pair[side]["name"]), ratio=1, overflow="fold")
    blocks = pair["blocks"] or []
    for block in blocks[:SHOWN]:
        table.add_row(
            *(
                f"[dim]{escape(part['file'])}, lines {part['first']} to {part['last']}[/]\n"
                f"{escape(_beginning(part['text']))}"
                for part in (block["left"], block["right"])
            )
        )
    console.print(table)
    if len(blocks) > SHOWN:
        console.print(f"[dim]{len(blocks) - SHOWN} shorter runs more: -o FILE.json has them[/]")

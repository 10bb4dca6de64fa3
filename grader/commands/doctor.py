"""`python -m grader doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import EXIT_GRADER
from ..interrupts import interruptible
from .targets import check_target, output_beside, write_data

if TYPE_CHECKING:
    from rich.console import Console

    from ..doctor.finding import Finding

STYLES = {"ok": "green", "note": "dim", "warning": "yellow", "broken": "red"}
VERDICTS = {
    "ok": "Everything is well.",
    "note": "Everything that grading needs is there.",
    "warning": "Grading works; see the warnings.",
    "broken": "Nothing can be graded here until what is broken is mended.",
}


@interruptible()
def doctor(
    json: Annotated[Path | None, typer.Option(help="Write all of it here; -: print it.")] = None,
) -> None:
    """Look whether this machine can grade, and say what to do where it cannot."""
    from rich.console import Console

    from ..doctor.examine import examine
    from ..doctor.finding import to_json, worst

    check_target("--json", json)
    console = Console(file=output_beside(json), highlight=False)
    findings = []
    for finding in examine():
        findings.append(finding)
        _print(console, finding)
    console.print(f"\n[bold]{VERDICTS[worst(findings)]}[/]", soft_wrap=True)
    if json is not None:
        write_data(json, to_json(findings))
    if worst(findings) == "broken":
        raise typer.Exit(EXIT_GRADER)


def _print(console: Console, finding: Finding) -> None:
    from ..console import escape
    from ..wrapping import say

    style = STYLES[finding.status]
    say(console, f"[{style}]{finding.status:<8}[/][bold]{finding.name:<11}[/]"
                 f"{escape(finding.text)}")  # fmt: skip
    if finding.advice:
        say(console, f"[dim]>[/] {escape(finding.advice)}", indent=19)

"""`python -m grader`: its commands, each in a file of `commands/`."""

from __future__ import annotations

import typer

from datasets.command_line import VersionOption, one_line_errors
from datasets.errors import DataError

from .commands.adjust import NEGATIVE_NUMBERS, adjust
from .commands.batch import batch
from .commands.changes import changes
from .commands.compare import compare
from .commands.doctor import doctor
from .commands.emit import emit
from .commands.export import export
from .commands.grade import grade
from .commands.hint import hint
from .commands.next import next_
from .commands.package import package
from .commands.report import report
from .commands.show import show
from .commands.similarity import similarity
from .commands.stats import stats
from .commands.watch import watch
from .errors import EXIT_GRADER, EXIT_USAGE, GraderError, UsageError

app = typer.Typer(
    cls=one_line_errors({UsageError: EXIT_USAGE, DataError: EXIT_USAGE, GraderError: EXIT_GRADER}),
    help="Grade submissions of the open-set recognition assignment.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def main(version: VersionOption = False) -> None:
    """Grade submissions of the open-set recognition assignment."""


app.command()(grade)
app.command()(watch)
app.command("next")(next_)
app.command()(doctor)
app.command()(hint)
app.command()(batch)
app.command()(show)
app.command(context_settings=NEGATIVE_NUMBERS)(adjust)
app.command()(changes)
app.command()(export)
app.command()(stats)
app.command()(similarity)
app.command()(report)
app.command()(compare)
app.command()(emit)
app.command()(package)

"""What every command line of the project shares: the data to choose from, and one way to fail."""

import atexit
import codecs
import contextlib
import io
import signal
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, NoReturn, overload

import typer
from typer.core import TyperCommand, TyperGroup

WRONG_USAGE = 2
INTERRUPTED = 130
ExitCodes = Mapping[type[Exception], int]
PACKAGES = ("open-set-lab", "open-set-lab-assignment")  # the second is what students install
# What is printed where the terminal's or the file's encoding lacks a character (cp1252, ASCII).
PLAIN = {
    "✓": "+", "✗": "x", "○": "o", "→": ">", "│": "|", "█": "#", "░": "-", "·": ".",
    "▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#", "━": "-", "─": "-",
    "…": "...", "—": "-", "–": "-", "−": "-", "±": "+-", "×": "x", "≥": ">=", "≤": "<=", "≠": "!=",  # noqa: RUF001
}  # fmt: skip
PLAIN_ERRORS = "open-set-lab.plain"


class Data(str, Enum):
    """The profiles of data that `--data` takes."""

    auto = "auto"
    digits = "digits"
    mnist = "mnist"


@overload
def one_line_errors(exit_codes: ExitCodes) -> type[TyperGroup]: ...
@overload
def one_line_errors(exit_codes: ExitCodes, kind: type[TyperCommand]) -> type[TyperCommand]: ...
def one_line_errors(exit_codes: ExitCodes, kind: Any = TyperGroup) -> Any:
    """A command, or a group of them, that says what is wrong in one line.

    Args:
        exit_codes: exceptions that are meant for the user's eyes, with the exit code of each; a
            wrong command or option is always 2. Any other exception is a bug and passes.
        kind: `TyperGroup`, or `TyperCommand` for a program of one command.
    """

    class OneLineErrors(kind):  # type: ignore[misc]
        """Commands whose failures are one line."""

        def main(self, *args: Any, **options: Any) -> Any:
            """Run the command line and exit."""
            print_anything()
            atexit.register(_end_in_peace)
            try:
                code = super().main(*args, **{**options, "standalone_mode": False})
            except tuple(exit_codes) as error:
                _stop(str(error), exit_codes[type(error)])
            except (typer.Abort, KeyboardInterrupt):
                _stop("interrupted", INTERRUPTED)
            except Exception as error:
                # A wrong or missing option: Click's exception, which Typer does not export.
                if not hasattr(error, "format_message"):
                    raise
                if not error.format_message():  # no command at all: show which there are
                    sys.exit(self.main(["--help"], options.get("prog_name")))
                _stop(f"{error.format_message()} (--help shows what there is)", WRONG_USAGE)
            if code == INTERRUPTED:  # newer Typers turn Ctrl-C into a silent exit
                _stop("interrupted", INTERRUPTED)
            sys.exit(code if isinstance(code, int) else 0)

    return OneLineErrors


def _end_in_peace() -> None:
    """Ignore Ctrl-C from here on: all is done, and Python, ending, would die of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def print_anything() -> None:
    """Let standard output and error take every character, whatever their encoding has of them.

    A check mark is no reason to fail on a console of another age, nor is half a surrogate pair.
    """
    codecs.register_error(PLAIN_ERRORS, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN_ERRORS)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(character, "?") for character in lacking), error.end


@contextlib.contextmanager
def working(text: str) -> Iterator[None]:
    """Show on the terminal that something is being done which takes seconds; in a file, nothing."""
    from rich.console import Console  # takes its time, which `--help` should not
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status(escape(text)) if console.is_terminal else contextlib.nullcontext():
        yield


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"Open-Set Lab {installed_version()}")
        raise typer.Exit


def installed_version() -> str:
    """The project's version, as it was installed."""
    from importlib.metadata import PackageNotFoundError, version  # a tenth of a start's time

    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            return version(name)
    return "of unknown version: it is not installed (pip install -e .)"


VersionOption = Annotated[
    bool,
    typer.Option(
        "--version", help="Show the version.", is_eager=True, callback=_show_version,
    ),
]  # fmt: skip


def _stop(message: str, code: int) -> NoReturn:
    line = " ".join(message.replace("Value error, ", "").split())  # Pydantic's words, through Typer
    typer.echo(f"error: {line}", err=True)
    sys.exit(code)

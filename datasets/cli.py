"""The command line: `python -m datasets list | fetch | hidden build | hidden show`."""

from pathlib import Path
from typing import Annotated

import typer

from datasets.command_line import (
    WRONG_USAGE,
    VersionOption,
    installed_version,
    one_line_errors,
    working,
)
from datasets.errors import DataError
from datasets.root import data_root

MOST_SEED = 2**32 - 1

app = typer.Typer(
    cls=one_line_errors({DataError: WRONG_USAGE}),
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The image sets of the assignment.",
)
hidden = typer.Typer(help="Hidden bundles, for an instructor: never give one to a student.")
app.add_typer(hidden, name="hidden")

DataName = Annotated[str, typer.Option("--data", help="auto, digits or mnist.")]


@app.callback(invoke_without_command=True)
def _start(context: typer.Context, version: VersionOption = False) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_command() -> None:
    """Show the profiles, their sets, and what can be fetched."""
    from rich.console import Console
    from rich.table import Table

    from datasets.listing import list_fetchable, list_sets
    from datasets.profiles import choose

    root = data_root()
    table = Table("profile", "set", "part", "images", "from", title=f"Image sets, root {root}")
    table.columns[3].justify = "right"
    profile = ""
    for row in list_sets(root):
        if profile not in ("", row.profile):
            table.add_section()
        profile = row.profile
        table.add_row(row.profile, row.name, row.part, f"{row.count:,}", row.origin)
    # File names are not markup: an instructor may have named one data[1].npz.
    console = Console(markup=False, highlight=False)
    console.print(table)
    choice = choose("auto", root)
    console.print(f"auto takes {choice.name}: {choice.reason}.", soft_wrap=True)
    fetchable = list_fetchable(root)
    if fetchable:
        console.print(f"python -m datasets fetch {' '.join(fetchable)}", soft_wrap=True)


@app.command("fetch")
def fetch_command(
    names: Annotated[list[str], typer.Argument(help="Names of sets, or all.", metavar="NAME...")],
    force: Annotated[bool, typer.Option("--force", help="Download what is there again.")] = False,
) -> None:
    """Download image sets through torchvision, which checks their sums."""
    from datasets.fetch import RECIPES, fetch, is_fetched
    from datasets.torchvision_import import import_torchvision_datasets

    unknown = [name for name in names if name not in (*RECIPES, "all")]
    if unknown:
        raise DataError(f"no set {unknown[0]!r} to fetch: there are {', '.join(RECIPES)}, all")
    root = data_root()
    wanted = list(RECIPES) if "all" in names else list(dict.fromkeys(names))
    for name in wanted:
        if is_fetched(name, root) and not force:
            typer.echo(f"{name} is under {root} already")
            continue
        typer.echo(f"{name} ({RECIPES[name].title})")
        fetch(name, root, import_torchvision_datasets())
        typer.echo(f"{name} is under {root}")


@hidden.command("build")
def build_command(
    output: Annotated[Path, typer.Option("--output", "-o", help="The bundle to write, .npz.")],
    data: DataName = "auto",
    seed: Annotated[
        int | None, typer.Option(min=0, max=MOST_SEED, help="By default a random one.")
    ] = None,
    known: Annotated[int | None, typer.Option(min=1, help="How many digits.")] = None,
    per_family: Annotated[int | None, typer.Option(min=1, help="How many unknowns each.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Build a hidden bundle: moved test digits and unknown families that nobody has seen.

    Whoever knows the seed can build the same bundle, so keep it as secret as the file.
    """
    import secrets

    from datasets.bundle import write_bundle
    from datasets.profiles import choose

    try:
        from datasets.hidden import make_hidden
    except ModuleNotFoundError as error:  # a student's repository, which is released without it
        if error.name != "datasets.hidden":
            raise
        raise DataError(
            "hidden bundles are not built here: only the instructor's repository can"
        ) from None
    if output.exists() and not force:
        raise DataError(f"{output}: exists already; --force replaces it")
    if not output.parent.is_dir():
        raise DataError(f"{output.parent}: no such folder; make it first")
    root = data_root()
    choice = choose(data, root)
    typer.echo(f"{choice.name}: {choice.reason}")
    seed = secrets.randbelow(MOST_SEED + 1) if seed is None else seed
    with working("moving digits, drawing unknowns"):
        digits, unknowns = make_hidden(choice.name, root, seed, known, per_family)
    facts = {
        "profile": choice.name,
        "seed": seed,
        "created_by": f"open-set-lab {installed_version()}",
    }
    write_bundle(output, digits, unknowns, **facts)
    output.chmod(0o600)  # labels and seed are in it
    show_command(output)


@hidden.command("show")
def show_command(
    file: Annotated[Path, typer.Argument(help="The bundle.", metavar="FILE")],
) -> None:
    """Verify a hidden bundle and show what it holds."""
    from datasets.bundle import read_bundle

    bundle = read_bundle(file)
    for key, value in bundle.manifest.items():
        if key != "families":
            typer.echo(f"{key + ':':12}{value}")
    for entry in bundle.manifest["families"]:
        grading = "graded" if entry["graded"] else "reported"
        typer.echo(f"{'family:':12}{entry['family']}, {entry['count']:,} images, {grading}")
    typer.echo(f"{file}: its counts and its SHA-256 are right")

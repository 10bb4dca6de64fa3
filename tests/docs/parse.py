"""Whether a command could run: its program, options and arguments are there; nothing is run."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from tests.docs.pages import ROOT

# Where the command line of each `python -m …` is.
LINES = {
    "assignment.train": "assignment.train",
    "datasets": "datasets.cli",
    "grader": "grader.cli",
    "solutions": "solutions.cli",
    "solutions.zoo.framework.evaluate": "solutions.zoo.framework.evaluate",
    "tests.benchmarks": "tests.benchmarks.__main__",
    "tests.classroom": "tests.classroom.__main__",
    "tests.fairness": "tests.fairness.__main__",
    "tests.faults": "tests.faults.cli",
    "tests.fuzz": "tests.fuzz.__main__",
    "tests.mutants": "tests.mutants.cli",
    "tests.submissions": "tests.submissions.__main__",
}
FRAMEWORK = "solutions.zoo.framework"


class NotThereError(Exception):
    """The command names what is not there."""


def parse(command: str) -> None:
    """See that a command would be understood, in the current folder.

    Raises:
        Exception: it would not; Click's own words, or `NotThereError`.
    """
    words = shlex.split(command, comments=True)
    parsers: dict[str, Callable[[list[str]], None]] = {
        "make": _make, "python": _python, "pip": _pip, "dask": _dask, "gh": _gh,
        ".": _activate,
    }  # fmt: skip
    if words[0] not in parsers:
        raise NotThereError(f"{words[0]}: nobody here knows this program")
    parsers[words[0]](words[1:])


def command_line(module: str) -> Any:
    """The Click command behind `python -m module`."""
    if module not in LINES:
        raise NotThereError(f"python -m {module}: there is no such command")
    found = importlib.import_module(LINES[module])
    if hasattr(found, "app"):
        return typer.main.get_command(found.app)
    app = typer.Typer()
    app.command()(found.main)
    return typer.main.get_command(app)


def _python(words: list[str]) -> None:
    if words[0] != "-m":
        if not Path(words[0]).is_file():
            raise NotThereError(f"{words[0]}: there is no such file")
        return
    module, arguments = words[1], words[2:]
    if module == FRAMEWORK:
        _hydra(arguments)
    elif module == "pytest":
        for path in (word for word in arguments if not word.startswith("-")):
            if not Path(path.partition("::")[0]).exists():
                raise NotThereError(f"{path}: there is no such test")
    elif module != "venv":
        _click(command_line(module), module, arguments)


def _click(command: Any, name: str, arguments: list[str]) -> None:
    """Build the command's context, and its commands' down to the last, and call none of them."""
    context = command.make_context(name, list(arguments))
    while hasattr(command, "resolve_command"):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        if not rest:
            if command.invoke_without_command:
                return
            raise NotThereError(f"{name}: which of its commands?")
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, list(rest), parent=context)


def _make(words: list[str]) -> None:
    makefile = Path("Makefile").read_text(encoding="utf-8")
    for word in words:
        variable, equals, _ = word.partition("=")
        pattern = rf"^{variable} \?=" if equals else rf"^{word}:.*## "
        if not re.search(pattern, makefile, re.MULTILINE):
            if word == "setup-dev":  # a step of other targets
                continue
            raise NotThereError(f"make {word}: the Makefile has none")


def _pip(words: list[str]) -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert words[0] == "install"
    for word in words[1:]:
        extra = re.fullmatch(r"\.\[(\w+)\]", word)
        if extra and not re.search(rf"^{extra[1]} = \[", project, re.MULTILINE):
            raise NotThereError(f"pip install {word}: pyproject.toml has no such extra")
        if word.endswith(".txt") and not Path(word).is_file():
            raise NotThereError(f"pip install -c {word}: there is no such file")


def _dask(words: list[str]) -> None:
    found = importlib.import_module(f"distributed.cli.dask_{words[0]}")
    _click(found.main, words[0], words[1:])


def _gh(words: list[str]) -> None:
    """Of GitHub's own program only what it does with files of ours."""
    workflows = ROOT / ".github" / "workflows"
    if words[:2] == ["workflow", "run"]:
        text = (workflows / words[2]).read_text(encoding="utf-8")
        for field in (words[i + 1] for i, word in enumerate(words) if word == "-f"):
            if f"\n      {field.partition('=')[0]}:\n" not in text:
                raise NotThereError(f"{words[2]}: has no input {field}")
    elif words[:2] == ["secret", "set"]:
        texts = [file.read_text(encoding="utf-8") for file in workflows.glob("*.yml")]
        if not any(f"secrets.{words[2]} " in text for text in texts):
            raise NotThereError(f"no workflow reads the secret {words[2]}")


def _activate(words: list[str]) -> None:
    assert words == [".venv/bin/activate"]


def _hydra(arguments: list[str]) -> None:
    """Compose the configuration, of a sweep its first."""
    from hydra import compose, initialize_config_dir
    from hydra.core.override_parser.overrides_parser import OverridesParser

    conf = ROOT / "solutions" / "zoo" / "framework" / "conf"
    more = []
    if "--config-dir" in arguments:
        at = arguments.index("--config-dir")
        more = [f"hydra.searchpath=[file://{Path(arguments[at + 1]).resolve()}]"]
        arguments = arguments[:at] + arguments[at + 2 :]
    words = [word for word in arguments if word != "-m" and not word.startswith("hydra.")]
    OverridesParser.create().parse_overrides(words)
    first = [re.sub(r"^([^=\[]+=[^,\[]+),.*", r"\1", word) for word in words]
    with initialize_config_dir(str(conf), version_base=None):
        compose("config", overrides=[*first, *more])

"""Every command of the documents is run as it is printed, or at least understood."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.classroom.handing_in import train
from tests.docs.pages import ROOT, Page, page, pages
from tests.docs.parse import FRAMEWORK, LINES, command_line, parse
from tests.docs.world import World, make_lab, make_student

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Listed:
    """What the list says of a page; its keys are explained there."""

    path: str
    place: str
    run: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    parsed: dict[str, list[str]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    shows: str = ""

    @property
    def all(self) -> list[str]:
        return [*self.run, *self.slow, *(line for lines in self.parsed.values() for line in lines)]

    def typed(self, command: str) -> str:
        """The command with words in place of those that stand for others."""
        return " ".join(self.words.get(word, word) for word in command.split(" "))


LIST = tomllib.loads(Path(__file__).with_name("commands.toml").read_text(encoding="utf-8"))
LISTED = [Listed(**entry) for entry in LIST["page"]]
WITH_COMMANDS = [page for page in pages() if page.commands]


def name(listed: Listed) -> str:
    return listed.path


def test_every_page_with_commands_is_listed() -> None:
    assert sorted(listed.path for listed in LISTED) == sorted(page.path for page in WITH_COMMANDS)


@pytest.mark.parametrize("listed", LISTED, ids=name)
def test_every_command_is_listed_once(listed: Listed) -> None:
    printed = set(page(listed.path).commands)
    assert len(listed.all) == len(set(listed.all))
    assert set(listed.all) - printed == set(), "listed, and not printed any more"
    assert printed - set(listed.all) == set(), "printed, and in no list: commands.toml"
    assert {*listed.codes, *filter(None, [listed.shows])} <= set(listed.all)


@pytest.fixture(scope="session")
def quick_lab(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_lab(tmp_path_factory.mktemp("docs"))


@pytest.fixture(scope="session")
def quick_student(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_student(tmp_path_factory.mktemp("docs"))


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a training of two epochs: good enough to be graded."""
    return train(tmp_path_factory.mktemp("weights") / "w", epochs=2)


def copied(world: World, to: Path) -> World:
    """A world of a test's own."""
    root = to / "world"
    shutil.copytree(world.root, root, symlinks=True)
    return World(root, root / world.folder.name)


def quick(listed: Listed, request: pytest.FixtureRequest) -> World:
    """Where a page's commands are understood, shared with other tests: nothing is written there."""
    world: World = request.getfixturevalue(f"quick_{'lab' if listed.place == 'lab' else 'student'}")
    return world


@pytest.fixture
def place(listed: Listed, tmp_path: Path, request: pytest.FixtureRequest) -> World:
    """The same for one test alone, after what the page's blocks change."""
    world = copied(quick(listed, request), tmp_path)
    world.apply(page(listed.path))
    return world


@pytest.mark.parametrize("listed", LISTED, ids=name)
def test_commands_are_understood(
    listed: Listed, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = page(listed.path).changes
    world = request.getfixturevalue("place") if changed else quick(listed, request)
    monkeypatch.chdir(world.folder)
    wrong = {}
    for command in listed.all:
        if FRAMEWORK in command:
            pytest.importorskip("hydra")
        if command.startswith("dask"):
            pytest.importorskip("distributed")
        try:
            parse(listed.typed(command))
        except Exception as error:
            format_message = getattr(error, "format_message", lambda: "")
            wrong[command] = format_message() or repr(error)
    assert wrong == {}


@pytest.mark.parametrize("listed", [one for one in LISTED if one.run], ids=name)
def test_quick_commands_run(listed: Listed, place: World) -> None:
    run_all(listed, place, set(listed.run))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("listed", [one for one in LISTED if one.slow], ids=name)
def test_all_commands_run(listed: Listed, tmp_path: Path, weights: Path) -> None:
    if any("--sandbox require" in command for command in listed.slow) and not has_bwrap():
        pytest.skip("bubblewrap is not there")
    if listed.place == "lab":
        world = make_lab(tmp_path, weights)
        (world.folder / "grades.sqlite").unlink()
    else:
        world = make_student(tmp_path, weights if listed.place == "solved" else None)
    world.apply(page(listed.path))
    outputs = run_all(listed, world, {*listed.run, *listed.slow})
    if listed.shows:
        shown = next(b.text for b in page(listed.path).blocks if b.language == "text")
        assert_shows(shown, outputs[listed.shows])


def has_bwrap() -> bool:
    return shutil.which("bwrap") is not None


def run_all(listed: Listed, world: World, chosen: set[str]) -> dict[str, str]:
    """Run the chosen commands of a page in its order; gives their outputs."""
    outputs = {}
    for command in dict.fromkeys(page(listed.path).commands):
        if command not in chosen:
            continue
        words = shlex.split(command)
        if "hidden" in words and "build" in words:  # a bundle is never replaced
            (world.folder / words[words.index("-o") + 1]).unlink(missing_ok=True)
        done = world.run(listed.typed(command))
        assert done.code == listed.codes.get(command, 0), f"{command}\n{done.output}"
        assert "Traceback" not in done.output, f"{command}\n{done.output}"
        outputs[command] = done.output
    return outputs


def assert_shows(shown: str, output: str) -> None:
    """Every shown line is in the output, in this order; … is anything, and so is a figure."""

    def masked(text: str) -> str:
        return re.sub(r"\d+\.\d+", "#", " ".join(text.split()))

    lines = iter(masked(line) for line in output.split("\n"))
    for line in map(masked, shown.strip().split("\n")):
        if line == "…":
            continue
        start, cut, end = line.partition("…")
        assert any(
            (out.startswith(start) and out.endswith(end)) if cut else out == line for out in lines
        ), f"not in the output, or not here: {line}\n{output}"


def inline(page: Page) -> list[str]:
    return [code for code in page.code if re.match(r"(python -m|make) [\w.]", code)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_commands_in_sentences_are_there(page: Page) -> None:
    """They may be cut, so that only program, command and options are looked at."""
    missing = []
    for command in inline(page):
        words = shlex.split(command)
        if words[0] == "make":
            makefile = ROOT / "Makefile"
            text = makefile.read_text(encoding="utf-8")
            if not re.search(rf"^{words[1]}:", text, re.MULTILINE):
                missing.append(command)
        elif words[2] in LINES and not options_are_there(command_line(words[2]), words[3:]):
            missing.append(command)
    assert missing == []


def options_are_there(command: Any, words: list[str]) -> bool:
    """Whether a command's subcommands and options are those of these words."""
    words = [word for word in words if "…" not in word]
    while hasattr(command, "commands") and words:
        if words[0].startswith("-"):
            break
        if words[0] not in command.commands:
            return False
        command, words = command.commands[words[0]], words[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    return {word.partition("=")[0] for word in words if word.startswith("--")} <= known | {"--help"}


class TestTheParser:
    """It refuses what the real command line would."""

    @pytest.mark.parametrize(
        "command",
        [
            "python -m grader grade",
            "python -m grader grade assignment --colour",
            "python -m grader grades assignment",
            "python -m grader grade assignment --data cifar10",
            "python -m datasets hidden",
            "python -m solutions results --seeds none",
            "python -m nothing",
            "make everything",
            "make grade FOLDER=x",
            "pip install -e '.[nothing]'",
            "python nothing.py",
            "python -m pytest tests/nothing.py",
            "rm -rf .",
            "gh secret set NOTHING",
        ],
    )
    def test_what_is_not_there(self, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        with pytest.raises(Exception, match=r"."):
            parse(command)

    def test_what_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        parse("python -m grader grade assignment --task threshold  # a comment")
        parse("make grade DATA=digits")

    def test_shown_output(self) -> None:
        assert_shows("a 1.5 b\n…\nend …", "first\na  2.7 b\nmore\nend of it")
        with pytest.raises(AssertionError, match="not in the output"):
            assert_shows("end\na", "a\nend")

"""Links, anchors and paths lead somewhere; no page names the machine it was written on."""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath

import pytest

from tests.docs.pages import ROOT, Page, files, pages

EACH = pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
OURS = ("assignment", "datasets", "grader", "solutions", "tests", ".github", ".ci")
# Between backticks, but made by a command, an example's own, or a place in another system.
MADE = re.compile(
    r"weights\.safetensors|datasets/cache|/build/|^build/|^runs/|/runs/|grader/checks/hidden"
    r"|\.sqlite|DATE|NAME|YYYY|^my_|^/"
)
ENDINGS = (".py", ".md", ".toml", ".yml", ".yaml", ".json", ".j2", ".sh", ".txt", ".png", ".ipynb")


def folders() -> set[str]:
    return {str(parent) for path in files() for parent in PurePosixPath(path).parents}


def place(page: Page, target: str) -> str:
    """Where a target lies, relative to the repository; a template is the root's README there."""
    folder = "" if page.path.endswith(".j2") else posixpath.dirname(page.path)
    return posixpath.normpath(posixpath.join(folder, target))


@EACH
def test_links_and_anchors_resolve(page: Page) -> None:
    broken = []
    # What only a release has, or not yet.
    released = {"tests", ".github/workflows/grade.yml", "assignment/walkthrough.ipynb"}
    for link in page.links:
        if re.match(r"https?://|mailto:", link):
            continue
        target, _, anchor = link.partition("#")
        path = place(page, target) if target else page.path
        if page.path.endswith(".j2") and path in released:
            continue
        if path not in files() and path not in folders():
            broken.append(link)
        elif anchor:
            other = page if path == page.path else Page(path, (ROOT / path).read_text("utf-8"))
            if anchor not in other.anchors:
                broken.append(link)
    assert broken == []


@EACH
def test_paths_between_backticks_exist(page: Page) -> None:
    missing = []
    for code in page.code:
        path = code.rstrip("/")
        if " " in code or MADE.search(code) or not re.fullmatch(r"[\w./-]+", code):
            continue
        looks_ours = path.split("/")[0] in OURS and "/" in code
        if not looks_ours and not ("/" in code and path.endswith(ENDINGS)):
            continue
        near = {path, place(page, path), *(f"{top}/{path}" for top in OURS)}
        if not near & (files() | folders()):
            missing.append(code)
    assert missing == []


@EACH
def test_no_path_of_a_machine(page: Page) -> None:
    assert re.findall(r"(?<![\w.])/(?:home|Users|root|work|mnt|tmp)/\w\S*", page.text) == []


@EACH
def test_fences_are_closed(page: Page) -> None:
    assert len(re.findall(r"^```", page.text, re.MULTILINE)) == 2 * len(page.blocks)


def test_the_first_screen_of_the_readme_says_what_it_is() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    screen = "\n".join(text.split("\n")[:25])
    for words in ("open-set recognition", "autograder", "make grade", "make test", "will see"):
        assert words in screen

"""The project's Markdown pages, and what a test wants of them: blocks, commands, links, anchors."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEMPLATES = ("solutions/release/templates/README.md.j2",)
FENCE = re.compile(r"^(`{3,})(\w*)[ \t]*(.*?)[ \t]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]\n]*(?:\n[^\]\n]+)?\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: what follows the fence: `sh`, `diff`, `python`, …
        name: what follows that: the file that the block is.
        text: its lines.
    """

    language: str
    name: str
    text: str


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        path: relative to the repository, with forward slashes.
        text: all of it.
    """

    path: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """The fenced blocks."""
        return [Block(found[2], found[3], found[4]) for found in FENCE.finditer(self.text)]

    @property
    def commands(self) -> list[str]:
        """Each command of the shell blocks on one line, without its comment."""
        lines = "".join(block.text for block in self.blocks if block.language == "sh")
        joined = re.sub(r"\\\n\s*", "", lines).split("\n")
        bare = (re.sub(r"\s+#\s.*$", "", line).strip() for line in joined)
        return [line for line in bare if line and not line.startswith("#")]

    @property
    def changes(self) -> list[Block]:
        """The blocks that are files, or differences of files."""
        return [block for block in self.blocks if block.name or block.language == "diff"]

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """The targets of its links."""
        return LINK.findall(re.sub(CODE, "", self.prose))

    @property
    def code(self) -> list[str]:
        """What stands between single backticks."""
        return CODE.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """What GitHub makes of the headings."""
        found: dict[str, int] = {}
        anchors = set()
        for heading in re.findall(r"^#{1,6} +(.*?)[ #]*$", self.prose, re.MULTILINE):
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            count = found[slug] = found.get(slug, -1) + 1
            anchors.add(f"{slug}-{count}" if count else slug)
        return anchors


@cache
def files() -> frozenset[str]:
    """Every file of the checkout that git tracks or would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(path for path in listed.splitlines() if (ROOT / path).is_file())


@cache
def pages() -> tuple[Page, ...]:
    """All of them."""
    names = sorted(path for path in files() if path.endswith(".md") or path in TEMPLATES)
    return tuple(Page(name, (ROOT / name).read_text(encoding="utf-8")) for name in names)


def page(path: str) -> Page:
    """The page of that path."""
    return next(page for page in pages() if page.path == path)

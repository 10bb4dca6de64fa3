"""Jinja2 as every page uses it: nothing is left unescaped, undefined or obeyed by a terminal."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..text import printable

STYLE, SCRIPT = "style.css", "theme.js"


@dataclass(frozen=True)
class Inline:
    """A page's style sheet and script, and the policy that lets these two run and nothing else."""

    style: Markup
    script: Markup
    policy: str


@functools.cache  # a class has a page a student, and compiling a template takes its time
def environment(folder: str = "pages") -> Environment:
    """The templates of `grader/FOLDER`, which may extend and import those of `grader/pages`.

    Whatever an expression puts into a page loses its control characters and is escaped. A template
    that extends `base.html.j2` may set `styles` and `scripts` to names of files of its own folder,
    which are put inline after the shared ones.
    """
    made = Environment(
        loader=ChoiceLoader([PackageLoader("grader", name) for name in (folder, "pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["inline"] = functools.partial(inline, folder)
    made.filters["points"] = points
    made.filters["percent"] = percent
    return made


def inline(folder: str, styles: Sequence[str] = (), scripts: Sequence[str] = ()) -> Inline:
    """The shared style and script with a folder's own ones after them, and their policy."""
    style = "\n".join([_read("pages", STYLE), *(_read(folder, name) for name in styles)])
    script = "\n".join([_read("pages", SCRIPT), *(_read(folder, name) for name in scripts)])
    policy = "; ".join([
        "default-src 'none'", f"style-src {_source(style)}", f"script-src {_source(script)}",
        "img-src data:", "base-uri 'none'", "form-action 'none'",
    ])  # fmt: skip
    return Inline(Markup(style), Markup(script), policy)  # noqa: S704 (files of our own)


def points(value: float) -> str:
    """Points without needless zeros, e.g. "2.5"."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction in per cent; a dash where there is none."""
    return "—" if value is None else f"{100 * value:.{digits}f} %"


def _harmless(value: Any) -> Any:
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return printable(value) if is_text else value


@functools.cache
def _read(folder: str, name: str) -> str:
    return (resources.files("grader") / folder / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"

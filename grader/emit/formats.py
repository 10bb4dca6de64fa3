"""Which formats there are, and the one function that makes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from ..text import did_you_mean
from . import autolab, classroom50, github, gradescope, junit, markdown, prairielearn
from .student_copy import for_student


@dataclass(frozen=True)
class Settings:
    """What a format takes besides the record.

    Attributes:
        folder: where the student's files lie in their repository, for annotations.
        leaderboard: whether Gradescope's file brings one; never of hidden data.
        environment: the variables that a platform sets.
    """

    folder: str = "assignment"
    leaderboard: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


Record = dict[str, Any]
_RENDER: dict[str, Callable[[Record, Settings], str]] = {
    "gradescope": lambda record, settings: gradescope.render(record, settings.leaderboard),
    "classroom50": lambda record, settings: classroom50.render(record, settings.environment),
    "github": lambda record, settings: github.render(for_student(record), settings.folder),
    "prairielearn": lambda record, _: prairielearn.render(for_student(record)),
    "autolab": lambda record, _: autolab.render(record),
    "junit": lambda record, _: junit.render(for_student(record)),
    "markdown": lambda record, _: markdown.render(for_student(record)),
}
KINDS = tuple(_RENDER)


def emit(record: Record, kind: str, settings: Settings | None = None) -> str:
    """A record as the text of a file in another format.

    Args:
        record: as `Record.to_json()` gives it, or as it was saved.
        kind: one of `KINDS`.
        settings: what else the format needs; by default what the environment says.

    Raises:
        UsageError: there is no such format, or it lacks something that the environment has to say.
        GraderError: the record is a fault of the grader's, and the format (`classroom50`) can only
            say so by not being there.
    """
    if kind not in _RENDER:
        raise UsageError(
            f"{kind}: there is no such format; "
            f"{did_you_mean(kind, KINDS)}there are {', '.join(KINDS)}"
        )
    return _RENDER[kind](record, settings or Settings())

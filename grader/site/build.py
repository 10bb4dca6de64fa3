"""A site from a gradebook: every page as a name and its bytes, made one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..pages.environment import environment
from ..published import CAVEAT
from ..report.names import page_name
from ..statistics.flags import Similar
from ..statistics.rows import rows_of
from ..statistics.summary import Summary, summarise
from .charts import accuracy_plane, score_histogram
from .leaderboard import Leaderboard, make_leaderboard
from .view import ClassView, view_class

if TYPE_CHECKING:
    from ..gradebook import Grade

REPORTS = "reports"
RenderReport = Callable[["Grade"], bytes]


@dataclass(frozen=True)
class Site:
    """What a site is made from, worked out before anything is written.

    Attributes:
        grades: one a student.
        summary: the class's statistics.
        view: the table.
        leaderboard: None where none was asked for.
        reports: where each student's page goes, by id.
    """

    grades: tuple[Grade, ...]
    summary: Summary
    view: ClassView
    leaderboard: Leaderboard | None
    reports: dict[str, str]


def prepare(
    grades: Sequence[Grade], similar: Similar | None = None, salt: str | None = None
) -> Site:
    """Work out all that the pages show.

    Args:
        grades: one a student.
        similar: what a report of similarity says, by the submissions' names.
        salt: of a leaderboard's pseudonyms; None for no leaderboard.

    Raises:
        UsageError: there can be no leaderboard.
    """
    rows = rows_of(grades)
    summary = summarise(rows, similar)
    board = make_leaderboard(summary.accuracies, salt) if salt is not None else None
    reports = {grade.student: f"{REPORTS}/{page_name(grade.student)}" for grade in grades}
    view = view_class(grades, rows, summary, reports, board.pseudonyms if board else {})
    return Site(tuple(grades), summary, view, board, reports)


def pages(site: Site, render: RenderReport) -> Iterator[tuple[str, bytes]]:
    """Every page as its name below the site and its bytes.

    Args:
        site: what they are made from.
        render: makes a student's report.
    """
    templates = environment("site")
    yield "index.html", _bytes(templates.get_template("index.html.j2").render(_content(site)))
    if site.leaderboard is not None:
        template = templates.get_template("leaderboard.html.j2")
        yield "leaderboard.html", _bytes(template.render(board=site.leaderboard))
    for grade in site.grades:
        yield site.reports[grade.student], render(grade)


def _content(site: Site) -> dict[str, Any]:
    groups = enumerate(site.summary.accuracies, 1)
    return {
        "view": site.view,
        "summary": site.summary,
        "counts": _counts(site.summary),
        "histogram": score_histogram(site.summary.total),
        "planes": [(accuracy_plane(group, number), group) for number, group in groups],
        "leaderboard": site.leaderboard,
        "caveat": CAVEAT,
    }


def _counts(summary: Summary) -> str:
    grades = summary.grades
    count = len(grades.everyone)
    parts = [f"{len(grades.whole)} graded"]
    if grades.partial:
        parts.append(f"{len(grades.partial)} on some tasks only, not in the distribution")
    if grades.unusable:
        parts.append(f"{len(grades.unusable)} could not be opened: no mark")
    if grades.ungraded:
        parts.append(f"{len(grades.ungraded)} not graded by a fault of the grader's")
    return f"{count} student{'s' * (count != 1)}: {'; '.join(parts)}."


def _bytes(page: str) -> bytes:
    return page.encode("utf-8", "backslashreplace")

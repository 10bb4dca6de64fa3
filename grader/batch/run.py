"""A whole batch, from the folder to the summary."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import GraderError, UsageError
from ..gradebook import Gradebook
from ..report.folder import make_folder
from ..rubric import Rubric, load_rubric
from ..sandbox import choose_sandbox
from ..temporary import remove_leftovers
from ..text import one_line
from .download import opened_download
from .driver import Batch, Done, Rules, Summary
from .find import Class, find_class, only
from .keys import Keys
from .local import Graders, LocalGraders
from .pages import Pages
from .records import same_tasks
from .settings import Settings, settle, wall_limit_s
from .show import Screen, progress


@dataclass(frozen=True)
class Options:
    """Which submissions of a folder, and where the grades go.

    Attributes:
        folder: of submissions, or an LMS's download.
        gradebook: its file.
        layout: as `find_class`.
        attempt: as `find_class`.
        only: ids or names of students; empty means all.
        rules: which work is done.
        report: a folder for a page of each student; None for no pages.
    """

    folder: Path
    gradebook: Path
    layout: str = "auto"
    attempt: str = "last"
    only: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    report: Path | None = None


@dataclass(frozen=True)
class Setting:
    """What graders are made for."""

    settings: Settings
    keys: Keys
    limit_s: float


MakeGraders = Callable[[Setting, Screen], Graders]


class Interrupted(Exception):  # noqa: N818 (it is what has happened)
    """Somebody asked the batch to end; the line says how to go on."""


def local(jobs: int) -> MakeGraders:
    """Graders on this machine.

    Raises:
        UsageError: it has no `fork`, on which a slot rests.
    """
    if not hasattr(os, "fork"):
        raise UsageError("batches need Linux, macOS or WSL; grade submissions one by one here")
    return lambda setting, _: LocalGraders(jobs, setting.settings, setting.limit_s)


def run_batch(options: Options, settings: Settings, make: MakeGraders) -> tuple[Summary, Class]:
    """Grade a class into a gradebook.

    Returns:
        What came of it, and what was found.

    Raises:
        UsageError: the folder, the gradebook or an option cannot be used.
        GraderError: it could not go on; what was done is kept.
        Interrupted: it was asked to end; what was done is kept.
    """
    rubric = load_rubric()
    settings = replace(settle(settings, rubric), pictures=options.report is not None)
    pages = Pages(make_folder(options.report)) if options.report else None
    remove_leftovers()
    with opened_download(options.folder) as (folder, not_unpacked):
        found = find_class(folder, options.layout, options.attempt)
        found = replace(found, refused=(*not_unpacked, *found.refused))
        everybody = len(found.students)
        found = only(found, options.only) if options.only else found
        students = list(found.students)
        keys = Keys(settings)
        with Gradebook(options.gradebook) as book:
            _refuse_mixture(book, settings, rubric)
            total = sum(map(len, students))
            rooms = [1]
            with progress(total, lambda: rooms[0]) as (screen, tell):
                screen.begin(found, everybody)
                _say_sandbox(settings, screen)
                graders = make(Setting(settings, keys, wall_limit_s(settings, rubric)), screen)
                rooms[0] = graders.room

                def tell_all(done: Done) -> None:
                    tell(done)
                    if pages:
                        pages.write(done)

                batch = Batch(book, graders, keys, settings, rubric, options.rules, tell_all)
                try:
                    with contextlib.closing(graders):
                        batch.run(students)
                    if pages:
                        pages.fill((works[-1].student for works in students), book.current())
                except KeyboardInterrupt:
                    raise Interrupted(_so_far(batch.summary, total, options)) from None
                except GraderError as error:
                    so_far = _so_far(batch.summary, total, options)
                    raise GraderError(f"{error}; {so_far}") from None
            screen.end(batch.summary, found)
            if options.report:
                screen.say(f"pages: {one_line(str(options.report), 1000)}", markup=False)
    return batch.summary, found


def _so_far(summary: Summary, total: int, options: Options) -> str:
    done = sum(summary.counts.values())
    return f"{done} of {total} are in {options.gradebook}; the same command goes on with the rest"


def _say_sandbox(settings: Settings, screen: Screen) -> None:
    sandbox, weaker = choose_sandbox(settings.sandbox)
    if weaker:
        screen.say(f"sandbox: {sandbox.level}, the best that there is here: {weaker}", markup=False)


def _refuse_mixture(book: Gradebook, settings: Settings, rubric: Rubric) -> None:
    """Grades of some tasks and of all do not go into one gradebook: one would pass for the other.

    Raises:
        UsageError: the gradebook has grades of other tasks.
    """
    for grade in book.current():
        if not same_tasks(grade.record, settings, rubric):
            has = ", ".join(task["id"] for task in grade.record["tasks"])
            raise UsageError(
                f"{book.path}: its grades are of other tasks ({has}); "
                "grades of some tasks alone need a gradebook of their own"
            )

"""Finding a class's submissions in a folder, whichever way they came."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import UsageError
from ..text import one_line
from .candidates import entries
from .layouts import canvas, gradescope, moodle, plain
from .work import Found, Refused, Work

MOST = 0.5  # an instructor may have put a file or two of their own beside an LMS's
READERS: dict[str, Callable[[Path], Found]] = {
    "plain": plain.read,
    "canvas": canvas.read,
    "moodle": moodle.read,
    "gradescope": gradescope.read,
}
ATTEMPTS: dict[str, Callable[[list[Work]], list[Work]]] = {
    "last": lambda works: works[-1:],
    "first": lambda works: works[:1],
    "all": list,
}


@dataclass(frozen=True)
class Class:
    """What a class has handed in.

    Attributes:
        layout: how its folder is laid out, a name of `READERS`.
        students: each student's attempts that count, from the first to the last; none is empty.
        refused: what nobody gets a grade for, and why.
        skipped: names that are no submissions.
    """

    layout: str
    students: tuple[tuple[Work, ...], ...]
    refused: tuple[Refused, ...]
    skipped: tuple[str, ...]


def find_class(folder: Path, layout: str = "auto", attempt: str = "last") -> Class:
    """Find every student's attempts.

    Args:
        folder: of submissions, or an LMS's bulk download, unpacked.
        layout: a name of `READERS`, or "auto".
        attempt: which of a student's attempts count: "last", "first" or "all".

    Raises:
        UsageError: there is no such folder, nothing in it, or it is laid out otherwise.
    """
    name = one_line(str(folder), 1000)
    if not folder.is_dir():
        raise UsageError(f"{name}: there is no such folder")
    try:
        root = _unwrapped(folder)
        chosen = recognise(root) if layout == "auto" else layout
        if chosen == "gradescope" and not gradescope.knows(root):
            raise UsageError(f"{name}: no {gradescope.METADATA} is in it, as Gradescope's have")
        found = READERS[chosen](root)
    except OSError as error:
        raise UsageError(f"{name}: it cannot be read ({error.strerror})") from None
    if not found.works and not found.refused:
        also = f" of the layout {chosen}" if layout != "auto" else ""
        raise UsageError(f"{name}: no submissions{also} are in it")
    students, refused = _by_student(found.works)
    chosen_attempts = tuple(tuple(ATTEMPTS[attempt](works)) for works in students)
    return Class(chosen, chosen_attempts, (*found.refused, *refused), found.skipped)


def recognise(root: Path) -> str:
    """Whose layout a folder has; "plain" where it is no LMS's."""
    if gradescope.knows(root):
        return "gradescope"
    shares = {"moodle": moodle.share(root), "canvas": canvas.share(root)}
    best = max(shares, key=lambda layout: shares[layout])
    return best if shares[best] >= MOST else "plain"


def _unwrapped(folder: Path) -> Path:
    """The folder of an LMS's download that was unpacked into another one.

    A link is no such folder: unpacking makes none, and it may lead to anything.
    """
    held = entries(folder)
    alone = len(held) == 1 and held[0].is_dir() and not held[0].is_symlink()
    if alone and recognise(folder) == "plain":
        inner = held[0]
        return inner if recognise(inner) != "plain" else folder
    return folder


def _by_student(works: Iterable[Work]) -> tuple[list[list[Work]], list[Refused]]:
    """Works student by student; students who cannot be told apart are refused, each with a line."""
    groups: dict[str, list[Work]] = {}
    for work in works:
        groups.setdefault(work.student.casefold(), []).append(work)
    students, refused = [], []
    for group in groups.values():
        if reason := _confusion(group):
            refused += [Refused(work.source, reason, work.student, work.name) for work in group]
        else:
            students.append(group)
    return students, refused


def _confusion(group: list[Work]) -> str:
    """Why the works of one id are not one student's; "" where they are."""
    student = group[0].student
    if not student:
        return "there is no student's id in its name"
    if len(ids := sorted({work.student for work in group})) > 1:
        sources = sorted({work.source for work in group})
        return f"the ids {_listed(ids)} differ in case alone: {_listed(sources)}; rename one"
    if len({work.name for work in group}) > 1:
        people = sorted({f"{work.name or work.student} ({work.source})" for work in group})
        return f"two students have the id {student}: {_listed(people)}; rename one"
    if len({work.attempt for work in group}) < len(group):
        sources = sorted({work.source for work in group})
        return f"two submissions have the id {student}: {_listed(sources)}; rename or remove one"
    return ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def only(found: Class, wanted: Iterable[str]) -> Class:
    """The students of these ids or names, and what was refused of theirs.

    Raises:
        UsageError: one of them is nobody's, or nobody's but of those who are refused.
    """
    from difflib import get_close_matches

    words = set(wanted)
    refused = tuple(item for item in found.refused if words & {item.student, item.name})
    by_word: dict[str, list[tuple[Work, ...]]] = {}
    for works in found.students:
        for word in {works[0].student, works[0].name} - {""}:
            by_word.setdefault(word, []).append(works)
    chosen: dict[str, tuple[Work, ...]] = {}
    for word in sorted(words):
        for item in refused:
            if word not in by_word and word in (item.student, item.name):
                raise UsageError(f"--only {one_line(word)}: {item.reason}")
        if word not in by_word:
            near = get_close_matches(word, by_word, n=3, cutoff=0.5)
            meant = f"; did you mean {', '.join(near)}?" if near else ""
            raise UsageError(f"--only {one_line(word)}: nobody has that id or name{meant}")
        chosen |= {works[0].student: works for works in by_word[word]}
    return replace(found, students=tuple(chosen.values()), refused=refused, skipped=())

"""Who is in the class, and what each of them hands in."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.submissions.attacks import read_attacks
from tests.submissions.patches import read_patches

Kind = Literal["correct", "wrong", "hostile", "unusable"]
SHARES: tuple[tuple[Kind, float], ...] = (("wrong", 0.5), ("hostile", 0.15), ("unusable", 0.05))

# Attacks that end by themselves or are ended at once: a class is to be graded, not besieged.
ATTACKS = (
    "acts_at_exit",
    "brings_a_conftest",
    "brings_a_sitecustomize",
    "ends_at_import",
    "ends_in_eval_model",
    "exits_politely",
    "forges_results",
    "imports_the_solutions",
    "is_equal_to_everything",
    "kills_itself",
    "looks_at_frames",
    "patches_pytest",
    "prints_escape_sequences",
    "raises_a_huge_exception",
    "reads_the_environment",
    "reads_the_project",
    "shadows_modules",
    "weights_are_a_pickle",
    "zip_leads_outside",
)
UNUSABLE = ("empty folder", "broken zip")
FIRST = ("Ada", "Björk", "Chimamanda", "Dana", "Emeka", "Farah", "Goro", "Hélène", "Inés", "Jun")
LAST = ("Abe", "Brandt", "Çelik", "Dąbrowski", "Eriksen", "Fofana", "García", "Huang")


@dataclass(frozen=True)
class Student:
    """One student and their work.

    Attributes:
        id: Of the learning management system, unique.
        name: To show.
        kind: Of work.
        work: Name of the submission among `tests/submissions`, or of what makes it unusable.
    """

    id: str
    name: str
    kind: Kind
    work: str


def roll(count: int, seed: int) -> list[Student]:
    """A class of `count`: half of it wrong in one thing, some hostile or unusable, the rest right.

    The last hands in the very files of the first, as happens.

    Args:
        count: How many students, at least 2.
        seed: Of who hands in what.
    """
    rng = random.Random(seed)
    works: dict[Kind, Sequence[str]] = {
        "correct": [patch.name for patch in read_patches("correct")],
        "wrong": [patch.name for patch in read_patches("wrong")],
        "hostile": [name for name in ATTACKS if name in {a.name for a in read_attacks()}],
        "unusable": UNUSABLE,
    }
    kinds: list[Kind] = []
    for kind, share in SHARES:
        kinds += [kind] * round(share * count)
    kinds = ["correct"] * (count - len(kinds)) + kinds
    drawn = {kind: _drawn(works[kind], kinds.count(kind), rng) for kind in works}
    students = []
    for number, kind in enumerate(kinds, 1):
        name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        students.append(Student(f"s{number:03}", name, kind, drawn[kind].pop()))
    first, last = students[0], students[-1]
    students[-1] = Student(last.id, last.name, first.kind, first.work)
    return students


def _drawn(works: Sequence[str], count: int, rng: random.Random) -> list[str]:
    """So many of them, each as seldom twice as can be."""
    drawn: list[str] = []
    while len(drawn) < count:
        drawn += rng.sample(works, len(works))
    return drawn[:count]

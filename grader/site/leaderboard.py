"""A leaderboard that names nobody: pseudonyms, and one rounded figure each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import UsageError
from ..statistics.accuracy import AccuracyGroup
from .pseudonyms import pseudonyms

DIGITS = 3  # of a fraction: exact figures would lead back to whoever has told theirs to a friend


@dataclass(frozen=True)
class Place:
    """One line.

    Attributes:
        rank: from 1; equal figures share one.
        pseudonym: of the student; "the reference", without a rank, where `rank` is None.
        accuracy: total accuracy, a fraction rounded to `DIGITS`.
    """

    rank: int | None
    pseudonym: str
    accuracy: float


@dataclass(frozen=True)
class Leaderboard:
    """Who is where, by accuracy alone.

    Attributes:
        data: the profile all were measured on.
        places: the best first.
        pseudonyms: by the student's id; not for the page.
    """

    data: str
    places: tuple[Place, ...]
    pseudonyms: dict[str, str]


def make_leaderboard(groups: Iterable[AccuracyGroup], salt: str) -> Leaderboard:
    """The leaderboard of the largest group measured on public data.

    Args:
        groups: students by the data they were measured on, the largest first.
        salt: the pseudonyms' secret.

    Raises:
        UsageError: nobody was measured on public data, or the salt is too short.
    """
    groups = list(groups)
    group = next((group for group in groups if group.tier == "public"), None)
    if group is None:
        if groups:
            raise UsageError("--leaderboard: it would show every student figures of hidden data")
        raise UsageError("--leaderboard: no student's model was measured, so there is none")
    names = pseudonyms((one.student for one in group.students), salt)
    figures = [(round(one.total_accuracy, DIGITS), names[one.student]) for one in group.students]
    places = [
        Place(1 + sum(other > accuracy for other, _ in figures), name, accuracy)
        for accuracy, name in figures
    ]
    reference = (group.reference or {}).get("total_accuracy")
    if reference is not None:
        places.append(Place(None, "the reference solution", round(float(reference), DIGITS)))
    # Students of one figure stand by pseudonym: any other order would tell of the class's own.
    places.sort(key=lambda place: (-place.accuracy, place.rank is None, place.pseudonym))
    return Leaderboard(group.data, tuple(places), names)

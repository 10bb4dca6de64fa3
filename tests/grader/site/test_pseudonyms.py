"""Pseudonyms: the same for who knows the salt, of no use to who does not."""

from __future__ import annotations

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.site import pseudonyms as module
from grader.site.pseudonyms import LEAST_SALT, new_salt, pseudonyms

IDS = [f"s{number}" for number in range(300)]
SALT = "a secret of no less than 16"


def test_each_has_one_of_their_own() -> None:
    made = pseudonyms(IDS, SALT)
    assert set(made) == set(IDS)
    assert len(set(made.values())) == len(IDS)


@given(st.sets(st.text(), min_size=1, max_size=20), st.text(min_size=LEAST_SALT))
def test_are_stable_whatever_the_order(students: set[str], salt: str) -> None:
    one, other = pseudonyms(sorted(students), salt), pseudonyms(sorted(students)[::-1], salt)
    assert one == other


def test_do_not_depend_on_who_else_is_there() -> None:
    alone = {student: pseudonyms([student], SALT)[student] for student in IDS}
    assert sum(pseudonyms(IDS, SALT)[student] != name for student, name in alone.items()) <= 2


def test_another_salt_gives_others() -> None:
    one, other = pseudonyms(IDS, SALT), pseudonyms(IDS, SALT + "!")
    assert not [student for student in IDS if one[student] == other[student]]


def test_random_salts_differ_and_are_long() -> None:
    salts = {new_salt() for _ in range(10)}
    assert len(salts) == 10
    assert min(map(len, salts)) == 64


def test_hashes_of_known_ids_lead_nowhere() -> None:
    """Who knows every id and the code, but not the salt, cannot name one of them."""
    made = set(pseudonyms(IDS, SALT).values())
    for guess in ("", "salt", "0" * LEAST_SALT):
        named = {module._name(student, guess, 0) for student in IDS}
        assert not made & named
    digests = {hashlib.sha256(student.encode()).hexdigest() for student in IDS}
    assert not [1 for name, digest in itertools.product(made, digests) if name in digest]


def test_short_salts_are_refused() -> None:
    with pytest.raises(UsageError, match="16 characters"):
        pseudonyms(IDS, "x" * (LEAST_SALT - 1))


def test_equal_names_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NUMBERS", 1)
    monkeypatch.setattr(module, "ANIMALS", ("cat", "dog"))
    made = pseudonyms(IDS[:64], SALT)
    assert len(set(made.values())) == 64

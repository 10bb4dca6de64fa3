"""Names for a leaderboard that lead back to nobody who does not know the salt."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from ..errors import UsageError

LEAST_SALT = 16  # characters: what is shorter can be tried out against a list of known ids
COLOURS = (
    "amber", "azure", "beige", "black", "bronze", "brown", "copper", "coral", "cream", "crimson",
    "cyan", "ebony", "emerald", "golden", "green", "grey", "indigo", "ivory", "jade", "lilac",
    "lime", "maroon", "olive", "orange", "pearl", "purple", "ruby", "scarlet", "silver", "teal",
    "violet", "white",
)  # fmt: skip
ANIMALS = (
    "badger", "bat", "bear", "beaver", "bison", "cat", "crane", "crow", "deer", "dolphin", "dove",
    "eagle", "elk", "falcon", "finch", "fox", "gecko", "goose", "hare", "hawk", "heron", "horse",
    "ibex", "ibis", "jackal", "jay", "koala", "lark", "lemur", "lion", "llama", "lynx", "magpie",
    "marten", "mole", "moose", "mouse", "newt", "ocelot", "orca", "otter", "owl", "panda",
    "parrot", "pelican", "penguin", "puffin", "puma", "rabbit", "raven", "robin", "seal", "sparrow",
    "squid", "stork", "swan", "tapir", "tiger", "toad", "trout", "turtle", "walrus", "wolf", "wren",
)  # fmt: skip
NUMBERS = 1000


def new_salt() -> str:
    """A secret of 256 bits, which nobody keeps."""
    return secrets.token_hex(32)


def pseudonyms(students: Iterable[str], salt: str) -> dict[str, str]:
    """A pseudonym for each student; the same for the same id and salt.

    Only where two students of one class would be called the same (once in 46 classes of 300)
    does the later id get another name.

    Args:
        students: their ids.
        salt: the secret.

    Raises:
        UsageError: the salt is so short that it could be found by trying.
    """
    if len(salt) < LEAST_SALT:
        raise UsageError(
            f"--salt: {LEAST_SALT} characters at least, random ones, or who knows the class's ids "
            "can find it by trying"
        )
    taken: dict[str, str] = {}
    for student in sorted(set(students)):
        turn = 0
        while (name := _name(student, salt, turn)) in taken:
            turn += 1
        taken[name] = student
    return {student: name for name, student in taken.items()}


def _name(student: str, salt: str, turn: int) -> str:
    message = f"{turn}\n{student}".encode("utf-8", "surrogatepass")
    digest = hmac.new(salt.encode("utf-8", "surrogatepass"), message, hashlib.sha256).digest()
    number = int.from_bytes(digest, "big")
    number, colour = divmod(number, len(COLOURS))
    number, animal = divmod(number, len(ANIMALS))
    return f"{COLOURS[colour]} {ANIMALS[animal]} {number % NUMBERS}"

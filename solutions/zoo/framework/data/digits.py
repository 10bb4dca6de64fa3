"""Ten digits: some of them known and the others unknown, or all known and other images unknown."""

from __future__ import annotations

import numpy as np

from datasets import ImageSet, choose, data_root, load_test, load_training
from datasets.digits import load_digits_test
from datasets.mnist import load_mnist_test
from solutions.errors import UserError
from solutions.zoo.framework.data.open_set import OpenSet, as_images, chosen, require_classes
from solutions.zoo.splits import SPLITS

DIGITS = tuple(range(10))


def six_four(profile: str, split: int = 0) -> OpenSet:
    """Six digits known, the other four unknown, as one of the published splits has it.

    Args:
        profile: "mnist" or "digits".
        split: Which, 0 to 4.

    Raises:
        UserError: There is no such split.
        DataError: There is no such profile, or its files are missing.
    """
    if not 0 <= split < len(SPLITS):
        raise UserError(f"no split {split}: there are 0 to {len(SPLITS) - 1}")
    return some_known(profile, SPLITS[split])


def some_known(profile: str, known: tuple[int, ...]) -> OpenSet:
    """These digits known, all others unknown. No unknown digit is learnt from.

    Args:
        profile: "mnist" or "digits".
        known: The known digits.

    Raises:
        UserError: The digits are not among 0 to 9, or are all ten.
        DataError: As `six_four`.
    """
    classes = require_classes(known, DIGITS, "data.known")
    others = [digit for digit in DIGITS if digit not in classes]
    if not others:
        raise UserError("all ten digits are known: data=mnist_against_families has other unknowns")
    train, test = _training(profile), _test_digits(profile)
    unknown = np.isin(test.labels, others)
    return OpenSet(
        about=f"{profile}: digits {_listed(classes)} known, {_listed(others)} of the test unknown",
        known=chosen(train.images, train.labels, classes),
        test=chosen(test.images, test.labels, classes),
        unknowns={"other_digits": as_images(test.images[unknown])},
        classes=classes,
    )


def against_families(profile: str) -> OpenSet:
    """All ten digits known; every unknown family of the profile, at most 2,000 images of each.

    Args:
        profile: "mnist" or "digits".

    Raises:
        DataError: As `six_four`.
    """
    train = _training(profile)
    test, unknowns = load_test(profile)
    return OpenSet(
        about=f"{profile}: ten digits known, {', '.join(u.family for u in unknowns)} unknown",
        known=chosen(train.images, train.labels, DIGITS),
        test=chosen(test.images, test.labels, DIGITS),
        unknowns={unknown.family: as_images(unknown.images) for unknown in unknowns},
        classes=DIGITS,
    )


def _training(profile: str) -> ImageSet:
    """Everything that may be learnt from: a run holds out images of its own, by its seed."""
    train, heldout = load_training(profile)
    return ImageSet(
        f"{profile}-known",
        "digits",
        np.concatenate([train.images, heldout.images]),
        np.concatenate([train.labels, heldout.labels]),
    )


def _test_digits(profile: str) -> ImageSet:
    """The test digits without the unknown families, which take seconds to make.

    MNIST's files are there: `load_training` has been asked for them before.
    """
    if choose(profile).name == "digits":
        return load_digits_test()
    return load_mnist_test(data_root())


def _listed(digits: tuple[int, ...] | list[int]) -> str:
    return ", ".join(map(str, digits))

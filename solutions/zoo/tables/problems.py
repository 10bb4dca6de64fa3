"""The problems that methods are measured on: known images to learn from, and two kinds to test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assignment.images import to_images
from datasets import ImageSet, choose, data_root, load_test, load_training
from datasets.noise import make_noise
from datasets.npz import has_array, read_npz_array
from datasets.profiles import require_mnist
from datasets.seeds import stream
from datasets.sources import find_sources, read_images, source_order
from solutions.errors import UserError
from solutions.zoo.known import Known
from solutions.zoo.splits import SPLITS

MOST_UNKNOWN = 10_000  # images a family: as many as there are test digits
SEED = 1


@dataclass(frozen=True, eq=False)
class Problem:
    """One piece of work that every method is given.

    Attributes:
        name: "mnist", "digits", or "split-1" to "split-5".
        known: To learn from; nothing unknown is in it.
        test: Known test images, float32 (N, 1, 28, 28).
        labels: Their classes, int64 (N,).
        unknowns: Test images of each unknown family, float32 (M, 1, 28, 28).
    """

    name: str
    known: Known
    test: Tensor
    labels: NDArray[np.int64]
    unknowns: dict[str, Tensor]


def load_problem(name: str, root: Path | None = None) -> Problem:
    """The problem of this name.

    Args:
        name: One of `problem_names()`.
        root: The data root; by default `data_root()`.

    Raises:
        DataError: Its files are missing or broken.
        UserError: There is no such problem.
    """
    root = root or data_root()
    makers: dict[str, Callable[[Path], Problem]] = {"mnist": _mnist, "digits": _digits}
    if name in makers:
        return makers[name](root)
    if name in problem_names():
        return _mnist_split(int(name.removeprefix("split-")), root)
    raise UserError(f"no problem {name!r}: there are {', '.join(problem_names())}")


def problem_names() -> tuple[str, ...]:
    """Every problem."""
    return ("mnist", "digits", *(f"split-{number}" for number in range(1, len(SPLITS) + 1)))


def available_problems(wanted: str = "all", root: Path | None = None) -> tuple[str, ...]:
    """The problems of one kind, "mnist", "splits" or "digits", or all whose data is there.

    Raises:
        DataError: A kind was asked for whose data is missing.
    """
    root = root or data_root()
    kinds = {"mnist": ("mnist",), "splits": problem_names()[2:], "digits": ("digits",)}
    if wanted != "all":
        if wanted != "digits":
            require_mnist(root)
        return kinds[wanted]
    return problem_names() if choose("auto", root).name == "mnist" else kinds["digits"]


def _digits(root: Path) -> Problem:
    train, heldout = load_training("digits", root)
    test, unknowns = load_test("digits", root)
    return Problem(
        "digits",
        _known(train, heldout),
        to_images(test.images),
        test.labels,
        {unknown.family: to_images(unknown.images) for unknown in unknowns},
    )


def _mnist(root: Path) -> Problem:
    require_mnist(root)
    train, heldout = load_training("mnist", root)
    test, _ = load_test("mnist", root)
    digits = to_images(test.images)
    unknowns = {}
    for source in find_sources(root):
        if not source.known:
            chosen = np.sort(source_order(source)[:MOST_UNKNOWN])
            unknowns[source.family] = to_images(read_images(source, chosen))
            if source.family == "omniglot":
                unknowns |= _other_omniglot(source.file, chosen, unknowns["omniglot"])
    noise = to_images(make_noise(len(digits), SEED).images)
    unknowns["noise"] = noise
    both = digits + (noise + 1)  # a digit in [-1, 1] and noise in [0, 2]: two units are full ink
    unknowns["mnist_noise"] = both.clamp(max=1)
    unknowns["mnist_noise_unclipped"] = both
    return Problem("mnist", _known(train, heldout), digits, test.labels, unknowns)


def _other_omniglot(file: Path, chosen: NDArray[np.intp], thickened: Tensor) -> dict[str, Tensor]:
    """Omniglot as other works have it: with thin strokes, and dark on light as it was drawn."""
    if not has_array(file, "images_thin"):
        return {"omniglot_raw": -thickened}
    thin = to_images(read_npz_array(file, "images_thin")[chosen].astype(np.uint8, copy=False))
    return {"omniglot_thin": thin, "omniglot_raw": -thin}


def _mnist_split(number: int, root: Path) -> Problem:
    """Six known digits, four unknown: those of the test set that are left."""
    require_mnist(root)
    train, heldout = load_training("mnist", root)
    test, _ = load_test("mnist", root)
    chosen = np.array(SPLITS[number - 1])
    renamed = np.full(10, -1, dtype=np.int64)
    renamed[chosen] = np.arange(len(chosen))
    everything = _known(train, heldout)
    labels = torch.from_numpy(renamed)[everything.labels]
    is_known = renamed[test.labels] >= 0
    return Problem(
        f"split-{number}",
        Known(everything.images[labels >= 0], labels[labels >= 0], SPLITS[number - 1]),
        to_images(test.images[is_known]),
        renamed[test.labels][is_known],
        {"other digits": to_images(test.images[~is_known])},
    )


def smaller(problem: Problem, known: int, test: int) -> Problem:
    """The same problem with fewer images, for a quick look.

    Args:
        problem: Any.
        known: Images to learn from, at most.
        test: Test images of each kind, at most.
    """
    random = stream(SEED, "smaller")

    def few(count: int, most: int) -> NDArray[np.intp]:
        return np.sort(random.permutation(count)[:most])

    tested = few(len(problem.test), test)
    return Problem(
        problem.name,
        problem.known.take(torch.from_numpy(few(len(problem.known), known))),
        problem.test[tested],
        problem.labels[tested],
        {name: images[few(len(images), test)] for name, images in problem.unknowns.items()},
    )


def _known(train: ImageSet, heldout: ImageSet) -> Known:
    """Both parts together: a method splits them anew, by its own seed."""
    images = np.concatenate([train.images, heldout.images])
    labels = np.concatenate([train.labels, heldout.labels])
    return Known(to_images(images), torch.from_numpy(labels))

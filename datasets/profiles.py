"""The two profiles, and which of them `auto` means on this machine."""

from dataclasses import dataclass
from pathlib import Path

from datasets.digits import load_digits_test, load_digits_training
from datasets.errors import DataError
from datasets.image_set import ImageSet, Profile
from datasets.letters import make_letters, make_lookalikes
from datasets.mnist import load_mnist_test, load_mnist_training, missing_mnist_files
from datasets.noise import make_mnist_noise, make_noise
from datasets.photographs import make_photographs
from datasets.root import data_root
from datasets.sources import MOST_PUBLIC, load_public_unknowns

NAMES = ("auto", "digits", "mnist")
PUBLIC_SEED = 1
DIGITS_PER_FAMILY = 500
FETCH = "python -m datasets fetch mnist"


@dataclass(frozen=True)
class Choice:
    """Which profile, "digits" or "mnist", and why in a sentence."""

    name: str
    reason: str


def choose(name: str, root: Path | None = None) -> Choice:
    """Settles what "auto" means: `mnist` where all its files are, else `digits`.

    Args:
        name: "auto", "digits" or "mnist".
        root: the data root; by default `data_root()`.

    Raises:
        DataError: there is no profile of this name.
    """
    if name not in NAMES:
        raise DataError(f"no profile {name!r}: there are {', '.join(NAMES)}")
    if name != "auto":
        return Choice(name, f"{name} was asked for")
    root = root or data_root()
    missing = missing_mnist_files(root)
    if not missing:
        return Choice("mnist", f"MNIST is under {root}")
    # Half of MNIST is more likely an accident than a wish for the other profile.
    absent = "no MNIST" if len(missing) == 4 else f"no {missing[0].name} of MNIST"
    return Choice("digits", f"{absent} under {root} ({FETCH}), so the embedded digits")


def load(name: str, root: Path | None = None) -> Profile:
    """A whole profile; for half of one, `load_training` or `load_test` is cheaper.

    Args:
        name: "auto", "digits" or "mnist".
        root: the data root; by default `data_root()`.

    Raises:
        DataError: there is no such profile, or its files are missing or broken.
    """
    chosen = choose(name, root).name
    return Profile(chosen, *load_training(chosen, root), *load_test(chosen, root))


def load_training(name: str, root: Path | None = None) -> tuple[ImageSet, ImageSet]:
    """The known digits to train on, and those held out for the threshold.

    Raises:
        DataError: as `load`.
    """
    root = root or data_root()
    if choose(name, root).name == "digits":
        return load_digits_training()
    require_mnist(root)
    return load_mnist_training(root)


def load_test(name: str, root: Path | None = None) -> tuple[ImageSet, tuple[ImageSet, ...]]:
    """The public test digits, and the public unknown sets.

    Raises:
        DataError: as `load`.
    """
    root = root or data_root()
    if choose(name, root).name == "digits":
        return load_digits_test(), _digits_unknowns()
    require_mnist(root)
    test = load_mnist_test(root)
    return test, (*load_public_unknowns(root), *_mnist_generated(test))


def _digits_unknowns() -> tuple[ImageSet, ...]:
    return (
        make_letters(DIGITS_PER_FAMILY, PUBLIC_SEED),
        make_lookalikes(DIGITS_PER_FAMILY, PUBLIC_SEED),
        make_photographs(DIGITS_PER_FAMILY, PUBLIC_SEED),
        make_noise(DIGITS_PER_FAMILY, PUBLIC_SEED),
    )


def _mnist_generated(test: ImageSet) -> tuple[ImageSet, ...]:
    return (
        make_photographs(MOST_PUBLIC, PUBLIC_SEED),
        make_noise(MOST_PUBLIC, PUBLIC_SEED),
        make_mnist_noise(test.images[:MOST_PUBLIC], PUBLIC_SEED),
    )


def require_mnist(root: Path) -> None:
    """Does nothing where MNIST's files are under the data root.

    Raises:
        DataError: they are not; says how to get them.
    """
    missing = missing_mnist_files(root)
    if missing:
        raise DataError(
            f"no MNIST: {missing[0]} is not there; "
            f"fetch it ({FETCH}) or name its folder in OSR_DATA"
        )

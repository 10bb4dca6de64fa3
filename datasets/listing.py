"""What there is: the profiles' sets, what lies under the data root, what can be fetched."""

from dataclasses import dataclass
from pathlib import Path

from datasets.digits import SIZES
from datasets.fetch import RECIPES, is_fetched
from datasets.mnist import COUNTS, SPLIT_SIZES, TEST, missing_mnist_files
from datasets.profiles import DIGITS_PER_FAMILY
from datasets.sources import MOST_PUBLIC, find_sources


@dataclass(frozen=True)
class Row:
    """One set: its profile, its name, its part in the profile, how many images, and from where."""

    profile: str
    name: str
    part: str
    count: int
    origin: str


def list_sets(root: Path) -> list[Row]:
    """Every set that `load` would give on this machine, without reading its images.

    Raises:
        DataError: a file under the data root is broken.
    """
    return [*_digits_rows(), *_mnist_rows(root)]


def list_fetchable(root: Path) -> list[str]:
    """The names of the sets that are not there and can be fetched."""
    return [name for name in RECIPES if not is_fetched(name, root)]


def _digits_rows() -> list[Row]:
    parts = zip(("train", "heldout", "test"), SIZES, strict=True)
    families = {"letters": True, "lookalikes": False, "photographs": True, "noise": True}
    return [
        *(Row("digits", f"digits-{part}", part, size, "scikit-learn") for part, size in parts),
        *(
            Row("digits", family, _unknown(graded), DIGITS_PER_FAMILY, "generated")
            for family, graded in families.items()
        ),
    ]


def _mnist_rows(root: Path) -> list[Row]:
    sources = find_sources(root)
    if missing_mnist_files(root):
        return [
            Row("-", source.family, "no profile without MNIST", source.count, source.file.name)
            for source in sources
        ]
    sizes = zip(("train", "heldout", "test"), (*SPLIT_SIZES, COUNTS[TEST]), strict=True)
    generated = {"photographs": True, "noise": True, "mnist_noise": False}
    return [
        *(Row("mnist", f"mnist-{part}", part, size, "MNIST/raw") for part, size in sizes),
        *(
            Row(
                "mnist",
                source.family,
                _unknown(source.graded),
                min(source.count, MOST_PUBLIC),
                f"{source.file.relative_to(root).parts[0]}, of {source.count:,}",
            )
            for source in sources
            if not source.known
        ),
        *(
            Row("mnist", family, _unknown(graded), MOST_PUBLIC, "generated")
            for family, graded in generated.items()
        ),
        *(
            Row("-", source.family, "known, other writers", source.count, source.file.name)
            for source in sources
            if source.known
        ),
    ]


def _unknown(graded: bool) -> str:
    return "unknown, graded" if graded else "unknown, reported"

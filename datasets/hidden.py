"""What goes into a hidden bundle: images that nobody has seen, of the kinds that everybody knows.

Test digits are moved by a few degrees and up to a pixel, so that a program which remembers the
public test gains nothing. Generated families are generated anew, letters with other fonts, and
of the sets under the data root come images that the public sets leave over.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from datasets.affine import Movement, move
from datasets.digits import load_digits_test
from datasets.errors import DataError
from datasets.image_set import ImageSet, unknown_set
from datasets.letters import make_letters, make_lookalikes
from datasets.mnist import load_mnist_test
from datasets.noise import make_mnist_noise, make_noise
from datasets.photographs import make_photographs
from datasets.profiles import require_mnist
from datasets.seeds import stream
from datasets.sources import MOST_PUBLIC, Source, find_sources, read_images, source_order
from datasets.splits import stratified_split

# As far as costs an honest classifier little: one trained without augmentation loses 0.7 points
# of 98.5, while the nearest public image is a digit's own original for two in three only.
MNIST_MOVEMENT = Movement(turn=5.0, scale=0.05, shift=1.0)
MOST_KNOWN = 2000  # by default
PER_FAMILY = {"digits": 500, "mnist": 1000}  # by default
# Fonts that the public sets lack, with their thickening as in `letters.py`. They stand here since
# students receive that file, and not this one.
HIDDEN_FONTS = {
    "DejaVuSansMono-Oblique": 0,
    "DejaVuSerif-Italic": 0,
    "STIXGeneralBol": 0,
    "STIXGeneralItalic": 2,
    "cmss10": 1,
    "cmti10": 2,
    "cmtt10": 2,
}


def make_hidden(
    profile: str, root: Path, seed: int, known: int | None = None, per_family: int | None = None
) -> tuple[ImageSet, tuple[ImageSet, ...]]:
    """Hidden digits and hidden unknown sets; the same arguments give the same images.

    Args:
        profile: "digits" or "mnist".
        root: the data root.
        seed: 0 to 2**32 - 1; keep it secret, for with it anyone can make the same images.
        known: how many digits; by default as many as the public test has, at most 2,000.
        per_family: how many images a family, where there are as many; by default 500 or 1,000.

    Raises:
        DataError: MNIST is missing or broken, or more digits are wanted than there are.
    """
    # The public sets have seeds too: one equal to theirs must not give their images again.
    seed = int(stream(seed, "hidden").randint(2**32, dtype=np.uint32))
    count = per_family or PER_FAMILY[profile]
    if profile == "digits":
        digits = _chosen(load_digits_test(seed), known, seed)
        return digits, (
            make_letters(count, seed, HIDDEN_FONTS),
            make_lookalikes(count, seed, HIDDEN_FONTS),
            make_photographs(count, seed),
            make_noise(count, seed),
        )
    require_mnist(root)
    digits = _moved(_chosen(load_mnist_test(root), known, seed), seed)
    return digits, (
        *(_unseen(source, count, seed) for source in find_sources(root) if not source.known),
        make_photographs(count, seed),
        make_noise(count, seed),
        make_mnist_noise(digits.images[:count], seed),
    )


def _chosen(test: ImageSet, count: int | None, seed: int) -> ImageSet:
    """Digits of the test, every class in its share, in an order of their own.

    In the test's order, a list of its labels would answer the bundle too.
    """
    count = count or min(len(test), MOST_KNOWN)
    if count > len(test):
        raise DataError(f"{count} hidden digits wanted, but the public test has {len(test)}")
    (part,) = stratified_split(test.labels, (count,), seed)
    order = stream(seed, "digits").permutation(part)
    return ImageSet("hidden-digits", "digits", test.images[order], test.labels[order])


def _moved(digits: ImageSet, seed: int) -> ImageSet:
    images = move(digits.images, MNIST_MOVEMENT, stream(seed, "move digits"))
    return replace(digits, images=images)


def _unseen(source: Source, count: int, seed: int) -> ImageSet:
    """Moved images that the public set leaves over; from all of them where too few are left."""
    order = source_order(source)
    left_over = order[MOST_PUBLIC:]
    pool = left_over if len(left_over) >= count else order
    random = stream(seed, source.family)
    images = read_images(source, np.sort(random.permutation(pool)[:count]))
    return unknown_set(source.family, move(images, MNIST_MOVEMENT, random), graded=source.graded)

"""The embedded profile's known classes: the 1,797 handwritten digits that scikit-learn ships.

They are the test part of the UCI set "Optical Recognition of Handwritten Digits" (E. Alpaydin and
C. Kaynak, 1998): binary bitmaps of 32 by 32 in which the black pixels of every block of 4 by 4
were counted, which gives 8 by 8 numbers from 0 to 16.

All of them fill their box exactly, and what has learned only such digits rejects others: linear
reconstruction rejects half of the digits that lie up to a pixel elsewhere. So each is placed a
little differently here, in training and in tests alike, and a hidden bundle can place the test
digits anew: they then come from the same distribution, and yet no image is the same.
"""

import gzip

import numpy as np
from numpy.typing import NDArray

from datasets.affine import Movement, move
from datasets.errors import DataError
from datasets.image_set import ImageSet
from datasets.packaged import packaged_file
from datasets.resize import interpolate, pad, to_uint8
from datasets.seeds import stream
from datasets.splits import stratified_split

COUNT = 1797
SIZES = (1047, 250, 500)  # train, held out, test
SPLIT_SEED = 2015
BLOCK_PIXELS = 16
CONTRAST = 2.0
PLACEMENT = Movement(turn=4.0, scale=0.04, shift=0.5)
PLACEMENT_SEED = 8


def load_digits_training() -> tuple[ImageSet, ImageSet]:
    """The 1,047 digits to train on and the 250 that are held out for the threshold."""
    counts, labels = read_digits()
    train, heldout, _ = stratified_split(labels, SIZES, SPLIT_SEED)
    return (
        _digits("digits-train", counts[train], labels[train], PLACEMENT_SEED),
        _digits("digits-heldout", counts[heldout], labels[heldout], PLACEMENT_SEED),
    )


def load_digits_test(placement_seed: int = PLACEMENT_SEED) -> ImageSet:
    """The 500 digits of the public test; another seed places the same digits anew."""
    counts, labels = read_digits()
    _, _, test = stratified_split(labels, SIZES, SPLIT_SEED)
    return _digits("digits-test", counts[test], labels[test], placement_seed)


def read_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """All digits as they are stored: counts (1797, 8, 8) uint8 in 0 to 16, labels (1797,) int64.

    Raises:
        DataError: scikit-learn's file is missing or is not what it was.
    """
    file = packaged_file("sklearn", "datasets", "data", "digits.csv.gz")
    numbers = np.array(gzip.decompress(file.read_bytes()).replace(b"\n", b",").split(b",")[:-1])
    table = numbers.astype(np.float64).astype(np.int64)
    if table.size != COUNT * 65:
        raise DataError(f"{file}: holds {table.size} numbers, not {COUNT} digits of 8 by 8")
    rows = table.reshape(COUNT, 65)
    return rows[:, :64].reshape(COUNT, 8, 8).astype(np.uint8), rows[:, 64].copy()


def enlarge(counts: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Counts (N, 8, 8) in 0 to 16 as images (N, 28, 28) uint8 that look like MNIST's.

    Each block becomes 2.5 pixels, so that a digit fills MNIST's box of 20 by 20 in a margin of 4.
    Interpolation leaves wide grey edges where the bitmaps had sharp ones. Doubling the contrast
    around middle grey brings the share of grey pixels (11 %) close to MNIST's (9 %).
    """
    ink = pad(counts, 2) * (255 / BLOCK_PIXELS)  # (N, 12, 12), becomes 30 by 30
    smooth = interpolate(ink, 30, 30)[:, 1:-1, 1:-1]
    return to_uint8((smooth - 127.5) * CONTRAST + 127.5)


def place(counts: NDArray[np.integer], random: np.random.RandomState) -> NDArray[np.uint8]:
    """The same, each image turned, scaled and shifted a little."""
    return move(enlarge(counts), PLACEMENT, random)


def _digits(
    name: str, counts: NDArray[np.uint8], labels: NDArray[np.int64], placement_seed: int
) -> ImageSet:
    return ImageSet(name, "digits", place(counts, stream(placement_seed, name)), labels)

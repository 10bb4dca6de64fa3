"""Sets that torchvision stores in other formats than IDX, as arrays for a `.npz` of ours.

What is read afterwards is then never a pickle (CIFAR-10), a `.mat` (SVHN), a folder of thousands
of pictures (Omniglot) or text (USPS). Each function takes the set as torchvision's class gives it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datasets.resize import pad, resize
from datasets.seeds import stream

Arrays = dict[str, NDArray[Any]]

MOST_STORED = 10_000  # images a set: no loader takes more, and SVHN's 26,032 would fill 80 MB
CHOICE_SEED = 3


def convert_cifar10(dataset: Any) -> Arrays:
    """CIFAR-10: colour images (N, 32, 32, 3)."""
    return {"images": np.asarray(dataset.data), "labels": np.asarray(dataset.targets)}


def convert_svhn(dataset: Any) -> Arrays:
    """SVHN: colour images, which torchvision gives as (N, 3, 32, 32)."""
    return {"images": dataset.data.transpose(0, 2, 3, 1), "labels": np.asarray(dataset.labels)}


def convert_omniglot(dataset: Any) -> Arrays:
    """Omniglot: black lines on white, 105 by 105, here white on black and 28 by 28.

    Its pen is thinner than MNIST's, which alone would give it away: `images` has its lines widened
    by a pixel on every side before they shrink, `images_thin` has them as they are.
    """
    drawings, labels = zip(*(dataset[index] for index in range(len(dataset))), strict=True)
    ink = 255 - np.stack([np.asarray(drawing.convert("L")) for drawing in drawings])
    return {
        "images": resize(_widen(ink), 28, 28),
        "images_thin": resize(ink, 28, 28),
        "labels": np.asarray(labels),
        "graded": np.array(False),
    }


def convert_usps(dataset: Any) -> Arrays:
    """USPS: digits that fill their 16 by 16, here in MNIST's box of 20 by 20 with its margin."""
    return {
        "images": pad(resize(np.asarray(dataset.data), 20, 20), 4),
        "labels": np.asarray(dataset.targets),
        "known": np.array(True),
    }


def convert_qmnist(dataset: Any) -> Arrays:
    """QMNIST's lost 50,000 test digits, the class in the first of their eight labels."""
    return {
        "images": np.asarray(dataset.data),
        "labels": np.asarray(dataset.targets)[:, 0],
        "known": np.array(True),
    }


def cut(arrays: Mapping[str, NDArray[Any]], name: str) -> Arrays:
    """At most 10,000 of the images, always the same ones, with what belongs to them."""
    count = len(arrays["images"])
    order = stream(CHOICE_SEED, name).permutation(count)
    chosen = np.sort(order[:MOST_STORED])
    return {
        key: np.ascontiguousarray(array[chosen]) if array.ndim else array
        for key, array in arrays.items()
    }


def _widen(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every pixel becomes the brightest of itself and its eight neighbours."""
    height, width = ink.shape[1:]
    around = pad(ink, 1)
    widened = ink
    for down in range(3):
        for right in range(3):
            neighbour = around[:, down : down + height, right : right + width]
            widened = np.maximum(widened, neighbour)
    return widened

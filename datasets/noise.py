"""Unknown images that are noise, alone or over a digit.

Both are the sets of the same names in the experiments of R. Yoshihashi et al., Classification-
Reconstruction Learning for Open-Set Recognition, CVPR 2019.
"""

import numpy as np
from numpy.typing import NDArray

from datasets.image_set import SIDE, ImageSet, unknown_set
from datasets.seeds import stream


def make_noise(count: int, seed: int) -> ImageSet:
    """The family "noise": every pixel uniform in 0 to 255, independent of all others."""
    return unknown_set("noise", _uniform(count, seed, "noise"))


def make_mnist_noise(digits: NDArray[np.uint8], seed: int) -> ImageSet:
    """The family "mnist_noise": digits (N, 28, 28) uint8 with uniform noise added, clipped at 255.

    It is not graded, because a digit can still be read in it: whether it ought to be rejected is
    a matter of opinion.
    """
    both = digits.astype(np.uint16) + _uniform(len(digits), seed, "mnist_noise")
    return unknown_set("mnist_noise", np.minimum(both, 255).astype(np.uint8), graded=False)


def _uniform(count: int, seed: int, name: str) -> NDArray[np.uint8]:
    return stream(seed, name).randint(0, 256, size=(count, SIDE, SIDE), dtype=np.uint8)

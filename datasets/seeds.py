"""Random streams that are the same on every machine, Python and NumPy."""

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.RandomState:
    """A generator for one purpose, independent of those for other names and seeds.

    NumPy freezes RandomState's streams for ever and leaves itself free to change Generator's,
    and a split that moves with NumPy's version would move marks. The name enters by its CRC,
    because `hash` of a string differs from one process to the next.

    Args:
        seed: 0 to 2**32 - 1.
        name: what the numbers are for, such as "photographs".
    """
    return np.random.RandomState([seed, zlib.crc32(name.encode())])

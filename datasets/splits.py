"""Splits that keep the share of every class."""

import numpy as np
from numpy.typing import NDArray

from datasets.seeds import stream


def stratified_split(
    labels: NDArray[np.integer], sizes: tuple[int, ...], seed: int
) -> tuple[NDArray[np.intp], ...]:
    """Disjoint parts of the given sizes, each with every class in its share, within one or two.

    Every class is shuffled and spread evenly over the interval from 0 to 1; whatever is then cut
    from the line has of each class what its length promises.

    Args:
        labels: (N,) the classes.
        sizes: the sizes of the parts; together at most N.
        seed: decides which sample goes where.

    Returns:
        One array of ascending indices a part.
    """
    random = stream(seed, "split")
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        place[members] = (np.arange(len(members)) + random.uniform()) / len(members)
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(sizes)
    if len(sizes) and ends[-1] > len(labels):
        raise ValueError(f"{ends[-1]} samples wanted of {len(labels)}")
    return tuple(np.sort(part) for part in np.split(order, ends)[: len(sizes)])

"""Training on a handful of images, patiently: some right networks want a small learning rate."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from .errors import Mismatch
from .remote import RemoteModule
from .student import Student

Network = TypeVar("Network", bound=RemoteModule)

RATES = (3e-3, 3e-4)  # one has to succeed
CPU_S = 40.0  # of one round
WAKING = 8  # steps


def awake(network: Network, images: np.ndarray) -> Network:
    """The network, trained for a few steps if it starts with one output for every image.

    A last layer that starts at zero is right (and usual in deep networks); one that stays
    there is not, and is seen afterwards.
    """
    with contextlib.suppress(Mismatch):  # no pair, or of another shape: not this one's matter
        if np.ptp(network(images)[0], axis=0).max() == 0:
            network.wake(images, WAKING, RATES[0])
    return network


def attempts(
    student: Student,
    build: Callable[[], Network],
    train: Callable[[Network, int, float], object],
    rounds: Sequence[int],
) -> Iterator[Network]:
    """Yield a network after each round of training, until the caller has seen enough.

    Args:
        student: whose code it is.
        build: makes a fresh network, once for each learning rate.
        train: trains a network for a number of steps at a learning rate.
        rounds: the steps of each round at a rate; a short first one is all that most need.
    """
    for rate in RATES:
        network = build()
        for steps in rounds:
            with student.limited(cpu_s=CPU_S):
                train(network, steps, rate)
            yield network

"""Measure everything that the tables show, a network and seed at a time, on every core."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from solutions.measure import RESULTS
from solutions.zoo.method import Spec
from solutions.zoo.tables.measuring import Cell
from solutions.zoo.tables.results import Results
from solutions.zoo.training import Budget

if TYPE_CHECKING:  # it imports torch, and the help should not wait for that
    from solutions.zoo.tables.problems import Problem

QUICK_KNOWN, QUICK_TEST = 4000, 500  # images, for a quick look


@dataclass(frozen=True)
class Job:
    """One network to train, and the methods to measure on it.

    Attributes:
        problem: Its name.
        methods: Names of methods that share one training.
        seed: Of the split, the weights and the order of images.
        budget: Of the training.
    """

    problem: str
    methods: tuple[str, ...]
    seed: int
    budget: Budget


@dataclass(frozen=True)
class Measured:
    """What came of a job.

    Attributes:
        job: Which.
        cells: A method each.
        failures: A line for each method that could not be fitted.
    """

    job: Job
    cells: list[Cell]
    failures: list[str]


def jobs_for(
    specs: Sequence[Spec], problem: str, seeds: Sequence[int], budget: Budget, done: Results
) -> list[Job]:
    """What is still to be measured, one job a training and seed.

    Args:
        specs: The methods wanted.
        problem: Its name.
        seeds: Of each method.
        budget: Of the training.
        done: What is measured already; cells measured with older code count as missing.
    """
    trainings: dict[str, list[Spec]] = {}
    for spec in specs:
        trainings.setdefault(spec.training.name, []).append(spec)
    jobs = []
    for seed in seeds:
        for sharing in trainings.values():
            missing = [spec.name for spec in sharing if not done.has(spec, seed, budget)]
            if missing:
                jobs.append(Job(problem, tuple(missing), seed, budget))
    return jobs


def reproduce(
    jobs: Sequence[Job],
    processes: int,
    folder: Path = RESULTS,
    on_done: Callable[[Measured], None] = lambda measured: None,
) -> list[str]:
    """Measure, and write each cell as soon as it is there; interrupted, the finished ones stay.

    Args:
        jobs: What to measure.
        processes: How many at a time, each on one thread.
        folder: Where the results are.
        on_done: Told of each finished job.

    Returns:
        A line for each method that could not be fitted.

    Raises:
        DataError: A problem's files are missing or broken.
    """
    results: dict[str, Results] = {}
    failures = []
    for measured in _finished(jobs, processes):
        problem = measured.job.problem
        results.setdefault(problem, Results(problem, folder)).add(measured.cells)
        failures += measured.failures
        on_done(measured)
    return failures


def _finished(jobs: Sequence[Job], processes: int) -> Iterator[Measured]:
    # A thread a process: two that share the cores would wait for each other at every operation.
    os.environ["OMP_NUM_THREADS"] = "1"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _end_at_an_interrupt) as pool:
        waiting = [pool.submit(run_job, job) for job in jobs]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _end_at_an_interrupt() -> None:
    """A process that raised at Ctrl-C would only go on with the next job in its queue."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_job(job: Job) -> Measured:
    """Measure the methods of one job, in this process, on one thread.

    Raises:
        DataError: The problem's files are missing or broken.
    """
    import torch

    from solutions.zoo.catalogue import find
    from solutions.zoo.tables.measuring import measure

    torch.set_num_threads(1)
    problem = _problem(job.problem, job.budget == "quick")
    cells, failures = measure(problem, [find(name) for name in job.methods], job.seed, job.budget)
    return Measured(job, cells, failures)


@lru_cache(maxsize=1)
def _problem(name: str, quick: bool) -> Problem:
    """A problem, kept for the next job of this process: jobs of one problem follow each other."""
    from solutions.zoo.tables.problems import load_problem, smaller

    problem = load_problem(name)
    return smaller(problem, QUICK_KNOWN, QUICK_TEST) if quick else problem

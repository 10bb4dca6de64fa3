"""Many gradings at a time, in processes of their own, with a bar that says how long it takes."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Job = TypeVar("Job")
Result = TypeVar("Result")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_parallel(
    work: Callable[[Job], Result], jobs: Sequence[Job], processes: int
) -> Iterator[Result]:
    """Results as they come, not in the jobs' order; the first exception ends it all.

    The processes are spawned: a grading has threads, and a fork beside threads may hang.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=end_with_parent) as pool:
        waiting = [pool.submit(work, job) for job in jobs]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def end_with_parent() -> None:
    """End this process as soon as the one that started it does, which may be killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "this is for processes of a pool"
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)  # nobody is left to hear of it


@contextmanager
def progress_bar(title: str, total: int, console: Console) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, ten lines elsewhere; gives what to call after each piece."""
    if not console.is_terminal:
        yield _lines(title, total, console)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


def _lines(title: str, total: int, console: Console) -> Callable[[], None]:
    """What says after each tenth how much is done, and how long the rest will take."""
    started, done = time.monotonic(), 0

    def advance() -> None:
        nonlocal done
        done += 1
        if 10 * done // total > 10 * (done - 1) // total:
            left_s = (time.monotonic() - started) / done * (total - done)
            console.print(f"{title}: {done} of {total}, {left_s:.0f} s left", highlight=False)

    return advance

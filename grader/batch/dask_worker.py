"""What runs on a Dask worker: the checks that let it take part, and gradings in its own processes.

The worker holds labels and expected values as the grader on one machine does; student code runs in
a box below it, and sees as little.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from ..gradebook.key import data_sha256, grader_sha256
from ..grading import pinned_versions
from ..rubric import load_rubric
from ..temporary import remove_leftovers, temporary_folder
from .isolated import Answer
from .local import LOST, LocalGraders
from .settings import Settings, settle


class LostError(RuntimeError):
    """The grading did not end here, by no fault of the submission's; it is done again elsewhere."""


@dataclass(frozen=True)
class Terms:
    """What a worker has to agree to.

    Attributes:
        name: of this run, unique; of the plugin, of the resource that gradings ask for, and of the
            topic on which workers say whether they take part.
        settings: of the gradings, without the bundle's path, which is each worker's own.
        bundle: the hidden bundle's bytes, or None.
        limit_s: of one grading, wall seconds.
        grader: the hash of the grader's code.
        data: the hash of the data.
        versions: of the packages that a mark depends on.
    """

    name: str
    settings: str
    bundle: bytes | None
    limit_s: float
    grader: str
    data: str
    versions: dict[str, str]


class GradingPlugin(WorkerPlugin):  # type: ignore[misc]
    """Makes a worker take part in one batch: it gets the run's resource, one a thread, or none."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.name = terms.name

    async def setup(self, worker: Worker) -> None:
        """Check that grades made here are as good as the driver's, and say so."""
        threads = worker.state.nthreads
        self._stack = contextlib.ExitStack()
        try:
            self._graders = await asyncio.to_thread(self._prepare, threads)
            refusal = ""
        except Exception as error:  # whatever it is, the worker serves others still
            refusal = str(error) or type(error).__name__
        if not refusal:
            await worker.set_resources(**{self.name: threads})
        said = {"worker": worker.address, "threads": threads, "refusal": refusal}
        worker.log_event(self.name, said)

    def teardown(self, worker: Worker) -> None:
        """End what runs, and remove the bundle."""
        self._stack.close()

    def grade(self, parcel: bytes) -> Answer:
        """Grade a parcel in a process of its own.

        Raises:
            LostError: that process was killed, or the worker is about to end.
        """
        answer = self._graders.submit(parcel).result()
        if answer.get("fault", "").startswith(LOST):
            raise LostError(answer["fault"])
        return answer

    def _prepare(self, threads: int) -> LocalGraders:
        terms = self._terms
        check_versions(terms.versions, pinned_versions())
        if grader_sha256() != terms.grader:
            raise ValueError("its grader is another version; install the driver's")
        remove_leftovers()
        settings = Settings.from_json(terms.settings)
        if terms.bundle is not None:
            path = self._stack.enter_context(temporary_folder()) / "hidden.npz"
            path.touch(mode=0o600)
            path.write_bytes(terms.bundle)
            settings = replace(settings, hidden=path)
        settings = settle(settings, load_rubric())
        if data_sha256(settings.data, settings.hidden) != terms.data:
            raise ValueError("its data are others than the driver's")
        graders = LocalGraders(threads, settings, terms.limit_s)
        self._stack.callback(graders.close)
        return graders


def check_versions(wanted: dict[str, str], found: dict[str, str]) -> None:
    """Nothing, if a worker has the driver's packages.

    Raises:
        ValueError: it has others; the line names them.
    """
    differing = [
        f"{name} {found.get(name, 'missing')} instead of {version}"
        for name, version in wanted.items()
        if found.get(name, "").partition("+")[0] != version.partition("+")[0]
    ]
    if differing:
        raise ValueError(f"it has {', '.join(differing)}")


def grade_here(name: str, parcel: bytes) -> Answer:
    """The task: grade a parcel on the worker that runs this.

    Raises:
        LostError: this worker does not take part (any more).
    """
    plugin: Any = get_worker().plugins.get(name)
    if plugin is None:
        raise LostError("the worker does not take part in this batch")
    grade: Callable[[bytes], Answer] = plugin.grade
    return grade(parcel)

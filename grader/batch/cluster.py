"""Gradings on a cluster, through Dask: submissions go out as bytes, records come back.

Dask is the extra `cluster`; nothing else of the grader imports it. Only the driver, which this runs
in, writes the gradebook.
"""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import logging
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import GraderError, UsageError
from ..gradebook.key import grader_sha256
from ..grading import pinned_versions
from ..text import one_line
from .isolated import Answer
from .run import MakeGraders, Setting
from .show import Screen

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 10.0
FIRST_WORKER_S = 60.0  # of a scheduler that is there; a queue of jobs may take as long as it does
NO_WORKER_S = 120.0
AHEAD = 2  # parcels a thread: one is graded, the next is there already
RETRIES = 3  # of a grading whose process was lost; of one whose worker was, Dask decides itself
INSTALL = "it needs Dask: pip install -e '.[cluster]'"
DEFAULTS = {"cores": 2, "processes": 1, "memory": "8GB", "walltime": "04:00:00"}
SETTINGS = {
    "distributed.admin.large-graph-warning-threshold": "1GB",  # a submission may be large
    "distributed.comm.timeouts.connect": f"{CONNECT_S:g}s",
}


def on_scheduler(address: str) -> MakeGraders:
    """Graders on the workers of a scheduler that is there already.

    Raises:
        UsageError: Dask is not installed, or the address has no port.
    """
    _require("distributed")
    _check_address(address)
    return lambda setting, screen: ClusterGraders(
        address, f"--scheduler {address}", setting, screen, FIRST_WORKER_S
    )


def _check_address(address: str) -> None:
    """Dask itself leaves a client behind that hangs, and then a traceback."""
    try:
        port = urlsplit(address if "://" in address else f"tcp://{address}").port
    except ValueError:
        port = None
    if not port:
        raise UsageError(
            f"--scheduler {one_line(address)}: name machine and port, as tcp://host:8786"
        )


def on_slurm(workers: int, options: Path | None) -> MakeGraders:
    """Graders on workers that are started as jobs of SLURM.

    Raises:
        UsageError: there is no SLURM here, or the options are wrong.
    """
    _require("distributed")
    _require("dask_jobqueue")
    if shutil.which("sbatch") is None:
        raise UsageError(
            "--cluster slurm: there is no sbatch here; run it where jobs are submitted"
        )
    given = read_options(options)

    def make(setting: Setting, screen: Screen) -> ClusterGraders:
        jobs = slurm_cluster(given)
        jobs.scale(workers)
        screen.say(f"asked SLURM for {workers} workers; gradings begin as they come", markup=False)
        address, what = jobs.scheduler_address, "--cluster slurm"
        return ClusterGraders(address, what, setting, screen, None, jobs.close)

    return make


def slurm_cluster(options: dict[str, Any]) -> Any:
    """A cluster of SLURM's jobs, none of them submitted yet.

    Raises:
        UsageError: it has no such option.
    """
    import dask_jobqueue
    from dask_jobqueue.core import Job
    from dask_jobqueue.slurm import SLURMJob

    takers = (dask_jobqueue.JobQueueCluster, SLURMJob, Job)
    known = {name for taker in takers for name in inspect.signature(taker.__init__).parameters}
    if strays := sorted(set(options) - (known - {"self", "args", "kwargs"})):
        raise UsageError(f"--cluster-options: dask-jobqueue has no option {one_line(strays[0])}")
    try:
        return dask_jobqueue.SLURMCluster(**DEFAULTS | options)
    except (TypeError, ValueError) as error:
        raise UsageError(f"--cluster-options: {one_line(str(error))}") from None


def read_options(path: Path | None) -> dict[str, Any]:
    """The options of a cluster's jobs, as dask-jobqueue names them.

    Raises:
        UsageError: the file is missing or no TOML.
    """
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--cluster-options {path}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"--cluster-options {path}: it is no TOML ({error})") from None


class ClusterGraders:
    """Gradings on the workers of one scheduler.

    Args:
        address: the scheduler's.
        what: how to call it.
        setting: what is graded.
        screen: is told which workers take part, and which do not and why.
        patience_s: how long to wait for the first worker; None means as long as it takes.
        end: is called at the end.

    Raises:
        UsageError: nobody answers there, or no worker takes part.
    """

    def __init__(
        self,
        address: str,
        what: str,
        setting: Setting,
        screen: Screen,
        patience_s: float | None,
        end: Callable[[], object] = lambda: None,
    ) -> None:
        self._what = what
        self._screen = screen
        self._lock = threading.Lock()
        self._threads: dict[str, int] = {}  # of each worker that takes part
        self._refusals: dict[str, str] = {}
        self._tasks: dict[Future[Answer], Any] = {}  # Dask forgets a task that nobody holds
        self._last_seen = time.monotonic()
        self._patience_s = NO_WORKER_S if patience_s is not None else None
        self._stack = contextlib.ExitStack()
        self._stack.callback(end)
        self._name = f"osr-grader-{uuid.uuid4().hex[:12]}"
        try:
            self._client = self._stack.enter_context(_client(address, what))
            self._invite(setting)
            if patience_s is not None:
                self._wait_for_workers(patience_s)
        except BaseException:
            self._stack.close()
            raise

    @property
    def room(self) -> int:
        """How many parcels are worth submitting at a time."""
        with self._lock:
            return max(1, AHEAD * sum(self._threads.values()))

    def submit(self, parcel: bytes) -> Future[Answer]:
        """Have a parcel graded by some worker, by another one where that is lost."""
        from .dask_worker import grade_here

        answer: Future[Answer] = Future()
        task = self._client.submit(
            grade_here, self._name, parcel,
            key=f"{self._name}-{uuid.uuid4().hex}", pure=False,
            resources={self._name: 1}, retries=RETRIES,
        )  # fmt: skip
        self._tasks[answer] = task
        task.add_done_callback(lambda task: _settle(answer, task))
        return answer

    def check(self) -> None:
        """Forget workers that are gone.

        Raises:
            GraderError: the scheduler is gone, or all of its workers are.
        """
        for answer in [answer for answer in self._tasks if answer.done()]:
            del self._tasks[answer]
        try:
            alive = self._client.scheduler_info(n_workers=-1)["workers"]
        except Exception:
            alive = None
        if alive is None or self._client.status != "running":
            raise GraderError(f"{self._what}: the scheduler does not answer any more")
        with self._lock:
            for gone in set(self._threads) - set(alive):
                self._screen.say(
                    f"worker {gone} is gone; its submissions go to others", markup=False
                )
                del self._threads[gone]
            now = time.monotonic()
            if self._threads:
                self._last_seen = now
        if self._patience_s is not None and now - self._last_seen > self._patience_s:
            raise GraderError(f"{self._what}: no worker has been left for {self._patience_s:g} s")

    def close(self) -> None:
        """End the gradings that run, and leave the workers as they were."""
        self._stack.close()

    def _invite(self, setting: Setting) -> None:
        """Send the terms to every worker that is there or that comes."""
        from .dask_worker import GradingPlugin, Terms

        settings = setting.settings
        terms = Terms(
            name=self._name,
            settings=replace(settings, hidden=None).to_json(),
            bundle=settings.hidden.read_bytes() if settings.hidden else None,
            limit_s=setting.limit_s,
            grader=grader_sha256(),
            data=setting.keys.data,
            versions=pinned_versions(),
        )
        self._client.subscribe_topic(self._name, self._hear)
        self._stack.callback(self._take_leave)
        try:
            self._client.register_plugin(GradingPlugin(terms), name=self._name)
        except OSError:  # a worker that went away meanwhile; a scheduler that did is found out next
            pass
        except Exception as error:  # a worker that lacks our code cannot even say so itself
            self._screen.say(
                f"a worker is refused: it cannot take the grader in ({one_line(str(error))}); "
                "install this project there",
                markup=False,
            )

    def _take_leave(self) -> None:
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self._client.unsubscribe_topic(self._name)
            self._client.unregister_worker_plugin(self._name)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """A worker says whether it takes part."""
        said = event[1]
        worker, refusal = str(said["worker"]), one_line(str(said["refusal"]), 500)
        with self._lock:
            if refusal:
                self._refusals[worker] = refusal
            else:
                self._threads[worker] = int(said["threads"])
        if refusal:
            self._screen.say(f"worker {worker} is refused: {refusal}", markup=False)

    def _wait_for_workers(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        while not self._threads:
            if self._refusals and set(self._refusals) >= set(self._client.nthreads()):
                raise UsageError(f"{self._what}: none of its workers can grade, as said above")
            if time.monotonic() > deadline:
                if self._client.nthreads():
                    raise UsageError(f"{self._what}: none of its workers takes part")
                raise UsageError(f"{self._what}: it has no workers; start some with dask worker")
            time.sleep(0.1)


def _settle(answer: Future[Answer], task: Any) -> None:
    """Hand on what became of Dask's task; whatever lost it was no fault of the submission's."""
    if task.cancelled() or task.status in ("cancelled", "lost"):
        answer.cancel()
        answer.set_running_or_notify_cancel()
        return
    try:
        answer.set_result(task.result())
    except Exception as error:
        name = type(error).__name__
        why = "every worker that took it died" if name == "KilledWorker" else str(error)
        answer.set_result({"fault": one_line(f"{name}: {why}", 500)})


@contextlib.contextmanager
def _client(address: str, what: str) -> Iterator[Client]:
    """A client of the scheduler.

    Raises:
        UsageError: nobody answers there.
    """
    import dask.config
    from distributed import Client

    for logger in ("distributed", "distributed.client"):  # what matters is said in our words
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    with dask.config.set(SETTINGS):
        try:
            client = Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(f"{what}: no scheduler answers there ({_first_line(error)})") from None
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.close(timeout=CONNECT_S)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return one_line(lines[0])


def _require(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise UsageError(INSTALL)

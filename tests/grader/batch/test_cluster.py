"""The same batch through Dask: a scheduler and two workers on loopback, and what can go wrong."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from grader.batch import cluster
from grader.batch.cluster import on_scheduler, on_slurm, read_options, slurm_cluster
from grader.batch.dask_worker import check_versions
from grader.batch.keys import Keys
from grader.batch.run import Setting
from grader.batch.settings import Settings
from grader.batch.show import Screen
from grader.errors import UsageError
from grader.gradebook import Gradebook
from tests.grader.batch.folders import as_folder
from tests.submissions.patches import HERE, read_patch, write_submission

pytest.importorskip("distributed")
ROOT = Path(__file__).parents[3]
PATIENCE_S = 120.0


@dataclass
class Site:
    """A scheduler and its workers."""

    folder: Path
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        process = start(
            "dask_worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard",
            "--local-directory", str(self.folder), **environment,
        )  # fmt: skip
        self.workers.append(process)
        return process


def start(program: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{program}", *arguments],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | environment,
    )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    scheduler = start(
        "dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"
    )
    site = Site(tmp_path, f"tcp://127.0.0.1:{port}", scheduler)
    wait_until(lambda: answers(port))
    yield site
    for process in (*site.workers, scheduler):
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def batch(folder: Path, book: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", "batch", str(folder), "--gradebook", str(book),
         "--data", "digits", "--task", "threshold", *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"},
    )  # fmt: skip


def a_class(folder: Path, count: int) -> Path:
    patches = sorted((HERE / "wrong").glob("threshold_*.toml"))[:count]
    assert len(patches) == count
    for number, patch in enumerate(patches):
        write_submission(read_patch(patch), folder / f"s{number:02}")
    (folder / "empty").mkdir()
    return folder


def outcome(book: Path) -> dict[str, object]:
    """What a gradebook says, but for times and machines."""
    with Gradebook(book, create=False) as opened:
        return {row.student: (row.key, timeless(row.record)) for row in opened.current()}


def timeless(record: dict[str, object]) -> object:
    ephemeral = ("environment", "started_at", "duration_s")
    if isinstance(record, dict):
        return {key: timeless(part) for key, part in record.items() if key not in ephemeral}
    return [timeless(part) for part in record] if isinstance(record, list) else record


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_grades_of_one_machine(
    site: Site, tmp_path: Path
) -> None:
    folder = a_class(tmp_path / "class", 6)
    here = batch(folder, tmp_path / "here.sqlite")
    said, _ = here.communicate(timeout=PATIENCE_S)
    assert here.returncode == 0, said
    first, _ = site.add_worker(), site.add_worker()
    there = batch(folder, tmp_path / "there.sqlite", "--scheduler", site.address)
    family = psutil.Process(first.pid)
    wait_until(lambda: any("grader.batch.slot" in p.cmdline() for p in children(family)))
    below = children(family)
    first.kill()
    said, _ = there.communicate(timeout=PATIENCE_S)
    assert there.returncode == 0, said
    assert outcome(tmp_path / "there.sqlite") == outcome(tmp_path / "here.sqlite")
    _, alive = psutil.wait_procs(below, PATIENCE_S)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def children(process: psutil.Process) -> list[psutil.Process]:
    found = []
    with contextlib.suppress(psutil.Error):
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.cmdline()
                found.append(child)
    return found


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_batch_in_one_line_and_resume_works(
    site: Site, tmp_path: Path
) -> None:
    folder, book = a_class(tmp_path / "class", 4), tmp_path / "grades.sqlite"
    worker = site.add_worker()
    dying = batch(folder, book, "--scheduler", site.address)
    assert dying.stdout is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(dying.stdout or ()))
    reader.start()
    wait_until(lambda: any("graded" in line for line in lines))
    site.scheduler.send_signal(signal.SIGKILL)
    worker.kill()
    assert dying.wait(PATIENCE_S) == 3
    reader.join()
    dying.stdout.close()
    assert "the scheduler does not answer any more" in lines[-1], lines
    assert "the same command goes on with the rest" in lines[-1]
    assert not any("Traceback" in line for line in lines)
    after = batch(folder, book)
    said, _ = after.communicate(timeout=PATIENCE_S)
    assert after.returncode == 0, said
    assert "graded before" in said
    assert len(outcome(book)) == 5


@pytest.mark.slow
def test_a_worker_with_other_code_is_refused_and_others_that_come_later_are_not(
    site: Site, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "sitecustomize.py"
    other.parent.mkdir()
    other.write_text(
        "import grader.gradebook.key as key\nkey.grader_sha256 = lambda: 'another grader'\n"
    )
    site.add_worker(PYTHONPATH=f"{other.parent}{os.pathsep}{ROOT}")
    screen, said = listening()
    with pytest.raises(UsageError, match="none of its workers can grade"):
        on_scheduler(site.address)(a_setting(), screen)
    assert re.search(r"worker tcp://\S+ is refused: its grader is another version", said())
    site.add_worker()
    folder, book = as_folder(tmp_path / "class" / "ada", "a").parent, tmp_path / "g.sqlite"
    whole = batch(folder, book, "--scheduler", site.address)
    text, _ = whole.communicate(timeout=PATIENCE_S)
    assert whole.returncode == 0, text
    assert list(outcome(book)) == ["ada"]


def a_setting() -> Setting:
    settings = Settings("digits", tasks=("threshold",))
    return Setting(settings, Keys(settings), 600.0)


def listening() -> tuple[Screen, Callable[[], str]]:
    console = Console(record=True, width=400, file=io.StringIO())
    return Screen(console), lambda: console.export_text(clear=False)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("tcp://127.0.0.1:1", "no scheduler answers there"),
        ("nonsense://x:1", "no scheduler answers there"),
        ("localhost", "localhost: name machine and port"),
        ("tcp://[::1]:99999", "name machine and port"),
    ],
)
def test_an_unreachable_scheduler_is_one_line(
    address: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 1.0)
    with pytest.raises(UsageError, match=says) as caught:
        on_scheduler(address)(a_setting(), listening()[0])
    assert "\n" not in str(caught.value)


def test_without_dask_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install -e '\.\[cluster\]'"):
        on_scheduler("tcp://127.0.0.1:1")


def test_without_slurm_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="no sbatch here"):
        on_slurm(2, None)


def test_the_options_of_slurms_jobs_come_from_a_file(tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue")
    options = tmp_path / "site.toml"
    options.write_text(
        'queue = "teaching"\nmemory = "6GB"\njob_extra_directives = ["--exclusive"]\n'
        'interface = "lo"\n'
    )
    jobs = slurm_cluster(read_options(options))
    try:
        script = jobs.job_script()
    finally:
        jobs.close()
    assert re.search(r"^#SBATCH -p teaching$", script, re.MULTILINE)
    assert re.search(r"^#SBATCH --mem=6G$", script, re.MULTILINE)
    assert re.search(r"^#SBATCH --exclusive$", script, re.MULTILINE)
    assert re.search(r"^#SBATCH -t 04:00:00$", script, re.MULTILINE)


@pytest.mark.parametrize("text", ["queue = \n", "nonsense = 3\n"])
def test_wrong_options_are_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "site.toml").write_text(text)
    with pytest.raises(UsageError, match="--cluster-options"):
        slurm_cluster(read_options(tmp_path / "site.toml"))
    with pytest.raises(UsageError, match="--cluster-options"):
        read_options(tmp_path / "gone.toml")


def test_a_worker_with_other_packages_is_refused_by_name() -> None:
    wanted = {"torch": "2.13.0", "numpy": "2.3"}
    check_versions(wanted, {"torch": "2.13.0+cpu", "numpy": "2.3", "more": "1"})
    with pytest.raises(ValueError, match=r"it has torch 2\.4 instead of 2\.13\.0, numpy missing"):
        check_versions(wanted, {"torch": "2.4"})


def test_settings_survive_the_way() -> None:
    settings = Settings("digits", Path("/x/y.npz"), ("threshold",), "never", "require", 3)
    for given in (settings, replace(settings, hidden=None, tasks=(), seed=None)):
        assert Settings.from_json(given.to_json()) == given

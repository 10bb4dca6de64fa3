"""Gradings in processes of their own: whatever becomes of one, the others go on."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.batch.local import LOST, LocalGraders
from grader.batch.parcel import pack, unpack
from grader.submission import Submission
from tests.grader.batch.folders import SETTINGS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="batches fork")
FAKE = (sys.executable, "-m", "tests.grader.batch.fake_slot")
LONG_S = 120.0
PATIENCE_S = 60.0


def parcel(order: str) -> bytes:
    return pack(Submission(order[:20], {"threshold.py": f"# {order}\n".encode()}, ()))


@pytest.fixture
def graders() -> Iterator[LocalGraders]:
    graders = LocalGraders(2, SETTINGS, LONG_S, FAKE)
    yield graders
    graders.close()


def test_each_grading_has_a_process_of_its_own(graders: LocalGraders) -> None:
    answers = [graders.submit(parcel(f"work {n}")) for n in range(8)]
    records = [answer.result(PATIENCE_S)["record"] for answer in answers]
    assert [record["name"] for record in records] == [f"work {n}" for n in range(8)]
    assert len({record["pid"] for record in records}) == 8
    assert len({record["slot"] for record in records}) <= 2


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("die", "ended early (SIGKILL)"),
        ("exit", "ended early"),
        ("raise", r"ValueError: an\x1b[2J escape"),
        ("fault", "the machine fails the grader"),
        ("fill", "ended early"),
        ("nan", "its record is no JSON"),
        ("kill-slot", LOST),
    ],
)
def test_a_grading_that_breaks_is_that_ones_fault_alone(
    graders: LocalGraders, order: str, says: str
) -> None:
    broken = graders.submit(parcel(order))
    others = [graders.submit(parcel(f"work {n}")) for n in range(4)]
    assert says in broken.result(PATIENCE_S)["fault"]
    assert all("record" in other.result(PATIENCE_S) for other in others)


def test_a_grading_that_never_ends_is_ended(tmp_path: Path) -> None:
    graders = LocalGraders(1, SETTINGS, 0.5, FAKE)
    try:
        stuck = graders.submit(parcel(f"wait {tmp_path / 'told'}"))
        assert "took more than 0.5 s" in stuck.result(PATIENCE_S)["fault"]
        assert "record" in graders.submit(parcel("work")).result(PATIENCE_S)
        assert_tidy(tmp_path / "told")
    finally:
        graders.close()


def test_closing_ends_what_runs_and_clears_it_away(tmp_path: Path) -> None:
    graders = LocalGraders(1, SETTINGS, LONG_S, FAKE)
    stuck = graders.submit(parcel(f"wait {tmp_path / 'told'}"))
    waiting = graders.submit(parcel("work"))
    wait_for(tmp_path / "told")
    graders.close()
    assert stuck.result(0)["fault"] == LOST
    assert waiting.cancelled() or "fault" in waiting.result(0)
    assert_tidy(tmp_path / "told")


DRIVER = """
import sys
from tests.grader.batch.folders import SETTINGS
from tests.grader.batch.test_local import FAKE, LONG_S, parcel
from grader.batch.local import LocalGraders
graders = LocalGraders(1, SETTINGS, LONG_S, FAKE)
graders.submit(parcel("wait " + sys.argv[1])).result()
"""


def test_what_a_killed_driver_leaves_ends_and_clears_itself_away(tmp_path: Path) -> None:
    told = tmp_path / "told"
    driver = psutil.Popen([sys.executable, "-c", DRIVER, str(told)], cwd=Path(__file__).parents[3])
    wait_for(told)
    family = driver.children(recursive=True)
    assert family
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    _, alive = psutil.wait_procs(family, PATIENCE_S)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    assert_tidy(told)


@given(
    st.dictionaries(st.sampled_from(["a.py", "b.py", "weights.safetensors"]), st.binary()),
    st.text(),
    st.lists(st.text(), max_size=3),
)
def test_a_parcel_holds_the_submission(
    files: dict[str, bytes], name: str, ignored: list[str]
) -> None:
    submission = Submission(name, files, tuple(ignored), tuple(ignored))
    packed = pack(submission)
    assert unpack(packed) == submission
    backwards = dict(reversed(files.items()))
    assert pack(Submission(name, backwards, tuple(ignored), tuple(ignored))) == packed
    with pytest.raises(ValueError, match="not as long"):
        unpack(packed + b"x")


def wait_for(told: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not told.is_file() or not told.read_text().endswith("\n"):
        assert time.monotonic() < deadline, "the grading never began"
        time.sleep(0.02)


def assert_tidy(told: Path) -> None:
    """The grading that told of itself is gone, and so is its folder."""
    pid, folder = told.read_text().splitlines()
    deadline = time.monotonic() + PATIENCE_S
    while Path(folder).exists() or is_alive(int(pid)):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

"""What the level `bwrap` hides and holds, seen from inside by code that looks for it."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import numpy as np
import psutil
import pytest

from grader.errors import Crashed, Mismatch, OutOfMemory, StudentFailure
from grader.sandbox import bwrap, seccomp
from grader.sandbox.choose import choose_sandbox
from grader.student import Student
from tests.grader.boxes import LIMITS, student_of, wait_for

ERRORS = np.array([1.0, 2.0, 4.0], np.float32)
needs_bwrap = pytest.mark.skipif(bool(bwrap.why_not()), reason=f"no bwrap: {bwrap.why_not()}")

PROBES = """
    import ctypes, os, socket, subprocess, sys
    import torch

    def adaptive_threshold(errors, z=3.0):
        return PROBES[int(z)]()

    def reads(path):
        try:
            return sorted(os.listdir(path)) if os.path.isdir(path) else open(path).read()
        except OSError as error:
            return type(error).__name__

    def writes(path):
        try:
            open(path, "w").close()
            return "written"
        except OSError as error:
            return type(error).__name__

    def connects():
        try:
            socket.create_connection(("192.0.2.1", 80), timeout=2)
            return "connected"
        except OSError as error:
            return type(error).__name__

    def calls(number, *arguments):
        libc = ctypes.CDLL(None, use_errno=True)
        result = libc.syscall(number, *arguments)
        return "allowed" if result >= 0 else os.strerror(ctypes.get_errno())

    def status(key):
        lines = open("/proc/self/status").read().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith(key + ":"))
"""


def look(student: Student, number: int) -> str:
    """What a probe answered: text is no tensor, so it comes back in the message."""
    with pytest.raises(Mismatch) as caught:
        student.adaptive_threshold(ERRORS, z=number)
    return str(caught.value).split("it is ", 1)[1]


@contextlib.contextmanager
def probing(root: Path, *expressions: str) -> Iterator[Student]:
    """A student in a bwrap box whose thresholds are these Python expressions."""
    text = dedent(PROBES) + "PROBES = [" + ", ".join(f"lambda: str({e})" for e in expressions) + "]"
    with student_of(root / "box", sandbox=bwrap.BwrapSandbox(), threshold=text) as (student, _):
        yield student


@needs_bwrap
class TestView:
    """Files, environment, network, processes."""

    def test_only_python_and_the_submission_are_there(self, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("canary")
        home = str(Path.home())
        here = str(Path(__file__).parents[2])
        with probing(
            tmp_path,
            "'threshold.py' in os.listdir('/box/assignment')",
            f"reads({str(tmp_path / 'secret.txt')!r})",
            f"[reads({here + '/grader'!r}), reads({here + '/datasets'!r})]",
            f"[n for n in os.listdir({home!r}) if n.startswith(('.ssh', '.bash'))] "
            f"if os.path.isdir({home!r}) else []",
            "[reads('/etc/passwd'), reads('/var'), reads('/mnt'), reads('/run')]",
        ) as student:
            assert look(student, 0) == "'True'"
            assert look(student, 1) == "'FileNotFoundError'"
            assert look(student, 2) == "\"['FileNotFoundError', 'FileNotFoundError']\""
            assert look(student, 3) == "'[]'"
            assert set(look(student, 4).split("'")) & {"canary", "root"} == set()

    def test_installed_copy_of_the_project_is_hidden(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        packages = tmp_path / "site-packages"
        for name in ("solutions", "other"):
            (packages / name).mkdir(parents=True)
            (packages / name / "__init__.py").write_text("answer = 1\n")
        monkeypatch.syspath_prepend(str(packages))
        with probing(
            tmp_path,
            f"reads({str(packages / 'solutions')!r})",
            f"reads({str(packages / 'other')!r})",
            f"writes({str(packages / 'solutions' / 'x')!r})",
        ) as student:
            assert look(student, 0) == "'[]'"
            assert look(student, 1) == "\"['__init__.py']\""
            assert look(student, 2) in ("'OSError'", "'PermissionError'")

    def test_packages_are_found_where_a_link_leads(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A `.venv` may be a link; the project's own packages stay hidden all the same."""
        packages = tmp_path / "disk" / "site-packages"
        for name in ("solutions", "other"):
            (packages / name).mkdir(parents=True)
            (packages / name / "__init__.py").write_text("answer = 1\n")
        (tmp_path / "linked").symlink_to(tmp_path / "disk")
        link = tmp_path / "linked" / "site-packages"
        monkeypatch.syspath_prepend(str(link))
        with probing(
            tmp_path,
            "__import__('other').answer",
            f"reads({str(packages / 'solutions')!r})",
            f"reads({str(link / 'solutions')!r})",
        ) as student:
            assert look(student, 0) == "'1'"
            assert look(student, 1) == "'[]'"
            assert look(student, 2) in ("'FileNotFoundError'", "'[]'")

    @pytest.mark.parametrize(
        "path",
        ["/box/assignment/threshold.py", "/box/x", "/x", "/dev/x", "/usr/x", f"{sys.prefix}/x"],
    )
    def test_nothing_but_scratch_can_be_written(self, tmp_path: Path, path: str) -> None:
        with probing(tmp_path, f"writes({path!r})", "writes('/scratch/x')", "writes('x')") as s:
            assert look(s, 0) in ("'OSError'", "'PermissionError'")
            assert (look(s, 1), look(s, 2)) == ("'written'", "'written'")

    def test_scratch_has_a_size(self, tmp_path: Path) -> None:
        with (
            probing(
                tmp_path, "[open(f'f{i}', 'wb').write(bytes(8 << 20)) for i in range(20)]"
            ) as s,
            pytest.raises(StudentFailure, match="No space left"),
        ):
            s.adaptive_threshold(ERRORS, z=0)

    def test_there_is_no_network(self, tmp_path: Path) -> None:
        with probing(tmp_path, "connects()") as student:
            assert look(student, 0) == "'OSError'"

    def test_environment_is_scrubbed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OSR_CANARY", "secret")
        with probing(
            tmp_path, "'OSR_CANARY' in os.environ", "open('/proc/1/environ', 'rb').read()"
        ) as student:
            assert look(student, 0) == "'False'"
            with pytest.raises((Mismatch, StudentFailure)) as caught:
                student.adaptive_threshold(ERRORS, z=1)
            assert "secret" not in str(caught.value)

    def test_processes_of_others_are_out_of_sight(self, tmp_path: Path) -> None:
        with probing(
            tmp_path, "len([n for n in os.listdir('/proc') if n.isdigit()])", "os.getpid()"
        ) as student:
            assert int(look(student, 0).strip("'")) <= 3
            assert int(look(student, 1).strip("'")) <= 3


@needs_bwrap
class TestRights:
    """User, capabilities, system calls."""

    def test_nobody_without_capabilities(self, tmp_path: Path) -> None:
        keys = ("CapEff", "CapPrm", "CapBnd", "CapAmb", "NoNewPrivs")
        probes = [f"int(status({key!r}), 16)" for key in keys]
        with probing(tmp_path, *probes, "os.getuid()", "os.getgroups()") as student:
            assert [look(student, n) for n in range(5)] == ["'0'"] * 4 + ["'1'"]
            if os.geteuid() == 0:
                assert int(look(student, 5).strip("'")) >= bwrap.FIRST_USER
                assert look(student, 6) == "'[]'"

    @pytest.mark.skipif(os.geteuid() != 0, reason="the limit counts all of a user's processes")
    def test_number_of_processes_is_limited(self, tmp_path: Path) -> None:
        expression = "__import__('resource').getrlimit(__import__('resource').RLIMIT_NPROC)"
        with probing(tmp_path, expression) as student:
            assert look(student, 0) == f"'({bwrap.PROCESSES}, {bwrap.PROCESSES})'"

    @pytest.mark.skipif(seccomp.program() is None, reason="no filter for this machine")
    @pytest.mark.parametrize(
        "name", ["ptrace", "unshare", "memfd_create", "mount", "bpf", "keyctl"]
    )
    def test_filtered_calls_are_refused(self, tmp_path: Path, name: str) -> None:
        numbers = next(iter(seccomp.REFUSED.values()))
        with probing(tmp_path, f"calls({numbers[name]}, 0, 0, 0, 0)") as student:
            assert look(student, 0) == "'Operation not permitted'"

    def test_threads_and_children_still_work(self, tmp_path: Path) -> None:
        """The filter must not stop what ordinary code does."""
        with probing(
            tmp_path,
            "subprocess.run([sys.executable, '-c', 'print(3)'], capture_output=True).stdout",
            "__import__('concurrent.futures').futures.ThreadPoolExecutor(4)"
            ".submit(lambda: 7).result()",
        ) as student:
            assert look(student, 0) == "\"b'3\\\\n'\""
            assert look(student, 1) == "'7'"


@needs_bwrap
class TestEnd:
    """Everything in the box ends with it."""

    def test_no_process_is_left(self, tmp_path: Path) -> None:
        text = """
            import subprocess, torch
            def adaptive_threshold(errors, z=3.0):
                for _ in range(5):
                    subprocess.Popen(["sleep", "600"], start_new_session=True)
                subprocess.Popen(["sh", "-c", "setsid sleep 600 & exit"])
                return torch.tensor(1.0)
        """
        box = tmp_path / "box"
        with student_of(box, sandbox=bwrap.BwrapSandbox(), threshold=text) as (student, channel):
            student.adaptive_threshold(ERRORS)
            assert channel._process is not None
            inside = psutil.Process(channel._process.pid).children(recursive=True)
            assert len(inside) >= 7
        _, alive = psutil.wait_procs(inside, timeout=10)
        assert not alive

    def test_next_box_starts_clean(self, tmp_path: Path) -> None:
        text = """
            import os, torch
            def adaptive_threshold(errors, z=3.0):
                if z == 1:
                    open("left", "w").close()
                    os._exit(1)
                return torch.tensor(float(os.path.exists("left")))
        """
        box = tmp_path / "box"
        with student_of(box, sandbox=bwrap.BwrapSandbox(), threshold=text) as (student, _):
            with pytest.raises(Crashed, match="exit code 1"):
                student.adaptive_threshold(ERRORS, z=1)
            assert student.adaptive_threshold(ERRORS, z=2) == 0.0

    def test_signals_are_named(self, tmp_path: Path) -> None:
        text = """
            import ctypes
            def adaptive_threshold(errors, z=3.0):
                ctypes.string_at(0)
        """
        box = tmp_path / "box"
        with (
            student_of(box, sandbox=bwrap.BwrapSandbox(), threshold=text) as (student, _),
            pytest.raises(Crashed, match="signal 11"),
        ):
            student.adaptive_threshold(ERRORS)

    def test_resident_memory_is_watched(self, tmp_path: Path) -> None:
        text = """
            def adaptive_threshold(errors, z=3.0):
                kept = []
                while True: kept.append(bytearray(b"x" * (16 << 20)))
        """
        limits = dataclasses.replace(LIMITS, cpu_s=30.0, memory_mb=700)
        with (
            student_of(
                tmp_path / "box", limits=limits, sandbox=bwrap.BwrapSandbox(), threshold=text
            ) as (student, _),
            pytest.raises(OutOfMemory),
        ):
            student.adaptive_threshold(ERRORS)

    def test_grader_that_dies_takes_the_box_along(self, tmp_path: Path) -> None:
        """Bubblewrap asks the kernel to be killed with its parent."""
        code = (
            "import sys, time; from pathlib import Path\n"
            "from grader.channel import Channel; from grader.sandbox import Box\n"
            "from grader.sandbox.bwrap import BwrapSandbox\n"
            "from grader.staging import given_files, stage\n"
            "from grader.submission import Submission\n"
            "box = stage(Submission('s', {}, ()), given_files(), Path(sys.argv[1]))\n"
            "process = BwrapSandbox().start(box)\n"
            "print(process.pid, flush=True); time.sleep(600)\n"
        )
        (tmp_path / "box").mkdir()
        grader = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "box")],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert grader.stdout is not None
        pid = int(grader.stdout.readline())
        wait_for(lambda: len(psutil.Process(pid).children(recursive=True)) >= 1)
        inside = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        grader.kill()
        grader.wait()
        grader.stdout.close()
        _, alive = psutil.wait_procs(inside, timeout=10)
        assert not alive


@needs_bwrap
@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="it is an ordinary user already")
def test_all_of_this_holds_for_an_ordinary_user() -> None:
    """Root can be somebody else in a user namespace, with every file still in reach."""
    somebody = ["bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--dev-bind", "/", "/"]
    trial = [
        *somebody,
        sys.executable,
        "-c",
        "from grader.sandbox import bwrap as b; print(b.why_not())",
    ]
    root = Path(__file__).parents[2]
    reason = subprocess.run(trial, cwd=root, capture_output=True, text=True).stdout.strip()
    if reason:
        pytest.skip(f"no box within a namespace: {reason}")
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    done = subprocess.run([*somebody, *tests], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


@needs_bwrap
def test_environment_that_is_reached_by_a_link(tmp_path: Path) -> None:
    """On another disk, say: Python then finds its packages by the link's path."""
    link = tmp_path / "environment"
    link.symlink_to(sys.prefix)
    look = "from grader.doctor.grading import look_at_worker as l; print(*(f.text for f in l()))"
    done = subprocess.run(
        [link / "bin" / Path(sys.executable).name, "-c", look],
        cwd=Path(__file__).parents[2], capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.startswith("one starts in"), done.stdout + done.stderr


def test_machine_without_bubblewrap_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.errors import UsageError

    monkeypatch.setattr(bwrap, "why_not", lambda: "bubblewrap is not installed")
    sandbox, reason = choose_sandbox("auto")
    assert (sandbox.level, reason) == ("plain", "bubblewrap is not installed")
    with pytest.raises(UsageError, match="not installed"):
        choose_sandbox("require")


class TestFilter:
    """The program itself, run by a small machine of our own."""

    @pytest.mark.parametrize("machine", seccomp.ARCHITECTURES)
    def test_verdicts(self, machine: str) -> None:
        architecture = seccomp.ARCHITECTURES[machine]
        for number in range(500):
            refused = number in seccomp.REFUSED[machine].values()
            expected = seccomp.ALLOW
            if refused:
                expected = seccomp.REFUSE | seccomp.EPERM
            elif number == seccomp.CLONE3:
                expected = seccomp.REFUSE | seccomp.ENOSYS
            assert run(seccomp.program(machine), architecture, number) == expected, number
        clone = seccomp.CLONE[machine]
        user = seccomp.CLONE_NEWUSER
        assert run(seccomp.program(machine), architecture, clone, user) & 0xFFFF == seccomp.EPERM
        assert run(seccomp.program(machine), 0x40000003, 1) == seccomp.KILL_PROCESS

    def test_other_machines_have_none(self) -> None:
        assert seccomp.program("riscv64") is None


def run(program: bytes | None, architecture: int, number: int, argument: int = 0) -> int:
    """What a filter says of a system call."""
    import struct

    assert program is not None
    data = {seccomp.NUMBER: number, seccomp.ARCHITECTURE: architecture,
            seccomp.FIRST_ARGUMENT: argument}  # fmt: skip
    code = list(struct.iter_unpack("=HBBI", program))
    place = held = 0
    while True:
        kind, yes, no, value = code[place]
        place += 1
        if kind == seccomp.LOAD:
            held = data[value]
        elif kind == seccomp.RETURN:
            return int(value)
        else:
            hit = held == value if kind == seccomp.EQUAL else bool(held & value)
            place += yes if hit else no


def test_gradings_that_are_forked_have_users_of_their_own():
    """Else a process that one student left behind would be of the next one's user."""
    read, write = os.pipe()
    before = bwrap.new_user()
    child = os.fork()
    if child == 0:
        os.write(write, str(bwrap.new_user()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert abs(int(os.read(read, 20)) - before) >= bwrap.USERS_A_GRADER - 1
    os.close(read)
    os.close(write)

"""A forked worker beside one that was started on its own: both look around, and see the same."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import psutil
import pytest

from grader.channel import Channel
from grader.errors import Crashed, UsageError
from grader.grading import grade
from grader.plan import Plan
from grader.sandbox import PlainSandbox, Sandbox, WarmSandbox, bwrap, warm_box, warm_link
from grader.staging import given_files, stage
from grader.student import Student
from grader.submission import Submission
from tests.grader.boxes import student_of, wait_for
from tests.submissions.patches import REFERENCE, read_patches, write_submission

ERRORS = np.array([1.0, 2.0, 4.0], np.float32)
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(bool(bwrap.why_not()), reason=f"no bwrap: {bwrap.why_not()}")
SPACES = ("user", "mnt", "uts", "ipc", "pid", "net", "cgroup")
CANARY = "secret-canary"

LOOKS = """
    import gc, json, locale, os, random, resource, signal, subprocess, sys, tempfile
    from pathlib import Path
    import numpy, torch

    SPACES = ("user", "mnt", "uts", "ipc", "pid", "net", "cgroup")

    def adaptive_threshold(errors, z=3.0):
        what = (look, status, draw, tries, spawn)[int(z)]
        print(json.dumps(what()), flush=True)
        return torch.tensor(1.0)

    def look():
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        limits = [name for name in dir(resource) if name.startswith("RLIMIT_")]
        return {
            "environ": dict(os.environ),
            "own files": [reads(name) for name in ("environ", "auxv", "mem", "stack", "io")],
            "path": sys.path, "argv": sys.argv, "orig_argv": sys.orig_argv,
            "flags": str(sys.flags), "executable": [sys.executable, sys.prefix, sys.exec_prefix],
            "hooks": [str(each).split(" at ")[0] for each in (*sys.meta_path, *sys.path_hooks)],
            "main": sorted(vars(sys.modules["__main__"])),
            "recursion": sys.getrecursionlimit(), "gc": [gc.isenabled(), gc.get_threshold()],
            "folders": [os.getcwd(), os.path.expanduser("~"), sorted(os.listdir("/"))],
            "box": sorted(map(str, Path("/box").rglob("*"))),
            "mounts": [[m[4], m[5], m[m.index("-") + 1], m[-1].split(",")[0]] for m in mounts],
            "network": Path("/proc/net/dev").read_text().count(":"),
            "host": os.uname().nodename,
            "descriptors": sorted(kind_of(n) for n in os.listdir("/proc/self/fd")),
            "streams": [str(s.encoding) + str(s.line_buffering) + s.errors + s.mode
                        for s in (sys.stdin, sys.stdout, sys.stderr)],
            "read": sys.stdin.read(),
            "limits": {n: resource.getrlimit(getattr(resource, n)) for n in limits},
            "signals": [str(signal.getsignal(s)) for s in sorted(signal.valid_signals())],
            "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
            "umask": [os.umask(0o22), os.umask(0o22)], "nice": os.nice(0),
            "temporary": tempfile.gettempdir(),
            "cpus": sorted(os.sched_getaffinity(0)), "locale": locale.setlocale(locale.LC_ALL),
            "threads": [torch.get_num_threads(), len(os.listdir("/proc/self/task"))],
            "torch": [str(torch.get_default_dtype()), torch.is_grad_enabled(),
                      torch.are_deterministic_algorithms_enabled(), torch.backends.mkldnn.enabled],
            "groups": os.getgroups(),
            "text": [line for name in ("maps", "mountinfo", "cmdline")
                     for line in Path("/proc/self", name).read_text().splitlines()
                     if "canary" in line],
            "shared": [line for line in Path("/proc/self/maps").read_text().splitlines()
                       if line.split()[1] == "rw-s"],
        }

    def reads(name):
        try:
            return len(Path("/proc/self", name).read_bytes())
        except OSError as error:
            return type(error).__name__

    def kind_of(number):
        try:
            return os.readlink("/proc/self/fd/" + number).split(":")[0]
        except OSError:
            return "closed"

    def status():
        lines = Path("/proc/self/status").read_text().splitlines()
        found = {k: v.strip() for k, v in (line.split(":", 1) for line in lines)}
        found["spaces"] = {s: os.readlink("/proc/self/ns/" + s) for s in SPACES}
        found["seen"] = sorted(int(n) for n in os.listdir("/proc") if n.isdigit())
        found["modules"] = sorted({name.split(".")[0] for name in sys.modules})
        return found

    def draw():
        return [random.random(), float(numpy.random.rand()), float(torch.rand(())),
                torch.initial_seed(), os.urandom(8).hex()]

    def tries():
        said = {}
        for what, how in {
            "chmod": lambda: os.chmod("/proc/self/exe", 0o755),
            "write": lambda: open("/proc/self/exe", "r+b"),
            "touch": lambda: os.utime("/proc/self/exe"),
            "parent": lambda: os.listdir("/proc/%d" % (os.getppid() or 10**6)),
            "become root": lambda: os.setuid(0),
            "groups": lambda: os.setgroups([0]),
            "hostname": lambda: open("/proc/sys/kernel/hostname", "w").write("x"),
            "priority": lambda: os.nice(-5),
            "leave": lambda: os.chroot("/"),
            "processes": lambda: resource.setrlimit(resource.RLIMIT_NPROC, (4096, 4096)),
        }.items():
            try:
                how()
                said[what] = "done"
            except (OSError, ValueError) as error:
                said[what] = type(error).__name__
        return said

    def spawn():
        return [subprocess.Popen(["sleep", "600"], start_new_session=True).pid for _ in range(3)]
"""


def facts(student: Student, channel: Channel, number: int) -> Any:
    """What one of the functions above printed: it comes by another pipe than the answer."""
    student.adaptive_threshold(ERRORS, z=number)
    wait_for(lambda: channel.printed().endswith("\n"))
    return json.loads(channel.printed())


@contextlib.contextmanager
def looking(root: Path, sandbox: Sandbox) -> Iterator[tuple[Student, Channel]]:
    with student_of(root / "box", sandbox=sandbox, threshold=LOOKS) as (student, channel):
        yield student, channel
    assert not getattr(sandbox, "cold", ""), "it looked at a worker that was not forked"


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmSandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSR_CANARY", CANARY)
        sandbox = WarmSandbox()
    with sandbox:
        yield sandbox


def worker_of(sandbox: WarmSandbox, channel: Channel) -> psutil.Process:
    assert channel._process is not None
    return sandbox._workers[channel._process]


@dataclasses.dataclass(frozen=True)
class Seen:
    """What a worker saw, what it may do, what it tried, and what was counted for it."""

    look: dict[str, Any]
    status: dict[str, Any]
    tries: dict[str, str]
    box: dict[str, str]
    resident: int


def see(root: Path, sandbox: Sandbox) -> Seen:
    with looking(root, sandbox) as (student, channel):
        look, status, tries = (facts(student, channel, number) for number in (0, 1, 3))
        assert channel._process is not None
        (first,) = psutil.Process(channel._process.pid).children()
        return Seen(look, status, tries, spaces_of(first.pid), channel._usage()[1])


def spaces_of(pid: int | str) -> dict[str, str]:
    return {name: str(Path(f"/proc/{pid}/ns/{name}").readlink()) for name in SPACES}


@pytest.fixture(scope="module")
def cold_one(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return see(tmp_path_factory.mktemp("cold"), bwrap.BwrapSandbox())


@pytest.fixture(scope="module")
def forked_one(tmp_path_factory: pytest.TempPathFactory, warm: WarmSandbox) -> Seen:
    return see(tmp_path_factory.mktemp("forked"), warm)


class TestView:
    """What a forked worker sees, and what it may do, beside one that was started on its own."""

    def test_all_that_it_sees_is_the_same(self, cold_one: Seen, forked_one: Seen) -> None:
        differ = {
            name: (value, forked_one.look[name])
            for name, value in cold_one.look.items()
            if forked_one.look[name] != value
        }
        assert differ == {}
        assert forked_one.look["network"] == 1  # loopback
        assert forked_one.look["shared"] == []  # no memory that somebody else could change

    def test_its_rights_are_the_same(self, cold_one: Seen, forked_one: Seen) -> None:
        cold, forked = cold_one.status, forked_one.status
        same = [key for key in cold if key.startswith(("Cap", "Sig", "Shd", "Spec", "Seccomp"))]
        for name in (*same, "NoNewPrivs", "Groups", "Umask", "TracerPid"):
            assert forked[name] == cold[name], name
        assert {forked[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {
            "0" * 16
        }
        assert (forked["NoNewPrivs"], forked["Seccomp"]) == ("1", "2")
        assert not set(cold["modules"]) - set(forked["modules"])
        assert not [name for name in forked["modules"] if name.startswith(("grader", "warm"))]

    def test_it_is_alone_and_nobody(
        self, tmp_path: Path, warm: WarmSandbox, cold_one: Seen, forked_one: Seen
    ) -> None:
        with looking(tmp_path, warm) as (student, channel):
            next_one = facts(student, channel, 1)
        assert len(forked_one.status["NSpid"].split()) == 1
        assert forked_one.status["seen"] == [1, 2, 3]  # bubblewrap, the shell that waits, itself
        users = [status["Uid"].split() for status in (cold_one.status, forked_one.status, next_one)]
        assert all(len(set(user)) == 1 for user in users)
        if os.geteuid() == 0:
            assert all(int(user[0]) >= bwrap.FIRST_USER for user in users)
            assert len({user[0] for user in users}) == 3

    def test_it_is_in_all_namespaces_of_its_box(self, forked_one: Seen) -> None:
        inside, own = forked_one.status["spaces"], spaces_of("self")
        assert inside == forked_one.box
        shared = {name for name in SPACES if inside[name] == own[name]}
        assert shared <= ({"user", "cgroup"} if os.geteuid() == 0 else {"cgroup"})

    def test_what_it_tries_is_refused_as_ever(self, cold_one: Seen, forked_one: Seen) -> None:
        assert forked_one.tries.keys() == cold_one.tries.keys()
        done = {name for name, said in forked_one.tries.items() if said == "done"}
        assert done <= (set() if os.geteuid() == 0 else {"processes"})  # see test_bwrap.py

    def test_memory_is_counted_as_for_any_worker(self, cold_one: Seen, forked_one: Seen) -> None:
        """What it shares with the process that it was forked from counts for it too, once."""
        assert 0.75 * cold_one.resident < forked_one.resident < 1.25 * cold_one.resident

    def test_no_two_draw_the_same_numbers(self, tmp_path: Path, warm: WarmSandbox) -> None:
        drawn = []
        for _ in range(2):
            with looking(tmp_path, warm) as (student, channel):
                channel.request("call", {  # without a seed, which each check sets
                    "module": "threshold", "name": "adaptive_threshold", "inputs": ["errors"],
                    "options": {"z": 2}, "gradients": False,
                }, {"errors": ERRORS}, student._limits, "a call")  # fmt: skip
                wait_for(lambda: channel.printed().endswith("\n"))
                drawn.append(json.loads(channel.printed()))
        assert not set(map(str, drawn[0])) & set(map(str, drawn[1]))

    def test_graders_environment_does_not_reach_it(self, forked_one: Seen) -> None:
        assert CANARY not in json.dumps(forked_one.look)
        assert CANARY not in json.dumps(forked_one.status)


class TestEnd:
    """How a forked worker ends, and what ends with it."""

    def test_whole_box_is_counted_and_killed(self, tmp_path: Path, warm: WarmSandbox) -> None:
        with looking(tmp_path, warm) as (student, channel):
            facts(student, channel, 4)
            assert channel._process is not None
            worker = worker_of(warm, channel)
            members = warm.members(channel._process)
            assert worker in members
            assert len(members) >= 2 + 1 + 1 + 3  # bubblewrap, the shell, the worker, its children
            _, resident, count = channel._usage()
            assert count == len(members)
            assert resident > worker.memory_info().rss > 50 << 20
        _, alive = psutil.wait_procs(members, timeout=10)
        assert not alive

    @pytest.mark.parametrize(
        ("ending", "said"),
        [("os._exit(5)", "exit code 5"), ("ctypes.string_at(0)", "signal 11")],
    )
    def test_its_end_is_told(
        self, tmp_path: Path, warm: WarmSandbox, ending: str, said: str
    ) -> None:
        text = f"import ctypes, os\ndef adaptive_threshold(errors, z=3.0): {ending}"
        with (
            student_of(tmp_path / "box", sandbox=warm, threshold=text) as (student, _),
            pytest.raises(Crashed, match=said),
        ):
            student.adaptive_threshold(ERRORS)

    @pytest.mark.slow
    def test_grader_that_dies_takes_all_of_it_along(self, tmp_path: Path) -> None:
        code = (
            "import sys, time; from pathlib import Path\n"
            "from grader.sandbox import WarmSandbox\n"
            "from grader.staging import given_files, stage\n"
            "from grader.submission import Submission\n"
            "box = stage(Submission('s', {}, ()), given_files(), Path(sys.argv[1]))\n"
            "sandbox = WarmSandbox(); process = sandbox.start(box)\n"
            "print(*[p.pid for p in sandbox.members(process)], sandbox._warm.pid, flush=True)\n"
            "time.sleep(600)\n"
        )
        (tmp_path / "box").mkdir()
        command = [sys.executable, "-c", code, str(tmp_path / "box")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as grader:
            assert grader.stdout is not None
            started = [psutil.Process(int(pid)) for pid in grader.stdout.readline().split()]
            ushers = psutil.Process(started[-1].pid).children()
            grader.kill()
        assert (len(started), len(ushers)) == (5, 1)
        _, alive = psutil.wait_procs([*started, *ushers], timeout=10)
        assert not alive

    @pytest.mark.slow
    def test_closing_leaves_no_process(self, tmp_path: Path) -> None:
        before = set(psutil.Process().children(recursive=True))
        with WarmSandbox() as sandbox, looking(tmp_path, sandbox) as (student, channel):
            facts(student, channel, 1)
            assert len(set(psutil.Process().children(recursive=True)) - before) >= 5
        left = set(psutil.Process().children(recursive=True)) - before
        _, alive = psutil.wait_procs(left, timeout=10)
        assert not alive


def start(sandbox: Sandbox, root: Path) -> subprocess.Popen[bytes]:
    """Start a worker in a new box."""
    root.mkdir()
    return sandbox.start(stage(Submission("s", {}, ()), given_files(), root))


def end(sandbox: Sandbox, process: subprocess.Popen[bytes]) -> None:
    sandbox.kill(process)
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream is not None
        stream.close()


class TestFallback:
    """What cannot be forked is started as ever, and says why."""

    @pytest.mark.slow
    def test_warmed_process_that_died_is_started_again(self, tmp_path: Path) -> None:
        with WarmSandbox() as sandbox:
            end(sandbox, start(sandbox, tmp_path / "a"))
            assert sandbox._warm is not None
            first = psutil.Process(sandbox._warm.pid)
            first.kill()
            wait_for(lambda: not sandbox._warm or not sandbox._warm.is_alive())
            end(sandbox, start(sandbox, tmp_path / "b"))
            assert sandbox.cold == ""
            assert "forked" in sandbox.isolation
            assert sandbox._warm.pid != first.pid

    def test_torch_that_fails_to_import(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = tmp_path / "broken.py"
        source.write_text("raise SystemExit('torch is ill')")
        monkeypatch.setattr(warm_link, "SOURCE", source)
        with WarmSandbox() as sandbox:
            for name in "abcd":  # it gives up after three
                end(sandbox, start(sandbox, tmp_path / name))
                assert sandbox.cold == "torch is ill"
                assert "on its own (torch is ill)" in sandbox.isolation

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"filter": "00" * 8}, "Invalid argument"),
            ({"processes": 0.5}, "TypeError"),
            ({"folder": "/nowhere"}, "FileNotFoundError"),
            ({"pid": os.getpid()}, "no ipc namespace of its own"),
        ],
    )
    def test_worker_that_cannot_be_confined(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: WarmSandbox,
        change: dict[str, Any], reason: str,
    ) -> None:  # fmt: skip
        """It is gone before it runs anything of the box's."""
        whole = warm_box._task
        monkeypatch.setattr(warm_box, "_task", lambda first: whole(first) | change)
        process = start(warm, tmp_path / "a")
        assert reason in warm.cold
        assert process not in warm._workers
        end(warm, process)
        monkeypatch.undo()
        end(warm, start(warm, tmp_path / "b"))
        assert warm.cold == ""

    @pytest.mark.parametrize("name", ["net", "ipc"])
    def test_box_that_shares_a_namespace_with_the_grader(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: WarmSandbox, name: str
    ) -> None:
        def careless(*arguments: Any) -> list[str]:
            return [each for each in bwrap.command(*arguments) if each != f"--unshare-{name}"]

        monkeypatch.setattr(warm_box, "command", careless)
        end(warm, start(warm, tmp_path / "a"))
        assert f"no {name} namespace of its own" in warm.cold
        monkeypatch.undo()
        end(warm, start(warm, tmp_path / "b"))
        assert warm.cold == ""

    @pytest.mark.parametrize("name", ["numpy", "torch"])
    def test_box_that_does_not_show_what_it_imported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: WarmSandbox, name: str
    ) -> None:
        """What is imported late would be missing amid a student's call, and cost them points."""
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        over = ["--tmpfs", str(Path(spec.origin).resolve().parent)]

        def blind(*arguments: Any) -> list[str]:
            line = bwrap.command(*arguments)
            last = line.index("--chdir")
            return [*line[:last], *over, *line[last:]]

        monkeypatch.setattr(warm_box, "command", blind)
        end(warm, start(warm, tmp_path / "a"))
        assert f"the box does not show {name}" in warm.cold
        monkeypatch.undo()
        end(warm, start(warm, tmp_path / "b"))
        assert warm.cold == ""

    def test_box_that_is_not_built(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, warm: WarmSandbox
    ) -> None:
        monkeypatch.setattr(warm_box, "WAIT", ("/nowhere/sh",))
        end(warm, start(warm, tmp_path / "a"))
        assert warm.cold == "bubblewrap did not build the box"
        monkeypatch.undo()
        end(warm, start(warm, tmp_path / "b"))

    def test_closed_one_starts_workers_as_ever(self, tmp_path: Path) -> None:
        sandbox = WarmSandbox()
        sandbox.close()
        end(sandbox, start(sandbox, tmp_path / "a"))
        assert "closed" in sandbox.cold


def test_threads_share_one(tmp_path: Path, warm: WarmSandbox) -> None:
    pids: list[int] = []

    def act(name: str) -> None:
        process = start(warm, tmp_path / name)
        pids.append(warm._workers[process].pid)
        end(warm, process)

    threads = [threading.Thread(target=act, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(pids)) == 3


class TestLoader:
    """How it is started by an ordinary user, whose Python may be his own."""

    @pytest.mark.skipif(sys.platform != "linux", reason="programs have another form there")
    def test_loader_of_this_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        loader = warm_link.loader()
        assert "ld" in Path(loader[0]).name
        code = "import os, sys; print(sys.executable, os.readlink('/proc/self/exe'), sys.prefix)"
        said = subprocess.run(
            [*loader, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        own = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        assert said[1] == str(Path(loader[0]).resolve())
        assert (said[0], said[2]) == (own[0], own[2])

    @pytest.mark.parametrize("content", [b"", b"#!/bin/sh\n" + b" " * 100, b"\x7fELF\x02\x01" * 20])
    def test_other_programs_name_none(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "program").write_bytes(content)
        assert warm_link._interpreter_of(tmp_path / "program") == ""

    def test_root_starts_python_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        assert warm_link.loader() == [sys.executable]


class TestGrading:
    """A sandbox that is kept from grading to grading."""

    def test_record_says_how_the_worker_was_started(self, warm: WarmSandbox) -> None:
        plan = Plan(REFERENCE, data="digits", tasks=("threshold",), seed=1, sandbox="require")
        record = grade(plan, sandbox=warm)
        assert record.score == 15
        assert "forked from a warmed process" in record.environment["isolation"]

    def test_other_level_than_the_plans_is_refused(self) -> None:
        plan = Plan(REFERENCE, data="digits", tasks=("threshold",), sandbox="require")
        with pytest.raises(UsageError, match="is bwrap here, not plain"):
            grade(plan, sandbox=PlainSandbox())

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "name",
        ["reference", "contrastive_mask_on_the_cpu", "contrastive_scripted", "classifier_softmax",
         "classifier_spectrum_and_vmap", "autoencoder_spectral_norm_encoder"],
    )  # fmt: skip
    def test_grades_are_the_same(self, tmp_path: Path, warm: WarmSandbox, name: str) -> None:
        patches = {p.name: p for kind in ("wrong", "correct") for p in read_patches(kind)}
        folder = REFERENCE
        if name in patches:
            folder = write_submission(patches[name], tmp_path / name)
        plan = Plan(folder, data="digits", seed=1, tasks=(
            "autoencoder", "classifier", "contrastive", "threshold", "evaluation",
        ))  # fmt: skip
        cold, forked = (grade(plan, sandbox=each).to_json() for each in (None, warm))
        for record in (cold, forked):
            for task in record["tasks"]:
                for check in task["checks"]:
                    del check["duration_s"]
        assert forked["tasks"] == cold["tasks"]
        assert warm.cold == ""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="it is an ordinary user already")
def test_all_of_this_holds_for_an_ordinary_user(tmp_path: Path) -> None:
    somebody = ["setpriv", "--reuid", "61234", "--regid", "61234", "--clear-groups"]
    trial = [*somebody, sys.executable, "-c", dedent("""
        from grader.sandbox import bwrap
        print(bwrap.why_not())
    """)]  # fmt: skip
    done = subprocess.run(trial, cwd=ROOT, capture_output=True, text=True)
    if done.returncode or done.stdout.strip():
        said = (done.stdout or done.stderr).strip().splitlines()[-1]
        pytest.skip(f"no box for an ordinary user: {said}")
    tmp_path.chmod(0o777)
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow",
             "--basetemp", str(tmp_path / "tests"), __file__]  # fmt: skip
    done = subprocess.run([*somebody, *tests], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]

"""The level `bwrap`: namespaces by bubblewrap, so that the box holds code that sets out to escape.

The worker sees Python's environment and its staged submission, both read-only, a small private
folder in memory, and nothing else: no network, no other process, no other user's file. It runs as
nobody, without capabilities, and everything in it ends with it.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from grader.temporary import temporary_folder

from . import seccomp
from .box import Box
from .environment import installed_packages, worker_command, worker_environment
from .tree import kill_tree, processes_of, wait_until_ended

INSIDE_BOX, INSIDE_SCRATCH = "/box", "/scratch"
SCRATCH_BYTES = 64 << 20
SHARED_BYTES = 1 << 20  # /dev/shm
KILL_WAIT_S = 10.0
PROBE_S = 30.0
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32")
NEEDED_IN_ETC = ("/etc/ld.so.cache",)
# What must not be seen even where it lies among what is bound: in an installed copy of the project
# beside other packages, or in a checkout under /usr.
PROJECT = Path(__file__).resolve().parents[2]
SECRET = ("grader", "solutions", "tests", ".git")
HIDDEN_BYTES = 4096
PROCESSES = 512  # and threads; the kernel's word where the grader's count comes too late
# What setpriv needs to become nobody; it drops these as well.
CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
FIRST_USER = 200_000  # of users that no system has
USERS_A_GRADER = 1000
BOXES = itertools.count()


class BwrapSandbox:
    """Bubblewrap: as root it starts as root and becomes a nobody, else in a user namespace."""

    level = "bwrap"

    def __init__(self) -> None:
        filtered = ", system calls filtered" if seccomp.program() else ""
        self.isolation = (
            "bubblewrap: no network, own processes, read-only view of Python and the submission, "
            f"no capabilities{filtered}"
        )

    def start(self, box: Box) -> subprocess.Popen[bytes]:
        """Start the worker in a box of its own."""
        make_readable(box.root)
        with system_call_filter() as (number, descriptors):
            return subprocess.Popen(  # noqa: S603 (the command is our own)
                command(worker_command(INSIDE_BOX), box.root, number),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=descriptors,
                env={},
                start_new_session=True,
            )

    def members(self, process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """All processes in the box, and bubblewrap's own."""
        return processes_of(process.pid)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the box's first process, with which the kernel ends all others in it."""
        members = self.members(process)
        kill_tree(process.pid)
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        wait_until_ended(members, KILL_WAIT_S)


def make_readable(root: Path) -> None:
    """Let every user read a staged submission, whatever the grader's umask is."""
    for file in (root, *root.rglob("*")):
        file.chmod(0o755 if file.is_dir() else 0o644)


def command(
    inner: Sequence[str], root: Path, filter_number: int | None, info_number: int | None = None
) -> list[str]:
    """The whole command line that runs `inner` in a box.

    Args:
        inner: the program to run and its arguments, as seen inside.
        root: the folder that appears, read-only, as `/box`.
        filter_number: the descriptor from which bubblewrap reads the filter of system calls.
        info_number: the descriptor to which it writes the number of the box's first process.
    """
    found = shutil.which("bwrap")
    as_root = os.geteuid() == 0
    environment = worker_environment(INSIDE_SCRATCH)
    return [
        found or "bwrap",
        "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
        *(() if as_root else ("--unshare-user", "--disable-userns")),
        "--die-with-parent", "--new-session", "--hostname", "box", "--clearenv",
        *itertools.chain.from_iterable(("--setenv", *pair) for pair in environment.items()),
        *_system_folders(),
        *_python_folders(),
        *_hidden_folders(),
        "--proc", "/proc", "--dev", "/dev",
        "--size", str(SHARED_BYTES), "--perms", "1777", "--tmpfs", "/dev/shm",  # noqa: S108
        "--remount-ro", "/dev",
        "--size", str(SCRATCH_BYTES), "--perms", "1777", "--tmpfs", INSIDE_SCRATCH,
        *_temporary_folder(),
        *_read_only(str(root), INSIDE_BOX),
        "--remount-ro", "/",
        "--chdir", INSIDE_SCRATCH,
        *(() if filter_number is None else ("--seccomp", str(filter_number))),
        *(() if info_number is None else ("--info-fd", str(info_number))),
        "--cap-drop", "ALL",
        *(_become_nobody() if as_root else ("--",)),
        *inner,
    ]  # fmt: skip


@functools.lru_cache(maxsize=1)
def why_not() -> str:
    """Why this machine does not offer the level; "" where it does. Tried once, with a real box."""
    if sys.platform != "linux":
        return "bubblewrap is for Linux"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian and Ubuntu: apt install bubblewrap)"
    for name in ("setpriv", "prlimit"):
        if os.geteuid() == 0 and shutil.which(name) is None:
            return f"{name} is not installed (it is part of util-linux)"
    with temporary_folder() as folder, system_call_filter() as (number, descriptors):
        folder.chmod(0o755)
        return _try(folder, number, descriptors)


def _try(folder: Path, number: int | None, descriptors: tuple[int, ...]) -> str:
    """Why a box over `folder` does not run; "" where it does."""
    probe = [sys.executable, "-I", "-S", "-c", "import os; os.listdir('/box')"]
    with tempfile.TemporaryFile() as errors:  # a pipe would wait for whatever else holds it
        try:
            process = subprocess.Popen(  # noqa: S603 (the command is our own)
                command(probe, folder, number), pass_fds=descriptors, env={},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            )  # fmt: skip
        except OSError as error:
            return f"bubblewrap does not start ({error.strerror})"
        try:
            code = process.wait(PROBE_S)
        except subprocess.TimeoutExpired:
            return f"bubblewrap does not start (no answer within {PROBE_S:g} s)"
        finally:
            kill_tree(process.pid)
            process.wait()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines() or ["it said nothing"]
    return f"bubblewrap is refused here ({said[-1][:200]})" if code else ""


def new_user() -> int:
    """A user of its own for every box, so that the limit on processes counts that box alone."""
    grader = os.getpid()  # asked here: a batch forks its gradings, and each is another grader
    return FIRST_USER + USERS_A_GRADER * (grader % 4_194_304) + next(BOXES) % USERS_A_GRADER


def _become_nobody() -> list[str]:
    """Give up root, and with it all rights."""
    user = str(new_user())
    return [
        *itertools.chain.from_iterable(("--cap-add", name) for name in CAPABILITIES),
        "--", "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs",
        "--inh-caps", "-all", "--bounding-set", "-all",
        "prlimit", f"--nproc={PROCESSES}",
    ]  # fmt: skip


def _system_folders() -> list[str]:
    """The system's programs and libraries; on most systems all but /usr are links into it."""
    arguments = []
    for folder in SYSTEM:
        path = Path(folder)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), folder]
        elif path.is_dir():
            arguments += ["--ro-bind", folder, folder]
    for file in NEEDED_IN_ETC:
        if Path(file).exists():
            arguments += _read_only(file, file)
    return arguments


def _python_folders() -> list[str]:
    """The environment that runs the grader: the virtual one and the one it was made from."""
    prefixes = (sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix)
    folders = dict.fromkeys(str(Path(f).resolve()) for f in (*prefixes, *installed_packages()))
    interpreter = Path(sys.executable)
    for link in (interpreter, *_links(interpreter)):
        folders.setdefault(str(link.parent))
    outside = [f for f in folders if not f.startswith(("/usr/", "/bin/")) and f not in SYSTEM]
    kept = [f for f in outside if not any(f.startswith(f"{other}/") for other in outside)]
    return list(itertools.chain.from_iterable(_read_only(folder, folder) for folder in kept))


def _hidden_folders() -> list[str]:
    """Empty folders over the project's own, of which nothing may be seen or imported."""
    places = dict.fromkeys((str(PROJECT), *installed_packages()))
    arguments = []
    for folder in (Path(place).resolve() / name for place in places for name in SECRET):
        if folder.is_dir() and is_bound(folder):
            arguments += ["--size", str(HIDDEN_BYTES), "--perms", "0555", "--tmpfs", str(folder)]
    return arguments


def is_bound(folder: Path) -> bool:
    """Whether a folder or file lies in a folder that the box sees."""
    bound = [*SYSTEM, *_bound_sources(_python_folders())]
    return any(folder.is_relative_to(place) for place in bound)


def _bound_sources(arguments: list[str]) -> list[str]:
    """The folders that follow `--ro-bind` in a command line."""
    return [source for option, source in itertools.pairwise(arguments) if option == "--ro-bind"]


def _temporary_folder() -> list[str]:
    """A /tmp for code that insists on it, unless Python itself lies there; TMPDIR is set anyway."""
    taken = any(argument.startswith("/tmp") for argument in _python_folders())  # noqa: S108
    return [] if taken else ["--symlink", INSIDE_SCRATCH, "/tmp"]  # noqa: S108 (inside the box)


def _links(file: Path) -> list[Path]:
    """The files that a chain of symbolic links leads through."""
    chain: list[Path] = []
    while file.is_symlink() and len(chain) < 10:
        file = Path(os.path.normpath(file.parent / file.readlink()))
        chain.append(file)
    return chain


def _read_only(source: str, target: str) -> list[str]:
    """Bind a file or folder; the folders above it are made so that a nobody can pass."""
    parents = [str(parent) for parent in reversed(Path(target).parents) if str(parent) != "/"]
    made = itertools.chain.from_iterable(("--perms", "0755", "--dir", folder) for folder in parents)
    return [*made, "--ro-bind", source, target]


@contextlib.contextmanager
def system_call_filter() -> Iterator[tuple[int | None, tuple[int, ...]]]:
    """A descriptor with the filter of system calls, and the descriptors to pass on."""
    program = seccomp.program()
    if program is None:
        yield None, ()
        return
    with tempfile.TemporaryFile() as file:
        file.write(program)
        file.seek(0)
        yield file.fileno(), (file.fileno(),)

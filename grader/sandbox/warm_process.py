"""The warmed process: it has imported torch, and forks a worker into each box that it is shown.

It is a program of its own, read by Python from standard input, and imports nothing of the grader:
what a worker is forked from must hold nothing that a worker may not see. It runs no student code.
A box is bubblewrap's; for each this process forks an usher, which joins the box's namespaces and
forks once more, since a process enters a PID namespace by being born there. That child gives up
whatever a box's worker must not have, looks whether it is all gone, and only then runs the box's
program, as Python started on the box's folder would.

Standard output is the socket to the grader: one request a packet, with six descriptors.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import resource
import runpy
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any

# clone(2)'s flags; a box has all of them of its own, but for those that are marked.
NAMESPACES = {
    "user": 0x10000000,  # where bubblewrap was started by an ordinary user
    "mnt": 0x00020000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "cgroup": 0x02000000,  # where the kernel has them
}
OPTIONAL = {"user", "cgroup"}
# prctl(2) and capset(2)
CAPBSET_READ, CAPBSET_DROP, SET_SECCOMP, SET_NO_NEW_PRIVS = 23, 24, 22, 38
CAP_AMBIENT, CLEAR_ALL, FILTER = 47, 4, 2
CAPABILITY_VERSION = 0x20080522
NO_CAPABILITIES = "0" * 16
GONE = 70  # exit code of who failed before it ran anything of the box's
SIGNALLED = 128

libc = ctypes.CDLL(None, use_errno=True)
libc.prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)


class Program(ctypes.Structure):
    """`struct sock_fprog`: a filter of system calls."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def main() -> None:
    """Serve the grader until it closes the socket; a forked worker goes on as the box's program."""
    link = socket.socket(fileno=os.dup(1))
    warm(sys.argv[1:])
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.chdir("/")
    link.send((unsafe() or "ready").encode())
    task = serve(link)
    if task is None:
        os._exit(0)  # at once: there is nothing to tidy up
    run(task)


def warm(packages: list[str]) -> None:
    """Import what every worker needs; its path is its own, and each worker makes one anew."""
    path = list(sys.path)
    sys.path += packages
    # The last: what torch imports for the first operation on its "meta" device.
    for name in ("numpy.random", "safetensors.torch", "torch.fx.experimental.symbolic_shapes"):
        importlib.import_module(name)
    sys.path[:] = path
    gc.collect()
    gc.freeze()  # workers do not look through it again, and so leave its memory shared


def unsafe() -> str:
    """Why nothing is to be forked from this process; "" where nothing speaks against it."""
    if (threads := len(list(Path("/proc/self/task").iterdir()))) != 1:
        return f"the warmed process has {threads} threads"
    program = Path("/proc/self/exe")
    # A worker reaches it, by that name, past the box's read-only view.
    if os.geteuid() and (program.stat().st_uid == os.geteuid() or os.access(program, os.W_OK)):
        return f"{program.readlink()} belongs to this user, and a worker could change it"
    return ""


def serve(link: socket.socket) -> dict[str, Any] | None:
    """Fork a worker for each request; returns its task in a worker, None at the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the ushers
    while True:
        message, descriptors, _, _ = socket.recv_fds(link, 1 << 16, 16)
        if not message:
            return None
        try:
            usher = os.fork()
        except OSError as error:
            _say(descriptors[3], f"no fork ({error.strerror})")
            usher = -1
        if usher == 0:
            link.close()
            return lead(json.loads(message), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def lead(task: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
    """As an usher: fork a worker into the box, and when it ends tell the box how.

    Args:
        task: see `warm.py`.
        descriptors: standard input, output and error for the worker, where to say how it went, a
            descriptor of the box's first process, and where to tell the box its exit code.

    Returns:
        The task, in the worker alone.
    """
    *streams, reply, box, ending = descriptors
    worker = -1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        join(box, task["pid"])
        worker = os.fork()
        if worker == 0:
            settle(task, streams, reply)
            return task
        _say(reply, f"pid {worker}")
        for descriptor in (*streams, reply, box):
            os.close(descriptor)
        code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        _say(ending, str(code if code >= 0 else SIGNALLED - code))
    except BaseException as error:  # neither an usher nor half a worker ever returns
        if worker <= 0:
            _say(reply, f"{type(error).__name__}: {error}")
    os._exit(GONE)


def join(box: int, pid: int) -> None:
    """Enter the namespaces of a box; that of processes is entered by the next child.

    Raises:
        OSError: the kernel refuses.
        RuntimeError: the box lacks a namespace of its own, or is confined in a way that its worker
            would not be.
    """
    own = {name for name in NAMESPACES if not _is_shared(name, "self", str(pid))}
    if lacking := NAMESPACES.keys() - own - OPTIONAL:
        raise RuntimeError(f"the box has no {min(lacking)} namespace of its own")
    if os.geteuid() and "user" not in own:
        raise RuntimeError("the box has no user namespace of its own")
    if _label("self") != _label(str(pid)):  # AppArmor and SELinux go by the program that is run
        raise RuntimeError("a security module confines the box by its program")
    _call("setns", box, sum(NAMESPACES[name] for name in own))


def settle(task: dict[str, Any], streams: list[int], reply: int) -> None:
    """As the worker: give up what a box's worker has not, and say that it is done.

    Raises:
        OSError: the kernel refuses.
        RuntimeError: something is still there, or what it needs is not.
    """
    for name in NAMESPACES:
        if not _is_shared(name, "self", "1"):
            raise RuntimeError(f"it is not in the box's {name} namespace")
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
    for descriptor in _open_descriptors() - {0, 1, 2, reply}:
        os.close(descriptor)
    os.setsid()
    os.chdir(task["folder"])
    if task["processes"] is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (task["processes"], task["processes"]))
    _give_up_rights(task["user"])
    code = bytes.fromhex(task["filter"])
    if code:
        _filter(code)
    _look_again(task["user"], bool(code))
    if left := _open_descriptors() - {0, 1, 2, reply}:
        raise RuntimeError(f"it holds the descriptors {sorted(left)}")
    for name in ("numpy", "torch"):  # what is imported late would be missing, amid a student's call
        if not Path(str(sys.modules[name].__file__)).is_file():
            raise RuntimeError(f"the box does not show {name}")
    _say(reply, "in")
    os.close(reply)


def _give_up_rights(user: int | None) -> None:
    """Become a user without capabilities, who can never have any again."""
    _call("prctl", SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", CAP_AMBIENT, CLEAR_ALL, 0, 0, 0)
    capability = 0
    while libc.prctl(CAPBSET_READ, capability, 0, 0, 0) >= 0:
        _call("prctl", CAPBSET_DROP, capability, 0, 0, 0)
        capability += 1
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _filter(code: bytes) -> None:
    """Let the kernel refuse system calls from here on, as bubblewrap does in its `--seccomp`."""
    kept = ctypes.create_string_buffer(code, len(code))
    program = Program(len(code) // 8, ctypes.addressof(kept))
    _call("prctl", SET_SECCOMP, FILTER, ctypes.addressof(program), 0, 0)


def _look_again(user: int | None, is_filtered: bool) -> None:
    """Ask the kernel what this process may do.

    Raises:
        RuntimeError: more than a box's worker may.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    said = dict(line.split(":", 1) for line in lines)
    status = {name: value.split() for name, value in said.items()}
    wanted = {
        name: [NO_CAPABILITIES] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    }
    wanted |= {"NoNewPrivs": ["1"], "Threads": ["1"]}
    if is_filtered:
        wanted["Seccomp"] = ["2"]
    if user is not None:
        wanted |= {"Uid": [str(user)] * 4, "Gid": [str(user)] * 4, "Groups": []}
    for name, value in wanted.items():
        if status.get(name) != value:
            raise RuntimeError(f"{name} is {status.get(name)}, not {value}")
    if not os.geteuid():
        raise RuntimeError("it is root")


def run(task: dict[str, Any]) -> None:
    """Run the box's program as `python -I -S -B FOLDER PACKAGES` does."""
    sys.argv[:] = task["argv"]
    sys.orig_argv[-len(sys.argv) :] = task["argv"]
    sys.path.insert(0, sys.argv[0])
    sys.modules["__main__"] = types.ModuleType("__main__")
    # `random` has been seeded anew at the fork; these two would give each worker the same numbers.
    sys.modules["numpy.random"].seed()
    sys.modules["torch"].default_generator.seed()
    runpy._run_module_as_main("__main__", False)  # type: ignore[attr-defined]


def _is_shared(name: str, one: str, other: str) -> bool:
    """Whether two processes are in the same namespace of a kind, or the kernel has none."""
    try:
        first, second = (Path(f"/proc/{process}/ns/{name}").stat() for process in (one, other))
    except FileNotFoundError:
        return not Path(f"/proc/self/ns/{name}").exists()
    return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)


def _label(process: str) -> str:
    """What a security module calls a process; "" where there is none."""
    try:
        return Path(f"/proc/{process}/attr/current").read_text(encoding="utf-8")
    except OSError:
        return ""


def _open_descriptors() -> set[int]:
    """The numbers of what this process has open."""
    listed = list(Path("/proc/self/fd").iterdir())  # with the folder itself, closed by now
    return {int(entry.name) for entry in listed if entry.is_symlink()}


def _call(name: str, *arguments: Any) -> None:
    """Call a function of the C library.

    Raises:
        OSError: it fails.
    """
    if getattr(libc, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def _say(descriptor: int, text: str) -> None:
    """Write one line; who does not listen has no need of it."""
    try:
        os.write(descriptor, f"{text}\n".encode())
    except OSError:
        return


if __name__ == "__main__":
    main()

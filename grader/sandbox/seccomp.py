"""A filter of system calls for the box: what the namespaces leave open and no model needs.

The filter is a program for the kernel's classic BPF machine (Linux: Documentation/userspace-api/
seccomp_filter.rst; McCanne and Jacobson 1993), in the form that bubblewrap's `--seccomp` reads.
It refuses (EPERM) what would give memory that nobody counts (memfd, System V shared memory), what
looks into other processes, what makes namespaces, and large parts of the kernel that a student's
code has no business with.
"""

from __future__ import annotations

import platform
import struct

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|W|ABS, JMP|JEQ|K, JMP|JSET|K, RET|K
ALLOW, KILL_PROCESS, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000  # REFUSE | errno
EPERM, ENOSYS = 1, 38
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
CLONE_NEWUSER = 0x10000000
X32 = 0x40000000  # the other numbering that x86-64 kernels may accept

# Numbers from the kernel's tables; a machine that is not here gets no filter, and is told so.
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = {
    "x86_64": {
        "shmget": 29, "shmat": 30, "semget": 64, "msgget": 68, "ptrace": 101, "personality": 135,
        "pivot_root": 155, "acct": 163, "mount": 165, "umount2": 166, "swapon": 167,
        "reboot": 169, "init_module": 175, "delete_module": 176, "quotactl": 179,
        "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "kexec_load": 246,
        "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300,
        "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313,
        "memfd_create": 319, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
        "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
    },
    "aarch64": {
        "msgget": 186, "semget": 190, "shmget": 194, "shmat": 196, "ptrace": 117,
        "personality": 92, "pivot_root": 41, "acct": 89, "mount": 40, "umount2": 39,
        "swapon": 224, "reboot": 142, "init_module": 105, "delete_module": 106, "quotactl": 60,
        "add_key": 217, "request_key": 218, "keyctl": 219, "unshare": 97, "kexec_load": 104,
        "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262,
        "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268,
        "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273,
        "memfd_create": 279, "kexec_file_load": 294, "bpf": 280, "userfaultfd": 282,
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
        "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
    },
}  # fmt: skip
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435  # its flags lie in memory, out of a filter's sight; C libraries fall back to clone


def program(machine: str = "") -> bytes | None:
    """The filter for this kind of machine; None where its numbers are not known.

    Args:
        machine: as `platform.machine()` says it, which is the default.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        return None
    code = [
        _op(LOAD, ARCHITECTURE),
        _op(EQUAL, ARCHITECTURES[machine], yes=1),
        _op(RETURN, KILL_PROCESS),
        _op(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        code += [_op(ANY_BIT, X32, no=1), _op(RETURN, KILL_PROCESS)]
    for number in sorted(REFUSED[machine].values()):
        code += [_op(EQUAL, number, no=1), _op(RETURN, REFUSE | EPERM)]
    code += [_op(EQUAL, CLONE3, no=1), _op(RETURN, REFUSE | ENOSYS)]
    code += [
        _op(EQUAL, CLONE[machine], no=3),
        _op(LOAD, FIRST_ARGUMENT),
        _op(ANY_BIT, CLONE_NEWUSER, no=1),
        _op(RETURN, REFUSE | EPERM),
        _op(RETURN, ALLOW),
    ]
    return b"".join(code)


def _op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """One instruction: `yes` and `no` are how many to skip after a comparison."""
    return struct.pack("=HBBI", code, yes, no, value)

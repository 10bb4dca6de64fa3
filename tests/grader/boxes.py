"""Small boxes for tests: a few lines of student code, staged with a real worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from grader.budget import Budget
from grader.channel import Channel
from grader.limits import Limits
from grader.sandbox import PlainSandbox, Sandbox
from grader.staging import given_files, restage
from grader.student import Student
from grader.submission import MODULES, Submission

LIMITS = Limits(cpu_s=1.0, wall_s=20.0, memory_mb=1500, processes=32)


@contextmanager
def student_of(
    root: Path, *, limits: Limits = LIMITS, sandbox: Sandbox | None = None, **modules: str
) -> Iterator[tuple[Student, Channel]]:
    """A student whose modules are these texts, and the channel to their worker."""
    files = {f"{name}.py": dedent(text).encode() for name, text in modules.items()}
    root.mkdir(exist_ok=True)
    submission, given = Submission("sample", files, ()), given_files()
    channel = Channel(sandbox or PlainSandbox(), lambda: restage(submission, given, root))
    try:
        present = frozenset(MODULES) & frozenset(modules)
        yield Student(channel, limits, Budget(600.0, 600.0), present), channel
    finally:
        channel.close()


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something holds; fail where it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()

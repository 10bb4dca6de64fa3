"""Data, sandbox, and a worker that is really started."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .finding import BROKEN, NOTE, OK, WARNING, Finding

SLOW_S = 20.0


def look_at_data() -> Iterator[Finding]:
    """Which images there are, and where."""
    import datasets
    from datasets.profiles import FETCH

    root = datasets.data_root()
    choice = datasets.choose("auto", root)
    if choice.name == "mnist":
        yield Finding("data", OK, choice.reason)
    else:
        yield Finding("data", NOTE, f"the embedded digits; no MNIST under {root}",
                      f"for MNIST: {FETCH}, or name its folder in OSR_DATA")  # fmt: skip


def look_at_sandbox() -> Iterator[Finding]:
    """The level that `--sandbox auto` takes, and why it is not the best."""
    from ..sandbox import choose_sandbox

    sandbox, weaker = choose_sandbox("auto")
    text = f"{sandbox.level}: {sandbox.isolation}"
    if weaker:
        yield Finding("sandbox", WARNING, f"{text}; not bwrap, since {weaker}",
                      "right for your own code; to grade others', make bwrap work")  # fmt: skip
    else:
        yield Finding("sandbox", OK, text)


def look_at_worker() -> Iterator[Finding]:
    """Start a worker on an empty submission, as each grading does, and end it."""
    from ..channel import Channel
    from ..errors import GraderError
    from ..sandbox import choose_sandbox
    from ..staging import given_files, restage
    from ..submission import Submission
    from ..temporary import temporary_folder

    sandbox, _ = choose_sandbox("auto")
    started = time.perf_counter()
    with temporary_folder() as root:
        channel = Channel(sandbox, lambda: restage(Submission("", {}, ()), given_files(), root))
        try:
            channel.wait_until_ready()
        except GraderError as error:
            yield Finding("worker", BROKEN, str(error),
                          "see torch, sandbox and disk above; where they are well, the sandbox "
                          "hides what Python needs: --sandbox plain works meanwhile")  # fmt: skip
            return
        finally:
            channel.close()
    took = time.perf_counter() - started
    slow = took > SLOW_S
    yield Finding(
        "worker", WARNING if slow else OK, f"one starts in {took:.1f} s",
        "the machine is busy, or its disk is slow: the first start is the slowest" if slow else "",
    )  # fmt: skip

"""One sandbox for all gradings of a process."""

from __future__ import annotations

import atexit
import functools

from grader.sandbox import Sandbox, WarmSandbox, choose_sandbox


@functools.cache
def shared_sandbox() -> Sandbox:
    """The best level that there is; at `bwrap` workers are forked from a warmed process."""
    sandbox, _ = choose_sandbox("auto", warm=True)
    if isinstance(sandbox, WarmSandbox):
        atexit.register(sandbox.close)
    return sandbox

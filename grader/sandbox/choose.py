"""Which level a grading gets: the best that the machine offers, or the one that is asked for."""

from __future__ import annotations

from grader.errors import UsageError

from . import bwrap
from .box import Sandbox
from .plain import PlainSandbox
from .warm import WarmSandbox


def choose_sandbox(wish: str, *, warm: bool = False) -> tuple[Sandbox, str]:
    """The sandbox for `--sandbox auto|require|plain`.

    Args:
        wish: what is asked for.
        warm: whether workers are to be forked from a warmed process where the level is `bwrap`:
            right for many gradings with one sandbox, which is then to be closed (`WarmSandbox`).

    Returns:
        The sandbox, and why it is weaker than the best one where nobody asked for that; else "".

    Raises:
        UsageError: the machine does not offer what is required.
    """
    if wish == "plain":
        return PlainSandbox(), ""
    reason = bwrap.why_not()
    if not reason:
        return WarmSandbox() if warm else bwrap.BwrapSandbox(), ""
    if wish == "require":
        raise UsageError(
            f"--sandbox require: no level bwrap here, {reason}; "
            "use --sandbox auto for code that you trust"
        )
    return PlainSandbox(), reason

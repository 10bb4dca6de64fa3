"""The box that a worker runs in: how it is started, what it may use, how it is ended.

A level is a way to build the box: `bwrap` holds hostile code, `plain` is for a student's own
machine. The levels are chosen from in `choose.py`.
"""

from .box import Box, Sandbox
from .bwrap import is_bound
from .choose import choose_sandbox
from .plain import PlainSandbox
from .tree import usage
from .warm import WarmSandbox

__all__ = [
    "Box",
    "PlainSandbox",
    "Sandbox",
    "WarmSandbox",
    "choose_sandbox",
    "is_bound",
    "usage",
]

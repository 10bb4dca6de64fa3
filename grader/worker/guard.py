"""What the worker does about student code that reaches for the worker itself.

Both share one interpreter, in which Python protects nothing from anything. What a check believes
therefore rests on values that are judged outside. Some answers are the worker's own word though
(was the model in eval mode, were gradients recorded), and torch itself could be told to lie. So the
tricks that go around are stopped here (walking the frames, the garbage collector, tracing) or seen
afterwards (a function that is replaced). SECURITY.md says what that leaves open.
"""

from __future__ import annotations

import builtins
import importlib
import json
import os
import sys
import types
from _thread import get_ident
from collections.abc import Mapping
from gc import callbacks, disable, enable, isenabled  # by name: others may be put in their place
from sys import _getframe, getprofile, gettrace
from typing import Any

import safetensors.torch
import torch
from torch import nn

from .trust import Trust

# Python's own functions too, for all functions below: some of these run while student code runs,
# which can put others in their place and take them away before anybody looks.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

WATCHED = {
    "torch": torch,
    "torch.Tensor": torch.Tensor,
    "torch.nn.Module": nn.Module,
    "torch.nn.functional": nn.functional,
    "torch.autograd": torch.autograd,
    "torch.optim.Optimizer": torch.optim.Optimizer,
    "safetensors.torch": safetensors.torch,
    "builtins": builtins,
    "importlib": importlib,
    "json": json,
    "os": os,
}
# What the interpreter asks before it does it, and by which names code says that it wants it.
PEEKING = {"sys._getframe": {"_getframe"}, "code.__new__": {"replace", "CodeType"}}
# What torch replaces when it imports its compiler. Nothing else: code of torch's own wraps whatever
# a student gives it.
RENEWED = frozenset({"torch.manual_seed"})
# Refused to everybody: nobody who is honest needs them, and others do them on request (`bdb`).
REFUSED = frozenset(
    {
        "sys.addaudithook",  # it would be called while the guard asks for a frame
        "sys._current_frames", "sys.settrace", "sys.setprofile",
        "gc.get_objects", "gc.get_referrers", "gc.get_referents",
    }
)  # fmt: skip
GENERATOR_FRAMES = frozenset({"gi_frame", "cr_frame", "ag_frame"})  # refused to everybody
FRAME_ATTRIBUTES = GENERATOR_FRAMES | {"tb_frame", "__code__"}
# Functions of the standard library that hand their caller a frame.
HANDING_OUT = frozenset(
    {
        "currentframe",
        "<lambda>",
        "stack",
        "trace",
        "getinnerframes",
        "getouterframes",
        "walk_stack",
        "set_trace",
        "createResolutionCallbackFromFrame",
    }
)

# Generators of frames that `traceback` goes through for itself.
WALKS = frozenset({"walk_tb", "_walk_tb_with_full_positions"})


class TamperedError(Exception):
    """Student code has replaced something that the worker's answers rest on."""


class Seal:
    """The functions and classes of torch, of Python and of the worker, as they were at first.

    Args:
        own: the worker's modules, by name.
        trusted: whose code may replace those that are `RENEWED`.
    """

    def __init__(self, own: Mapping[str, types.ModuleType], trusted: Trust) -> None:
        self._trusted = trusted
        spaces: dict[str, Mapping[str, Any]] = {n: vars(space) for n, space in WATCHED.items()}
        for module in own.values():
            spaces[module.__name__] = vars(module)
            for name, made in vars(module).items():
                if isinstance(made, type) and made.__module__ == module.__name__:
                    spaces[f"{module.__name__}.{name}"] = vars(made)
        self._kept = [
            (name, space, {key: value for key, value in space.items() if _counts(value)})
            for name, space in spaces.items()
        ]

    def check(self) -> None:
        """Look whether all is as it was.

        Raises:
            TamperedError: something was replaced or taken away, or the code is being traced.
        """
        for name, space, kept in self._kept:
            for key, value in kept.items():
                now = space.get(key)
                whole = f"{name}.{key}"
                if now is not value and not (whole in RENEWED and self._is_renewed(value, now)):
                    raise TamperedError(f"{whole} is replaced; leave it as it is")
        if callbacks:
            raise TamperedError("gc.callbacks holds a function; take it away")
        if gettrace() is not None or getprofile() is not None:
            raise TamperedError("a trace or profile function is set; take it away")

    def _is_renewed(self, before: object, now: object) -> bool:
        return (
            isinstance(now, types.FunctionType)
            and now.__name__ == getattr(before, "__name__", None)
            and self._trusted.knows(now.__code__)
        )


def _counts(value: object) -> bool:
    return callable(value) or isinstance(
        value, types.ModuleType | classmethod | staticmethod | property
    )


def seal(package: str, trusted: Trust) -> Seal:
    """Take the worker's modules out of reach of `import`, and remember what must not change.

    Args:
        package: the name that the worker's modules begin with.
        trusted: see `Seal`.
    """
    own = {
        name: module
        for name, module in list(sys.modules.items())
        if name == package or name.startswith(f"{package}.")
    }
    sealed = Seal(own, trusted)
    for name in (*own, "__main__"):
        del sys.modules[name]
    sys.modules["__main__"] = types.ModuleType("__main__")  # some packages ask for its __file__
    return sealed


def stop_peeking(trusted: Trust) -> None:
    """Refuse student code the ways that lead from its frames and objects to the worker's.

    The interpreter asks before each (PEP 578), and the hook cannot be taken away again.

    Args:
        trusted: what is not student code.
    """
    asking: set[int] = set()  # threads in which the hook itself asks for a frame

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        is_attribute = event in ("object.__getattr__", "object.__setattr__")
        if is_attribute and arguments[1] in FRAME_ATTRIBUTES:
            names = {arguments[1]}
            refused = arguments[1] in GENERATOR_FRAMES
        elif event in PEEKING:
            names, refused = PEEKING[event], False
        elif event in REFUSED:
            names, refused = set(), True
        else:
            return
        thread = get_ident()
        if thread in asking:
            return
        if not refused:
            # Nothing of a student's may run in between: no finaliser either.
            collects = isenabled()
            disable()
            asking.add(thread)
            frame = _getframe(1)
            asking.discard(thread)
            if collects:
                enable()
            refused = _asks_for_a_student(frame, names, trusted)
        if refused:
            raise RuntimeError(f"{event}: the worker's own process is not to be looked into")

    sys.addaudithook(hook)


def _asks_for_a_student(frame: types.FrameType | None, names: set[str], trusted: Trust) -> bool:
    """Whether a frame asks for what student code would get.

    Code that is trusted asks for itself where it says by name what it wants. Where it does not, it
    only calls what it was given: a function that maps, or one that goes through a generator.
    """
    while frame is not None:
        code = frame.f_code
        if not trusted.may_ask(code) or not _says(code, names):
            return True
        frame = frame.f_back
        if code.co_name in WALKS:
            caller = frame and frame.f_code
            return not (caller and trusted.knows(caller) and caller.co_filename == code.co_filename)
        if code.co_name not in HANDING_OUT:
            return False
        names = {"currentframe"} if code.co_name == "<lambda>" else {code.co_name}
    return True


def _says(code: types.CodeType, names: set[str]) -> bool:
    return not names.isdisjoint(code.co_names) or not names.isdisjoint(
        each for each in code.co_consts if isinstance(each, str)
    )

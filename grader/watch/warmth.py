"""Keeping a worker warm between gradings: forked where the machine can, else one in reserve."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType

from ..sandbox import Box, Sandbox, WarmSandbox, choose_sandbox
from ..sandbox.bwrap import BwrapSandbox
from ..sandbox.reserve import ReserveSandbox
from ..staging import given_files, stage
from ..submission import Submission
from ..temporary import temporary_folder


class Warmth:
    """A sandbox that is kept from grading to grading; nothing is left of it at the end.

    Args:
        wish: "auto", "require" or "plain".

    Attributes:
        sandbox: for the next grading.
    """

    sandbox: Sandbox

    def __init__(self, wish: str) -> None:
        self._wish = wish
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Warmth:
        sandbox, _ = choose_sandbox(self._wish, warm=True)
        try:
            if isinstance(sandbox, WarmSandbox):
                self.sandbox = self._stack.enter_context(sandbox)
            else:
                self._keep_reserve(sandbox)
            self.rest()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def rest(self) -> None:
        """Between two gradings: let the next one's worker start."""
        if isinstance(self.sandbox, WarmSandbox) and self.sandbox.cold:
            self.sandbox.close()
            self._keep_reserve(BwrapSandbox())
        if isinstance(self.sandbox, ReserveSandbox):
            self.sandbox.prepare()

    def _keep_reserve(self, inner: Sandbox) -> None:
        root, given = self._stack.enter_context(temporary_folder()), given_files()
        root.chmod(0o755)  # a box's user passes through it

        def empty_box(folder: Path) -> Box:
            folder.chmod(0o755)
            return stage(Submission("", {}, ()), given, folder, warm=True)

        reserve = ReserveSandbox(inner, empty_box, root)
        self._stack.callback(reserve.close)
        self.sandbox = reserve

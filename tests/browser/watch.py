"""A page with everything noted down that a page of ours must never do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Dialog, Page

ALLOWED = ("file:", "data:")
SENTINEL = "window.hacked"  # what hostile scripts set


@dataclass
class Watched:
    """A page and its misdeeds: errors, requests for anything but files, dialogs."""

    page: Page
    misdeeds: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext) -> Watched:
        """A new page that is watched from the start."""
        made = cls(context.new_page())
        context.on("console", made._on_console)
        context.on("request", lambda request: made._on_request(request.url))
        context.on("dialog", made._on_dialog)
        made.page.on("pageerror", lambda error: made.misdeeds.append(f"error: {error}"))
        return made

    def open(self, file: Path) -> Page:
        """The page with this file, once all of it is loaded."""
        self.page.goto(file.resolve().as_uri(), wait_until="load")
        return self.page

    def check(self) -> None:
        """Nothing of it happened, and no hostile script has run."""
        assert self.page.evaluate(f"typeof {SENTINEL}") == "undefined"
        assert self.misdeeds == []

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.misdeeds.append(f"{message.type}: {message.text}")

    def _on_request(self, url: str) -> None:
        if not url.startswith(ALLOWED):
            self.misdeeds.append(f"request: {url}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.misdeeds.append(f"dialog: {dialog.message}")
        dialog.dismiss()

"""Debian's Chromium through Playwright: found, started without a window, and without a network."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REQUIRED = "OSR_REQUIRE_CHROMIUM"  # set where a test that cannot run is a failure
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever asks for a host is told that there is none
)


class NoBrowserError(Exception):
    """There is no browser to be had; one line says what to install."""


@contextlib.contextmanager
def started() -> Iterator[Browser]:
    """A browser, ended at the end.

    Raises:
        NoBrowserError: Playwright or Chromium is missing.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowserError("Playwright is missing: pip install -e '.[dev]'") from None
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise NoBrowserError(f"none of {', '.join(PROGRAMS)} is there: apt-get install chromium")
    as_root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=[*OPTIONS, *as_root]
        )
        try:
            yield browser
        finally:
            browser.close()

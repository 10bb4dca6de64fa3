"""Where there is no browser the tests say so, and fail where one was promised."""

from __future__ import annotations

import shutil
import sys

import pytest

from tests.browser.chromium import REQUIRED, NoBrowserError, started
from tests.browser.conftest import do_without


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("playwright")
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NoBrowserError, match="apt-get install chromium"), started():
        pass


def test_a_missing_playwright_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(NoBrowserError, match="pip install"), started():
        pass


@pytest.mark.parametrize(
    ("promised", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_a_promised_browser_is_a_must(
    monkeypatch: pytest.MonkeyPatch, promised: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv(REQUIRED, promised)
    with pytest.raises(outcome, match="there is none"):
        do_without("there is none")

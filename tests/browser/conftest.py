"""One browser for these tests, a page a test, and pages that are watched while they are used."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.browser.chromium import REQUIRED, NoBrowserError, started
from tests.browser.material import Material, make_class, make_hostile
from tests.browser.watch import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Open = Callable[..., Watched]


def do_without(reason: str) -> NoReturn:
    """Skip, or fail where a browser was promised."""
    if os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, and {reason}")
    pytest.skip(reason)


# Of the package and not of the session: while Playwright's synchronous interface is open, an event
# loop counts as running in this thread, and tests elsewhere that start one of theirs would fail.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    try:
        with started() as browser:
            yield browser
    except NoBrowserError as error:
        do_without(str(error))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens files in pages; at the end none of them may have done what no page of ours does."""
    contexts, opened = [], []

    def open_file(file: Path, width: int = 1280, theme: str = "light", **options: Any) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=theme, **options
        )
        contexts.append(context)
        watched = Watched.of(context)
        opened.append(watched)
        watched.open(file)
        return watched

    yield open_file
    try:
        for watched in opened:
            watched.check()
    finally:
        for context in contexts:
            context.close()


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_class(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return make_hostile(tmp_path_factory.mktemp("hostile"))

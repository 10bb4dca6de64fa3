"""How the pages look: themes, widths, paper, folds, and what axe finds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Open
from tests.browser.material import PAGES, Material

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS = (360, 1280)
THEMES = ("light", "dark")
GRAVE = ("serious", "critical")


def brightness(page: Page) -> float:
    """Of the ground, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(part) for part in colour.strip("rgb()").split(","))
    return (red + green + blue) / 3


def grave_findings(page: Page) -> list[str]:
    """What axe holds for serious or worse, as lines to read."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {json.dumps(node['target'])} {node['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("kind", PAGES)
class TestEveryPage:
    @pytest.mark.parametrize("theme", THEMES)
    def test_is_accessible_in_the_theme_of_the_system(
        self, open_page: Open, material: Material, kind: str, theme: str
    ) -> None:
        page = open_page(material.files[kind], theme=theme).page
        assert (brightness(page) < 60) == (theme == "dark")
        assert grave_findings(page) == []

    @pytest.mark.parametrize("width", WIDTHS)
    def test_is_no_wider_than_the_window(
        self, open_page: Open, material: Material, hostile: Material, kind: str, width: int
    ) -> None:
        for files in (material.files, hostile.files):
            page = open_page(files[kind], width=width).page
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_stays_whole_on_paper(self, open_page: Open, material: Material, kind: str) -> None:
        page = open_page(material.files[kind], theme="dark").page
        cells = page.locator("main td, main th, main p").count()
        folded = page.locator("details:not([open])").count()
        page.evaluate(
            "addEventListener('beforeprint', () => {"
            " window.folded = document.querySelectorAll('details:not([open])').length; })"
        )
        assert page.pdf().startswith(b"%PDF-")
        assert page.evaluate("window.folded") == 0
        assert page.locator("details:not([open])").count() == folded
        page.emulate_media(media="print")
        assert brightness(page) == 255
        assert not page.locator("#theme").is_visible()
        hidden = page.locator("main td, main th, main p").evaluate_all(
            "all => all.filter(one => !one.closest('details') && !one.getClientRects().length)"
        )
        assert cells > 0
        assert hidden == []


def test_a_theme_that_was_chosen_is_remembered(open_page: Open, material: Material) -> None:
    watched = open_page(material.files["class"], theme="light")
    page = watched.page
    assert page.locator("#theme").inner_text() == "Dark theme"
    page.locator("#theme").click()
    assert brightness(page) < 60
    assert page.locator("#theme").inner_text() == "Light theme"
    page.reload()
    assert brightness(page) < 60
    watched.open(material.files["report"])
    assert brightness(page) < 60
    page.locator("#theme").click()
    page.reload()
    assert brightness(page) > 200


@pytest.mark.parametrize("kind", ["class", "report"])
def test_parts_fold_and_unfold(open_page: Open, material: Material, kind: str) -> None:
    page = open_page(material.files[kind]).page
    part = page.locator("details:not([open])").first.element_handle()
    summary = part.query_selector("summary")
    inner = part.query_selector(":scope > :not(summary)")
    assert summary is not None
    assert inner is not None
    assert not inner.is_visible()
    summary.click()
    assert inner.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert not inner.is_visible()

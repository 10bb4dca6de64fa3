"""What a student wrote is shown as text wherever it stands, and nothing of it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Open
from tests.browser.material import PAGES, Material
from tests.browser.test_look import grave_findings
from tests.browser.watch import Watched
from tests.grader.site.made_up import HOSTILE

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("kind", PAGES)
def test_nothing_runs(open_page: Open, hostile: Material, kind: str) -> None:
    """The page is used, so that what waits for a pointer or a focus has its chance."""
    page = open_page(hostile.files[kind]).page
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for x, y in ((300, 300), (600, 500), (900, 700)):
        page.mouse.move(x, y)
        page.mouse.wheel(0, 400)
    for _ in range(20):
        page.keyboard.press("Tab")
    page.wait_for_timeout(100)  # onload and onerror come after loading
    assert page.evaluate("typeof window.hacked") == "undefined"


def test_every_report_is_harmless(open_page: Open, hostile: Material) -> None:
    watched = open_page(hostile.files["class"])
    reports = sorted((hostile.folder / "reports").glob("*.html"))
    assert len(reports) == len(HOSTILE)
    for report in reports:
        watched.open(report)
        watched.check()
        assert watched.page.locator("script").count() == 1


@pytest.mark.parametrize("kind", PAGES)
def test_no_element_or_attribute_is_theirs(open_page: Open, hostile: Material, kind: str) -> None:
    page = open_page(hostile.files[kind]).page
    assert page.locator("script").count() == 1
    for selector in (
        "iframe", "base", "object", "embed", "form", "link[rel=stylesheet]",
        "meta[http-equiv=refresh i]", "img[src=x]",
    ):  # fmt: skip
        assert page.locator(selector).count() == 0, selector
    handlers = page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(one => [...one.attributes])"
        ".filter(one => one.name.startsWith('on') || /^\\s*javascript:/i.test(one.value)).length"
    )
    assert handlers == 0


def test_the_class_page_shows_the_texts(open_page: Open, hostile: Material) -> None:
    page = open_page(hostile.files["class"]).page
    names = set(page.locator(".searchable tbody td:nth-child(2)").all_text_contents())
    assert names == {grade.name for grade in hostile.grades}
    assert "<script>window.hacked=1;alert(1)</script>" in names
    assert "{{ 7 * 7 }}{% raw %}{# x #}${7*7}" in names


def test_hostile_lines_are_sorted_and_searched_like_others(
    open_page: Open, hostile: Material
) -> None:
    page = open_page(hostile.files["class"]).page
    page.locator("#search").fill("<script>window")
    found = sum("<script>window" in f"{g.student}{g.name}" for g in hostile.grades)
    assert page.locator("#shown").inner_text() == f"{found} of {len(HOSTILE)} shown"
    page.locator("#search").fill("")
    for button in page.locator(".searchable thead button").all():
        button.click()
    assert page.locator(".searchable tbody tr").count() == len(HOSTILE)


@pytest.mark.parametrize("kind", PAGES)
def test_hostile_pages_are_accessible(open_page: Open, hostile: Material, kind: str) -> None:
    assert grave_findings(open_page(hostile.files[kind]).page) == []


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE if "window.hacked" in text and "<" in text][:6]
)
def test_the_same_texts_run_where_nothing_holds_them(
    browser: Browser, tmp_path: Path, text: str
) -> None:
    """Or the tests above would pass whatever the pages do."""
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title></title><style></style>{text}", encoding="utf-8")
    with browser.new_context() as context:
        watched = Watched.of(context)
        watched.open(page)
        watched.page.wait_for_timeout(100)
        with pytest.raises(AssertionError):
            watched.check()

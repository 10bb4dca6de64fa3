"""The class page's tables: sorted and searched by hand, plain without a script."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from grader.gradebook import Grade
from tests.browser.conftest import Open
from tests.browser.material import STUDENTS, Material

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

COLUMN = {"student": 0, "name": 1, "score": 2}


def heading(page: Page, name: str) -> Locator:
    return page.locator(".searchable thead th").nth(COLUMN[name])


def ids(page: Page) -> list[str]:
    """Of the lines in sight, from above."""
    return page.locator(".searchable tbody tr:visible th a").all_inner_texts()


def without_accents(name: str) -> str:
    """A name as it is looked up in a list, for the names that the made-up class has."""
    kept = unicodedata.normalize("NFD", name)
    return "".join(c for c in kept if not unicodedata.combining(c) and c != "'").lower()


def by_score(grades: tuple[Grade, ...], *, best_first: bool) -> list[str]:
    """Python's own order: equal ones as they were, those without a mark last."""
    marked = [g for g in grades if g.final_score is not None]
    marked.sort(key=lambda grade: grade.final_score or 0.0, reverse=best_first)
    return [g.student for g in (*marked, *(g for g in grades if g.final_score is None))]


def test_a_click_sorts_and_another_turns_it_round(open_page: Open, material: Material) -> None:
    page = open_page(material.files["class"]).page
    assert ids(page) == [grade.student for grade in material.grades]
    score = heading(page, "score")
    assert score.get_attribute("aria-sort") is None
    score.get_by_role("button").click()
    assert score.get_attribute("aria-sort") == "ascending"
    upwards = ids(page)
    assert upwards == by_score(material.grades, best_first=False)
    score.get_by_role("button").click()
    assert score.get_attribute("aria-sort") == "descending"
    downwards = ids(page)
    scores = {grade.student: grade.final_score for grade in material.grades}
    assert [scores[one] for one in downwards] == [
        scores[one] for one in by_score(material.grades, best_first=True)
    ]
    assert downwards != upwards


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keys_sort_too(open_page: Open, material: Material, key: str) -> None:
    page = open_page(material.files["class"]).page
    page.locator("#search").focus()
    page.keyboard.press("Tab")  # the table's own box, which arrow keys scroll
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press(key)
    assert heading(page, "name").get_attribute("aria-sort") == "ascending"
    assert heading(page, "student").get_attribute("aria-sort") is None
    page.keyboard.press("Tab")
    page.keyboard.press(key)
    assert heading(page, "name").get_attribute("aria-sort") is None
    assert ids(page)[-1] in {g.student for g in material.grades if g.final_score is None}


def test_names_are_sorted_as_people_do(open_page: Open, material: Material) -> None:
    page = open_page(material.files["class"]).page
    heading(page, "name").get_by_role("button").click()
    names = page.locator(".searchable tbody td:nth-child(2)").all_inner_texts()
    assert len(set(names)) > 10
    assert names == sorted(names, key=without_accents)


def test_search_says_how_many_it_found(open_page: Open, material: Material) -> None:
    page = open_page(material.files["class"]).page
    shown, box = page.locator("#shown"), page.locator("#search")
    assert shown.inner_text() == f"{STUDENTS} of {STUDENTS} shown"
    box.fill("dabrowski")  # accents and case do not count
    found = [g.student for g in material.grades if "Dąbrowski" in g.name]
    assert 0 < len(found) < STUDENTS
    assert ids(page) == found
    assert shown.inner_text() == f"{len(found)} of {STUDENTS} shown"
    box.fill("DĄBROWSKI ada")
    assert ids(page) == [g.student for g in material.grades if g.name == "Ada Dąbrowski"]
    box.fill("nobody is called so")
    assert shown.inner_text() == f"0 of {STUDENTS} shown"
    box.fill("")
    assert len(ids(page)) == STUDENTS


def test_what_was_searched_can_be_sorted(open_page: Open, material: Material) -> None:
    page = open_page(material.files["class"]).page
    page.locator("#search").fill("ada")
    found = ids(page)
    heading(page, "score").get_by_role("button").click()
    assert set(ids(page)) == set(found)
    assert ids(page) == [s for s in by_score(material.grades, best_first=False) if s in found]


def test_search_finds_those_without_a_mark(open_page: Open, material: Material) -> None:
    page = open_page(material.files["class"]).page
    page.locator("#search").fill("grader failed")
    expected = {g.student for g in material.grades if g.record["status"] == "grader_error"}
    assert expected
    assert set(ids(page)) == expected
    for row in page.locator(".searchable tbody tr:visible").all():
        assert row.locator("td.number").all_inner_texts() == ["—"] * 10


def test_without_scripts_it_is_a_plain_table(open_page: Open, material: Material) -> None:
    context = open_page(material.files["class"], java_script_enabled=False)
    assert ids(context.page) == [grade.student for grade in material.grades]
    assert not context.page.locator("#search").is_visible()
    assert context.page.locator("thead button").count() == 0


def test_links_lead_to_files_that_are_there(open_page: Open, material: Material) -> None:
    page = open_page(material.files["class"]).page
    links = page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    files = [link for link in links if not link.startswith("#")]
    assert len(files) == STUDENTS + 1  # and the leaderboard
    assert [link for link in files if not (material.folder / link).is_file()] == []
    inside = [link for link in links if link.startswith("#")]
    assert [link for link in inside if page.locator(link).count() != 1] == []


def test_a_report_is_a_click_away(open_page: Open, material: Material) -> None:
    page = open_page(material.files["class"]).page
    page.get_by_role("link", name="s1003", exact=True).first.click()
    assert "/reports/s1003" in page.url
    grade = next(grade for grade in material.grades if grade.student == "s1003")
    assert grade.record["submission"]["sha256"] in page.locator("main").inner_text()

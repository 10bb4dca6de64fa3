import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from grader.report.names import page_name

ids = st.one_of(
    st.text(max_size=80),
    st.from_regex(r"[A-Za-z0-9_.-]{1,8}", fullmatch=True),
    st.sampled_from(["ada", "Ada", "../ada", "ada/", "ada.", "con", "index", ".", "..", "", "ÄDA"]),
)


@given(st.lists(ids, unique=True, max_size=20))
def test_no_two_students_share_a_file_on_any_file_system(students):
    names = [page_name(student).casefold() for student in students]
    assert len(set(names)) == len(students)


@given(ids)
def test_a_name_is_safe_in_a_folder_and_in_a_url(student):
    name = page_name(student)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,77}\.html", name)
    assert name.casefold() not in ("index.html", "report.html", "con.html", "nul.html")
    assert not name.startswith("-") or student.startswith("-")


@given(ids)
def test_a_page_cannot_take_the_name_of_anothers_hash(student):
    name = page_name(student)
    assert page_name(name.removesuffix(".html")) != name or name == f"{student}.html"


def test_plain_ids_stay_as_they_are():
    assert page_name("s001") == "s001.html"
    assert page_name("Ada").startswith("Ada-")


def test_an_id_cannot_be_searched_for_that_meets_anothers():
    """These two, found by trying, agree in the first eight digits of their hashes."""
    one, other = "Ada\u4e00\u4e25\u5006", "Ada\u4e00\u4e6f\u4fd2"
    first, second = (hashlib.sha256(student.encode()).hexdigest() for student in (one, other))
    assert first[:8] == second[:8]
    assert page_name(one) != page_name(other)

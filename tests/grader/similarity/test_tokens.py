"""Which line a token came from; copydetect's own offsets go wrong at the names of classes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("copydetect")

from grader.similarity.tokens import read_source
from tests.grader.similarity.material import reference, variants

LINES = [
    "import torch",
    "",
    "# a comment that is long enough to shift everything after it by many characters",
    "class AVeryLongNameOfAClassIndeed(Base):",
    '    """A docstring."""',
    "    def some_method(self, argument):",
    "        value = argument * 12345",
    "        return value",
    "class B:",
    "    x = 777",
]


def line_of(text: str, token: str) -> int:
    source = read_source("a.py", text.encode())
    assert source.tokens.count(token) == 1
    return int(source.line_of[source.tokens.index(token)])


@given(st.lists(st.sampled_from(LINES), max_size=6), st.sampled_from(["\n", "\r\n", "\r"]))
def test_numbers_are_found_on_their_line(before: list[str], end: str) -> None:
    """Numbers stay as they are among the tokens, so that each can be looked for."""
    kept = [line for line in before if "12345" not in line and "777" not in line]
    text = end.join([*kept, *LINES[3:7], "y = 424242"])
    assert line_of(text, "12345") == len(kept) + 4
    assert line_of(text, "424242") == len(kept) + 5


@pytest.mark.parametrize("content", [*reference().values(), *variants()["classifier.py"]])
def test_every_number_of_real_code_is_on_its_line(content: bytes) -> None:
    text = content.decode()
    marked = "\n".join(f"{line}\nmark = {900000 + at}" if not line.strip() else line
                       for at, line in enumerate(text.split("\n")))  # fmt: skip
    source = read_source("a.py", marked.encode())
    for at, line in enumerate(marked.split("\n"), start=1):
        if line.startswith("mark = ") and source.tokens.count(line[7:]) == 1:
            assert source.line_of[source.tokens.index(line[7:])] == at


@given(st.binary(max_size=300))
def test_any_bytes_give_lines_that_exist(content: bytes) -> None:
    source = read_source("a.py", content)
    assert len(source.line_of) == len(source.tokens)
    if len(source.tokens):
        assert source.line_of.min() >= 1
        assert source.line_of.max() <= len(source.lines)


@given(st.text(alphabet="ab \n\"'#:()=\\1", max_size=60))
def test_odd_text_gives_lines_that_do_not_run_backwards(text: str) -> None:
    lines = read_source("a.py", text.encode()).line_of.tolist()
    assert lines == sorted(lines)


def test_blank_lines_cost_nothing_and_shift_no_line() -> None:
    """With them a lexer's square of 32,000 lines would not end within the test's time."""
    assert line_of("a = 111111\n" + " \n" * 32_000 + "b = 222222", "222222") == 32_002

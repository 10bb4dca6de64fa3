"""Text of a student's, before it reaches a terminal or a file."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.text import MOST_MARKS, one_line, printable


class TestPrintable:
    """Text of a student's, before it reaches a terminal or a file."""

    @given(st.text(st.characters()))
    def test_can_be_written_and_is_not_obeyed(self, text: str) -> None:
        shown = printable(text)
        shown.encode()
        assert not any(unicodedata.category(c) == "Cc" for c in shown if c not in "\n\t")

    @pytest.mark.parametrize(
        "text", ["mean + z times å", "naïve\n\tindented", "完", "e\u0301\u0323x\u0302" * 9]
    )
    def test_ordinary_text_stays(self, text: str) -> None:
        assert printable(text) == text

    def test_escape_sequence_is_shown(self) -> None:
        assert printable("\x1b[2J\ud800") == "\\x1b[2J\\ud800"

    def test_a_letter_under_a_heap_of_marks_covers_nothing_beside_it(self) -> None:
        assert printable("Z" + 9 * "\u0338" + "a\u0308") == (
            "Z" + MOST_MARKS * "\u0338" + (9 - MOST_MARKS) * "\\u0338" + "a\u0308"
        )


class TestOneLine:
    """A name or a path inside a sentence."""

    @given(st.text(st.characters(), max_size=300))
    def test_is_one_line_that_can_be_printed(self, text: str) -> None:
        line = one_line(text)
        assert len(line.splitlines()) <= 1
        assert len(line) <= 200
        line.encode()

    def test_line_end_is_shown(self) -> None:
        assert one_line("a\nb\tc\u2028d") == "a\\nb\\tc\\nd"

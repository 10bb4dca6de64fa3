"""When a save is done: editors truncate, rename, and write twice."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.watch.folder import PATIENCE_S, Contents, Settling, Stamp, look

A, B, EMPTY = Stamp(1, 1, 10, 1), Stamp(2, 2, 20, 1), Stamp(3, 3, 0, 1)
NAME = "threshold.py"


def is_python(name: str) -> bool:
    return name.endswith(".py") and not name.startswith(".")


class TestSettling:
    def test_nothing_happens(self) -> None:
        settling = Settling({NAME: A})
        assert not any(settling.update({NAME: A}, clock) for clock in range(5))

    def test_a_save_counts_when_it_has_come_to_rest(self) -> None:
        settling = Settling({NAME: A})
        assert settling.update({NAME: B}, 0.0) == frozenset()
        assert settling.update({NAME: B}, 0.2) == {NAME}
        assert settling.update({NAME: B}, 0.4) == frozenset()

    def test_a_truncated_file_is_waited_for(self) -> None:
        settling = Settling({NAME: A})
        assert settling.update({NAME: EMPTY}, 0.0) == frozenset()
        assert settling.update({NAME: EMPTY}, 0.2) == frozenset()
        assert settling.update({NAME: B}, 0.4) == frozenset()
        assert settling.update({NAME: B}, 0.6) == {NAME}

    def test_a_file_that_stays_empty_is_graded_all_the_same(self) -> None:
        settling = Settling({NAME: A})
        settling.update({NAME: EMPTY}, 0.0)
        assert settling.update({NAME: EMPTY}, PATIENCE_S) == {NAME}

    def test_an_editor_that_renames_is_no_vanished_file(self) -> None:
        settling = Settling({NAME: A})
        assert settling.update({}, 0.0) == frozenset()
        assert settling.update({}, 0.2) == frozenset()
        settling.update({NAME: B}, 0.4)
        assert settling.update({NAME: B}, 0.6) == {NAME}

    def test_a_file_that_has_gone_is_said_once(self) -> None:
        settling = Settling({NAME: A})
        settling.update({}, 0.0)
        assert settling.update({}, PATIENCE_S) == {NAME}
        assert settling.update({}, 2 * PATIENCE_S) == frozenset()

    def test_back_to_what_it_was_is_no_change(self) -> None:
        settling = Settling({NAME: A})
        settling.update({NAME: B}, 0.0)
        settling.update({NAME: A}, 0.1)
        assert settling.update({NAME: A}, 0.2) == frozenset()

    @given(
        st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from([A, B, EMPTY]))),
        st.dictionaries(st.sampled_from("abc"), st.sampled_from([A, B, EMPTY])),
    )
    def test_whatever_happens_the_last_state_is_seen(
        self, states: list[dict[str, Stamp]], last: dict[str, Stamp]
    ) -> None:
        """What was reported, applied in order, always leads to the state that stays."""
        first = {"a": A}
        settling, known, clock = Settling(first), dict(first), 0.0
        for state in [*states, last, last]:
            clock += 0.2
            for name in settling.update(state, clock):
                known.pop(name, None)
                if name in state:
                    known[name] = state[name]
        for name in settling.update(last, clock + 2 * PATIENCE_S):
            known.pop(name, None)
            if name in last:
                known[name] = last[name]
        assert known == last


class TestLook:
    def test_takes_what_a_grading_takes(self, tmp_path: Path) -> None:
        for name in ("a.py", "b.txt", ".#a.py"):
            (tmp_path / name).write_text("x", encoding="utf-8")
        (tmp_path / "folder.py").mkdir()
        (tmp_path / "dangling.py").symlink_to(tmp_path / "nowhere")
        assert list(look(tmp_path, is_python)) == ["a.py"]

    def test_sees_every_way_of_saving(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_text("one", encoding="utf-8")
        seen = [look(tmp_path, is_python)]
        path.write_text("three", encoding="utf-8")
        seen.append(look(tmp_path, is_python))
        (tmp_path / "new").write_text("other", encoding="utf-8")  # as long, and renamed into place
        os.utime(tmp_path / "new", ns=(seen[-1]["a.py"].modified_ns,) * 2)
        (tmp_path / "new").replace(path)
        seen.append(look(tmp_path, is_python))
        path.unlink()
        seen.append(look(tmp_path, is_python))
        assert all(before != after for before, after in itertools.pairwise(seen))

    def test_a_folder_that_is_gone_is_empty(self, tmp_path: Path) -> None:
        assert look(tmp_path / "nowhere", is_python) == {}


def test_a_file_saved_again_has_no_other_contents(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("one", encoding="utf-8")
    contents = Contents(tmp_path, ["a.py"])
    path.write_text("one", encoding="utf-8")
    assert contents.differing(["a.py"]) == frozenset()
    path.write_text("two", encoding="utf-8")
    assert contents.differing(["a.py"]) == {"a.py"}
    path.unlink()
    assert contents.differing(["a.py"]) == {"a.py"}

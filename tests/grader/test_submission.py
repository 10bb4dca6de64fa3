"""What is taken from a submission, and how it lies in the box."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from grader.staging import given_files, stage
from grader.submission import MODULES, Submission
from tests.grader.packing import FILES, GIVEN, PACKERS, Pack, opened, packers, refusal, write_zip


class TestTaken:
    """The five modules, helpers beside them, the weights."""

    @packers
    @pytest.mark.parametrize("prefix", ["", "assignment/", "ann_lee/handin/", "./"])
    def test_modules_wherever_they_lie(self, tmp_path: Path, pack: Pack, prefix: str) -> None:
        taken = opened(pack(tmp_path, {prefix + name: text for name, text in FILES.items()}))
        assert taken.files == FILES
        assert taken.name == "packed"
        assert taken.missing == ()
        assert not taken.has_weights

    @packers
    def test_helpers_and_weights(self, tmp_path: Path, pack: Pack) -> None:
        extra = {"my_layers.py": b"x = 1", "weights.safetensors": b"w"}
        taken = opened(pack(tmp_path, FILES | extra))
        assert taken.files == FILES | extra
        assert taken.has_weights

    @packers
    @pytest.mark.parametrize("content", [b"forged", b"\n"], ids=["forged", "empty"])
    def test_given_files_are_never_taken(self, tmp_path: Path, pack: Pack, content: bytes) -> None:
        taken = opened(pack(tmp_path, FILES | dict.fromkeys(GIVEN, content)))
        assert taken.files == FILES
        assert set(taken.ignored) == (set(GIVEN) if content.strip() else set())

    @packers
    def test_given_files_as_they_are_are_no_news(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, {**FILES, **GIVEN}))
        assert taken.files == FILES
        assert taken.ignored == ()

    @packers
    def test_other_files_are_left_and_listed(self, tmp_path: Path, pack: Pack) -> None:
        others = {"README.md": b"", "class.py": b"", "two words.py": b""}
        taken = opened(pack(tmp_path, FILES | others))
        assert taken.files == FILES
        assert set(taken.ignored) == set(others)

    @packers
    def test_folder_with_most_modules_wins(self, tmp_path: Path, pack: Pack) -> None:
        files = {"threshold.py": b"old"} | {f"new/{name}": text for name, text in FILES.items()}
        taken = opened(pack(tmp_path, files))
        assert taken.files == FILES
        assert "threshold.py" in taken.ignored

    @packers
    def test_nearest_the_top_wins_a_draw(self, tmp_path: Path, pack: Pack) -> None:
        deep = {f"backup/{name}": b"old" for name in FILES}
        assert opened(pack(tmp_path, deep | FILES)).files == FILES

    @packers
    def test_two_submissions_are_one_too_many(self, tmp_path: Path, pack: Pack) -> None:
        """Which is meant is not for the grader to guess."""
        files = {f"{folder}/{name}": text for folder in "ab" for name, text in FILES.items()}
        line = refusal(pack(tmp_path, files))
        assert line == "it holds several submissions, a and b among them; hand in one"

    @packers
    def test_missing_modules_are_named(self, tmp_path: Path, pack: Pack) -> None:
        taken = opened(pack(tmp_path, {"threshold.py": b""}))
        assert taken.missing == ("autoencoder", "classifier", "contrastive", "evaluation")

    @packers
    @pytest.mark.parametrize("hidden", [".git/x.py", "__pycache__/threshold.py", ".hidden.py"])
    def test_hidden_and_cached_files(self, tmp_path: Path, pack: Pack, hidden: str) -> None:
        assert opened(pack(tmp_path, FILES | {hidden: b"x"})).files == FILES

    @packers
    def test_nothing_to_grade(self, tmp_path: Path, pack: Pack) -> None:
        line = refusal(pack(tmp_path, {"README.md": b"hello"}))
        assert line == (
            "none of the five modules (autoencoder.py, classifier.py, contrastive.py, "
            "threshold.py, evaluation.py) is in it, nor a notebook"
        )


class TestHash:
    """The hash stands for the contents."""

    def test_packing_does_not_matter(self, tmp_path: Path) -> None:
        files = FILES | {"helper.py": b"a", "weights.safetensors": bytes(1000)}
        hashes = {opened(pack(tmp_path, files)).sha256 for pack in PACKERS.values()}
        reordered = dict(reversed(files.items()))
        hashes.add(opened(write_zip(tmp_path / "again.zip", reordered)).sha256)
        assert len(hashes) == 1

    @given(
        st.dictionaries(st.text(max_size=3), st.binary(max_size=3), max_size=4),
        st.dictionaries(st.text(max_size=3), st.binary(max_size=3), max_size=4),
    )
    def test_contents_and_names_do(self, one: dict[str, bytes], two: dict[str, bytes]) -> None:
        same = Submission("a", one, ()).sha256 == Submission("b", two, ("x",)).sha256
        assert same == (one == two)

    def test_borders_between_files_matter(self) -> None:
        assert Submission("a", {"a": b"bc"}, ()).sha256 != Submission("a", {"ab": b"c"}, ()).sha256


class TestStaging:
    """What lies in the box."""

    def test_given_files_win(self, tmp_path: Path) -> None:
        forged = Submission("s", {"model.py": b"forged", "threshold.py": b"mine"}, ())
        box = stage(forged, {"model.py": b"pristine"}, tmp_path)
        package = box.root / "assignment"
        assert (package / "model.py").read_bytes() == b"pristine"
        assert (package / "threshold.py").read_bytes() == b"mine"

    def test_box_holds_worker_and_package_and_an_empty_scratch(self, tmp_path: Path) -> None:
        box = stage(Submission("s", FILES, ()), given_files(), tmp_path)
        assert {path.name for path in box.root.iterdir()} == {"__main__.py", "worker", "assignment"}
        assert not list(box.scratch.iterdir())
        names = {path.name for path in (box.root / "assignment").iterdir()}
        assert names == set(FILES) | set(GIVEN)

    def test_given_files_are_all_but_the_five(self) -> None:
        assert not {f"{name}.py" for name in MODULES} & set(GIVEN)
        assert {"model.py", "fit.py", "__init__.py"} <= set(GIVEN)


class TestWeights:
    """What the weights' header says of the data; the header is a student's text."""

    @staticmethod
    def with_weights(content: bytes) -> Submission:
        return Submission("s", {**FILES, "weights.safetensors": content}, ())

    @pytest.mark.parametrize("data", ["digits", "mnist"])
    def test_profile_is_read_from_what_the_library_writes(self, data: str) -> None:
        content = save({"w": np.ones((2, 3), np.float32)}, {"data": data})
        assert self.with_weights(content).weights_data == data

    def test_none_without_weights_or_word(self) -> None:
        assert Submission("s", FILES, ()).weights_data == ""
        assert self.with_weights(save({"w": np.ones(1)})).weights_data == ""

    @given(st.binary(max_size=60))
    def test_garbage_says_nothing(self, content: bytes) -> None:
        assert self.with_weights(content).weights_data == ""

    @pytest.mark.parametrize(
        "header", [b'{"__metadata__": {"data": ["digits"]}}', b"[" * 40_000, b'"\xff"', b"3"]
    )
    def test_hostile_header_says_nothing(self, header: bytes) -> None:
        content = len(header).to_bytes(8, "little") + header
        assert self.with_weights(content).weights_data == ""

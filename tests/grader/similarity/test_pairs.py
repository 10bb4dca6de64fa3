"""What is found in pairs, what is not, and where."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("copydetect")

from grader.similarity.document import MAX_FILE, RUN, make_document
from grader.similarity.pairs import LONG_RUN, SHARE, compare, compare_all, find_blocks, is_flagged
from tests.grader.similarity.material import (
    disguise,
    document,
    given,
    mixed,
    reference,
    variants,
)

A, B = mixed([0] * 5), mixed([3] * 5)


def test_copy_is_whole() -> None:
    pair = compare(document(0, A), document(1, A))
    assert pair.left_share == pair.right_share == 1


def test_disguised_copy_is_flagged() -> None:
    for files in (A, B, reference()):
        copied = {name: disguise(content) for name, content in files.items()}
        pair = compare(document(0, files), document(1, copied))
        assert pair.similarity > 0.8
        assert is_flagged(pair)


def test_code_that_moved_to_another_module_is_found() -> None:
    moved = {"classifier.py": A["threshold.py"], "threshold.py": A["classifier.py"]}
    pair = compare(document(0, A), document(1, A | moved))
    assert pair.similarity > 0.95


def test_added_code_lowers_one_share_only() -> None:
    padded = A | {f"helper{n}.py": texts[-1] for n, texts in enumerate(variants().values())}
    pair = compare(document(0, A), document(1, padded))
    assert pair.left_share == 1
    assert pair.right_share < 0.75
    assert is_flagged(pair)


def test_stubs_have_nothing_of_their_own() -> None:
    from grader.staging import ASSIGNMENT

    stubs = {f"{name}.py": (ASSIGNMENT / f"{name}.py").read_bytes() for name in ("threshold",)}
    pair = compare(document(0, stubs), document(1, stubs))
    assert document(0, stubs).size == 0
    assert not is_flagged(pair)
    assert pair.similarity == 0


def test_comparison_is_the_same_from_both_sides() -> None:
    left, right = document(0, A), document(1, B)
    one, other = compare(left, right), compare(right, left)
    assert (one.left_share, one.right_share) == (other.right_share, other.left_share)


def test_blocks_hold_the_same_tokens_on_both_sides() -> None:
    """The oracle is the text: without spaces and comments, a block of a copy reads alike."""
    left, right = document(0, A), document(1, A | {"threshold.py": B["threshold.py"]})
    blocks = find_blocks(compare(left, right))
    assert blocks
    assert [block.tokens for block in blocks] == sorted(
        (block.tokens for block in blocks), reverse=True
    )
    for block in blocks:
        assert block.tokens >= RUN
        for side, files in ((block.left, left), (block.right, right)):
            source = next(s for s in files.sources if s.name == side.file)
            assert "\n".join(source.lines[side.first - 1 : side.last]) == side.text
    whole = [b for b in blocks if b.left.file == b.right.file == "classifier.py"]
    assert any(block.left.text == block.right.text for block in whole)


def test_run_never_crosses_two_modules() -> None:
    """Equal ends of one module and equal beginnings of the next are two runs."""
    pair = compare(document(0, A), document(1, A))
    assert len({(b.left.file, b.right.file) for b in find_blocks(pair)}) >= 5
    for block in find_blocks(pair):
        source = next(s for s in pair.left.sources if s.name == block.left.file)
        assert block.left.last <= len(source.lines)


def test_earlier_years_are_not_compared_with_each_other() -> None:
    documents = [make_document(n, f"s{n}", A, given(), is_reference=n > 0) for n in range(3)]
    assert [(p.left.name, p.right.name) for p in compare_all(documents)] == [
        ("s0", "s1"), ("s0", "s2"),
    ]  # fmt: skip


def test_too_much_code_is_refused_with_its_size() -> None:
    with pytest.raises(ValueError, match=r"big\.py has more than 64 kB"):
        document(0, {"big.py": b"x" * (MAX_FILE + 1)})


class TestMeasured:
    """What the defaults rest on: seeded mixtures of variants that their authors wrote apart."""

    def test_independent_solutions_are_not_flagged(self) -> None:
        rng = np.random.default_rng(0)
        documents = [document(n, mixed(rng.integers(1000, size=5).tolist())) for n in range(40)]
        pairs = [
            pair
            for pair in compare_all(documents)
            if not {s.tokens for s in pair.left.sources} & {s.tokens for s in pair.right.sources}
        ]
        assert len(pairs) > 300
        assert not [pair for pair in pairs if is_flagged(pair)]
        assert np.median([pair.similarity for pair in pairs]) < 0.3 < SHARE

    def test_two_copied_modules_are_flagged(self) -> None:
        rng = np.random.default_rng(1)
        found = 0
        for _ in range(40):
            mine = rng.choice(6, 2, replace=False).tolist()
            left = mixed([mine[0]] * 5)
            copied = [str(name) for name in rng.choice(sorted(left), 2, replace=False)]
            right = mixed([mine[1]] * 5) | {name: disguise(left[name]) for name in copied}
            found += is_flagged(compare(document(0, left), document(1, right)))
        assert found >= 38

    def test_one_copied_module_is_flagged_by_its_run(self) -> None:
        left, right = mixed([1] * 5), mixed([4] * 5)
        pair = compare(
            document(0, left), document(1, right | {"evaluation.py": left["evaluation.py"]})
        )
        assert pair.run >= LONG_RUN
        assert is_flagged(pair)

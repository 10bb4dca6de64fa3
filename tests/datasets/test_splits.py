import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.splits import stratified_split


@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=200),
    shares=st.lists(st.floats(0, 0.5), max_size=3),
    seed=st.integers(0, 2**32 - 1),
)
def test_parts_are_disjoint_of_the_sizes_asked_for_and_keep_the_shares(labels, shares, seed):
    labels = np.array(labels)
    sizes = tuple(int(share * len(labels) / max(1, len(shares))) for share in shares)
    parts = stratified_split(labels, sizes, seed)
    assert tuple(map(len, parts)) == sizes
    together = np.concatenate([np.empty(0, int), *parts])
    assert len(np.unique(together)) == len(together)
    for part in parts:
        for label in np.unique(labels):
            expected = len(part) * (labels == label).mean()
            # each class can gain a sample at either end of a part, at the others' expense
            assert abs((labels[part] == label).sum() - expected) <= len(np.unique(labels))


def test_a_seed_gives_one_split_and_another_seed_another():
    labels = np.arange(1000) % 10
    (first,), (again,), (other,) = (stratified_split(labels, (100,), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)
    assert np.bincount(labels[first]).tolist() == [10] * 10


def test_more_samples_than_there_are_is_an_error():
    with pytest.raises(ValueError, match="11 samples wanted of 10"):
        stratified_split(np.zeros(10, int), (5, 6), 0)

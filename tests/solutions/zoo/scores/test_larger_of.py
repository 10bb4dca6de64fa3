"""One score and the threshold z make the same decision as one threshold a measure."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.zoo.scores.larger_of import larger_of, standard_of


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 9999), measures=st.integers(1, 4))
def test_above_two_is_above_any_mean_plus_two_std(seed, measures):
    random = np.random.default_rng(seed)
    train = random.gamma(2, 10 ** random.uniform(-3, 3, measures), (50, measures))
    test = random.gamma(2, 10 ** random.uniform(-3, 3, measures), (50, measures))
    limits = train.mean(axis=0) + 2 * train.std(axis=0)
    scores = larger_of(torch.from_numpy(test), standard_of(torch.from_numpy(train)))
    np.testing.assert_array_equal((scores > 2).numpy(), (test > limits).any(axis=1))


def test_a_measure_that_never_varies_rejects_what_exceeds_it():
    standard = standard_of(torch.tensor([[3.0, 1.0], [3.0, 2.0]]))
    scores = larger_of(torch.tensor([[3.0, 1.5], [3.1, 1.5]]), standard)
    assert (scores > 2).tolist() == [False, True]
    assert torch.isfinite(scores).all()

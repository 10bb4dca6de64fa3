"""Error, threshold and rejection against float64 NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from solutions.reference.threshold import adaptive_threshold, reconstruction_error, reject

pixels = hnp.arrays(
    np.float32, st.tuples(st.integers(0, 3), st.just(28 * 28)), elements=st.floats(-1, 1, width=32)
)


def error_oracle(images, reconstruction):
    images, reconstruction = images.astype(float), reconstruction.astype(float)
    ink = ((images + 1) / 2).mean(axis=1)
    return ((images - reconstruction) ** 2).mean(axis=1) / (ink + 0.05)


@settings(deadline=None, max_examples=30)
@given(flat=pixels, seed=st.integers(0, 99))
def test_the_error_equals_the_definition(flat, seed):
    other = np.random.default_rng(seed).uniform(-1, 1, flat.shape).astype(np.float32)
    images, reconstruction = (torch.from_numpy(a).view(-1, 1, 28, 28) for a in (flat, other))
    errors = reconstruction_error(images, reconstruction)
    assert errors.shape == (len(flat),)
    assert errors.dtype == torch.float32
    np.testing.assert_allclose(errors.numpy(), error_oracle(flat, other), rtol=1e-5)


def test_errors_by_hand():
    empty, full = torch.full((1, 1, 28, 28), -1.0), torch.full((1, 1, 28, 28), 1.0)
    assert reconstruction_error(empty, full).item() == pytest.approx(4 / 0.05)
    assert reconstruction_error(full, empty).item() == pytest.approx(4 / 1.05)
    assert reconstruction_error(full, full).item() == 0


def test_an_error_does_not_depend_on_its_neighbours():
    images, reconstruction = torch.rand(5, 1, 28, 28), torch.rand(5, 1, 28, 28)
    together = reconstruction_error(images, reconstruction)
    apart = [reconstruction_error(images[[i]], reconstruction[[i]]) for i in range(5)]
    torch.testing.assert_close(together, torch.cat(apart))


def test_gradients_reach_the_reconstruction():
    images, reconstruction = torch.rand(2, 1, 28, 28), torch.zeros(2, 1, 28, 28).requires_grad_()
    reconstruction_error(images, reconstruction).sum().backward()
    assert reconstruction.grad.abs().sum() > 0


@settings(deadline=None)
@given(
    errors=hnp.arrays(np.float64, st.integers(2, 40), elements=st.floats(0, 100)),
    z=st.floats(-4, 4),
)
def test_the_threshold_equals_the_definition(errors, z):
    threshold = adaptive_threshold(torch.from_numpy(errors), z)
    assert threshold.shape == ()
    assert threshold.dtype == torch.float64
    expected = errors.mean() + z * errors.std(ddof=1)
    assert threshold.item() == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_three_deviations_are_the_default():
    errors = torch.tensor([1.0, 2.0, 3.0, 6.0])
    assert adaptive_threshold(errors).item() == pytest.approx(3 + 3 * np.sqrt(14 / 3))
    assert adaptive_threshold(errors).dtype == torch.float32


@settings(deadline=None)
@given(
    samples=st.lists(st.tuples(st.integers(0, 9), st.floats(0, 9)), max_size=20),
    threshold=st.floats(0, 9),
    as_tensor=st.booleans(),
    dtype=st.sampled_from([torch.int64, torch.int32, torch.uint8]),
)
def test_rejection_equals_the_definition(samples, threshold, as_tensor, dtype):
    labels = torch.tensor([label for label, _ in samples], dtype=dtype)
    errors = torch.tensor([error for _, error in samples], dtype=torch.float64)
    before = labels.clone(), errors.clone()
    limit = torch.tensor(threshold, dtype=torch.float64) if as_tensor else threshold
    result = reject(labels, errors, limit)
    assert result.tolist() == [10 if error > threshold else label for label, error in samples]
    assert result.dtype == dtype
    assert torch.equal(labels, before[0])
    assert torch.equal(errors, before[1])
    assert not len(labels) or result.data_ptr() != labels.data_ptr()


def test_the_threshold_itself_is_known_and_infinity_rejects_nothing():
    labels, errors = torch.tensor([1, 2, 3]), torch.tensor([0.5, 1.0, 1.5])
    assert reject(labels, errors, 1.0).tolist() == [1, 2, 10]
    assert reject(labels, errors, torch.tensor(float("inf"))).tolist() == [1, 2, 3]
    assert reject(labels, errors, 1.0, unknown_label=-1).tolist() == [1, 2, -1]

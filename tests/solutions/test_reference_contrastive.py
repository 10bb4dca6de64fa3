"""The contrastive loss against float64 NumPy, finite differences and its own properties."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from solutions.reference.contrastive import contrastive_loss


def oracle(embeddings, labels, margin=1.0):
    """The definition, pair by pair, in float64."""
    attraction, repulsion = [], []
    for i, (a, label_a) in enumerate(zip(embeddings.astype(float), labels, strict=True)):
        for j, (b, label_b) in enumerate(zip(embeddings.astype(float), labels, strict=True)):
            if i == j:
                continue
            distance = np.sqrt(((a - b) ** 2).sum())
            if label_a == label_b:
                attraction.append(distance)
            else:
                repulsion.append(max(0.0, margin - distance))
    return sum(float(np.mean(part)) if part else 0.0 for part in (attraction, repulsion))


def loss_of(embeddings, labels, margin=1.0):
    return float(contrastive_loss(torch.from_numpy(embeddings), torch.tensor(labels), margin))


batches = st.integers(0, 12).flatmap(
    lambda n: st.tuples(
        hnp.arrays(np.float32, (n, 3), elements=st.floats(-4, 4, width=32)),
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
    )
)


@settings(deadline=None)
@given(batch=batches, margin=st.floats(0, 5))
def test_it_equals_the_definition(batch, margin):
    embeddings, labels = batch
    expected = oracle(embeddings, labels, margin)
    assert loss_of(embeddings, labels, margin) == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(
    ("offset", "scale"), [(0, 1), (1e3, 1), (1e4, 1), (0, 1e-3), (0, 1e4), (100, 0.01)]
)
def test_nothing_cancels_far_from_the_origin(offset, scale):
    random = np.random.default_rng(0)
    embeddings = (offset + scale * random.normal(size=(40, 64))).astype(np.float32)
    labels = random.integers(0, 10, 40)
    expected = oracle(embeddings, labels, margin=10 * scale)
    assert loss_of(embeddings, labels, 10 * scale) == pytest.approx(expected, rel=1e-5)


def test_values_by_hand():
    embeddings = np.array([[0, 0], [3, 4], [0, 0.5]], np.float32)
    # One pair of a class, 5 apart; of two classes, one 0.5 apart (misses by 0.5), one far away.
    assert loss_of(embeddings, [1, 1, 2]) == pytest.approx(5 + (0.5 + 0) / 2)
    assert loss_of(embeddings, [1, 1, 1]) == pytest.approx((5 + 0.5 + np.hypot(3, 3.5)) / 3)
    assert loss_of(embeddings, [0, 1, 2], margin=6) == pytest.approx(
        ((6 - 5) + (6 - 0.5) + (6 - np.hypot(3, 3.5))) / 3
    )


@pytest.mark.parametrize("count", [0, 1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_fewer_than_two_samples_give_a_connected_zero(count, dtype):
    embeddings = torch.ones(count, 4, dtype=dtype, requires_grad=True)
    loss = contrastive_loss(embeddings, torch.zeros(count, dtype=torch.int64))
    assert loss.shape == ()
    assert loss.dtype == dtype
    assert loss.item() == 0
    loss.backward()
    assert torch.equal(embeddings.grad, torch.zeros_like(embeddings))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("labels", [[0, 0, 0, 0], [0, 0, 1, 1], [0, 1, 2, 3]])
@pytest.mark.parametrize("at", [0.0, 1e-30, 7.5])
def test_gradients_where_embeddings_coincide_are_zero(dtype, labels, at):
    embeddings = torch.full((4, 8), at, dtype=dtype, requires_grad=True)
    contrastive_loss(embeddings, torch.tensor(labels)).backward()
    assert torch.equal(embeddings.grad, torch.zeros_like(embeddings))


@given(batch=batches)
@settings(deadline=None)
def test_gradients_are_finite_for_every_batch(batch):
    embeddings = torch.from_numpy(batch[0]).requires_grad_()
    contrastive_loss(embeddings, torch.tensor(batch[1], dtype=torch.int64)).backward()
    assert embeddings.grad.isfinite().all()
    assert embeddings.grad.norm(dim=1).le(2 + 1e-4).all()  # no pair pulls harder than 1


def test_gradients_equal_finite_differences():
    torch.manual_seed(0)
    embeddings = torch.randn(9, 5, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 1, 2] * 3)
    assert torch.autograd.gradcheck(lambda e: contrastive_loss(e, labels, 4.0), embeddings)


def test_a_coinciding_pair_leaves_the_other_gradients_right():
    embeddings = torch.tensor([[0.0, 0], [0, 0], [3, 0]], dtype=torch.float64, requires_grad=True)
    contrastive_loss(embeddings, torch.tensor([5, 5, 5])).backward()
    expected = torch.tensor([[-1.0, 0], [-1, 0], [2, 0]], dtype=torch.float64) / 3
    torch.testing.assert_close(embeddings.grad, expected)


@given(batch=batches, seed=st.integers(0, 99))
@settings(deadline=None)
def test_order_shift_and_names_of_classes_do_not_matter(batch, seed):
    embeddings, labels = batch
    order = np.random.default_rng(seed).permutation(len(labels))
    renamed = [7 - 2 * labels[i] for i in order]
    changed = loss_of(embeddings[order] + np.float32(2), renamed)
    assert changed == pytest.approx(loss_of(embeddings, labels), rel=1e-4, abs=1e-4)


@given(batch=batches)
@settings(deadline=None)
def test_it_falls_as_classes_part_and_grows_as_they_spread(batch):
    embeddings, labels = batch
    apart = embeddings + 100 * np.array(labels, np.float32).reshape(-1, 1)
    together = np.zeros_like(embeddings) + 100 * np.array(labels, np.float32).reshape(-1, 1)
    assert loss_of(apart, labels) <= loss_of(embeddings, labels) + 1e-3
    assert loss_of(together, labels) == 0


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64, torch.uint8])
def test_inputs_are_left_unchanged(dtype):
    embeddings, labels = torch.randn(6, 2), torch.tensor([0, 0, 1, 1, 2, 2], dtype=dtype)
    before = embeddings.clone(), labels.clone()
    contrastive_loss(embeddings, labels)
    assert torch.equal(embeddings, before[0])
    assert torch.equal(labels, before[1])


def test_a_large_batch_takes_no_loop_over_pairs():
    """A million pairs: a Python loop over them would take over a minute of CPU time."""
    embeddings = torch.randn(1024, 64, requires_grad=True)
    labels = torch.arange(1024) % 10
    started = time.process_time()
    contrastive_loss(embeddings, labels).backward()
    assert time.process_time() - started < 10

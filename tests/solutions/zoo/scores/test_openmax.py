"""OpenMax against a loop over images and classes in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from solutions.errors import UserError
from solutions.zoo.scores.log_odds import unknown_log_odds
from solutions.zoo.scores.openmax import (
    OpenMax,
    rank_weights,
    revised,
)
from solutions.zoo.scores.weibull import fit_tail


def blobs(count=60, classes=3, seed=0, spread=1.0):
    """Outputs and labels of a network that sees each class as a ball of logits and latents."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    logits = 8 * np.eye(classes)[labels] - 2 + spread * random.normal(size=(count, classes))
    latents = labels[:, None] + spread * random.normal(size=(count, 4))
    outputs = {
        "logits": torch.from_numpy(logits).float(),
        "latents": torch.from_numpy(latents).float(),
    }
    return outputs, torch.from_numpy(labels)


def by_hand(logits, weights, alpha):
    """Algorithm 2 of the paper on positive activations: K + 1 activations, the unknown last."""
    order = sorted(range(len(logits)), key=lambda label: -logits[label])
    after, unknown = list(logits), 0.0
    for rank, label in enumerate(order[:alpha], 1):
        part = max(logits[label], 0) * weights[label] * (alpha + 1 - rank) / alpha
        after[label] -= part
        unknown += part
    return [*after, unknown]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 9999), classes=st.integers(2, 6), alpha=st.integers(1, 6))
def test_revision_is_the_papers_loop(seed, classes, alpha):
    random = np.random.default_rng(seed)
    logits = random.normal(0, 5, (4, classes))
    weights = random.random((4, classes))
    found = revised(torch.from_numpy(logits), torch.from_numpy(weights), alpha)
    expected = [by_hand(row, weight, alpha) for row, weight in zip(logits, weights, strict=True)]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.sum(dim=1).numpy(), logits.sum(axis=1), atol=1e-9)


def test_rank_weights_by_hand():
    logits = torch.tensor([[1.0, 9.0, 5.0, -2.0]])
    assert rank_weights(logits, 2).tolist() == [[0, 1, 0.5, 0]]
    assert rank_weights(logits, 4).tolist() == [[0.5, 1, 0.75, 0.25]]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 9999), label=st.integers(0, 3))
def test_surer_to_lie_beyond_a_class_is_never_more_known(seed, label):
    random = np.random.default_rng(seed)
    logits = torch.from_numpy(random.normal(0, 8, (5, 4)))
    less = torch.from_numpy(random.random((5, 4)))
    more = less.clone()
    more[:, label] += (1 - more[:, label]) * random.random()
    before = unknown_log_odds(revised(logits, less, 4))
    after = unknown_log_odds(revised(logits, more, 4))
    assert (after >= before - 1e-12).all()


def test_negative_activations_hand_nothing_over():
    logits = torch.tensor([[-5.0, -1.0, -3.0]])
    found = revised(logits, torch.ones(1, 3), 3)
    assert found.tolist() == [[-5, -1, -3, 0]]


def test_log_odds_are_those_of_the_softmax_and_do_not_saturate():
    activations = torch.randn(20, 5, dtype=torch.float64)
    p = activations.softmax(dim=1)[:, -1]
    torch.testing.assert_close(unknown_log_odds(activations), (p / (1 - p)).log())
    sure = torch.tensor([[80.0, 0.0, 0.0], [90.0, 0.0, 0.0]], dtype=torch.float64)
    scores = unknown_log_odds(sure)
    assert scores[1] < scores[0]


@pytest.mark.parametrize("features", [("logits",), ("logits", "latents")])
@pytest.mark.parametrize("metric", ["euclidean", "eucos"])
def test_the_score_is_the_whole_algorithm(features, metric):
    outputs, labels = blobs()
    score = OpenMax(features, tail=8, alpha=2, metric=metric)
    score.fit(outputs, labels)
    joined = np.concatenate([outputs[name].double().numpy() for name in features], axis=1)
    logits = outputs["logits"].double().numpy()
    right = logits.argmax(axis=1) == labels.numpy()
    means = [joined[right & (labels.numpy() == label)].mean(axis=0) for label in range(3)]

    def distance(x, mean):
        euclidean = math.dist(x, mean)
        if metric == "euclidean":
            return euclidean
        return euclidean / 200 + 1 - x @ mean / np.linalg.norm(x) / np.linalg.norm(mean)

    laws = []
    for label in range(3):
        own = [distance(x, means[label]) for x in joined[right & (labels.numpy() == label)]]
        laws.append(fit_tail(np.sort(own)[-8:]))
    found = score(outputs)
    assert found.dtype == torch.float64
    for number in range(10):
        away = [np.array(distance(joined[number], mean)) for mean in means]
        weights = [float(law.cdf(x)) for law, x in zip(laws, away, strict=True)]
        *known, unknown = by_hand(logits[number], weights, 2)
        expected = unknown - math.log(sum(math.exp(v) for v in known))
        assert found[number].item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_equal_parts_do_not_ask_in_which_units_a_part_is():
    outputs, labels = blobs()
    huge = {"logits": outputs["logits"], "latents": 1024 * outputs["latents"]}
    equal, raw = {}, {}
    for name, seen in (("plain", outputs), ("huge", huge)):
        for scores, flag in ((equal, True), (raw, False)):
            score = OpenMax(("logits", "latents"), tail=10, equal_parts=flag)
            score.fit(seen, labels)
            scores[name] = score(seen)
    torch.testing.assert_close(equal["plain"], equal["huge"])
    assert not torch.allclose(raw["plain"], raw["huge"])


def test_far_latents_are_more_unknown_than_near_ones():
    outputs, labels = blobs()
    score = OpenMax(("logits", "latents"), tail=10)
    score.fit(outputs, labels)
    far = {"logits": outputs["logits"], "latents": outputs["latents"] + 50}
    assert (score(far) > score(outputs)).all()


def test_a_score_does_not_depend_on_the_batch():
    outputs, labels = blobs()
    score = OpenMax(("logits", "latents"), tail=10)
    score.fit(outputs, labels)
    together = score(outputs)
    apart = [score({name: v[[i]] for name, v in outputs.items()}) for i in range(20)]
    assert torch.equal(together[:20], torch.cat(apart))
    order = torch.randperm(60, generator=torch.Generator().manual_seed(0))
    assert torch.equal(score({name: v[order] for name, v in outputs.items()}), together[order])


def test_renaming_the_classes_changes_no_score():
    outputs, labels = blobs()
    score, renamed = OpenMax(tail=10), OpenMax(tail=10)
    score.fit(outputs, labels)
    order = torch.tensor([2, 0, 1])  # class c is now order.argsort()[c]
    other = {"logits": outputs["logits"][:, order]}
    renamed.fit(other, order.argsort()[labels])
    torch.testing.assert_close(renamed(other), score(outputs))


def test_wrongly_classified_images_are_no_part_of_the_fit():
    outputs, labels = blobs()
    clean, dirty = OpenMax(tail=10), OpenMax(tail=10)
    clean.fit(outputs, labels)
    wrong = {"logits": torch.cat([outputs["logits"], torch.tensor([[500.0, 0.0, 0.0]])])}
    dirty.fit(wrong, torch.cat([labels, torch.tensor([2])]))
    assert torch.equal(clean(outputs), dirty(outputs))


def test_fitting_twice_is_fitting_once():
    outputs, labels = blobs()
    other, other_labels = blobs(seed=1)
    once, twice = OpenMax(tail=10), OpenMax(tail=10)
    once.fit(outputs, labels)
    twice.fit(other, other_labels)
    twice.fit(outputs, labels)
    assert torch.equal(once(outputs), twice(outputs))


def test_a_class_that_is_one_point_has_a_step_and_finite_scores():
    outputs, labels = blobs(spread=0.0)
    score = OpenMax(tail=10)
    score.fit(outputs, labels)
    assert torch.isfinite(score(outputs)).all()
    away = {"logits": outputs["logits"] + torch.tensor([0.0, 0.5, 0.0])}
    assert (score(away) > score(outputs)).all()


def test_a_class_with_fewer_images_than_its_tail_is_named():
    outputs, labels = blobs(count=30)
    with pytest.raises(UserError, match=r"class 0 has 10 correctly .* for a tail of 20: train"):
        OpenMax(tail=20).fit(outputs, labels)


@pytest.mark.parametrize("options", [{"tail": 1}, {"alpha": 0}])
def test_senseless_options_are_refused(options):
    with pytest.raises(UserError, match="a tail of 2 or more and an alpha of 1 or more"):
        OpenMax(**options)

"""Scores against float64 NumPy, and what every score has to hold to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import special
from torch import Tensor

from solutions.errors import UserError
from solutions.zoo.scores.brightness import Brightness
from solutions.zoo.scores.energy import Energy, energy
from solutions.zoo.scores.knn import Knn, knn_distance
from solutions.zoo.scores.mahalanobis import Mahalanobis, fit_gaussians, mahalanobis
from solutions.zoo.scores.max_logit import MaxLogit, max_logit
from solutions.zoo.scores.msp import Msp, msp
from solutions.zoo.scores.pca import Pca
from solutions.zoo.scores.vim import Vim, fit_subspace, vim

CLASSES, DIM = 3, 6
ALL = [Energy, MaxLogit, Msp, Mahalanobis, Knn, lambda: Knn(of="images", k=1), Vim, Pca, Brightness]


def outputs(count: int, seed: int, shift: float = 0.0) -> tuple[dict[str, Tensor], Tensor]:
    """Embeddings around one centre a class, logits that are linear in them, images."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    centres = 4 * np.eye(CLASSES, DIM)
    embedding = centres[labels] + 0.3 * random.normal(size=(count, DIM)) + shift
    weights = np.random.default_rng(99).normal(size=(CLASSES, DIM))
    made = {
        "embedding": embedding,
        "logits": embedding @ weights.T + np.array([0.5, -0.2, 0.1]),
        "images": np.clip(random.normal(size=(count, 1, 8, 8)) - 0.5 + shift, -1, 1),
    }
    return {name: torch.tensor(value).float() for name, value in made.items()}, torch.tensor(labels)


@pytest.mark.parametrize("make", ALL)
def test_a_score_depends_on_its_own_image_alone(make):
    score = make()
    score.fit(*outputs(120, seed=0))
    images, _ = outputs(20, seed=1)
    together = score(images)
    assert together.shape == (20,)
    for index in range(20):
        alone = score({name: value[index : index + 1] for name, value in images.items()})
        torch.testing.assert_close(alone[0], together[index], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("make", [Mahalanobis, Knn, Vim, Pca, Brightness])
def test_far_images_score_higher_than_known_ones(make):
    score = make()
    score.fit(*outputs(120, seed=0))
    known, far = score(outputs(40, seed=1)[0]), score(outputs(40, seed=2, shift=3.0)[0])
    assert far.median() > known.median()


def test_fitting_twice_is_fitting_once():
    for make in ALL:
        once, twice = make(), make()
        once.fit(*outputs(60, seed=0))
        twice.fit(*outputs(60, seed=3))
        twice.fit(*outputs(60, seed=0))
        images, _ = outputs(10, seed=1)
        assert torch.equal(once(images), twice(images))


def test_logit_scores_by_scipy():
    logits = np.random.default_rng(0).normal(scale=5, size=(50, 7))
    tensor = torch.tensor(logits)
    for temperature in (1.0, 2.5):
        expected = -temperature * special.logsumexp(logits / temperature, axis=1)
        np.testing.assert_allclose(energy(tensor, temperature), expected)
    np.testing.assert_allclose(max_logit(tensor), -logits.max(1))
    np.testing.assert_allclose(msp(tensor), -special.softmax(logits, axis=1).max(1))


def test_energy_lies_between_the_maximum_and_the_maximum_and_log_k():
    logits = torch.tensor(np.random.default_rng(1).normal(size=(50, 7)))
    above = max_logit(logits) - energy(logits)  # logsumexp - max
    assert (above >= 0).all()
    assert (above <= np.log(7) + 1e-12).all()


def test_msp_tells_confident_images_apart():
    logits = torch.tensor([[30.0, 0.0], [31.0, 0.0]])  # both 1.0 in float32
    assert msp(logits)[0] > msp(logits)[1]


def test_mahalanobis_by_inverse():
    made, labels = outputs(150, seed=0)
    embedding = made["embedding"].double().numpy()
    means = np.stack([embedding[labels == k].mean(0) for k in range(CLASSES)])
    around = embedding - means[labels]
    inverse = np.linalg.inv(around.T @ around / len(around))
    new = outputs(30, seed=1)[0]["embedding"]
    expected = [
        min((z - mean) @ inverse @ (z - mean) for mean in means) for z in new.double().numpy()
    ]
    found = mahalanobis(new, fit_gaussians(made["embedding"], labels))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_mahalanobis_does_not_change_with_the_units_of_the_embedding():
    made, labels = outputs(150, seed=0)
    turn = torch.linalg.qr(torch.randn(DIM, DIM, generator=torch.Generator().manual_seed(0)))[0]
    turn = turn * torch.linspace(0.5, 3, DIM)  # turned, and each direction in another unit
    new = outputs(30, seed=1)[0]["embedding"]
    straight = mahalanobis(new, fit_gaussians(made["embedding"], labels))
    turned = mahalanobis(new @ turn, fit_gaussians(made["embedding"] @ turn, labels))
    torch.testing.assert_close(turned, straight, rtol=1e-2, atol=1e-2)


def test_mahalanobis_bears_a_dead_dimension():
    made, labels = outputs(100, seed=0)
    made["embedding"][:, 2] = 0
    assert torch.isfinite(
        mahalanobis(made["embedding"], fit_gaussians(made["embedding"], labels))
    ).all()


def test_knn_by_brute_force():
    random = np.random.default_rng(0)
    queries, bank = random.normal(size=(40, 5)), random.normal(size=(90, 5))
    bank[7] = queries[3]  # a distance of exactly 0
    distances = np.sort(np.linalg.norm(queries[:, None] - bank[None], axis=2), axis=1)
    for k in (1, 4, 90):
        found = knn_distance(torch.tensor(queries), torch.tensor(bank), k)
        np.testing.assert_allclose(found, distances[:, k - 1], atol=1e-12)


def test_knn_keeps_at_most_its_bank_and_wants_k_images():
    score = Knn(k=5, bank_size=30)
    made, labels = outputs(100, seed=0)
    score.fit(made, labels)
    assert 20 <= len(score.bank) <= 30
    with pytest.raises(UserError, match="k = 500 takes as many"):
        Knn(k=500).fit(made, labels)


def test_vim_by_numpy():
    made, _ = outputs(200, seed=0)
    embedding, logits = made["embedding"].double().numpy(), made["logits"].double().numpy()
    weights = np.random.default_rng(99).normal(size=(CLASSES, DIM))
    origin = -np.linalg.pinv(weights) @ np.array([0.5, -0.2, 0.1])
    centred = embedding - origin
    values, vectors = np.linalg.eig(centred.T @ centred)
    residual = vectors[:, np.argsort(values)[: DIM // 2]]
    alpha = logits.max(1).mean() / np.linalg.norm(centred @ residual, axis=1).mean()
    new, _ = outputs(30, seed=1)
    outside = np.linalg.norm((new["embedding"].double().numpy() - origin) @ residual, axis=1)
    expected = alpha * outside - special.logsumexp(new["logits"].double().numpy(), axis=1)
    found = vim(new["embedding"], new["logits"], fit_subspace(made["embedding"], made["logits"]))
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_pca_leaves_nothing_of_what_it_was_fitted_to_in_full():
    made, labels = outputs(100, seed=0)
    full = Pca(components=64)
    full.fit(made, labels)
    assert float(full(outputs(10, seed=1)[0]).max()) < 1e-3


def test_brightness_counts_either_way():
    score = Brightness()
    made, labels = outputs(100, seed=0)
    score.fit(made, labels)
    dark, bright = torch.full((1, 1, 8, 8), -1.0), torch.full((1, 1, 8, 8), 1.0)
    assert float(score({"images": dark})) > 0
    assert float(score({"images": bright})) > 0

import numpy as np

from grader.gallery.neighbours import plane


def test_clusters_stay_apart_and_the_same_numbers_give_the_same_points(rng):
    centres = rng.normal(0, 20, (3, 16))
    embeddings = np.repeat(centres, 30, axis=0) + rng.normal(0, 1, (90, 16))
    points = plane(embeddings)
    assert np.array_equal(points, plane(embeddings))
    groups = points.reshape(3, 30, 2)
    inside = max(np.linalg.norm(group - group.mean(axis=0), axis=1).max() for group in groups)
    middles = groups.mean(axis=1)
    between = min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert between > inside


def test_one_embedding_far_away_does_not_press_the_others_together(rng):
    embeddings = rng.normal(0, 1, (60, 4))
    embeddings[0] = 1e30
    points = plane(embeddings)
    assert len(np.unique(points, axis=0)) > 50


def test_embeddings_of_one_number_are_laid_out_too(rng):
    embeddings = np.repeat([0.0, 10.0, 20.0], 20)[:, None] + rng.normal(0, 0.1, (60, 1))
    points = plane(embeddings)
    assert points.shape == (60, 2)
    from_others = np.linalg.norm(points[:, None] - points[None], axis=2) + 9 * np.eye(60)
    nearest = from_others.argmin(axis=1)
    assert (nearest // 20 == np.arange(60) // 20).mean() > 0.9

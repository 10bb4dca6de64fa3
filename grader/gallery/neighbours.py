"""Embeddings laid out in a plane, so that what is near stays near: t-SNE."""

from __future__ import annotations

import warnings

import numpy as np

PERPLEXITY = 25.0
FEWEST = 30  # images
LARGEST = 100.0  # deviations from the median that a number may be; the rest is clipped


def prepare_plane() -> None:
    """Import what `plane` needs, in a process that others are forked from."""
    import sklearn.manifold  # noqa: F401
    import threadpoolctl  # noqa: F401


def plane(embeddings: np.ndarray) -> np.ndarray | str:
    """The embeddings (N, D) as points (N, 2) in [0, 1], or why there is nothing to be seen.

    After van der Maaten and Hinton, "Visualizing Data using t-SNE" (2008). The same embeddings give
    the same points on one machine.
    """
    if len(embeddings) < FEWEST:
        return f"there are only {len(embeddings)} images"
    if embeddings.shape[1] < 1:
        return "the embeddings hold no numbers"
    if not np.isfinite(embeddings).all():
        return "the embeddings hold nan or infinity"
    tamed = _tame(embeddings.astype(np.float64))
    if len(np.unique(tamed, axis=0)) < FEWEST:
        return "nearly all embeddings are the same"
    from sklearn.manifold import TSNE  # 1 s, and only where pictures are asked for
    from threadpoolctl import threadpool_limits

    begin = "pca" if tamed.shape[1] > 1 else "random"  # one number has no two main axes
    # One thread: on a busy machine several wait for each other, a minute instead of a second.
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # of a student's strange numbers
        points = TSNE(
            perplexity=PERPLEXITY, init=begin, learning_rate="auto", random_state=0, n_jobs=1
        ).fit_transform(tamed)
    points = points.astype(np.float64)
    if not np.isfinite(points).all():
        return "the embeddings cannot be laid out in a plane"
    low, high = points.min(axis=0), points.max(axis=0)
    placed = (points - low) / np.maximum(high - low, 1e-12)
    return np.asarray(np.round(placed, 3))


def _tame(embeddings: np.ndarray) -> np.ndarray:
    """Huge numbers clipped and all of them scaled, so that distances can be squared."""
    largest = np.abs(embeddings).max()
    scaled = embeddings / largest if largest > 0 else embeddings
    deviation = np.median(np.abs(scaled - np.median(scaled, axis=0)))
    if deviation > 0:
        scaled = np.clip((scaled - np.median(scaled, axis=0)) / deviation, -LARGEST, LARGEST)
    return np.asarray(scaled)

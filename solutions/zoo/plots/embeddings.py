"""t-SNE of embeddings, coloured by label.

Source: L. van der Maaten and G. Hinton, Visualizing Data using t-SNE, JMLR 2008. Distances between
clusters and their sizes mean nothing in it: it shows which images are neighbours, no more.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from datasets.image_set import UNKNOWN
from solutions.errors import UserError
from solutions.zoo.plots.canvas import INK, KNOWN_COLOUR, UNKNOWN_COLOUR, png, tidy

MOST = 2000  # points: t-SNE takes seconds, and more would cover one another
FEWEST = 5  # points
DIMENSIONS = 50  # kept before t-SNE, as its authors do

# One a known class, none near the orange of the unknown (P. Tol's muted scheme, the pale darker).
CLASSES = (
    *("#332288", "#4aa3d0", "#117733", "#999933", "#cc6677"),
    *("#882255", "#44aa99", "#aa4499", "#777777", KNOWN_COLOUR),
)


def tsne(embeddings: ArrayLike, seed: int = 0) -> NDArray[np.float64]:
    """Lay out points in the plane.

    Args:
        embeddings: (N, D), 5 <= N, finite.
        seed: Of the layout.

    Returns:
        float64 (N, 2), without unit.

    Raises:
        UserError: Fewer than five, another shape, NaN or infinity, or all the same.
    """
    points = np.asarray(embeddings, dtype=np.float64)
    if points.ndim != 2 or len(points) < FEWEST or not points.shape[1]:
        raise UserError(f"t-SNE takes embeddings (N, D), N at least {FEWEST}, not {points.shape}")
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        raise UserError(f"the embedding of image {bad[0]} is NaN or infinite: t-SNE needs numbers")
    if not np.ptp(points, axis=0).any():
        raise UserError("all embeddings are the same: the network tells no image from another")
    if min(points.shape) > DIMENSIONS:
        points = PCA(DIMENSIONS, random_state=seed).fit_transform(points)
    layout = TSNE(
        perplexity=min(30.0, (len(points) - 1) / 3),
        init="pca" if points.shape[1] > 1 else "random",
        random_state=seed,
        n_jobs=1,
    )
    return np.asarray(layout.fit_transform(points), dtype=np.float64)


def plot_embeddings(
    embeddings: ArrayLike,
    labels: ArrayLike,
    seed: int = 0,
    most: int = MOST,
    title: str = "embeddings",
) -> bytes:
    """Draw each known image as its class's digit in its class's colour, each unknown as a cross.

    Args:
        embeddings: (N, D), N >= 5, finite.
        labels: int (N,), 0 to K - 1, or 10.
        seed: Of the choice of images and of the layout.
        most: Draw that many images at most, chosen at random.
        title: Of the picture.

    Returns:
        A PNG.

    Raises:
        UserError: As `tsne`, or the lengths differ, or a label is below 0 or above 10.
    """
    points, truth = np.asarray(embeddings), np.asarray(labels)
    if truth.ndim != 1 or truth.shape != points.shape[:1]:
        raise UserError(f"embeddings {points.shape} need a label each, not {truth.shape}")
    if not np.isin(truth, np.arange(UNKNOWN + 1)).all():
        raise UserError(f"labels are 0 to {UNKNOWN}, {UNKNOWN} is unknown")
    chosen = np.random.default_rng(seed).permutation(len(points))[:most]
    layout, shown = tsne(points[chosen], seed), truth[chosen]
    figure = Figure(figsize=(7, 6.2), layout="constrained")
    axes = figure.subplots()
    handles = []
    for name in np.unique(shown):
        # A digit as its own mark can be read without telling ten colours apart.
        unknown = name == UNKNOWN
        colour = UNKNOWN_COLOUR if unknown else CLASSES[name]
        mark = "x" if unknown else f"${name}$"
        at = layout[shown == name]
        size, width = (14.0, 1.0) if unknown else (26.0, 0.2)
        axes.scatter(at[:, 0], at[:, 1], marker=mark, color=colour, s=size, linewidths=width)
        said = f"{'unknown' if unknown else name} ({len(at)})"
        handles.append(
            Line2D([], [], linestyle="", marker=mark, color=colour, mew=width, label=said)
        )
    axes.set_title(
        f"{title}: t-SNE of {len(shown):,} images (axes have no unit)",
        fontsize=10,
        color=INK,
        loc="left",
    )
    axes.set_xticks([])
    axes.set_yticks([])
    tidy(axes)
    figure.legend(handles=handles, loc="outside right center", frameon=False, labelcolor=INK)
    return png(figure)

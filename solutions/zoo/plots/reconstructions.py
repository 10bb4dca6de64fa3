"""Images beside what a network made of them, with prediction and truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from datasets.image_set import UNKNOWN
from solutions.errors import UserError
from solutions.zoo.plots.canvas import INK, UNKNOWN_COLOUR, png

MOST = 12  # images of a family that are drawn
CELL = 0.85  # inches


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """Images of one family, and what a method made of them.

    Attributes:
        images: float (N, C, H, W) in [-1, 1], C = 1 or 3.
        reconstructions: The same shape and range; what lies outside is clipped.
        predictions: int (N,), 0 to K - 1, or 10.
        labels: int (N,), the same.

    Raises:
        UserError: Other shapes.
    """

    images: NDArray[np.floating]
    reconstructions: NDArray[np.floating]
    predictions: NDArray[np.integer]
    labels: NDArray[np.integer]

    def __post_init__(self) -> None:
        shape = self.images.shape
        if len(shape) != 4 or shape[1] not in (1, 3) or self.reconstructions.shape != shape:
            raise UserError(
                "images and reconstructions are (N, C, H, W) with 1 or 3 channels, not "
                f"{shape} and {self.reconstructions.shape}"
            )
        if not self.predictions.shape == self.labels.shape == shape[:1]:
            raise UserError(
                f"{shape[0]} images need as many predictions and labels, not "
                f"{self.predictions.shape} and {self.labels.shape}"
            )


def plot_reconstructions(
    families: Mapping[str, Reconstructed], title: str = "reconstructions"
) -> bytes:
    """Draw originals above their reconstructions, prediction and truth below; errors stand out.

    Args:
        families: By name, at least one; the first twelve images of each. A family without an image
            is drawn as such.
        title: Of the picture, such as the method's name.

    Returns:
        A PNG.

    Raises:
        UserError: There is no family.
    """
    if not families:
        raise UserError("there is no family of images whose reconstructions could be drawn")
    columns = max(4, *(min(MOST, len(family.images)) for family in families.values()))
    # A family without an image has only its name.
    heights = [2.6 * CELL if len(family.images) else 0.3 for family in families.values()]
    size = (CELL * columns + 0.4, sum(heights) + 0.35)
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(
        f"{title}: original, reconstruction, prediction", fontsize=10, color=INK, x=0.01, ha="left"
    )
    bands = np.atleast_1d(np.asarray(figure.subfigures(len(families), 1, height_ratios=heights)))
    for band, (name, family) in zip(bands, families.items(), strict=True):
        some = name if len(family.images) else f"{name}: no images"
        band.suptitle(some, fontsize=9, color=INK, x=0.01, ha="left")
        if not len(family.images):
            continue
        grid = band.subplots(2, columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for column in range(min(columns, len(family.images))):
            _show(grid[0, column], family.images[column])
            _show(grid[1, column], family.reconstructions[column])
            _say(grid[1, column], int(family.predictions[column]), int(family.labels[column]))
    return png(figure)


def _show(axes: Axes, image: NDArray[np.floating]) -> None:
    shown = np.clip((np.nan_to_num(image) + 1) / 2, 0, 1).transpose(1, 2, 0)  # (H, W, C)
    axes.imshow(np.repeat(shown, 3, axis=2) if shown.shape[2] == 1 else shown)


def _say(axes: Axes, prediction: int, label: int) -> None:
    right = prediction == label
    axes.text(
        0.5,
        -0.08,
        verdict(prediction, label),
        transform=axes.transAxes,
        ha="center",
        va="top",
        fontsize=8,
        color=INK if right else UNKNOWN_COLOUR,
        fontweight="normal" if right else "bold",
    )


def verdict(prediction: int, label: int) -> str:
    """What was predicted and, where that is wrong, what is true."""
    said, true = (("unknown" if value == UNKNOWN else str(value)) for value in (prediction, label))
    return said if prediction == label else f"{said}\nis {true}"

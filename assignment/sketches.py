"""The walkthrough's pictures, as PNG. Given, not graded.

NumPy arrays in, bytes out, as in `plots.py`: nothing here knows your tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from .plots import FAINT, INK, KNOWN_COLOUR, UNKNOWN_COLOUR, as_png, tidy

Images = NDArray[Any]  # (K, 28, 28), uint8 or float in [-1, 1]
Numbers = NDArray[np.floating]
UNKNOWN = 10
WIDTH = 9.0  # inches
SMALL = 9
FAMILY_COLOURS = ("#dd6b20", "#b7791f", "#9b2c2c", "#805ad5", "#2f855a", "#d53f8c", "#4a5568")
# Three classes that differ in hue, lightness and mark.
CLASS_COLOURS, CLASS_MARKS = ("#2b6cb0", "#dd6b20", "#2f855a"), "os^"


def draw_rows(rows: Mapping[str, Images], known: Sequence[bool] = ()) -> bytes:
    """Draw a row of images for each name.

    Args:
        rows: images by what stands before them.
        known: of each row, whether it shows digits; its name has their colour then.
    """
    columns = max(len(images) for images in rows.values())
    height = 0.78 * len(rows) * min(1.0, 10 / columns) + 0.1
    figure = Figure(figsize=(WIDTH, max(height, 0.8)), layout="constrained")
    ratios = [2.2, *[1.0] * columns]
    grid = np.asarray(figure.subplots(len(rows), columns + 1, squeeze=False, width_ratios=ratios))
    colours = [KNOWN_COLOUR if digits else UNKNOWN_COLOUR for digits in known]
    for line, (name, images) in enumerate(rows.items()):
        for axes in grid[line]:
            axes.set_axis_off()
        colour = colours[line] if colours else INK
        grid[line, 0].text(
            1, 0.5, f"{name}  ", ha="right", va="center", fontsize=SMALL, color=colour
        )
        for axes, image in zip(grid[line, 1:], images, strict=False):
            _image(axes, image)
    return as_png(figure)


def draw_sure(images: Images, said: Sequence[int], sure: Sequence[float]) -> bytes:
    """Draw images, and below each the digit that it was taken for and how surely.

    Args:
        images: (K, 28, 28).
        said: digits, (K,).
        sure: probabilities, (K,).
    """
    columns = 6
    lines = -(-len(images) // columns)
    figure = Figure(figsize=(WIDTH, 1.6 * lines), layout="constrained")
    grid = np.asarray(figure.subplots(lines, columns, squeeze=False))
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, image, digit, share in zip(grid.flat, images, said, sure, strict=False):
        _image(axes, image)
        axes.text(
            0.5, -0.05, f"a {digit}, {_percent(share)}", transform=axes.transAxes,
            fontsize=10, color=UNKNOWN_COLOUR, ha="center", va="top",
        )  # fmt: skip
    return as_png(figure)


def draw_confidences(known: Numbers, unknown: Mapping[str, Numbers]) -> bytes:
    """Draw how sure a softmax is: of digits, and of each family that holds none.

    Args:
        known: largest probability of each digit, (N,).
        unknown: the same by family.
    """
    figure = Figure(figsize=(WIDTH, 1.15 * (len(unknown) + 1) + 0.4), layout="constrained")
    groups = {"digits": known, **unknown}
    panels = np.atleast_1d(np.asarray(figure.subplots(len(groups), 1, sharex=True)))
    for axes, (name, sure) in zip(panels, groups.items(), strict=True):
        colour = KNOWN_COLOUR if name == "digits" else UNKNOWN_COLOUR
        weights = np.full(len(sure), 1 / len(sure))
        axes.hist(sure, bins=np.linspace(0, 1, 41).tolist(), weights=weights, color=colour)
        share = np.mean(sure > 0.9)
        axes.text(
            0.02, 0.82, f"{name}: {share:.0%} of them get more than 90%",
            transform=axes.transAxes, fontsize=SMALL, color=colour, va="top",
        )  # fmt: skip
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.yaxis.set_major_locator(MaxNLocator(3))
        axes.set_xlim(0, 1)
        tidy(axes)
    panels[-1].xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[-1].set_xlabel("largest softmax probability", fontsize=SMALL, color=INK)
    return as_png(figure)


def draw_logits(images: Images, logits: Numbers, names: Sequence[str]) -> bytes:
    """Draw images, and below each its ten logits as bars; the largest stands out.

    Args:
        images: (K, 28, 28).
        logits: (K, 10).
        names: what each image is.
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    grid = np.asarray(figure.subplots(2, len(images), height_ratios=[1, 1.5], squeeze=False))
    low, high = min(float(logits.min()), 0.0), max(float(logits.max()), 0.0)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    for column, name in enumerate(names):
        top, bottom = grid[:, column]
        top.set_axis_off()
        _image(top, images[column])
        top.set_title(name, fontsize=SMALL, color=INK)
        winner = int(logits[column].argmax())
        places = np.arange(logits.shape[1])
        colours = [UNKNOWN_COLOUR if place == winner else FAINT for place in places]
        bottom.bar(places, logits[column], color=colours)
        bottom.axhline(0, color=INK, linewidth=0.8)
        bottom.set_ylim(1.08 * low, 1.08 * high)
        bottom.set_xticks(places)
        bottom.set_xlabel(
            f"softmax: {winner}, {_percent(probabilities[column, winner])}",
            fontsize=SMALL, color=UNKNOWN_COLOUR,
        )  # fmt: skip
        tidy(bottom)
    grid[1, 0].set_ylabel("logit", fontsize=SMALL, color=INK)
    return as_png(figure)


def draw_pulls(
    path: Numbers, pulls: Numbers, labels: NDArray[np.integer], losses: Sequence[float]
) -> bytes:
    """Draw points that a loss pulls together and pushes apart: before, and on their way.

    Args:
        path: where the points are after each step, (S, N, 2).
        pulls: the direction in which each would move first, (N, 2).
        labels: classes 0-2, (N,).
        losses: the loss before and after.
    """
    figure = Figure(figsize=(WIDTH, 4.0), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    titles = (f"before: loss {losses[0]:.3f}", f"after {len(path) - 1} steps: loss {losses[1]:.3f}")
    longest = float(np.linalg.norm(pulls, axis=1).max()) or 1.0
    for axes, points, title in zip((left, right), (path[0], path[-1]), titles, strict=True):
        for label in np.unique(labels):
            colour, mark = CLASS_COLOURS[label], CLASS_MARKS[label]
            mine = labels == label
            if axes is right:
                axes.plot(path[:, mine, 0], path[:, mine, 1], color=colour, alpha=0.35, linewidth=1)
            axes.scatter(*points[mine].T, color=colour, marker=mark, s=42, zorder=3,
                         label=f"class {label}", edgecolor="white", linewidth=0.6)  # fmt: skip
        axes.set_title(title, fontsize=10, color=INK, loc="left")
        axes.set_aspect("equal")
        tidy(axes)
    arrows = 0.35 * pulls / longest
    left.quiver(*path[0].T, *arrows.T, angles="xy", scale_units="xy", scale=1,
                color=INK, width=0.005, zorder=4)  # fmt: skip
    left.legend(frameon=False, fontsize=SMALL, labelcolor=INK, loc="best")
    return as_png(figure)


def draw_trade_off(
    zs: Numbers, accepted: Numbers, rejected: Mapping[str, Numbers], chosen: float = 3.0
) -> bytes:
    """Draw what a higher threshold wins and loses.

    Args:
        zs: how many standard deviations above the mean, (Z,).
        accepted: the fraction of known digits that stay, (Z,).
        rejected: the fraction of each unknown family that goes, (Z,), by name.
        chosen: the z that is used.
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(zs, accepted, color=KNOWN_COLOUR, linewidth=2.4, label="known digits accepted")
    styles = ("-", "--", ":", "-.")
    for number, (name, share) in enumerate(rejected.items()):
        axes.plot(
            zs, share, color=FAMILY_COLOURS[number % len(FAMILY_COLOURS)],
            linestyle=styles[number % len(styles)], linewidth=1.8, label=f"{name} rejected",
        )  # fmt: skip
    axes.axvline(chosen, color=INK, linewidth=1.2, linestyle="--")
    axes.text(chosen, 0.03, f" z = {chosen:g}", color=INK, fontsize=SMALL)
    axes.set_ylim(0, 1.03)
    axes.set_xlim(float(zs.min()), float(zs.max()))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("z: standard deviations above the mean error of held-out digits",
                    fontsize=SMALL, color=INK)  # fmt: skip
    axes.legend(frameon=False, fontsize=SMALL, labelcolor=INK, loc="lower right")
    tidy(axes)
    return as_png(figure)


def draw_confusion(truth: NDArray[np.integer], said: NDArray[np.integer]) -> bytes:
    """Draw which label got which: eleven rows of truth, eleven columns of predictions, in percent.

    Args:
        truth: labels 0-10, (N,).
        said: predictions 0-10, (N,).
    """
    counts = np.zeros((UNKNOWN + 1, UNKNOWN + 1))
    np.add.at(counts, (truth, said), 1)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    figure = Figure(figsize=(6.2, 5.4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(counts), strict=True):
        share = shares[row, column]
        axes.text(
            column, row, f"{100 * share:.0f}" if share >= 0.005 else "<1",
            ha="center", va="center", fontsize=8,
            color="white" if share > 0.55 else INK,
        )  # fmt: skip
    names = [*map(str, range(UNKNOWN)), "unknown"]
    axes.set_xticks(range(UNKNOWN + 1), names, rotation=0)
    axes.set_yticks(range(UNKNOWN + 1), [
        f"{name}  ({int(total):,})" for name, total in zip(names, totals[:, 0], strict=True)
    ])  # fmt: skip
    for line in (axes.axhline, axes.axvline):
        line(UNKNOWN - 0.5, color=UNKNOWN_COLOUR, linewidth=1.4)
    axes.set_xlabel("predicted", fontsize=SMALL, color=INK)
    axes.set_ylabel("true (how many)", fontsize=SMALL, color=INK)
    axes.set_title("percent of each row", fontsize=10, color=INK, loc="left")
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.spines[:].set_visible(False)
    return as_png(figure)


def draw_live(steps: Sequence[int], losses: Mapping[str, Sequence[float]], title: str) -> bytes:
    """Draw a training that is still going on: each part of the loss on its own scale.

    Args:
        steps: the steps that were reported, at least one.
        losses: the losses of those batches, by name.
        title: where it stands.
    """
    figure = Figure(figsize=(WIDTH, 2.7), layout="constrained")
    panels: list[Axes] = list(figure.subplots(1, len(losses), squeeze=False)[0])
    for axes, (name, values) in zip(panels, losses.items(), strict=True):
        marker = "o" if len(steps) <= 20 else ""  # a single step would draw no line
        axes.plot(steps, values, color=KNOWN_COLOUR, linewidth=1.6, marker=marker, markersize=3)
        axes.set_title(name, fontsize=10, color=INK, loc="left")
        axes.set_xlabel("step", fontsize=SMALL, color=INK)
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        tidy(axes)
    figure.suptitle(title, fontsize=10, color=INK, x=0.01, ha="left")
    return as_png(figure)


def _percent(share: float) -> str:
    """A share that is nearly one is not called one."""
    return f"{share:.1%}" if share < 0.9995 else "> 99.9%"


def _image(axes: Axes, image: Images) -> None:
    black, white = (0, 255) if image.dtype == np.uint8 else (-1, 1)
    axes.imshow(image, cmap="gray", vmin=black, vmax=white)

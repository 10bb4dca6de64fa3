"""A class in one picture: points, checks, and accuracy on known against unknown images."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ..pictures import FAINT, INK, KNOWN, SYSTEM, TEXT, UNKNOWN, mark_others, png, tidy
from .accuracy import AccuracyGroup
from .scores import ScoreStatistics
from .summary import Summary

BELOW = (0.45, -0.12)  # an axis and its labels


def draw_summary(summary: Summary) -> bytes:
    """Draw a class as a PNG; a panel without anything to show says so."""
    height = max(7.0, 2.5 + 0.26 * len(summary.checks))
    figure = Figure(figsize=(12, height), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.15), height_ratios=(1, 1.5))
    count = len(summary.grades.everyone)
    figure.suptitle(f"{count} student{'s' * (count != 1)}", color=INK, fontsize=12)
    _draw_total(figure.add_subplot(grid[0, 0]), summary.total)
    _draw_accuracies(figure.add_subplot(grid[1, 0]), summary.accuracies)
    _draw_checks(figure.add_subplot(grid[:, 1]), summary)
    return png(figure)


def _draw_total(axes: Axes, total: ScoreStatistics) -> None:
    points = total.points
    axes.set_title(f"points of {points.count} whole grades", **TEXT)
    if points.quantiles is None:
        _say(axes, "no whole grade yet")
        return
    widths = [right - left for left, right in zip(points.edges, points.edges[1:], strict=False)]
    axes.bar(points.edges[:-1], points.bins, widths, align="edge", color=KNOWN, edgecolor="white")
    median = points.quantiles[2]
    axes.axvline(median, color=UNKNOWN, linewidth=1.5, label=f"median {median:.1f}")
    axes.set_xlim(0, points.edges[-1])
    axes.set_xlabel(f"points of {total.max_score:g}", fontsize=9, color=INK)
    axes.set_ylabel("students", fontsize=9, color=INK)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    tidy(axes)


def _draw_accuracies(axes: Axes, groups: tuple[AccuracyGroup, ...]) -> None:
    axes.set_title("accuracy on known and on unknown images", **TEXT)
    if not groups:
        _say(axes, "no model was measured")
        return
    group = groups[0]
    axes.set_title(f"accuracy, {group.data}, {group.tier} data", **TEXT)
    known = [one.known_accuracy for one in group.students]
    unknown = [one.unknown_accuracy for one in group.students]
    axes.scatter(known, unknown, s=28, color=KNOWN, alpha=0.6, linewidth=0,
                 label=f"{len(known)} student{'s' * (len(known) != 1)}")  # fmt: skip
    mark_others(axes, group.reference, group.published)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=BELOW, ncols=2)
    if others := sum(len(other.students) for other in groups[1:]):
        axes.set_xlabel(f"known accuracy ({others} on other data not drawn)", fontsize=9, color=INK)


def _draw_checks(axes: Axes, summary: Summary) -> None:
    axes.set_title("checks: passed, and points earned without passing", **TEXT)
    checks = summary.checks[::-1]
    if not checks:
        _say(axes, "nothing is graded yet")
        return
    names = [check.id for check in checks]
    passed = [check.pass_rate for check in checks]
    partly = [max(0.0, check.share - check.pass_rate) for check in checks]
    axes.barh(names, passed, color=KNOWN, height=0.7, label="passed")
    axes.barh(names, partly, left=passed, color=SYSTEM, height=0.7, label="earned in part")
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("share of the submissions", fontsize=9, color=INK)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=2)
    tidy(axes)


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", color=FAINT, transform=axes.transAxes)
    axes.set_axis_off()

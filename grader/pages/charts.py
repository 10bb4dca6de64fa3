"""Charts as positions: plain numbers in, what `charts.html.j2` draws out.

A chart is 360 wide, so that its letters are as large on a phone as the text beside it. Which series
is which is told by dash or shape as well as by colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .scale import Point, Scale, log_ticks, span, thin, tick_label, ticks

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 54, 12, 12, 44
TOLERANCE = 0.35  # of a thinned curve, in pixels: nobody sees it
ROW, BAR = 34, 10  # of horizontal bars
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "star")
Range = tuple[float, float]


@dataclass(frozen=True)
class Tick:
    """A position on an axis, in pixels, with its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """An axis: its title with the unit, and its ticks."""

    title: str
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Frame:
    """What a chart's marks lie in; `description` says in words what is to be seen."""

    id: str
    title: str
    description: str
    x: Axis
    y: Axis
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Curve:
    """A series of a line chart or an area of a histogram, as an SVG path."""

    name: str
    path: str
    style: int


@dataclass(frozen=True)
class Stop:
    """A place on a curve worth a word: its position in pixels, and the word."""

    x: float
    y: float
    label: str
    label_left: bool


@dataclass(frozen=True)
class LineChart:
    """Curves in a frame, and the diagonal that guessing would draw where it is asked for."""

    frame: Frame
    curves: tuple[Curve, ...]
    diagonal: str = ""
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True)
class Histogram:
    """Areas of counts in a frame, and a vertical line; `line_at` is None where there is none."""

    frame: Frame
    areas: tuple[Curve, ...]
    line_at: float | None
    line_label: str
    label_left: bool


@dataclass(frozen=True)
class Dots:
    """One group of a scatter plot: what to call it, where its points lie, how they look.

    Attributes:
        name: for the legend.
        points: (x, y) of each.
        titles: of each point, shown where the pointer rests; empty for none.
        links: of each point; empty for none.
        hollow: an outline, which stands out among filled points.
        size: half a mark's width in pixels.
        glyphs: one letter of each point, drawn in place of a shape and without title and link;
            empty for none.
    """

    name: str
    points: Sequence[Point]
    titles: Sequence[str] = ()
    links: Sequence[str] = ()
    hollow: bool = False
    size: float = 3.0
    glyphs: Sequence[str] = ()


@dataclass(frozen=True)
class Mark:
    """One point: its shape as an SVG path, what it is, and where it leads ("" for nowhere).

    With a `glyph` it has no path; the letter stands around (x, y).
    """

    path: str
    title: str
    link: str
    glyph: str = ""
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Group:
    """The marks of one group, and its shape once more for the legend."""

    name: str
    marks: tuple[Mark, ...]
    style: int
    hollow: bool
    sample: str
    sample_glyph: str = ""


@dataclass(frozen=True)
class Scatter:
    """Groups of marks in a frame."""

    frame: Frame
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Bar:
    """One horizontal bar: `share` in [0, 1] filled, `more` in [0, 1] after it in a paler tone."""

    label: str
    share: float
    value: str
    more: float = 0.0
    link: str = ""


@dataclass(frozen=True)
class PlacedBar:
    """A bar where it is drawn."""

    bar: Bar
    top: int
    width: float
    more_width: float


@dataclass(frozen=True)
class Bars:
    """Bars one below the other, each under its label."""

    id: str
    title: str
    description: str
    bars: tuple[PlacedBar, ...]
    width: int
    height: int
    thickness: int = BAR


def line_chart(
    id: str,  # noqa: A002 (the attribute's name)
    title: str,
    description: str,
    curves: Sequence[tuple[str, Sequence[Point]]],
    x: str,
    y: str,
    x_range: Range | None = None,
    y_range: Range | None = None,
    as_percent: bool = False,
    diagonal: bool = False,
    stops: Sequence[tuple[Point, str]] = (),
) -> LineChart:
    """Curves over one axis.

    Args:
        id: unique in the page; letters, digits and hyphens.
        title: what it shows.
        description: what is to be seen, in words.
        curves: a name and points in the order they are joined, of each.
        x: the axis' title with its unit.
        y: the other's.
        x_range: lowest and highest value; None for what the points need.
        y_range: the same of the other axis.
        as_percent: values are fractions, labelled in per cent.
        diagonal: draw the line from corner to corner.
        stops: places on the curves worth a word, and the word.
    """
    points = [point for _, curve in curves for point in curve]
    frame, to_x, to_y = _frame(
        id, title, description, x, y,
        x_range or span([p[0] for p in points]), y_range or span([p[1] for p in points], 0.04),
        as_percent,
    )  # fmt: skip
    drawn = tuple(
        Curve(name, _joined(thin([(to_x(a), to_y(b)) for a, b in curve], TOLERANCE)), style)
        for style, (name, curve) in enumerate(curves)
    )
    corner = f"M{frame.left} {frame.bottom}L{frame.right} {frame.top}" if diagonal else ""
    middle = (frame.left + frame.right) / 2
    placed = tuple(Stop(to_x(a), to_y(b), word, to_x(a) > middle) for (a, b), word in stops)
    return LineChart(frame, drawn, corner, placed)


def histogram(
    id: str,  # noqa: A002
    title: str,
    description: str,
    groups: Sequence[tuple[str, Sequence[float]]],
    edges: Sequence[float],
    x: str,
    y: str,
    line: float | None = None,
    line_label: str = "",
    logarithmic: bool = False,
    counts: bool = False,
) -> Histogram:
    """Counts or shares of some groups over the same bins.

    Args:
        id: unique in the page.
        title: what it shows.
        description: what is to be seen, in words.
        groups: a name and a height for each bin.
        edges: of the bins, one more than there are, rising.
        x: the axis' title with its unit.
        y: the other's.
        line: where to draw a vertical line; one outside of the bins lies at the edge.
        line_label: what it is.
        logarithmic: values are laid out by their logarithms; all edges must be above 0.
        counts: heights are whole numbers, and so are the ticks beside them.
    """
    highest = max([0.0, *(height for _, heights in groups for height in heights)])
    place = math.log10 if logarithmic else float
    placed = [place(edge) for edge in edges]
    frame, to_x, to_y = _frame(
        id, title, description, x, y, (placed[0], placed[-1]), (0.0, 1.06 * highest or 1.0)
    )
    if logarithmic:
        decades = tuple(
            Tick(to_x(math.log10(value)), f"{value:g}") for value in log_ticks(edges[0], edges[-1])
        )
        frame = replace(frame, x=Axis(x, decades))
    if counts and highest:
        whole = ticks(0, 1.06 * highest, whole=True)
        frame = replace(frame, y=Axis(y, tuple(Tick(to_y(value), f"{value:g}") for value in whole)))
    areas = tuple(
        Curve(name, _steps(heights, placed, to_x, to_y), style)
        for style, (name, heights) in enumerate(groups)
    )
    at = None
    if line is not None:
        at = to_x(place(max(line, edges[0])))
    on_the_right = at is not None and at > (frame.left + frame.right) / 2
    return Histogram(frame, areas, at, line_label, on_the_right)


def scatter(
    id: str,  # noqa: A002
    title: str,
    description: str,
    groups: Sequence[Dots],
    x: str,
    y: str,
    x_range: Range | None = None,
    y_range: Range | None = None,
    as_percent: bool = False,
    numbered: bool = True,
) -> Scatter:
    """Points of some groups, each group with a shape and a colour of its own.

    Args:
        id: unique in the page.
        title: what it shows.
        description: what is to be seen, in words.
        groups: the points.
        x: the axis' title with its unit.
        y: the other's.
        x_range: lowest and highest value; None for what the points need.
        y_range: the same of the other axis.
        as_percent: values are fractions, labelled in per cent.
        numbered: label the ticks; a picture of neighbourhoods has axes without meaning.
    """
    points = [point for group in groups for point in group.points]
    frame, to_x, to_y = _frame(
        id, title, description, x, y,
        x_range or span([p[0] for p in points], 0.06),
        y_range or span([p[1] for p in points], 0.06),
        as_percent, numbered,
    )  # fmt: skip
    drawn = []
    for style, group in enumerate(groups):
        shape = SHAPES[style % len(SHAPES)]
        marks = tuple(
            Mark(
                "" if group.glyphs else _shape(shape, to_x(a), to_y(b), group.size),
                group.titles[number] if group.titles else "",
                group.links[number] if group.links else "",
                group.glyphs[number] if group.glyphs else "",
                to_x(a),
                to_y(b),
            )
            for number, (a, b) in enumerate(group.points)
        )
        first = group.glyphs[0] if group.glyphs else ""
        sample = _shape(shape, 12, 6, 4.5)
        drawn.append(Group(group.name, marks, style, group.hollow, sample, first))
    return Scatter(frame, tuple(drawn))


def horizontal_bars(
    id: str,  # noqa: A002
    title: str,
    description: str,
    bars: Sequence[Bar],
) -> Bars:
    """Bars under their labels."""
    placed = tuple(
        PlacedBar(
            bar,
            number * ROW,
            round(WIDTH * min(max(bar.share, 0.0), 1.0), 1),
            round(WIDTH * min(max(bar.share + bar.more, 0.0), 1.0), 1),
        )
        for number, bar in enumerate(bars)
    )
    return Bars(id, title, description, placed, WIDTH, ROW * len(bars))


def _frame(
    id: str,  # noqa: A002
    title: str,
    description: str,
    x: str,
    y: str,
    x_range: Range,
    y_range: Range,
    as_percent: bool = False,
    numbered: bool = True,
) -> tuple[Frame, Scale, Scale]:
    to_x = Scale(*x_range, LEFT, WIDTH - RIGHT)
    to_y = Scale(*y_range, HEIGHT - BOTTOM, TOP)
    along, up = (
        Axis(name, _ticks(values, place, as_percent) if numbered else ())
        for name, values, place in ((x, x_range, to_x), (y, y_range, to_y))
    )
    return Frame(id, title, description, along, up), to_x, to_y


def _ticks(values: Range, place: Scale, as_percent: bool) -> tuple[Tick, ...]:
    factor, unit = (100, " %") if as_percent else (1, "")
    found = ticks(factor * values[0], factor * values[1])
    step = found[1] - found[0]
    return tuple(Tick(place(value / factor), tick_label(value, step) + unit) for value in found)


def _joined(points: Sequence[Point]) -> str:
    return "".join(f"{'L' if n else 'M'}{a:g} {b:g}" for n, (a, b) in enumerate(points))


def _steps(
    heights: Sequence[float],
    edges: Sequence[float],
    to_x: Callable[[float], float],
    to_y: Callable[[float], float],
) -> str:
    """The outline of bars that stand side by side, closed along the axis."""
    path = f"M{to_x(edges[0]):g} {to_y(0):g}"
    for height, right in zip(heights, edges[1:], strict=True):
        path += f"V{to_y(height):g}H{to_x(right):g}"
    return f"{path}V{to_y(0):g}Z"


def _shape(shape: str, x: float, y: float, size: float) -> str:
    """A mark around (x, y) as an SVG path."""
    if shape == "circle":
        return f"M{x - size:g} {y:g}a{size:g} {size:g} 0 1 0 {2 * size:g} 0a{size:g} {size:g} 0 1 0 {-2 * size:g} 0Z"  # noqa: E501
    corners = _CORNERS[shape]
    return _joined([(round(x + size * a, 1), round(y + size * b, 1)) for a, b in corners]) + "Z"


_CORNERS: dict[str, tuple[Point, ...]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    "diamond": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "cross": (
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
        (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
    ),
    "star": (
        (0, -1.5), (0.37, -0.51), (1.43, -0.46), (0.6, 0.19), (0.88, 1.21),
        (0, 0.63), (-0.88, 1.21), (-0.6, 0.19), (-1.43, -0.46), (-0.37, -0.51),
    ),
}  # fmt: skip

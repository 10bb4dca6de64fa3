import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pages.charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Bar,
    Dots,
    histogram,
    horizontal_bars,
    line_chart,
    scatter,
)  # fmt: skip
from grader.pages.environment import environment

values = st.floats(-1e12, 1e12)
BAD = "<script>alert('\"x\"')</script>\u202e\x1b[31m</svg>"


def draw(macro, chart):
    text = environment().from_string(
        '{% import "charts.html.j2" as charts %}{{ charts.' + macro + "(chart) }}"
    )
    return text.render(chart=chart)


def parse(markup):
    return ElementTree.fromstring(markup)  # well formed, whatever is in it


def corners(path):
    """The absolute points of a path made of M, L and Z."""
    return [tuple(map(float, pair.split())) for pair in re.findall(r"[ML]([-\d.]+ [-\d.]+)", path)]


def test_a_curve_runs_from_corner_to_corner():
    chart = line_chart("roc", "ROC", "d", [("a", [(0, 0), (0.5, 0.5), (1, 1)])], "x", "y", (0, 1),
                       (0, 1))  # fmt: skip
    assert corners(chart.curves[0].path) == [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, TOP)]


@given(st.lists(st.tuples(values, values), max_size=30))
def test_curves_and_marks_stay_within_their_frame(points):
    chart = line_chart("a", "t", "d", [("c", points)], "x", "y")
    dots = scatter("b", "t", "d", [Dots("g", points)], "x", "y")
    placed = corners(chart.curves[0].path)
    placed += [corners(mark.path)[0] for mark in dots.groups[0].marks]
    for x, y in placed:
        assert LEFT - 3 <= x <= WIDTH - RIGHT
        assert TOP <= y <= HEIGHT - BOTTOM
    for name, drawn in (("line", chart), ("scatter", dots)):
        parse(draw(name, drawn))


def test_a_histogram_has_the_areas_of_its_heights():
    edges, heights = [0.0, 1.0, 2.0, 4.0], [3.0, 0.0, 5.0]
    chart = histogram("h", "t", "d", [("known", heights)], edges, "x", "y", 3.0, "threshold")
    steps = re.findall(r"V([\d.]+)H([\d.]+)", chart.areas[0].path)
    unit = (HEIGHT - BOTTOM - TOP) / (1.06 * 5)
    assert [(HEIGHT - BOTTOM - float(y)) / unit for y, _ in steps] == pytest.approx(
        heights, abs=0.02
    )
    across = (WIDTH - RIGHT - LEFT) / 4
    assert [(float(x) - LEFT) / across for _, x in steps] == pytest.approx([1, 2, 4], abs=0.01)
    assert chart.line_at == pytest.approx(LEFT + 3 * across, abs=0.06)
    assert chart.label_left  # where there is room


@pytest.mark.parametrize("line", [-1e30, 1e30])
def test_a_threshold_far_away_lies_at_the_edge(line):
    chart = histogram("h", "t", "d", [("known", [1.0])], [0.0, 1.0], "x", "y", line, "threshold")
    assert chart.line_at in (LEFT, WIDTH - RIGHT)


def test_glyphs_stand_where_the_points_are_in_place_of_shapes():
    chart = scatter("b", "t", "d", [Dots("g", [(0, 0), (1, 1)], glyphs=["3", "<"])], "x", "y",
                    (0, 1), (0, 1), numbered=False)  # fmt: skip
    svg = parse(draw("scatter", chart)).find("svg")
    (text,) = svg.find("g").findall("text")
    xs, ys = ([float(number) for number in text.get(axis).split()] for axis in "xy")
    drawn = list(zip(text.text, xs, ys, strict=True))
    assert drawn == [("3", LEFT, HEIGHT - BOTTOM), ("<", WIDTH - RIGHT, TOP)]
    assert svg.find("g").findall("path") == []


def test_three_hundred_glyphs_are_one_element_and_small():
    """A class of 300 has a report each, and all of them are to fit 20 MB."""
    points = [(number / 300, 1 - number / 300) for number in range(300)]
    chart = scatter("b", "t", "d", [Dots("g", points, glyphs=["8"] * 300)], "x", "y",
                    (0, 1), (0, 1), numbered=False)  # fmt: skip
    svg = draw("scatter", chart)
    assert len(parse(svg).find("svg").find("g").findall("text")) == 1
    assert len(svg) < 5000


def test_a_stop_is_on_its_curve():
    chart = line_chart("i", "t", "d", [("c", [(0, 0), (1, 1)])], "x", "y", (0, 1), (0, 1),
                       stops=[((1, 1), "here")])  # fmt: skip
    (stop,) = chart.stops
    assert (stop.x, stop.y) == corners(chart.curves[0].path)[-1]
    assert stop.label_left  # where there is room


def test_a_logarithmic_histogram_has_decades_at_even_distances():
    edges = [0.01, 0.1, 1.0, 10.0]
    chart = histogram("h", "t", "d", [("a", [1.0, 2.0, 3.0])], edges, "x", "y", 0.1, "t",
                      logarithmic=True)  # fmt: skip
    across = (WIDTH - RIGHT - LEFT) / 3
    steps = [float(x) for x in re.findall(r"H([\d.]+)", chart.areas[0].path)]
    assert steps == pytest.approx([LEFT + across * n for n in (1, 2, 3)], abs=0.06)
    assert chart.line_at == steps[0]
    assert [tick.label for tick in chart.frame.x.ticks] == [
        "0.01", "0.03", "0.1", "0.3", "1", "3", "10",
    ]  # fmt: skip


def test_bars_are_as_long_as_their_shares():
    chart = horizontal_bars("b", "t", "d", [Bar("a", 0.25, "25 %", 0.5), Bar("b", 7, "?")])
    assert [placed.width for placed in chart.bars] == [WIDTH / 4, WIDTH]
    assert [placed.more_width for placed in chart.bars] == [3 * WIDTH / 4, WIDTH]


@pytest.mark.parametrize(
    ("macro", "chart"),
    [
        ("line", line_chart("i", BAD, BAD, [(BAD, [(0, 1)]), (BAD, [(1, 2)])], BAD, BAD)),
        ("histogram", histogram("i", BAD, BAD, [(BAD, [1.0])] * 2, [0, 1], BAD, BAD, 0.5, BAD)),
        ("scatter", scatter("i", BAD, BAD, [Dots(BAD, [(0, 1)], [BAD], [BAD], True)], BAD, BAD)),
        ("bars", horizontal_bars("i", BAD, BAD, [Bar(BAD, 0.5, BAD, 0.2, BAD)])),
    ],
)
def test_a_chart_is_an_image_with_words_and_none_of_them_is_markup(macro, chart):
    markup = draw(macro, chart)
    svg = parse(markup).find("svg")
    assert svg.get("role") == "img"
    named = [svg.find(f"*[@id='{name}']") for name in svg.get("aria-labelledby").split()]
    assert [element.tag for element in named] == ["title", "desc"]
    assert {element.tag for element in parse(markup).iter()} <= {
        "figure", "figcaption", "span", "svg", "title", "desc", "text", "path", "g", "rect", "a",
        "ul", "li",
    }  # fmt: skip
    assert "\u202e" not in markup
    assert "\x1b" not in markup

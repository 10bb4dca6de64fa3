"""Every picture is a PNG of a sensible size, the same for the same input, made without windows."""

from __future__ import annotations

import io
import subprocess
import sys

import matplotlib as mpl
import matplotlib.image
import pytest

from assignment import plots as assignment
from solutions.zoo.plots import canvas
from tests.solutions.zoo.plots.drawn import draw_all

NAMES = sorted(draw_all())


def pixels(png):
    """What is in a PNG, (H, W, 4) in [0, 1]."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n"), "not a PNG"
    return mpl.image.imread(io.BytesIO(png))


@pytest.fixture(scope="module", params=NAMES)
def picture(request):
    """Name and bytes of each picture, drawn once."""
    return request.param, draw_all()[request.param]()


def test_a_png_with_something_in_it(picture):
    image = pixels(picture[1])
    height, width, _ = image.shape
    assert 200 <= height <= 2000, f"{height} pixels high"
    assert 300 <= width <= 2000, f"{width} pixels wide"
    assert image.std() > 0.02, "nothing is drawn"


def test_the_same_input_gives_the_same_bytes(picture):
    name, png = picture
    assert draw_all()[name]() == png, f"{name} differs from one drawing to the next"


def test_no_window_and_no_torch():
    code = (
        "import sys; from tests.solutions.zoo.plots.drawn import draw_all; "
        "print({'matplotlib.pyplot', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stdout + done.stderr


@pytest.mark.parametrize("colour", ["KNOWN_COLOUR", "UNKNOWN_COLOUR", "INK", "FAINT"])
def test_colours_are_those_of_the_assignment(colour):
    assert getattr(canvas, colour) == getattr(assignment, colour)

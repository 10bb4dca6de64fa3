"""Formulas as pictures, so that a page shows them without a script from elsewhere.

Matplotlib knows the part of TeX that the walkthrough uses. Given, not graded.
"""

from __future__ import annotations

import base64
import html
import io

from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser, math_to_image

POINTS = 12  # of the text that an em is measured by


def as_image(tex: str, *, alone: bool) -> str:
    """A formula as an HTML image, or as code where it is beyond Matplotlib.

    Args:
        tex: without dollar signs.
        alone: on a line of its own.
    """
    formula = f"${' '.join(tex.split())}$"
    size = 1.0
    if alone:  # where TeX draws larger, too
        formula, size = formula.replace(r"\frac", r"\dfrac"), 1.2
    font = FontProperties(size=POINTS, math_fontfamily="cm")
    picture = io.BytesIO()
    try:
        # The sizes come in points, since there are 72 of them to an inch.
        _, height, depth, *_ = MathTextParser("path").parse(formula, dpi=72, prop=font)
        math_to_image(formula, picture, prop=font, dpi=72, format="svg")
    except ValueError:
        return f"<code>{html.escape(tex)}</code>"
    encoded = base64.b64encode(picture.getvalue()).decode("ascii")
    em = size / POINTS
    style = f"height: {height * em:.3f}em; vertical-align: {-depth * em:.3f}em"
    image = (
        f'<img alt="{html.escape(formula)}" style="{style}" '
        f'src="data:image/svg+xml;base64,{encoded}">'
    )
    return f'<p style="text-align: center">{image}</p>' if alone else image

"""Unknown images that are printed letters, drawn with the fonts that matplotlib ships.

A letter goes through what the embedded digits went through, a binary bitmap of 32 by 32 whose
blocks are counted, so that neither sharpness nor size gives it away: only its shape does.
Its ink does not either: the letters' mean grey level is that of the digits within a tenth.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from datasets.digits import place
from datasets.image_set import ImageSet, unknown_set
from datasets.packaged import packaged_file
from datasets.seeds import stream

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

# The digit that a letter can be taken for, in these fonts or in handwriting.
LOOKALIKES = {
    0: "OoDQ",
    1: "IiJjlft",
    2: "Zz",
    4: "Ay",
    5: "Ss",
    6: "bG",
    7: "T",
    8: "B",
    9: "gqa",
}
LETTERS = "CEFHKLMNPRUVWXYcdehkmnpruvwx"

# Font file without .ttf, and by how many pixels its strokes are thickened at FONT_SIZE to be about
# as thick as the digits' are.
PUBLIC_FONTS = {
    "DejaVuSans": 0,
    "DejaVuSans-Oblique": 0,
    "DejaVuSans-Bold": 0,
    "DejaVuSansMono": 0,
    "DejaVuSerif": 0,
    "STIXGeneral": 2,
    "cmr10": 2,
}
FONT_SIZE = 96
CANVAS = 192
TURN = 10.0  # degrees, either way
SLANT = 0.15  # horizontal shift per unit of height, either way
BITMAP = 32


def make_letters(count: int, seed: int, fonts: Mapping[str, int] = PUBLIC_FONTS) -> ImageSet:
    """The family "letters": those that no digit resembles, upper and lower case."""
    return unknown_set("letters", _draw_all("letters", LETTERS, count, seed, fonts))


def make_lookalikes(count: int, seed: int, fonts: Mapping[str, int] = PUBLIC_FONTS) -> ImageSet:
    """The family "lookalikes": letters such as O and l. Not graded: some are digits to any eye."""
    characters = "".join(LOOKALIKES.values())
    images = _draw_all("lookalikes", characters, count, seed, fonts)
    return unknown_set("lookalikes", images, graded=False)


def _draw_all(
    name: str, characters: str, count: int, seed: int, fonts: Mapping[str, int]
) -> NDArray[np.uint8]:
    """Every character equally often, in random fonts and slants: (count, 28, 28) uint8."""
    from PIL import ImageFont

    random = stream(seed, name)
    # The basic layout, because the other one depends on a library that may be missing.
    loaded = [
        (
            ImageFont.truetype(_font_file(font), FONT_SIZE, layout_engine=ImageFont.Layout.BASIC),
            thick,
        )
        for font, thick in fonts.items()
    ]
    counts = np.empty((count, 8, 8), np.uint8)
    for index in range(count):
        font, thickening = loaded[random.randint(len(loaded))]
        turn, slant = random.uniform(-TURN, TURN), random.uniform(-SLANT, SLANT)
        letter = _draw(characters[index % len(characters)], font, thickening, turn, slant)
        counts[index] = _count_blocks(_bitmap(letter))
    return place(counts, random)


def _font_file(font: str) -> str:
    return str(packaged_file("matplotlib", "mpl-data", "fonts", "ttf", f"{font}.ttf"))


def _draw(
    character: str, font: "FreeTypeFont", thickening: int, turn: float, slant: float
) -> "Image":
    """One letter, turned and slanted about the middle of a large canvas."""
    from PIL import Image, ImageDraw

    canvas = Image.new("L", (CANVAS, CANVAS))
    middle = CANVAS / 2
    ImageDraw.Draw(canvas).text(
        (middle, middle), character, fill=255, font=font, anchor="mm", stroke_width=thickening
    )
    # Pillow wants the way back, from a pixel of the result to its place in the drawing.
    cosine, sine = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    back = np.array([[cosine, sine + slant], [-sine, cosine]])
    shift = middle - back @ (middle, middle)
    coefficients = (*back[0], shift[0], *back[1], shift[1])
    return canvas.transform(
        canvas.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )


def _bitmap(letter: "Image") -> NDArray[np.bool_]:
    """The letter in a box of 32 by 32 that it fills in height or in width, like the digits."""
    from PIL import Image

    cut = letter.crop(letter.getbbox())
    scale = BITMAP / max(cut.size)
    width, height = (max(1, round(side * scale)) for side in cut.size)
    box = Image.new("L", (BITMAP, BITMAP))
    small = cut.resize((width, height), Image.Resampling.BOX)
    box.paste(small, ((BITMAP - width) // 2, (BITMAP - height) // 2))
    return np.asarray(box) >= 128


def _count_blocks(bitmap: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """How many pixels of each block of 4 by 4 are set: (32, 32) to (8, 8) in 0 to 16."""
    return np.asarray(bitmap.reshape(8, 4, 8, 4).sum(axis=(1, 3)), dtype=np.uint8)

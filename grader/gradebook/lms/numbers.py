"""Points as other programs write them, with a decimal point or a comma."""

from __future__ import annotations

import math
import re


def parse_points(text: str) -> float | None:
    """A number; None for what is none, or below 0."""
    plain = text.strip().replace("\xa0", "").replace("\u202f", "").replace(" ", "")
    if not re.fullmatch(r"\d+(?:[.,]\d+)?", plain, re.ASCII):
        return None
    value = float(plain.replace(",", "."))
    return value if math.isfinite(value) else None


def format_points(value: float, like: str) -> str:
    """A number with two decimals, and the decimal sign that `like` has."""
    written = f"{value:.2f}"
    return written.replace(".", ",") if "," in like else written

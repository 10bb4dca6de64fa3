"""Signs of one to five random strokes: lines, arcs, loops, zigzags and Bezier curves.

The strokes are drawn at random and may hang on each other; no shape is taken from an alphabet.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor

from solutions.zoo.outliers.pen import draw
from solutions.zoo.outliers.random import choose, uniform

POINTS = 24  # along a stroke
STROKES = 5
FAR = 1e3  # pixels: where a point lies that is not to be drawn


def glyphs(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """As many random signs as there are images; what the images show does not matter.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        labels: int64 (N,), not used.
        generator: draws the signs.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].
    """
    n = len(images)
    strokes = _strokes(n * STROKES, generator).view(n, STROKES, POINTS, 2)
    strokes = _attach(strokes, generator)
    number = 1 + choose([0.12, 0.3, 0.3, 0.18, 0.1], n, generator)
    return _ink(strokes, number, generator)


def lattices(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """As many signs of straight lines between the places of a bent 3 by 4 lattice.

    Args, returns: as `glyphs`.
    """
    n = len(images)
    corners = uniform((n, STROKES + 1, 2), 0, 1, generator) * torch.tensor([3.0, 4.0])
    jitter = uniform((n, STROKES + 1, 2), -0.15, 0.15, generator)
    corners = (corners.floor() + jitter) * torch.tensor([0.4, 0.4])
    along = torch.linspace(0, 1, POINTS)[:, None]
    strokes = corners[:, :-1, None] + along * (corners[:, 1:, None] - corners[:, :-1, None])
    number = 1 + choose([0.05, 0.2, 0.3, 0.25, 0.2], n, generator)
    skip = uniform((n, STROKES, 1, 1), 0, 1, generator) < 0.15
    skip[:, 0] = False
    return _ink(torch.where(skip, strokes[:, :1], strokes), number, generator)


def _strokes(count: int, generator: Generator) -> Tensor:
    """(count, POINTS, 2): single strokes, about 1 long, that start anywhere near the middle."""
    along = torch.linspace(0, 1, POINTS)
    length = uniform((count, 1), 0.25, 1.1, generator)
    start = _start_direction(count, generator)
    # Lines do not turn, arcs turn up to a half, loops up to once around: 0, 1 or 2 times pi.
    most = uniform((count, 1), -1, 1, generator)
    halves = choose([0.35, 0.4, 0.25], count, generator).float()[:, None]
    sweep = most * halves * math.pi
    curved = start + _turned(sweep, along, generator)
    jagged = _jumped(start, along, generator)
    direction = torch.where((choose([0.75, 0.25], count, generator) == 1)[:, None], jagged, curved)
    # Long arcs get longer, so that loops are not all small.
    length = length * (1 + sweep.abs() / math.pi * uniform((count, 1), 0.3, 1.2, generator))
    step = torch.stack([torch.cos(direction), torch.sin(direction)], dim=-1)
    path = (step * (length[..., None] / POINTS)).cumsum(dim=1)
    closing = (uniform((count, 1, 1), 0, 1, generator) < 0.15) & (sweep.abs() > 3)[..., None]
    path = torch.where(closing, path - along[:, None] * path[:, -1:], path)
    squeeze = uniform((count, 1, 2), 0.5, 1.2, generator)
    return path * squeeze + uniform((count, 1, 2), -0.5, 0.5, generator)


def _start_direction(count: int, generator: Generator) -> Tensor:
    """(count, 1) radians: half of them about level or upright, the others any."""
    upright = (choose([0.5, 0.5], count, generator) == 0)[:, None]
    quarter = uniform((count, 1), 0, 4, generator).floor() * (math.pi / 2)
    about = quarter + 0.15 * torch.randn((count, 1), generator=generator)
    return torch.where(upright, about, uniform((count, 1), 0, 2 * math.pi, generator))


def _turned(sweep: Tensor, along: Tensor, generator: Generator) -> Tensor:
    """How far directions have turned along strokes: evenly, or as a hook, in the last part.

    Args:
        sweep: (N, 1) radians in all.
        along: (P,) from 0 to 1.
        generator: draws where hooks begin, and how much strokes waver.
    """
    count = len(sweep)
    hook = uniform((count, 1), 0, 1, generator) < 0.4
    begin = torch.where(hook, uniform((count, 1), 0, 0.8, generator), 0.0)
    progress = ((along - begin) / (1 - begin)).clamp(0, 1)
    waver = 0.3 * torch.randn((count, 1), generator=generator)
    return sweep * progress + waver * torch.sin(2 * math.pi * along)


def _jumped(start: Tensor, along: Tensor, generator: Generator) -> Tensor:
    """(N, P): directions of zigzags, which jump from `start` (N, 1) to another one or two."""
    count = len(start)
    corner = uniform((count, 2), 0, 2 * math.pi, generator)
    first = uniform((count, 1), 0.2, 0.6, generator)
    second = first + uniform((count, 1), 0.2, 0.8, generator)
    later = torch.where(along < second, corner[:, :1], corner[:, 1:])
    return torch.where(along < first, start, later)


def _attach(strokes: Tensor, generator: Generator) -> Tensor:
    """Most strokes after the first moved so that one of their points meets an earlier stroke."""
    n, number, points, _ = strokes.shape
    every = torch.arange(n)
    placed = [strokes[:, 0]]
    for index in range(1, number):
        stroke = strokes[:, index]
        earlier = (uniform((n,), 0, 1, generator) * index).long()
        spot = _spot(n, points, generator)
        own = _spot(n, points, generator)
        target = torch.stack(placed, dim=1)[every, earlier, spot]
        moved = stroke + (target - stroke[every, own])[:, None]
        free = uniform((n, 1, 1), 0, 1, generator) < 0.25
        placed.append(torch.where(free, stroke, moved))
    return torch.stack(placed, dim=1)


def _spot(count: int, points: int, generator: Generator) -> Tensor:
    """(count,) places along a stroke: its start, its end, its middle or any."""
    anywhere = (uniform((count,), 0, 1, generator) * points).long()
    kind = choose([0.3, 0.2, 0.15, 0.35], count, generator)
    ends = torch.tensor([0, points - 1, points // 2, 0])
    return torch.where(kind == 3, anywhere, ends[kind])


def _ink(strokes: Tensor, number: Tensor, generator: Generator) -> Tensor:
    """The first `number` (N,) of the strokes (N, S, P, 2), fitted into MNIST's box and drawn."""
    n, most = strokes.shape[:2]
    drawn = (torch.arange(most) < number[:, None])[..., None, None]  # (N, S, 1, 1)
    low = torch.where(drawn, strokes, torch.inf).amin(dim=(1, 2))
    high = torch.where(drawn, strokes, -torch.inf).amax(dim=(1, 2))
    size = (high - low).amax(dim=1).clamp_min(0.2)
    longest = uniform((n,), 14, 21, generator) - 2
    centre = (low + high) / 2
    scaled = (strokes - centre[:, None, None]) * (longest / size)[:, None, None, None]
    scaled = scaled + uniform((n, 1, 1, 2), -1.5, 1.5, generator)
    scaled = torch.where(drawn, scaled, FAR).flatten(1, 2)
    return draw(scaled, uniform((n,), 0.8, 1.9, generator), uniform((n,), 0.9, 2.0, generator))

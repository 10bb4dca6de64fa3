"""Images that are no drawing: smooth and rough noise, gradients, stripes, blocks, inverted digits.

Uniform noise for every pixel, alone or over a digit, is left out on purpose: it is a usual test.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from solutions.zoo.outliers.random import choose, uniform
from solutions.zoo.outliers.warp import random_affine


def textures(images: Tensor, labels: Tensor, generator: Generator) -> Tensor:
    """As many textures as there are images, each of a kind of its own.

    Args:
        images: float32 (N, 1, 28, 28) in [-1, 1].
        labels: int64 (N,), not used.
        generator: draws them.

    Returns:
        float32 (N, 1, 28, 28) in [-1, 1].
    """
    makers = (_rough, _smooth, _stripes, _blocks, _filled, _inverted, _speckled)
    kinds = choose([1.0] * len(makers), len(images), generator)
    result = torch.empty_like(images)
    for kind, make in enumerate(makers):
        chosen = kinds == kind
        if chosen.any():
            result[chosen] = make(images[chosen], generator)
    return torch.clamp(result, -1, 1)


def _rough(images: Tensor, generator: Generator) -> Tensor:
    """Normal noise of any strength and mean, for every pixel."""
    n = len(images)
    noise = torch.randn(images.shape, generator=generator)
    mean = uniform((n, 1, 1, 1), -1, 1, generator)
    return mean + uniform((n, 1, 1, 1), -1, 1, generator) * noise


def _smooth(images: Tensor, generator: Generator) -> Tensor:
    """Noise of several scales, as in photographs."""
    n, side = len(images), images.shape[-1]
    total = uniform((n, 1, 1, 1), -0.5, 0.5, generator).expand(-1, -1, side, side)
    for knots in (2, 4, 8, 16):
        coarse = torch.randn((n, 1, knots, knots), generator=generator)
        strength = uniform((n, 1, 1, 1), 0, 0.9, generator)
        fine = F.interpolate(coarse, size=(side, side), mode="bilinear", align_corners=True)
        total = total + strength * fine
    return total


def _stripes(images: Tensor, generator: Generator) -> Tensor:
    """Waves across the image, soft or sharp."""
    n, side = len(images), images.shape[-1]
    place = torch.linspace(-1, 1, side)
    angle = uniform((n, 1, 1, 1), 0, math.pi, generator)
    rate = uniform((n, 1, 1, 1), 2, 25, generator)
    phase = uniform((n, 1, 1, 1), 0, 2 * math.pi, generator)
    wave = torch.sin(rate * (torch.cos(angle) * place + torch.sin(angle) * place[:, None]) + phase)
    return wave * uniform((n, 1, 1, 1), 0.5, 4, generator)


def _blocks(images: Tensor, generator: Generator) -> Tensor:
    """Up to three rectangles of one brightness each on a background of another."""
    n, side = len(images), images.shape[-1]
    place = torch.linspace(-1, 1, side)
    result = uniform((n, 1, 1, 1), -1.5, 1, generator).clamp(-1).expand(-1, -1, side, side)
    for _ in range(3):
        middle = uniform((2, n, 1, 1, 1), -0.8, 0.8, generator)
        half = uniform((2, n, 1, 1, 1), 0.05, 0.8, generator)
        inside = ((place - middle[0]).abs() < half[0]) & (
            (place[:, None] - middle[1]).abs() < half[1]
        )
        result = torch.where(inside, uniform((n, 1, 1, 1), -1, 1, generator), result)
    return result


def _filled(images: Tensor, generator: Generator) -> Tensor:
    """Blobs with sharp edges and an inside of uneven brightness."""
    outline = _smooth(images, generator)
    inside = _smooth(images, generator) * 0.5 + uniform((len(images), 1, 1, 1), 0, 1, generator)
    return torch.where(outline > 0.3, inside, -1.0)


def _inverted(images: Tensor, generator: Generator) -> Tensor:
    """Digits black on white or grey, and digits zoomed in until they fill the image."""
    zoomed = random_affine(images, generator, scale=(1.8, 3.5), turn=180, shift=6)
    dark = -images * uniform((len(images), 1, 1, 1), 0.3, 1, generator)
    return torch.where(uniform((len(images), 1, 1, 1), 0, 1, generator) < 0.5, zoomed, dark)


def _speckled(images: Tensor, generator: Generator) -> Tensor:
    """Digits under normal or salt-and-pepper noise, or on a grey ground."""
    n = len(images)
    noise = torch.randn(images.shape, generator=generator)
    normal = images + noise * uniform((n, 1, 1, 1), 0.3, 1.2, generator)
    rate = uniform((n, 1, 1, 1), 0.05, 0.5, generator)
    hit = uniform(tuple(images.shape), 0, 1, generator) < rate
    pepper = torch.where(hit, noise.sign(), images)
    grey = torch.maximum(images, uniform((n, 1, 1, 1), -0.7, 0.8, generator))
    kind = choose([0.4, 0.4, 0.2], n, generator)[:, None, None, None]
    return torch.where(kind == 0, normal, torch.where(kind == 1, pepper, grey))

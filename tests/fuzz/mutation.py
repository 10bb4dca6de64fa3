"""Changing what is valid: bytes by place and length, JSON values by their tree."""

from __future__ import annotations

import copy
import struct
from collections.abc import Sequence
from random import Random
from typing import Any

LENGTHS = (0, 1, 7, 255, 256, 511, 513, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)
WORDS = (b"\0", b"\n", b'"', b"\xff", b"[", b"{", b"-1", b"1e999", b"NaN", b"9" * 40, b"\\u0000",
         b"\\ud800", b"../", b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**63, -(10**40), 10**400, 0.5, -0.0, 1e308, float("nan"),
    float("inf"), "", "x", "\n", "\x1b[2J", "\ud800", "t0", "tensor", "plain", "x" * 500,
    [], [[]], [None], {}, {"kind": "tensor"}, {"kind": "plain", "value": None}, {"": 0},
)  # fmt: skip


def noise(rng: Random, longest: int = 400) -> bytes:
    """Random bytes."""
    return rng.randbytes(rng.randint(0, longest))


def mutate_bytes(rng: Random, examples: Sequence[bytes]) -> bytes:
    """A valid example with a few changes; now and then nothing but noise."""
    if rng.random() < 0.05:
        return noise(rng)
    data = bytearray(rng.choice(examples))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        _change(rng, data, examples)
    return bytes(data)


def _change(rng: Random, data: bytearray, examples: Sequence[bytes]) -> None:
    place = rng.randint(0, len(data))
    end = min(len(data), place + rng.choice((1, 2, 4, 8, 30, 600)))
    match rng.randrange(8):
        case 0 if place < len(data):  # one bit
            data[place] ^= 1 << rng.randrange(8)
        case 1 if place < len(data):  # one byte
            data[place] = rng.randrange(256)
        case 2:  # cut off
            del data[place:]
        case 3:  # a piece taken out
            del data[place:end]
        case 4:  # a piece twice
            data[place:place] = data[place:end]
        case 5:  # a word that means something somewhere
            data[place : place + rng.choice((0, 1, 4))] = rng.choice(WORDS)
        case 6:  # a length changed
            packing = rng.choice("<>") + rng.choice("HIQ")
            size = struct.calcsize(packing)
            number = rng.choice(LENGTHS) % 256**size
            data[place : place + size] = struct.pack(packing, number)
        case _:  # the rest of another example
            other = rng.choice(examples)
            data[place:] = other[rng.randint(0, len(other)) :]


def mutate_json(rng: Random, value: Any) -> Any:
    """A JSON value with a few nodes replaced, left out, or doubled."""
    root = [copy.deepcopy(value)]
    for _ in range(rng.choice((1, 1, 2, 4))):
        parent, key = rng.choice(_nodes(root))
        match rng.randrange(4):
            case 0 if parent is not root:
                del parent[key]
            case 1:
                other, place = rng.choice(_nodes(root))
                parent[key] = copy.deepcopy(other[place])
            case 2 if isinstance(parent[key], list):
                parent[key] = parent[key] * rng.choice((0, 2, 3))
            case _:
                parent[key] = copy.deepcopy(rng.choice(ODD_VALUES))
    return root[0]


def _nodes(parent: Any) -> list[tuple[Any, Any]]:
    """Every value below, as its container and its key there."""
    keys = parent if isinstance(parent, dict) else range(len(parent))
    found = []
    for key in keys:
        found.append((parent, key))
        if isinstance(parent[key], dict | list):
            found += _nodes(parent[key])
    return found

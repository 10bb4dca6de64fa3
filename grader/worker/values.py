"""A student's return values as JSON and tensors: what they are, not what they claim to be."""

from __future__ import annotations

import numbers
from typing import Any

import torch

MAX_ITEMS = 64
MAX_DEPTH = 4
MAX_TEXT = 2000


def describe(value: object, tensors: dict[str, torch.Tensor], depth: int = 0) -> dict[str, Any]:
    """Describe `value` for the wire; the tensors in it are added to `tensors`.

    Anything but tensors, plain numbers, text, None and sequences of them is described by the name
    of its type alone, so that no code of the student's has to run on the other side.
    """
    if isinstance(value, torch.Tensor):
        return _describe_tensor(value, tensors)
    if value is None or isinstance(value, bool):
        return {"kind": "plain", "value": value}
    if isinstance(value, int):
        return {"kind": "plain", "value": int(value)}
    if isinstance(value, numbers.Real):  # NumPy's float32 is one
        return {"kind": "plain", "value": float(value)}
    if isinstance(value, str):
        return {"kind": "plain", "value": str(value)[:MAX_TEXT]}
    if isinstance(value, tuple | list) and len(value) <= MAX_ITEMS and depth < MAX_DEPTH:
        return {
            "kind": "sequence",
            "type": type(value).__name__,
            "fields": [str(name) for name in getattr(value, "_fields", ())],
            "items": [describe(item, tensors, depth + 1) for item in value],
        }
    return {"kind": "object", "type": f"{type(value).__module__}.{type(value).__qualname__}"}


def _describe_tensor(value: torch.Tensor, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
    data = value.detach().to("cpu").to_dense()
    if data.dtype in (torch.bfloat16, torch.float16):
        data = data.float()  # NumPy has no bfloat16; the description keeps the true dtype
    name = f"t{len(tensors)}"
    tensors[name] = data.clone(memory_format=torch.contiguous_format)
    return {
        "kind": "tensor",
        "name": name,
        "dtype": str(value.dtype).removeprefix("torch."),
        "device": value.device.type,
        "requires_grad": value.requires_grad,
    }

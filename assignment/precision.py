"""Half the bits where a processor is made for it. Given, not graded.

bfloat16 has the range of float32 with 8 significant bits instead of 24: enough for the products
inside a network while it learns, not for its losses, nor for what is measured afterwards.

Source: Micikevicius et al., "Mixed Precision Training", ICLR 2018; Kalamkar et al., "A Study of
BFLOAT16 for Deep Learning Training", arXiv:1905.12322.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

Precision = AbstractContextManager[object]  # what a network's forward pass runs in


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device is made for bfloat16; emulated, it is slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    onednn: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if device.type == "cpu" and onednn:
        names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # not in every torch
        return any(getattr(torch.cpu, name, bool)() for name in names)
    return False


def precision_of(name: str, device: torch.device) -> Precision:
    """The context of "bfloat16" or "float32"; it can be entered again and again."""
    return torch.autocast(device.type, torch.bfloat16) if name == "bfloat16" else nullcontext()

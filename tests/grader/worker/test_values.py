"""How values of student code are described."""

from __future__ import annotations

import collections
import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from grader.worker.values import MAX_DEPTH, MAX_ITEMS, MAX_TEXT, describe


class TestValues:
    """Return values as data."""

    @pytest.mark.parametrize("value", [None, True, 3, -2.5, "text"])
    def test_plain_values_stay(self, value: object) -> None:
        assert describe(value, {}) == {"kind": "plain", "value": value}

    @pytest.mark.parametrize("value", [np.float32(0.5), np.float64(0.5), Fraction(1, 2)])
    def test_real_numbers_are_floats(self, value: object) -> None:
        described = describe(value, {})
        assert described == {"kind": "plain", "value": 0.5}
        assert type(described["value"]) is float

    def test_subclasses_become_plain(self) -> None:
        class Sly(float):
            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]

        value = describe(Sly(1.5), {})["value"]
        assert type(value) is float
        assert value != 2.0

    @pytest.mark.parametrize(
        "dtype",
        [torch.float32, torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool,
         torch.float16, torch.bfloat16],
    )  # fmt: skip
    def test_tensors_go_apart_and_are_copies(self, dtype: torch.dtype) -> None:
        tensor, tensors = torch.arange(6).reshape(2, 3).to(dtype).t(), {}
        described = describe(tensor, tensors)
        assert described["dtype"] == str(dtype).removeprefix("torch.")
        sent = tensors[described["name"]]
        assert sent.is_contiguous()
        assert torch.equal(sent.to(dtype), tensor)
        assert sent.data_ptr() != tensor.data_ptr()
        assert save(tensors)

    def test_graph_is_noted_and_cut(self) -> None:
        tensors: dict[str, torch.Tensor] = {}
        described = describe(torch.ones(2, requires_grad=True) * 2, tensors)
        assert described["requires_grad"] is True
        assert not tensors["t0"].requires_grad

    def test_named_tuples_keep_their_fields(self) -> None:
        pair = collections.namedtuple("Pair", "left right")
        tensors: dict[str, torch.Tensor] = {}
        described = describe(pair(torch.ones(1), 2), tensors)
        assert (described["type"], described["fields"]) == ("Pair", ["left", "right"])
        assert [item["kind"] for item in described["items"]] == ["tensor", "plain"]

    @pytest.mark.parametrize(
        "value", [object(), {"a": 1}, {1}, lambda: 0, np.ones(2), 1j, [0] * 65, b"x"],
        ids=["object", "dict", "set", "function", "array", "complex", "long list", "bytes"],
    )  # fmt: skip
    def test_everything_else_is_a_name(self, value: object) -> None:
        described = describe(value, {})
        assert described["kind"] == "object"
        assert set(described) == {"kind", "type"}

    def test_depth_and_text_are_bounded(self) -> None:
        nested: Any = []
        for _ in range(500):
            nested = [nested]
        text = json.dumps(describe(nested, {}))
        assert text.count('"sequence"') == MAX_DEPTH
        assert len(describe("x" * 10**6, {})["value"]) == MAX_TEXT
        assert describe([0] * MAX_ITEMS, {})["kind"] == "sequence"

    def test_sequence_that_contains_itself(self) -> None:
        loop: list[Any] = []
        loop.append(loop)
        json.dumps(describe(loop, {}))

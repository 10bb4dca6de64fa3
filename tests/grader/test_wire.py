"""Frames: what was written is read, and nothing else is."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.worker import wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
HEADERS = st.dictionaries(st.text(), JSON, max_size=5)


def frame(header: dict[str, object], body: bytes = b"") -> bytes:
    stream = io.BytesIO()
    wire.write_frame(stream, header, body)
    return stream.getvalue()


def raw(text: bytes, body: bytes = b"") -> bytes:
    return struct.pack("!IQ", len(text), len(body)) + text + body


def test_a_frame_needs_the_key_it_was_made_with() -> None:
    key, other = b"k" * wire.KEY_BYTES, b"o" * wire.KEY_BYTES
    stream = io.BytesIO()
    wire.write_frame(stream, {"number": 7}, b"body", key)
    whole = stream.getvalue()
    assert wire.read_frame(io.BytesIO(whole), key) == ({"number": 7}, b"body")
    changed = whole.replace(b"7", b"8")
    for sent, held in (
        (whole, other),
        (changed, key),
        (whole.replace(b"b", b"c"), key),
    ):
        with pytest.raises(wire.WireError, match="without the key"):
            wire.read_frame(io.BytesIO(sent), held)


@given(st.lists(st.tuples(HEADERS, st.binary(max_size=200)), max_size=4))
def test_what_is_written_is_read_frame_by_frame(frames: list[tuple[dict, bytes]]) -> None:
    stream = io.BytesIO(b"".join(frame(header, body) for header, body in frames))
    assert [wire.read_frame(stream) for _ in frames] == frames
    assert wire.read_frame(stream) is None


@given(st.data())
def test_stream_cut_anywhere_inside_a_frame_is_an_error(data: st.DataObject) -> None:
    whole = frame({"value": [1, 2, 3]}, b"body")
    length = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(wire.WireError, match="ended inside"):
        wire.read_frame(io.BytesIO(whole[:length]))


def test_each_cut_by_itself() -> None:
    whole = frame({"a": "b"}, b"xyz")
    for length in range(1, len(whole)):
        with pytest.raises(wire.WireError):
            wire.read_frame(io.BytesIO(whole[:length]))


@pytest.mark.parametrize(
    ("header", "body"),
    [(2**32 - 1, 0), (0, 2**63), (0, 2**64 - 1), (wire.MAX_HEADER + 1, 0), (2, wire.MAX_BODY + 1)],
)
def test_false_lengths_cost_nothing(header: int, body: int) -> None:
    stream = io.BytesIO(struct.pack("!IQ", header, body) + b"{}")
    tracemalloc.start()
    try:
        with pytest.raises(wire.WireError, match="too large"):
            wire.read_frame(stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_largest_length_that_is_a_lie_allocates_what_is_there() -> None:
    stream = io.BytesIO(struct.pack("!IQ", 2, wire.MAX_BODY) + b"{}" + bytes(1000))
    tracemalloc.start()
    try:
        with pytest.raises(wire.WireError, match="ended inside"):
            wire.read_frame(stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20, "memory was set aside for bytes that never came"


@pytest.mark.parametrize(
    "text",
    [b"", b"not json", b"{", b'{"a": }', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000],
    ids=["empty", "words", "cut", "hole", "no utf-8", "deep list", "deep object"],
)
def test_header_that_is_no_json(text: bytes) -> None:
    with pytest.raises(wire.WireError, match="not JSON"):
        wire.read_frame(io.BytesIO(raw(text)))


@pytest.mark.parametrize("text", [b"[]", b"3", b'"x"', b"null", b"true"])
def test_header_that_is_no_object(text: bytes) -> None:
    with pytest.raises(wire.WireError, match="not a JSON object"):
        wire.read_frame(io.BytesIO(raw(text)))


@given(st.binary(max_size=300))
def test_any_bytes_give_a_frame_an_end_or_a_wire_error(noise: bytes) -> None:
    try:
        read = wire.read_frame(io.BytesIO(noise))
    except wire.WireError:
        return
    assert read is None or isinstance(read[0], dict)


def test_trailing_garbage_does_not_spoil_the_frame_before() -> None:
    stream = io.BytesIO(frame({"good": 1}) + b"\xff" * 40)
    assert wire.read_frame(stream) == ({"good": 1}, b"")
    with pytest.raises(wire.WireError):
        wire.read_frame(stream)


def test_reader_takes_small_pieces() -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(3, size or 0))

    assert wire.read_frame(Dripping(frame({"k": "v"}, b"0123456789"))) == (
        {"k": "v"},
        b"0123456789",
    )


@pytest.mark.parametrize(
    ("header", "body"), [({"a": "x" * wire.MAX_HEADER}, b""), ({}, bytes(wire.MAX_BODY + 1))]
)
def test_writer_refuses_what_no_reader_accepts(header: dict[str, str], body: bytes) -> None:
    stream = io.BytesIO()
    with pytest.raises(wire.WireError, match="too large"):
        wire.write_frame(stream, header, body)
    assert stream.getvalue() == b"", "a part of the frame was written"


def test_layout_is_the_one_documented() -> None:
    written = frame({"x": 1}, b"ab")
    assert written[:12] == struct.pack("!IQ", len(written) - 14, 2)
    assert json.loads(written[12:-2]) == {"x": 1}

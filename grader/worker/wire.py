"""Frames between the grader and the worker: a JSON header and a body of raw bytes, no pickle.

A frame is `!IQ` (length of the header, length of the body), the header in UTF-8 JSON, the body
(tensors in safetensors' format, or nothing), and where the two share a key, a code of header and
body under it, so that nobody between them can change or make a frame. The reader checks both
lengths before it allocates, so a frame that claims to be 2^63 bytes long costs nothing.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from hmac import compare_digest
from json.decoder import JSONDecoder
from json.encoder import (  # type: ignore[attr-defined]
    JSONEncoder,
    c_make_encoder,
    encode_basestring_ascii,
)
from typing import IO, Any

LENGTHS = struct.Struct("!IQ")
MAX_HEADER = 1 << 20  # 1 MiB
KEY_BYTES, CODE_BYTES = 32, 16
MAX_BODY = 32 << 20  # 32 MiB; the largest that a check needs is a tenth of it

# `json.dumps` and `json.loads` at their core, made once and in C: the rest of them is Python, whose
# functions and classes student code can replace, and so change what is asked and answered.
_ENCODE = c_make_encoder(
    None, JSONEncoder().default, encode_basestring_ascii, None, ": ", ", ", False, False, True
)
_DECODE = JSONDecoder().scan_once  # type: ignore[attr-defined]

Header = dict[str, Any]


class WireError(Exception):
    """The other side sent something that is not a frame."""


def write_frame(stream: IO[bytes], header: Header, body: bytes = b"", key: bytes = b"") -> None:
    """Write one frame and flush it.

    Raises:
        WireError: the frame is larger than the reader would accept.
        OSError: the other side is gone.
    """
    encoded = "".join(_ENCODE(header, 0)).encode()
    if len(encoded) > MAX_HEADER or len(body) > MAX_BODY:
        raise WireError(f"frame too large: {len(encoded)} + {len(body)} bytes")
    stream.write(LENGTHS.pack(len(encoded), len(body)))
    stream.write(encoded)
    stream.write(body)
    if key:
        stream.write(_code(encoded, body, key))
    stream.flush()


def read_frame(stream: IO[bytes], key: bytes = b"") -> tuple[Header, bytes] | None:
    """Read one frame; None where the stream ends between frames.

    Raises:
        WireError: the lengths are too large, the stream ends inside a frame, it was made without
            the key, or the header is not a JSON object.
    """
    prefix = _read_exactly(stream, LENGTHS.size)
    if not prefix:
        return None
    if len(prefix) < LENGTHS.size:
        raise WireError("the stream ended inside a frame's lengths")
    header_length, body_length = LENGTHS.unpack(prefix)
    if header_length > MAX_HEADER or body_length > MAX_BODY:
        raise WireError(f"frame too large: {header_length} + {body_length} bytes")
    encoded = _read_exactly(stream, header_length)
    body = _read_exactly(stream, body_length)
    code = _read_exactly(stream, CODE_BYTES if key else 0)
    if len(encoded) < header_length or len(body) < body_length:
        raise WireError("the stream ended inside a frame")
    if key and not compare_digest(code, _code(encoded, body, key)):
        raise WireError("a frame that was made without the key")
    try:
        text = encoded.decode()
        header, end = _DECODE(text, 0)
        if end != len(text):
            raise ValueError("something follows it")
    except (ValueError, RecursionError, StopIteration) as error:
        raise WireError(f"the header is not JSON: {type(error).__name__}") from None
    if not isinstance(header, dict):
        raise WireError("the header is not a JSON object")
    return header, body


def _code(encoded: bytes, body: bytes, key: bytes) -> bytes:
    """Message authentication code of a frame: keyed BLAKE2b (RFC 7693)."""
    made = blake2b(encoded, digest_size=CODE_BYTES, key=key)
    made.update(body)
    return made.digest()


def _read_exactly(stream: IO[bytes], length: int) -> bytes:
    """Read up to `length` bytes; fewer only where the stream ends."""
    chunks = []
    while length:
        chunk = stream.read(min(length, 1 << 20))
        if not chunk:
            break
        chunks.append(chunk)
        length -= len(chunk)
    return b"".join(chunks)

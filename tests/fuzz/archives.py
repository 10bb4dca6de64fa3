"""What students hand in: archives, and the header of the weights in them."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from functools import partial
from random import Random

import numpy as np
from safetensors.numpy import save

from grader.errors import UsageError
from grader.submission import MODULES, Submission, open_submission
from grader.text import one_line
from tests.fuzz.mutation import mutate_bytes
from tests.fuzz.scratch import scratch
from tests.fuzz.target import Target

FILES = {f"assignment/{name}.py": f"# {name}\n".encode() * 3 for name in MODULES}
OTHERS = {"assignment/Helper.py": b"x", "a/" * 60 + "long.txt": b"", "notes.md": b"n" * 700}
WEIGHTS = save({"w": np.ones((2, 3), np.float32)}, {"data": "digits"})


def _zip(method: int, files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _tar(kind: int, files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("assignment/link.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return buffer.getvalue()


ZIPS = [
    *(
        _zip(method, files)
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        for files in (FILES, FILES | OTHERS)
    ),
    _zip(zipfile.ZIP_LZMA, FILES),
]
TARS = [
    _tar(kind, files)
    for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
    for files in (FILES, FILES | OTHERS)
]
GZIPS = [gzip.compress(data, 1) for data in TARS]


def make_tar(rng: Random) -> bytes:
    """A tar, most often with headers whose checksums are right, so that they are believed."""
    data = bytearray(mutate_bytes(rng, TARS))
    if rng.random() < 0.8:
        for start in range(0, len(data) - 511, 512):
            if data[start + 257 : start + 262] == b"ustar":
                data[start + 148 : start + 156] = b" " * 8
                data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
    return bytes(data)


def make_gzip(rng: Random) -> bytes:
    """A gzipped tar, changed inside or outside."""
    if rng.random() < 0.5:
        return mutate_bytes(rng, GZIPS)
    packer = zlib.compressobj(1, wbits=31)
    return packer.compress(make_tar(rng)) + packer.flush()


def read_archive(suffix: str, data: bytes) -> None:
    """Open it as a submission."""
    path = scratch() / f"case{suffix}"
    path.write_bytes(data)
    taken = open_submission(path, {"model.py": b""})
    assert taken.files
    assert all(one_line(line) == line for line in (*taken.ignored, *taken.advice))


def read_weights_header(data: bytes) -> None:
    """What the weights say they were trained on."""
    said = Submission("s", {"weights.safetensors": data}, ()).weights_data
    assert said in ("", "digits", "mnist")


TARGETS = [
    Target(
        "zip",
        80,
        partial(mutate_bytes, examples=ZIPS),
        partial(read_archive, ".zip"),
        (UsageError,),
    ),
    Target("tar", 80, make_tar, partial(read_archive, ".tar"), (UsageError,)),
    Target("tar.gz", 60, make_gzip, partial(read_archive, ".tar.gz"), (UsageError,)),
    Target("weights", 25, partial(mutate_bytes, examples=[WEIGHTS]), read_weights_header, ()),
]

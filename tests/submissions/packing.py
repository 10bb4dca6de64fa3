"""Submissions that are hostile as files: archives that lie, links, devices, shadowing names."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

MARKER = "osr-was-here"  # in the name of everything that an attack leaves behind
ZEROS = 1 << 20


def zip_with_dots(folder: Path) -> Path:
    """A zip whose members lead out of it: upwards, absolute, by backslashes."""
    with _zip(folder) as archive:
        for name in (f"../{MARKER}.py", f"/tmp/{MARKER}.py", f"..\\..\\{MARKER}.py"):
            archive.writestr(name, "stolen = True\n")
    return folder.with_suffix(".zip")


def zip_with_links(folder: Path) -> Path:
    """A zip in which a module is a symbolic link to the grader's own files."""
    target = Path(__file__).parents[2] / "solutions" / "reference" / "threshold.py"
    with _zip(folder, without="threshold.py") as archive:
        info = zipfile.ZipInfo("threshold.py")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, str(target))
    return folder.with_suffix(".zip")


def zip_bomb(folder: Path) -> Path:
    """A zip of a few hundred kilobytes with a module of hundreds of megabytes."""
    with (
        _zip(folder) as archive,
        archive.open("bomb.py", "w", force_zip64=True) as member,
    ):
        for _ in range(300):
            member.write(bytes(ZEROS))
    return folder.with_suffix(".zip")


def zip_with_false_size(folder: Path) -> Path:
    """A zip whose directory says that a large member is small."""
    path = folder.with_suffix(".zip")
    with _zip(folder) as archive:
        archive.writestr("bomb.py", bytes(200 * ZEROS))
    content = bytearray(path.read_bytes())
    for header, size_at in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        start = content.rfind(header)
        content[start + size_at : start + size_at + 4] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def zip_of_many(folder: Path) -> Path:
    """A zip with tens of thousands of modules."""
    with _zip(folder) as archive:
        for number in range(30_000):
            archive.writestr(f"m{number}.py", "")
    return folder.with_suffix(".zip")


def tar_with_devices(folder: Path) -> Path:
    """A tar in which modules are devices, a pipe, and links to elsewhere."""
    path = folder.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, "assignment")
        for name, kind, link in (
            ("zero.py", tarfile.CHRTYPE, ""),
            ("disk.py", tarfile.BLKTYPE, ""),
            ("pipe.py", tarfile.FIFOTYPE, ""),
            ("hard.py", tarfile.LNKTYPE, "/etc/passwd"),
            ("soft.py", tarfile.SYMTYPE, "/etc/passwd"),
            (f"../../{MARKER}.py", tarfile.REGTYPE, ""),
        ):
            info = tarfile.TarInfo(f"assignment/{name}")
            info.type, info.linkname, info.devmajor, info.devminor = kind, link, 1, 5
            archive.addfile(info, io.BytesIO())
    return path


def tar_bomb(folder: Path) -> Path:
    """A small tar.gz that unpacks to more than a gigabyte of zeros, in a member not wanted."""
    path = folder.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(folder, "assignment")
        info = tarfile.TarInfo("assignment/weights.safetensors")
        info.size = 1100 * ZEROS
        archive.addfile(info, _Zeros(info.size))
    return path


def folder_with_links(folder: Path) -> Path:
    """A folder in which modules are links: to a device, to the reference, to itself."""
    (folder / "threshold.py").unlink()
    reference = Path(__file__).parents[2] / "solutions" / "reference"
    (folder / "threshold.py").symlink_to(reference / "threshold.py")
    (folder / "endless.py").symlink_to("/dev/zero")
    (folder / "deeper").symlink_to(folder, target_is_directory=True)
    return folder


def folder_with_pipe(folder: Path) -> Path:
    """A folder with a named pipe, on which a reader would wait for ever."""
    os.mkfifo(folder / "waiting.py")
    return folder


def pickled_weights(folder: Path) -> Path:
    """A checkpoint by pickle that runs a command, under the name of the safe format."""
    marker = f"{MARKER}-pickle"
    code = f"open({marker!r}, 'w').write('x')\nprint('LO' + 'OT: the pickle ran')"
    pickle = b"cbuiltins\nexec\n(V" + code.encode("unicode_escape") + b"\ntR."
    (folder / "weights.safetensors").write_bytes(pickle)
    return folder


def notebook_with_lures(folder: Path) -> Path:
    """A notebook that would run code, or write files, in whoever runs or converts it."""
    code = f"open('{MARKER}-notebook', 'w').write('x')\nprint('LO' + 'OT: the notebook ran')"
    sources = [
        *(f"%%writefile {file.name}\n{file.read_text('utf-8')}"
          for file in sorted(folder.glob("*.py"))),
        f"!touch /tmp/{MARKER}-shell\n%run {MARKER}.py\nget_ipython().system('touch {MARKER}')",
        f"{code}\nfor _ in range(3):\n    {code.splitlines()[1]}",
        *(f"%%writefile {name}\n{code}"
          for name in (f"../../{MARKER}.py", f"/tmp/{MARKER}.py", f"{MARKER}.py/../../x.py",
                       "weights.safetensors", "model.py", "sitecustomize.py")),
        f"%%bash\ntouch /tmp/{MARKER}-bash",
    ]  # fmt: skip
    page = f"<script>fetch('/{MARKER}')</script>"
    outputs = [{"output_type": "display_data", "metadata": {}, "data": {"text/html": page}}]
    notebook = {
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {
            "nbconvert": {"template_file": f"/tmp/{MARKER}.tpl", "preprocessors": [code]},
            "kernelspec": {"name": "python3", "language": "python", "argv": ["sh", "-c", code]},
        },
        "cells": [
            {"cell_type": "code", "id": f"c{number}", "metadata": {"tags": ["parameters"]},
             "execution_count": 1, "outputs": outputs, "source": source}
            for number, source in enumerate(sources)
        ],
    }  # fmt: skip
    path = folder.with_suffix(".ipynb")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


class _Zeros(io.RawIOBase):
    """A file of zeros that is never in memory."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        count = min(self._left, ZEROS if size < 0 else size)
        self._left -= count
        return bytes(count)


def _zip(folder: Path, without: str = "") -> zipfile.ZipFile:
    """A zip beside a folder with its modules, open for more."""
    archive = zipfile.ZipFile(folder.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED)
    for file in sorted(folder.glob("*.py")):
        if file.name != without:
            archive.write(file, file.name)
    return archive


PACKERS: dict[str, Callable[[Path], Path]] = {
    function.__name__: function
    for function in (
        zip_with_dots, zip_with_links, zip_bomb, zip_with_false_size, zip_of_many,
        tar_with_devices, tar_bomb, folder_with_links, folder_with_pipe, pickled_weights,
        notebook_with_lures,
    )
}  # fmt: skip

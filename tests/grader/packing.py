"""Submissions for tests: packed in every way, opened, and watched for the memory they cost."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.staging import given_files
from grader.submission import MODULES, Submission, open_submission

GIVEN = given_files()
FILES = {f"{name}.py": f"# {name}\n".encode() * 20 for name in MODULES}
Pack = Callable[[Path, dict[str, bytes]], Path]


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_tar(path: Path, files: dict[str, bytes], **options: int) -> Path:
    mode = "w:gz" if path.suffix == ".gz" else "w"
    with tarfile.open(path, mode, **options) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


PACKERS: dict[str, Pack] = {
    "folder": lambda root, files: write_folder(root / "packed", files),
    "zip": lambda root, files: write_zip(root / "packed.zip", files),
    "tar.gz": lambda root, files: write_tar(root / "packed.tar.gz", files),
}
packers = pytest.mark.parametrize("pack", PACKERS.values(), ids=list(PACKERS))
archivers = pytest.mark.parametrize(
    "pack", [PACKERS["zip"], PACKERS["tar.gz"]], ids=["zip", "tar.gz"]
)


def opened(path: Path) -> Submission:
    return open_submission(path, GIVEN)


def refusal(path: Path) -> str:
    """The one line that says why this cannot be used, after the path."""
    with pytest.raises(UsageError) as caught:
        opened(path)
    line = str(caught.value)
    assert line.isprintable(), line
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


@dataclass(frozen=True)
class Watched:
    """How a process of its own ended that opened a submission."""

    said: str
    megabytes: float


# Not ru_maxrss: a process inherits the peak of the one that started it, and tests are large.
WATCH = """
import sys
from pathlib import Path
from grader.errors import UsageError
from grader.submission import open_submission

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])

before = peak()
try:
    said = " ".join(sorted(open_submission(Path(sys.argv[1]), {}).files))
except UsageError as error:
    said = str(error)
print(said)
print((peak() - before) / 1024)
"""


def watched(path: Path) -> Watched:
    """Open a submission in a process of its own; only Linux tells its memory."""
    if sys.platform != "linux":
        pytest.skip("needs /proc")
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    said, megabytes = done.stdout.splitlines()
    return Watched(said, float(megabytes))

"""What the worker does to its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
def test_the_compiler_is_kept_out_and_comes_when_it_is_wanted() -> None:
    code = """
import sys, torch
from grader.worker.elsewhere import without_compiler
with without_compiler():
    assert (torch.ones(3, 2, device="meta") + 1).device.type == "meta"
assert "torch._dynamo" not in sys.modules
assert torch.utils.checkpoint.checkpoint(torch.sin, torch.ones(1), use_reentrant=False) > 0
import torch._dynamo
assert torch._dynamo.disable(len)([1]) == 1
with without_compiler():
    assert torch._dynamo.reset
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits there")
def test_limits_hold_and_cannot_be_raised_again(tmp_path: Path) -> None:
    code = """
import resource, sys
from grader.worker import limits
limits.limit_resources()
for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
    soft, hard = resource.getrlimit(kind)
    print(soft == hard, soft)
try:
    with open(sys.argv[1], "wb") as file:
        file.seek(limits.FILE_SIZE + 1)
        file.write(b"x")
        file.flush()
except OSError as error:
    print("refused", error.errno)
try:
    bytearray(100 << 30)
except MemoryError:
    print("no memory")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "large")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    core, size, files, refused, memory = done.stdout.splitlines()
    assert core == "True 0"
    assert size.startswith("True ")
    assert files == "True 256"
    assert refused.startswith("refused")
    assert memory == "no memory"

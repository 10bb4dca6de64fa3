"""Disks that are full or read-only, a clock that jumps."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from .lab import EARLIER, Lab, SkippedError, disk

SLACK_S = 0.1


def full_temporary_folder(lab: Lab) -> str:
    """Too little room to stage the submission."""
    size = lab.rng.choice((8, 16, 32, 64)) << 10
    with disk(lab.temporary, f"size={size}"):
        return lab.judge(lab.grade(), 3, words="No space left")


def full_output_folder(lab: Lab) -> str:
    """No room for the record, an earlier one is there."""
    with disk(lab.out, "size=16k"):
        lab.record.write_text(EARLIER, encoding="utf-8")
        filler = lab.out / "filler.json"
        filler.write_text("0" * (11 << 10), encoding="utf-8")
        ended = lab.grade()
        filler.unlink()
        return lab.judge(ended, 3, words="No space left")


def full_standard_output(lab: Lab) -> str:
    """The table cannot be printed; the record is there all the same."""
    if not Path("/dev/full").exists():
        raise SkippedError("there is no /dev/full")
    with Path("/dev/full").open("w") as full:
        ended = lab.grade(stdout=full)
    lab.expect(ended.code == 3, f"exit code {ended.code}")
    lab.expect("cannot be printed" in ended.line, ended.line)
    lab.expect(lab.expect_whole_records()["score"] == 15, "no record with full marks")
    lab.expect_nothing_left()
    return f"exit code 3: {ended.line.removeprefix('error: ')}; record written"


def write_breaks_off(lab: Lab) -> str:
    """A file takes its beginning only: the record, or a staged module."""
    under = ("record_breaks_off", "staging_breaks_off")[lab.number % 2]
    return lab.judge(lab.grade(under=under), 3, words="File too large")


def read_only_output(lab: Lab) -> str:
    """The output folder refuses: from the start, or only when the grading is done."""
    if lab.number % 2:
        with disk(lab.out, "size=64k"):
            lab.record.write_text(EARLIER, encoding="utf-8")
            return lab.judge(lab.grade(under="becomes_read_only"), 3, words="Read-only")
    with disk(lab.out, "size=64k"):
        lab.record.write_text(EARLIER, encoding="utf-8")
        subprocess.run(["mount", "-o", "remount,ro", str(lab.out)], check=True)
        return lab.judge(lab.grade(), 2, words="cannot be written to")


def no_output_folder(lab: Lab) -> str:
    """A file lies where the output folder should be."""
    target = lab.root / "file" / "record.json"
    target.parent.write_text("no folder", encoding="utf-8")
    return lab.judge(lab.grade("--json", target), 2, words="its folder is not there")


def no_temporary_folder(lab: Lab) -> str:
    """TMPDIR names no folder: another one is taken, or none is."""
    shutil.rmtree(lab.temporary)
    ended = lab.grade()
    lab.temporary.mkdir()
    return lab.judge(ended, 0, 3)


def clock_jumps(lab: Lab) -> str:
    """The wall clock jumps by hours: no limit and no duration follows it."""
    started = time.monotonic()
    said = lab.judge(lab.grade(under="clock_jumps"), 0)
    wall_s = time.monotonic() - started
    data = lab.expect_whole_records()
    spent = [check["duration_s"] for task in data["tasks"] for check in task["checks"]]
    for seconds in (*spent, data["duration_s"]):
        lab.expect(0 <= seconds <= wall_s + SLACK_S, f"{seconds} s of {wall_s:.1f} s")
    return said

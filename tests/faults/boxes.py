"""Workers that do not start, and bubblewraps that are missing, refused or broken."""

from __future__ import annotations

import os
import shutil
from typing import Any

from .lab import Ended, Lab, SkippedError

STARTS = {
    "worker_exits": "it said nothing",
    "worker_babbles": "frame",
    "worker_is_silent": "no answer within 2 s",
    "worker_cannot_start": "Resource temporarily unavailable",
}
# Two checks call this one; the worker dies in the first, and the second needs a new one.
DYING = "\n\ndef reconstruction_error(*_):\n    import os\n    os._exit(1)\n"
REFUSING = "echo 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
HANGING = "sleep 600\n"
BREAKING = """
count=$(cat {counter})
echo x$count > {counter}
case $count in
x*) echo 'bwrap: broken by now' >&2; exit 1;;
*) exec {bwrap} "$@";;
esac
"""


def worker_does_not_start(lab: Lab) -> str:
    """The process ends at once, says garbage, never answers, or cannot be had."""
    under = list(STARTS)[lab.number % len(STARTS)]
    ended = lab.grade("--sandbox", "plain", under=under)
    return _judge_fault(lab, ended, STARTS[under])


def worker_does_not_start_again(lab: Lab) -> str:
    """A first worker dies of the student's code; a second one cannot be had: not their fault."""
    _let_the_worker_die(lab)
    level = ("plain", "auto")[lab.number % 2]
    ended = lab.grade("--sandbox", level, under="worker_cannot_start_again")
    return _judge_fault(lab, ended, "Resource temporarily unavailable", crashed=True)


def bwrap_missing(lab: Lab) -> str:
    """No bubblewrap on the path."""
    return _judge_fallback(lab, "bubblewrap is not installed", PATH=str(lab.temporary))


def bwrap_refused(lab: Lab) -> str:
    """A bubblewrap that may not make namespaces."""
    path = _fake_bwrap(lab, REFUSING)
    return _judge_fallback(lab, "bubblewrap is refused here (bwrap: No permissions", PATH=path)


def bwrap_hangs(lab: Lab) -> str:
    """A bubblewrap that never ends, and whose child holds what it inherited."""
    path = _fake_bwrap(lab, HANGING)
    return _judge_fallback(lab, "no answer within 2 s", under="quick_probe", PATH=path)


def bwrap_breaks_later(lab: Lab) -> str:
    """A bubblewrap that works when it is tried, and not when the worker starts."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SkippedError("bubblewrap is not installed")
    counter = lab.root / "counter"
    works = lab.number % 2 + 1
    counter.write_text("", encoding="utf-8")
    script = BREAKING.format(counter=counter, bwrap=bwrap).replace("x*)", f"{'x' * works}*)")
    if works == 2:
        _let_the_worker_die(lab)
    ended = lab.grade(PATH=_fake_bwrap(lab, script))
    if "sandbox: plain" in ended.stderr:
        raise SkippedError("bubblewrap does not run here")
    return _judge_fault(lab, ended, "broken by now", crashed=works == 2)


def _let_the_worker_die(lab: Lab) -> None:
    with (lab.submission / "threshold.py").open("a", encoding="utf-8") as file:
        file.write(DYING)


def _fake_bwrap(lab: Lab, script: str) -> str:
    """A path on which this shell script is found as `bwrap`."""
    folder = lab.root / "bin"
    folder.mkdir()
    (folder / "bwrap").write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}", encoding="utf-8")
    (folder / "bwrap").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def _judge_fault(lab: Lab, ended: Ended, words: str, crashed: bool = False) -> str:
    """Every check is the grader's error, but for one in which the student's code crashed."""
    said = lab.judge(ended, 3, words=words)
    data = lab.broken_record()
    if data is None:  # it ended before any check
        return said
    statuses = [check["status"] for task in data["tasks"] for check in task["checks"]]
    first = ["crashed"] if crashed else ["grader_error"]
    lab.expect(statuses == [*first, *["grader_error"] * 4], f"statuses {statuses}")
    lab.expect(data["status"] == "grader_error", f"status {data['status']}")
    return said


def _judge_fallback(lab: Lab, words: str, **options: Any) -> str:
    """`auto` grades at the level plain and says why; `require` refuses and says why."""
    refused = lab.grade("--sandbox", "require", **options)
    lab.judge(refused, 2, words=words)
    ended = lab.grade(**options)
    lab.judge(ended, 0)
    data = lab.expect_whole_records()
    lab.expect(data["sandbox"] == "plain", f"sandbox {data['sandbox']}")
    reasons = [note for note in data["notes"] if words in note]
    lab.expect(len(reasons) == 1, f"notes {data['notes']}")
    lab.expect(reasons[0] in ended.stderr, f"{reasons[0]!r} was not said")
    return f"auto: full marks, {reasons[0]!r}; require: exit code 2"

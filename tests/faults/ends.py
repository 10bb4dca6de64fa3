"""The grader is ended from outside, at a random moment."""

from __future__ import annotations

import signal
import time

from .lab import BUSY, EARLIER, Lab

FIRST_S, LAST_S = 0.4, 4.0  # from the imports to the end of a short grading
ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALS = [wish for wish in ASKING if signal.getsignal(wish) != signal.SIG_IGN]  # as under nohup


def killed(lab: Lab) -> str:
    """SIGKILL: nothing half-written, no process left, and the next grading tidies up."""
    level = ("auto", "plain")[lab.number % 2]
    if lab.number % 4 < 2:  # a worker that reads no request is not ended by the pipe's end
        (lab.submission / "threshold.py").write_text(BUSY, encoding="utf-8")
    process = lab.start("--sandbox", level)
    time.sleep(lab.rng.uniform(FIRST_S, LAST_S))
    process.kill()
    process.communicate()
    lab.expect_no_process()
    for part in lab.out.glob(".*.part"):  # cut off while it was written: hidden, and never read
        part.unlink()
    left = len(list(lab.temporary.iterdir()))
    data = lab.expect_whole_records()
    lab.expect((data["status"], data["score"]) == ("graded", 15), f"the record is now {data}")
    refused = lab.grade("--hidden", lab.root / "none")
    lab.expect(refused.code == 2, f"the next grading: exit code {refused.code}")
    lab.expect_nothing_left()
    kept = "earlier record kept" if lab.record.read_text() == EARLIER else "new record whole"
    return f"{kept}, {left} folders tidied up later"


def interrupted(lab: Lab) -> str:
    """Ctrl-C, a polite request to end, a closed terminal: the grading stops and tidies up."""
    wish = SIGNALS[lab.number % len(SIGNALS)]
    (lab.submission / "threshold.py").write_text(BUSY, encoding="utf-8")
    process = lab.start("--sandbox", lab.rng.choice(("auto", "plain")))
    assert process.stderr is not None
    process.stderr.readline()  # the first note: before it there is nothing to tidy up
    time.sleep(lab.rng.uniform(0, LAST_S))
    process.send_signal(wish)
    return lab.judge(lab.end(process), 130, words="interrupted")

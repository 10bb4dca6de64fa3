"""What runs in Gradescope's box: grade one submission, and leave a file that is fair to it.

The grading is a process of its own under a deadline. Whatever becomes of it, one of four files is
there: the grade; what was done when the time was up; a zero for a submission that holds none of the
modules, with the reason; or none at all, which Gradescope shows as a failure of the autograder and
takes no mark from. A fault of ours is never a zero.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from datasets.files import write_whole

DEADLINE_S = 570.0  # of Gradescope's 600: what has been graded is kept in time
OPTIONS = "options.json"  # beside `grader/`; what `package` was told
GRACE_S = 10.0


def main(root: Path, deadline_s: float = DEADLINE_S) -> int:
    """Grade `root/submission` and write `root/results/results.json`.

    Returns:
        The exit code: 0 where there is something to read, else 1.
    """
    submission, results = root / "submission", root / "results" / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    ended: int | str | None
    try:
        if refused := _refusal(submission):
            write_whole(results, lambda file: file.write(refused.encode()))
            return 0
        ended = _grade(_command(submission, results), deadline_s)
    except Exception as error:  # whatever it is, it is no fault of the student's
        ended = f"{type(error).__name__}: {error}"
    if ended == 0 or (ended is None and results.is_file()):
        return 0
    results.unlink(missing_ok=True)
    print(f"the grader itself failed ({ended}); no results are handed in", file=sys.stderr)
    return 1


def _refusal(submission: Path) -> str:
    """The results of a submission that cannot be graded, for its student; "" of any other."""
    from ..emit.gradescope import refusal
    from ..errors import UsageError
    from ..rubric import load_rubric
    from ..staging import given_files
    from ..submission import open_submission

    points = sum(task.points for task in load_rubric().tasks)
    try:
        open_submission(submission, given_files())
    except UsageError as error:
        return refusal(str(error).replace(f"{submission}: ", ""), points)
    return ""


def _command(submission: Path, results: Path) -> list[str]:
    options = json.loads(Path(OPTIONS).read_text(encoding="utf-8"))
    hidden = ["--hidden", options["hidden"]] if options["hidden"] else []
    board = ["--leaderboard"] if options["leaderboard"] else []
    return [
        sys.executable, "-m", "grader", "grade", str(submission), "--data", options["data"],
        "--train", options["train"], "--sandbox", options["sandbox"], *hidden, *board,
        "--emit", f"gradescope={results}",
    ]  # fmt: skip


def _grade(command: Sequence[str], deadline_s: float) -> int | None:
    """Run the grading; its exit code, or None where the time was up."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OSR_DATA": os.devnull}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603
    try:
        return process.wait(deadline_s)
    except subprocess.TimeoutExpired:
        print(f"the time is up after {deadline_s:g} s", file=sys.stderr)
        process.terminate()  # it ends its workers and keeps the file
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        return None
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

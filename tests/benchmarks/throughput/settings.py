"""What the checks in a notebook are told besides the student's code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from datasets.profiles import load_test
from grader.intake.names import WEIGHTS
from grader.rubric import load_rubric
from grader.trial import build_trial

from .handed_in import Submission


def write_trial(path: Path) -> Path:
    """Write the graded images with their labels, as an instructor would: made once, then read."""
    trial = build_trial(*load_test("digits"))
    graded = trial.graded
    np.savez(
        path,
        images=trial.images[graded],
        labels=trial.labels[graded],
        families=trial.families[graded],
    )
    return path


def settings(submission: Submission, trial: Path) -> dict[str, Any]:
    """Names and values: where weights and images are, which accuracy earns the points."""
    ramps = load_rubric().ramps["digits"]
    return {
        "WEIGHTS": str(submission.folder / WEIGHTS),
        "TRIAL": str(trial),
        "TARGETS": {part: ramp.target for part, ramp in ramps.items()},
    }

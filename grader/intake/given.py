"""What the assignment gives inside a module, for a notebook that does not repeat it."""

from __future__ import annotations

# By module and name, as `assignment/evaluation.py` has it: a student's own copy may have changed.
GIVEN_IN: dict[str, dict[str, str]] = {
    "evaluation": {
        "Evaluation": '''from typing import NamedTuple


class Evaluation(NamedTuple):
    """Three fractions in [0, 1]; `nan` where there was no sample to count."""

    known_accuracy: float
    unknown_accuracy: float
    total_accuracy: float
'''
    }
}

"""Grading what was saved, as soon as it is: `python -m grader watch`."""

"""Faults of the grader's own side: the real command, while the machine fails it."""

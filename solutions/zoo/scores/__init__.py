"""Scores, a file each: a pure function, and a thin class that holds what it was fitted to."""

"""Submissions beside each other, the reference, and what others published."""

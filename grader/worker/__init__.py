"""What runs inside the sandbox, beside the student's code.

This folder is copied into every box and imports nothing of the grader, so that a box needs no
sight of the rest. Only `wire` is used on both sides.
"""

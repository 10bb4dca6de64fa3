"""The reference solution, what is made from it, and what it is compared with.

`reference/` holds the five solved modules; `python -m solutions stubs` strips them into the
assignment.
"""

"""Whether this machine can grade, and what to do where it cannot: `python -m grader doctor`."""

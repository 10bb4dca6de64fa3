"""`python -m grader`."""

import sys

try:
    from .cli import app
except KeyboardInterrupt:  # so early that nothing is there to say it
    sys.exit(130)

app(prog_name="python -m grader")

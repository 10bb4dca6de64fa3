"""`python -m grader`."""

import sys

try:
    from .cli import app
except KeyboardInterrupt:  # so early that what would say so is not there yet
    print("error: interrupted", file=sys.stderr)
    sys.exit(130)

app(prog_name="python -m grader")

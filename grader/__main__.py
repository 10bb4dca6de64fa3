"""`python -m grader`."""

from .cli import app

app(prog_name="python -m grader")

"""The commands of `python -m grader`, one a file. Heavy imports wait until one runs."""

"""`python -m grader grade` from end to end: every ending is one that is defined."""

"""The autograder: checks, the trust boundary, records."""

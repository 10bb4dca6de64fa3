"""The one error that this package raises for data that is missing, broken or misused."""


class DataError(Exception):
    """What is wrong, where, and what to do about it, in one line for a person to read."""

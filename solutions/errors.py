"""The one exception that a command turns into a line for the person who ran it."""


class UserError(Exception):
    """A mistake that whoever ran the command can mend: one line of what, where and what to do."""

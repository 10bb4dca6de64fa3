"""Settings for every test: Hypothesis draws the same examples each time, and no clock judges."""

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

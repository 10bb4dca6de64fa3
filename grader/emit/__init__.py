"""A record in the formats that other tools read, one file a format."""

from .formats import KINDS, Settings, emit
from .student_copy import for_student

__all__ = ["KINDS", "Settings", "emit", "for_student"]

"""The gradebook: every grade that was ever given, kept in one SQLite file that only grows."""

from .book import Gradebook
from .grade import Adjustment, Grade, GradeKey, NewGrade

__all__ = ["Adjustment", "Grade", "GradeKey", "Gradebook", "NewGrade"]

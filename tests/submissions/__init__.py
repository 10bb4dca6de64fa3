"""Submissions as small files: what the checks have to catch, and what they have to let through."""

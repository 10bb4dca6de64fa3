"""Marks for a learning management system: the file it exported, with our marks filled in."""

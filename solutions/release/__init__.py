"""The student repository, made from this one: `python -m solutions release`."""

"""Marks that depend on nobody's machine and on no luck: measured, and written down."""

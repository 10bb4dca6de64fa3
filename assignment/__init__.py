"""What a student receives: five stubs to fill, and what is given."""

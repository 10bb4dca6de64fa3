"""Which submissions share text beyond what all of them were given: evidence to read, no verdict."""

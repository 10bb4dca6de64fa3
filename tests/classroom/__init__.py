"""A demonstration class: generated submissions of mixed quality, graded as a real one would be."""

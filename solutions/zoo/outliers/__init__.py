"""Unknown images synthesised from the known digits and from random strokes; an idea a file.

No unknown data set is looked at, and no shape is taken from an alphabet. Every function is pure:
what it returns follows from its arguments and from the state of the generator it is given.
"""

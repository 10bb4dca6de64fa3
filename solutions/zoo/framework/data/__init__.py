"""Data, a file each: a function that gives an `OpenSet`."""

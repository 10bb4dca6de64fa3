"""The reference solution: the five modules, and the source of the stubs."""

"""The pictures of the zoo, a file each: NumPy arrays and numbers in, PNG bytes out.

Figures are objects, without pyplot and its list of open windows; the same input gives the same
bytes. Nothing here knows a network.
"""

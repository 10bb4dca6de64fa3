"""The five splits on which MNIST 6/4 results are published.

Source: the file of splits in the code of S. Vaze et al., Open-Set Recognition: A Good Closed-Set
Classifier is All You Need?, ICLR 2022, which took them over from earlier work.
"""

# The six known digits of each, class 0 first; the other four are unknown.
SPLITS = (
    (2, 4, 5, 9, 8, 3),
    (3, 2, 6, 9, 4, 0),
    (5, 8, 3, 2, 4, 6),
    (3, 7, 8, 4, 0, 5),
    (6, 3, 4, 9, 8, 2),
)

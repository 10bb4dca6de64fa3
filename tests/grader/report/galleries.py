"""A gallery with every picture, of numbers that a test can check."""

from grader.gallery.gallery import Curves, Gallery, Neighbours, Scores, Shown

FAMILY = "<b>mine</b>\u202e"  # an instructor's own set may be called anything
CONFUSION = tuple(
    tuple(20 if a == b else 5 if b == 10 else 0 for b in range(11)) for a in range(11)
)
GALLERY = Gallery(
    known=250,
    unknown=20,
    shown=(
        Shown("right", 3, 3, "digits"), Shown("wrong", 4, 10, "digits"),
        Shown("rejected", 10, 10, "letters"), Shown("passed", 10, 7, FAMILY),
    ),
    sprite="aGVsbG8=",
    redrawn=True,
    threshold=0.25,
    scores=Scores(False, (0.0, 0.5, 1.0), (0.75, 0.25), (0.25, 0.75), 0.0),
    confusion=CONFUSION,
    curves=Curves(((0, 0), (0, 1), (1, 1)), 0.99, ((0, 0), (0, 0.9), (1, 0.9)), 0.9),
    neighbours=Neighbours(((0.0, 0.0), (1.0, 1.0), (0.5, 0.5)), (7, 7, 10)),
)  # fmt: skip

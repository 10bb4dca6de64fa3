"""What Hypothesis and seeds draw for the metrics: scores with many ties, and whole trials."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

# Enough for a property of a dozen scores, and seconds for the folder.
few = settings(max_examples=30)

# Few whole numbers, so that ties are the rule; and any number at all, the extremes among them.
coarse = st.integers(-3, 3).map(float)
fine = st.floats(allow_nan=False, allow_infinity=False)
score = st.one_of(coarse, fine)
side = st.lists(score, min_size=1, max_size=12)
known_side = st.lists(st.tuples(st.booleans(), score), min_size=1, max_size=12)


@st.composite
def trials(draw, num_known: int = 10) -> SimpleNamespace:
    """A few images of each kind: labels, closed-set predictions, scores."""
    known = st.integers(0, num_known - 1)
    image = st.tuples(st.one_of(known, st.just(10)), known, score)
    rows = draw(st.lists(image, max_size=20))
    rows += [(draw(known), draw(known), draw(score)), (10, draw(known), draw(score))]
    labels, closed_set, scores = zip(*rows, strict=True)
    return SimpleNamespace(
        labels=np.array(labels), closed_set=np.array(closed_set), scores=np.array(scores)
    )


def trial(seed: int, size: int = 200, num_known: int = 10) -> SimpleNamespace:
    """A seeded trial whose scores are rounded, so that many tie; two unknown families."""
    random = np.random.default_rng(seed)
    classes = np.append(np.arange(num_known), 10)
    labels = np.concatenate([classes, random.choice(classes, size)])
    guesses = random.integers(0, num_known, len(labels))
    right = (labels != 10) & (random.random(len(labels)) < 0.9)
    unknown = labels == 10
    unknown_names = random.choice(["letters", "noise"], len(labels))
    return SimpleNamespace(
        labels=labels,
        closed_set=np.where(right, labels, guesses),
        scores=np.round(random.normal(unknown * 1.5, 1), 1),
        families=np.where(unknown, unknown_names, "digits"),
    )

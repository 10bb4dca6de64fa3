"""One image, one answer: whatever the call, and whatever else is in the batch."""

from __future__ import annotations

import numpy as np

from .expect import expect, expect_close, expect_varied
from .remote import RemoteModule

ALONE = 3  # images: the largest of a batch, say, is one of them at most


def expect_repeatable(what: str, network: RemoteModule, images: np.ndarray) -> None:
    """Fail unless the first output is the same again, and for an image alone, in eval mode.

    Raises:
        Mismatch: it is not, or it is one for all images, or the images were changed.
    """
    first, _ = network(images)
    expect(
        not network.changes_input(images),
        "forward changed the images that it was given, in place: work on a copy",
    )
    expect_varied(what, first)
    again, _ = network(images)
    expect_close(
        "a second call in eval mode", again, first,
        because="is there dropout, noise, or a layer made in forward?",
    )  # fmt: skip
    for k in range(ALONE):
        alone, _ = network(images[k : k + 1])
        expect_close(
            "an image alone", alone, first[k : k + 1],
            absolute=1e-4, because=f"{what} must not depend on the batch around the image",
        )  # fmt: skip

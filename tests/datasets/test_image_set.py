import numpy as np
import pytest

from datasets import UNKNOWN, DataError, ImageSet
from datasets.image_set import unknown_set

IMAGES = np.zeros((3, 28, 28), np.uint8)
LABELS = np.array([0, 9, 10])


def test_it_has_a_length_and_keeps_what_it_is_given():
    images = ImageSet("mine", "digits", IMAGES, LABELS)
    assert len(images) == 3
    assert images.graded


def test_an_unknown_set_is_all_unknown():
    clothes = unknown_set("clothes", IMAGES, graded=False)
    assert (clothes.name, clothes.family, clothes.graded) == ("clothes", "clothes", False)
    assert clothes.labels.tolist() == [UNKNOWN] * 3


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (IMAGES.astype(np.float32), LABELS, "uint8"),
        (IMAGES[:, None], LABELS, r"\(3, 1, 28, 28\)"),
        (IMAGES[:, :27], LABELS, r"\(3, 27, 28\)"),
        (IMAGES, LABELS[:2], r"int64 \(3,\), not int64 \(2,\)"),
        (IMAGES, LABELS.astype(np.uint8), "not uint8"),
        (IMAGES, LABELS + 1, "1 to 11"),
        (IMAGES, LABELS - 1, "-1 to 9"),
    ],
)
def test_other_arrays_are_refused_with_the_set_s_name(images, labels, words):
    with pytest.raises(DataError, match=words) as caught:
        ImageSet("mine", "digits", images, labels)
    assert str(caught.value).startswith("mine: ")

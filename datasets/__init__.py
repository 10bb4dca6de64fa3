"""The image sets of the assignment: known digits, unknown families, hidden bundles.

`load("auto")` gives a `Profile`: digits to train on, digits to fit a threshold on, digits and
unknown images to test on, all as uint8 arrays. Nothing is read before it is asked for.
"""

from datasets.bundle import Bundle, read_bundle
from datasets.errors import DataError
from datasets.image_set import UNKNOWN, ImageSet, Profile
from datasets.profiles import Choice, choose, load, load_test, load_training
from datasets.root import data_root
from datasets.sources import load_other_digits

__all__ = [
    "UNKNOWN",
    "Bundle",
    "Choice",
    "DataError",
    "ImageSet",
    "Profile",
    "choose",
    "data_root",
    "load",
    "load_other_digits",
    "load_test",
    "load_training",
    "read_bundle",
]

"""The image sets of the assignment: known digits, unknown families, hidden bundles.

`load("auto")` gives a `Profile`: digits to train on, digits to fit a threshold on, digits and
unknown images to test on, all as uint8 arrays. Nothing is read before it is asked for.

A name is imported when it is first asked for: command lines need the errors and the options of this
package, and NumPy, which the sets are made of, only when they compute.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

PLACES = {
    "Bundle": "bundle",
    "Choice": "profiles",
    "DataError": "errors",
    "ImageSet": "image_set",
    "Profile": "image_set",
    "UNKNOWN": "image_set",
    "choose": "profiles",
    "data_root": "root",
    "load": "profiles",
    "load_other_digits": "sources",
    "load_test": "profiles",
    "load_training": "profiles",
    "read_bundle": "bundle",
}


def __getattr__(name: str) -> object:
    """A name of `__all__`, from the module that has it (PEP 562)."""
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{PLACES[name]}"), name)
    return value

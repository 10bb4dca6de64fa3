"""Importing torchvision where its wheel does not fit the installed torch."""

from types import ModuleType

from datasets.errors import DataError

# Signatures as in torchvision's own sources, torchvision/csrc/ops.
MISSING_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def import_torchvision_datasets() -> ModuleType:
    """The module `torchvision.datasets`, used for downloads alone.

    Beside a torch built for CPU only, the torchvision of PyPI cannot load its compiled operators,
    and then stops at its import: "operator torchvision::nms does not exist". Downloading needs no
    operator, so where they are missing, and only there, we declare them first and import again.

    Raises:
        DataError: torchvision is missing or broken in another way.
    """
    try:
        return _import()
    except ImportError as error:
        raise DataError(
            f"torchvision cannot be imported ({error}); pip install torchvision"
        ) from error
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise DataError(f"torchvision cannot be imported ({error})") from error
    try:
        library = declare_operators()
        module = _import()
    except (ImportError, RuntimeError) as error:
        raise DataError(f"torchvision does not fit the installed torch ({error})") from error
    del library  # torch forgets the declarations with it; the import is past needing them
    return module


def declare_operators() -> object:
    """Gives torch the names of the operators, for as long as the returned object lives."""
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for signature in MISSING_OPERATORS:
        library.define(signature)  # type: ignore[no-untyped-call]
    return library


def _import() -> ModuleType:
    import torchvision.datasets

    module: ModuleType = torchvision.datasets
    return module

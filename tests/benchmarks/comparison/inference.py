"""Images a second of the reference's model, beside what the machine's products would allow."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from solutions.reference.autoencoder import Autoencoder
from solutions.reference.classifier import Classifier
from solutions.reference.threshold import reconstruction_error, reject

from .products import counted, operations, product
from .timing import in_turn, rounded, spread, stopwatch

CHUNK = 500
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class Predicting:
    """The model's `predict`, with random weights: time does not depend on them."""

    def __init__(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.autoencoder, self.classifier = Autoencoder().eval(), Classifier().eval()

    def __call__(self, images: Tensor, dtype: torch.dtype) -> Tensor:
        """Labels 0-10 (N,) of images (N, 1, 28, 28), `CHUNK` at a time."""
        narrow = dtype is torch.bfloat16
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=narrow):
            return torch.cat([self._chunk(chunk) for chunk in images.split(CHUNK)])

    def _chunk(self, images: Tensor) -> Tensor:
        labels = self.classifier(images)[0].argmax(dim=1)
        errors = reconstruction_error(images, self.autoencoder(images)[0].float())
        return reject(labels, errors, torch.tensor(1.0))


def measure(quick: bool) -> dict[str, Any]:
    """Rates, and the share of the machine's that is reached."""
    count, rounds, least_s = (500, 3, 0.02) if quick else (10_000, 9, 0.5)
    images = torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    predict = Predicting()
    each = counted(lambda: predict(images[:CHUNK], torch.float32)) / CHUNK
    cases = {}
    for name, dtype in DTYPES.items():
        cases[name] = stopwatch(lambda dtype=dtype: predict(images, dtype), least_s)
        cases[f"product, {name}"] = product(dtype, least_s=least_s)
    taken = in_turn(cases, rounds)
    found = {}
    for name in DTYPES:
        seconds = spread(taken[name])["median"]
        rate = operations() / spread(taken[f"product, {name}"])["median"]
        found[name] = {
            "images_a_second": rounded(count / seconds),
            "products_gflops": rounded(rate / 1e9),
            "share_of_products": rounded(each * count / seconds / rate),
            "seconds": spread(taken[name]),
        }
    return {
        "images": count,
        "chunk": CHUNK,
        "threads": torch.get_num_threads(),
        "megaflop_an_image": rounded(each / 1e6),
        "rates": found,
    }

"""Distance to the k-th nearest training image.

Source: Y. Sun, Y. Ming, X. Zhu and Y. Li, Out-of-Distribution Detection with Deep Nearest
Neighbors, ICML 2022, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from solutions.errors import UserError
from solutions.zoo.outputs import Outputs

CHUNK = 1000  # images at a time against the whole bank


def knn_distance(queries: Tensor, bank: Tensor, k: int) -> Tensor:
    """Euclidean distance to the k-th nearest row of the bank.

    Args:
        queries: (N, D).
        bank: (M, D), M >= k.
        k: From 1.

    Returns:
        (N,), at least 0, high = more likely unknown.
    """
    squares = (bank**2).sum(dim=1)  # (M,)
    found = []
    for rows in torch.split(queries, CHUNK):
        # |q - b|² without the term |q|², which is the same for every b: a third of the work.
        near = torch.topk(squares - 2 * rows @ bank.T, k, dim=1, largest=False, sorted=True)
        neighbour = bank[near.indices[:, -1]]  # (n, D)
        found.append((rows - neighbour).norm(dim=1))  # exact, where the product form is not
    return torch.cat(found) if found else queries.new_zeros(0)


@dataclass
class Knn:
    """The k-nearest-neighbours score.

    Args:
        of: "embedding", L2-normalised as in the paper, or "images", the plain pixels.
        k: Which neighbour.
        bank_size: How many training images are kept, drawn evenly from all.
    """

    of: Literal["embedding", "images"] = "embedding"
    k: int = 10
    bank_size: int = 10_000

    @property
    def needs(self) -> tuple[str, ...]:
        """The output that distances are taken on."""
        return (self.of,)

    def fit(self, outputs: Outputs, labels: Tensor) -> None:
        """Keep every n-th training image.

        Raises:
            UserError: There are fewer than k.
        """
        rows = self._rows(outputs)
        step = max(1, -(-len(rows) // self.bank_size))
        self.bank = rows[::step]
        if len(self.bank) < self.k:
            raise UserError(f"kNN with k = {self.k} takes as many images, not {len(self.bank)}")

    def __call__(self, outputs: Outputs) -> Tensor:
        """Scores (N,)."""
        return knn_distance(self._rows(outputs), self.bank, self.k)

    def _rows(self, outputs: Outputs) -> Tensor:
        rows = outputs[self.of].flatten(1)
        return F.normalize(rows, dim=1) if self.of == "embedding" else rows

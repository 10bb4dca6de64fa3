"""Task 3, `contrastive`: pull one class together, push two classes apart.

Source: Hadsell, Chopra & LeCun, "Dimensionality Reduction by Learning an Invariant Mapping",
CVPR 2006, equation 4. The paper squares both terms; here they are linear in the distance, and
each kind of pair has its own mean, so that the many pairs of two classes do not drown the few
pairs of one.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def contrastive_loss(embeddings: Tensor, labels: Tensor, margin: float = 1.0) -> Tensor:
    r"""Measure how far a batch is from "one class together, two classes a margin apart".

    With $d_{ij} = \lVert e_i - e_j \rVert_2$ the Euclidean distance of two embeddings:

    $$L = \operatorname{mean}_{i \neq j,\; y_i = y_j} d_{ij}
        + \operatorname{mean}_{i \neq j,\; y_i \neq y_j} \max(0,\; m - d_{ij})$$

    Both means go over ordered pairs of two *different* samples: a sample is no pair with itself.
    A mean over no pairs is 0 (a batch of one class has no second term, a batch without a repeated
    class no first), so fewer than two samples give 0.

    The gradient with respect to `embeddings` is finite for every batch, also where two embeddings
    coincide: such a pair pulls in no direction. (The derivative of a square root at 0 is infinite,
    so this does not come by itself.) Time matters: no Python loop over pairs or samples.

    Args:
        embeddings: float32 or float64 (N, D), N >= 0, D >= 1.
        labels: integers (N,), the class of each embedding.
        margin: m, how far apart two classes should be, at least 0.

    Returns:
        The loss, a 0-dim tensor of the embeddings' dtype and device, at least 0. It is connected to
        `embeddings`, so `backward()` works on it, whatever the batch.
    """
    # BEGIN SOLUTION task 3, contrastive: compute the loss of a batch
    if len(embeddings) < 2:
        return embeddings[:0].sum()  # a 0 that is still connected; `pdist` has no gradient here
    # `pdist` gives each unordered pair once, which leaves both means as they are. It subtracts
    # before it squares, so nothing cancels far from the origin, and it defines the gradient of a
    # distance of 0 as 0.
    distances = F.pdist(embeddings)  # (P,), P = N (N - 1) / 2
    n = len(labels)
    rows, columns = torch.triu_indices(n, n, offset=1, device=labels.device)  # in pdist's order
    same = labels[rows] == labels[columns]  # (P,) bool
    attraction = distances[same]
    repulsion = F.relu(margin - distances[~same])
    # The mean over no pairs would be nan; their sum is 0.
    return attraction.sum() / max(len(attraction), 1) + repulsion.sum() / max(len(repulsion), 1)
    # END SOLUTION

"""Task 4, `threshold`: how badly redrawn is too badly?

Three steps: measure the error of each reconstruction, find the largest error that still passes for
a digit, and reject what lies above it. The threshold comes from known digits alone: nothing unknown
is ever seen before the test.
"""

from __future__ import annotations

from torch import Tensor


def reconstruction_error(images: Tensor, reconstruction: Tensor) -> Tensor:
    r"""Measure how badly each image was redrawn, relative to how much ink it has.

    $$s = \frac{\operatorname{mean}_p (x_p - \hat x_p)^2}{\text{ink} + 0.05}, \qquad
      \text{ink} = \operatorname{mean}_p \frac{x_p + 1}{2}$$

    with both means over the pixels $p$ of one image. The more ink, the more there is to get wrong:
    without the division a bold digit looks less known than a thin one. The 0.05 keeps an empty
    image from dividing by 0.

    Args:
        images: float (N, 1, 28, 28) in [-1, 1], -1 is background, 1 is ink.
        reconstruction: the same shape and dtype, what the autoencoder made of them.

    Returns:
        The errors, float (N,), at least 0; high = more likely unknown.
    """
    # BEGIN SOLUTION task 4, threshold: compute the error of each image
    squared = (images - reconstruction).square().flatten(1).mean(dim=1)  # (N,)
    ink = ((images + 1) / 2).flatten(1).mean(dim=1)  # (N,) in [0, 1]
    return squared / (ink + 0.05)
    # END SOLUTION


def adaptive_threshold(errors: Tensor, z: float = 3.0) -> Tensor:
    r"""Find the largest error that still passes for a known digit.

    $$t = \bar s + z \sqrt{\frac{1}{n - 1} \sum_i (s_i - \bar s)^2}$$

    On a normal law, z = 3 would reject 0.135 % of the known digits. Errors have a longer tail than
    that: expect one or two in a hundred.

    Args:
        errors: float (n,), n >= 2, the errors of known digits that the network was not trained on
            (those of the training digits are too small).
        z: how many sample standard deviations above the mean to go.

    Returns:
        The threshold, a 0-dim float tensor.
    """
    # BEGIN SOLUTION task 4, threshold: compute the threshold from the errors of known digits
    return errors.mean() + z * errors.std(correction=1)
    # END SOLUTION


def reject(
    labels: Tensor, errors: Tensor, threshold: Tensor | float, unknown_label: int = 10
) -> Tensor:
    """Call unknown what was redrawn too badly, and leave the other labels as they are.

    A sample is unknown when its error lies strictly above the threshold. The three inputs are left
    unchanged.

    Args:
        labels: integers (N,), the classifier's predictions.
        errors: float (N,), the errors of the same images.
        threshold: a number or a 0-dim tensor.
        unknown_label: the label that stands for unknown.

    Returns:
        New labels, (N,), of the dtype and on the device of `labels`.
    """
    # BEGIN SOLUTION task 4, threshold: replace the labels of the rejected samples
    return labels.masked_fill(errors > threshold, unknown_label)
    # END SOLUTION

"""The logit of the unknown class, apart and together again."""

from __future__ import annotations

import torch

from solutions.zoo.networks.attempts.unknown_logit import join_unknown, split_unknown


def test_the_last_logit_is_the_unknown_one():
    wide = torch.arange(12.0).reshape(3, 4)
    outputs = split_unknown(wide)
    assert outputs["logits"].tolist() == [[0, 1, 2], [4, 5, 6], [8, 9, 10]]
    assert outputs["unknown_logit"].tolist() == [3, 7, 11]
    assert torch.equal(join_unknown(outputs), wide)

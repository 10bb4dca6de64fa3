"""Backbones, necks and heads have the shapes they promise, and say what does not fit."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
import torch

from solutions.errors import UserError
from solutions.zoo.framework import heads, necks
from solutions.zoo.framework.backbones.small import Small
from solutions.zoo.framework.network import Assembled


def through(backbone: Any, channels: int, size: int) -> tuple[int, int]:
    images = torch.rand(2, channels, size, size) * 2 - 1
    with torch.inference_mode():
        return tuple(backbone.eval()(images).shape)


@pytest.mark.parametrize(("channels", "size"), [(1, 28), (3, 32), (1, 8), (3, 45)])
def test_small_backbone(channels: int, size: int) -> None:
    backbone = Small(channels, size, widths=(4, 6, 8))
    assert through(backbone, channels, size) == (2, backbone.width)


def test_small_backbone_refuses_what_it_cannot_be() -> None:
    with pytest.raises(UserError, match="4 x 4 are too small"):
        Small(1, 4)
    with pytest.raises(UserError, match="three widths, not 2"):
        Small(1, 28, (8, 8))


@pytest.fixture(scope="module")
def timm() -> Any:
    if find_spec("timm") is None:  # importing it first would find torchvision as it is
        pytest.skip("timm is not installed: pip install 'open-set-lab[zoo]'")
    from solutions.zoo.framework.backbones.timm_models import import_timm

    return import_timm()


@pytest.mark.usefixtures("timm")
@pytest.mark.parametrize(("channels", "size"), [(1, 28), (3, 32)])
def test_backbones_of_timm(channels: int, size: int) -> None:
    from solutions.zoo.framework.backbones.dinov2 import dinov2
    from solutions.zoo.framework.backbones.efficientnet import efficientnet
    from solutions.zoo.framework.backbones.resnet import resnet
    from solutions.zoo.framework.backbones.vit import vit

    patch = 14 if size == 28 else 8
    for backbone, width in (
        (resnet(channels, size, widths=(4, 8, 16, 32)), 32),
        (resnet(channels, size, widths=(4, 8, 16, 32), pool=False), 32),
        (efficientnet(channels, size), 1280),
        (vit(channels, size, depth=1), 192),
        (dinov2(channels, size, depth=1, patch=patch), 384),
    ):
        assert through(backbone, channels, size) == (2, backbone.width) == (2, width)


@pytest.mark.usefixtures("timm")
def test_wrong_use_of_timm_is_one_line(monkeypatch: pytest.MonkeyPatch, timm: Any) -> None:
    from solutions.zoo.framework.backbones import timm_models
    from solutions.zoo.framework.backbones.dinov2 import dinov2
    from solutions.zoo.framework.backbones.resnet import resnet

    with pytest.raises(UserError, match=r"no model 'resnet81': did you mean resnet"):
        resnet(1, 28, "resnet81")
    with pytest.raises(UserError, match="widths are 4, not 1"):
        resnet(1, 28, widths=(8,))
    with pytest.raises(UserError, match="leave out widths"):
        resnet(1, 28, widths=(8, 8, 8, 8), pretrained=True)
    with pytest.raises(UserError, match=r"resnet18 cannot be made with .*colour"):
        resnet(1, 28, colour="red")
    with pytest.raises(UserError, match=r"32 x 32 cannot be cut into patches of 14: .*2, 4, 8"):
        dinov2(3, 32)

    def unreachable(*_: Any, **__: Any) -> None:
        raise OSError("no connection\nand more")

    monkeypatch.setattr(timm_models, "_answers", lambda address: False)
    monkeypatch.setattr(timm, "create_model", unreachable)
    with pytest.raises(UserError, match=r"^the pretrained weights of resnet18 .*no connection"):
        resnet(1, 28, pretrained=True)


@pytest.mark.parametrize("neck", [necks.Identity, necks.LinearNorm, necks.Mlp])
@pytest.mark.parametrize("head", [heads.Linear, heads.Cosine, heads.KPlusOne])
def test_every_neck_goes_with_every_head(neck: Any, head: Any) -> None:
    backbone = Small(1, 28, (4, 4, 4))
    middle = neck(backbone.width)
    network = Assembled(backbone, middle, head(middle.width, 6)).eval()
    outputs = network(torch.zeros(3, 1, 28, 28))
    assert outputs["logits"].shape == (3, 6)
    assert outputs["embedding"].shape == (3, middle.width)
    assert ("unknown_logit" in outputs) == (head is heads.KPlusOne)


def test_cosine_logits_forget_lengths() -> None:
    head = heads.Cosine(5, 3, scale=8)
    embedding = torch.randn(4, 5)
    logits = head(embedding)["logits"]
    torch.testing.assert_close(head(100 * embedding)["logits"], logits)
    assert logits.abs().max() <= 8
    along = head(head.directions.weight)["logits"].diagonal()
    torch.testing.assert_close(along, torch.full((3,), 8.0))
    with pytest.raises(UserError, match="above 0"):
        heads.Cosine(5, 3, scale=0)


def test_the_unknown_logit_is_the_last() -> None:
    head = heads.KPlusOne(2, 3)
    embedding = torch.randn(4, 2)
    outputs = head(embedding)
    joined = torch.cat([outputs["logits"], outputs["unknown_logit"][:, None]], dim=1)
    torch.testing.assert_close(joined, head.layer(embedding))

"""System c: heads and scores on one narrow ResNet of timm.

The framework that they come from, with every other backbone, neck and head, is
`solutions/zoo/framework`; the rows here are what it gives on one backbone that trains in a minute
on one core. Temperature calibration is a matter of its command alone: dividing all logits by one
number changes no ranking by energy at that temperature, nor by the highest logit.
"""

from __future__ import annotations

from torch import nn

from solutions.zoo.framework import heads, necks
from solutions.zoo.framework.network import Assembled
from solutions.zoo.framework.objectives import against_synthetic_unknowns
from solutions.zoo.method import Spec
from solutions.zoo.objectives import cross_entropy
from solutions.zoo.rules import Conformal
from solutions.zoo.scores.energy import Energy
from solutions.zoo.scores.mav_distance import MavDistance
from solutions.zoo.scores.max_logit import MaxLogit
from solutions.zoo.scores.msp import Msp
from solutions.zoo.scores.unknown_probability import UnknownProbability
from solutions.zoo.training import GradientTraining, Recipe

WIDTHS = (16, 32, 64, 128)  # a quarter of the published ones


def features(channels: int = 1, size: int = 28) -> tuple[nn.Module, necks.LinearNorm]:
    """The ResNet-18 of these rows, and its neck; imports timm."""
    from solutions.zoo.framework.backbones.resnet import resnet

    backbone = resnet(channels, size, widths=WIDTHS)
    return backbone, necks.LinearNorm(backbone.width)


def plain(num_classes: int) -> nn.Module:
    """With a logit a class."""
    backbone, neck = features()
    return Assembled(backbone, neck, heads.Linear(neck.width, num_classes))


def with_unknown(num_classes: int) -> nn.Module:
    """With one more for everything unknown."""
    backbone, neck = features()
    return Assembled(backbone, neck, heads.KPlusOne(neck.width, num_classes))


# 45 CPU seconds on 55,000 digits, on one thread of a shared machine; K_PLUS_1 takes 62.
RESNET = GradientTraining(
    name="narrow_resnet18",
    build=plain,
    objective=cross_entropy,
    recipes={
        "default": Recipe(epochs=3, batch_size=250, rate=4e-3, schedule="one_cycle", bf16=True),
        "quick": Recipe(
            epochs=5, batch_size=100, rate=3e-3, schedule="one_cycle", bf16=True, most_images=3000
        ),
    },
)

# A batch is twice as large here, known images and synthetic ones, and takes twice as long.
K_PLUS_1 = GradientTraining(
    name="narrow_resnet18_k_plus_1",
    build=with_unknown,
    objective=against_synthetic_unknowns,
    recipes={
        "default": Recipe(epochs=2, batch_size=125, rate=4e-3, schedule="one_cycle", bf16=True),
        "quick": Recipe(
            epochs=5, batch_size=100, rate=3e-3, schedule="one_cycle", bf16=True, most_images=3000
        ),
    },
)

METHODS = (
    Spec(
        name="resnet_energy",
        files=("scores/energy.py", "framework/backbones/resnet.py"),
        title="energy, ResNet",
        system="c",
        training=RESNET,
        score=Energy,
        rule=Conformal(0.01),
        idea="System c's own choice: the energy of a ResNet's logits. It asks whether the network "
        "matters more than the score: compare the same score on the small classifier.",
        formula="s = -T logsumexp(f / T)",
        source="system c; Liu et al., Energy-based Out-of-distribution Detection, NeurIPS 2020, "
        "eq. 4",
    ),
    Spec(
        name="resnet_max_logit",
        files=("scores/max_logit.py", "framework/backbones/resnet.py"),
        title="max logit, ResNet",
        system="c",
        training=RESNET,
        score=MaxLogit,
        rule=Conformal(0.01),
        idea="The highest logit alone. Softmax forgets how large logits are together; this does "
        "not.",
        formula="s = -max_c f_c",
        source="Vaze et al., Open-Set Recognition: A Good Closed-Set Classifier is All You Need?, "
        "ICLR 2022, section 5",
    ),
    Spec(
        name="resnet_msp",
        files=("scores/msp.py", "framework/backbones/resnet.py"),
        title="max softmax, ResNet",
        system="c",
        training=RESNET,
        score=Msp,
        rule=Conformal(0.01),
        idea="The classifier's own confidence: an image of no class should leave it undecided. "
        "A network that was never told so is often certain all the same.",
        formula="s = -max_c softmax(f)_c",
        source="Hendrycks and Gimpel, A Baseline for Detecting Misclassified and "
        "Out-of-Distribution Examples in Neural Networks, ICLR 2017",
    ),
    Spec(
        name="resnet_openmax_simplified",
        files=("scores/mav_distance.py", "framework/backbones/resnet.py"),
        title="distance to mean activation, ResNet",
        system="c",
        training=RESNET,
        score=MavDistance,
        rule=Conformal(0.01),
        idea="OpenMax as system c simplifies it: each class is the mean embedding of its correctly "
        "classified training images, and an image far from every mean is unknown. No Weibull tail.",
        formula="s = min_c ||z - mean_c||",
        source="system c; after Bendale and Boult, Towards Open Set Deep Networks, CVPR 2016",
    ),
    Spec(
        name="k_plus_1",
        sees_synthetic_unknowns=True,
        files=("framework/heads.py", "framework/synthetic.py", "scores/unknown_probability.py"),
        title="K + 1 softmax, ResNet",
        system="c",
        training=K_PLUS_1,
        score=UnknownProbability,
        rule=Conformal(0.01),
        idea="One more class for everything unknown, trained on images made of the batch itself: "
        "two digits over each other, and digits cut into patches that change places. It learns "
        "what these look like; what else is unknown may look different.",
        formula="s = softmax([f, u])_{K+1}",
        source="system c; the synthetic unknowns are ours",
    ),
)

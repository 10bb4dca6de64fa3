"""System a: the multi-task autoencoder, its two pairs of thresholds, and its baseline."""

from __future__ import annotations

from solutions.zoo.method import Spec
from solutions.zoo.networks.multitask import BaselineClassifier, MultitaskAutoencoder
from solutions.zoo.objectives import classify, classify_and_reconstruct
from solutions.zoo.rules import Fixed, MeanStd
from solutions.zoo.scores.msp import Msp
from solutions.zoo.scores.norm_diff import NormDiff
from solutions.zoo.scores.style_content import StyleContent
from solutions.zoo.training import GradientTraining, Recipe

AS_WRITTEN = Recipe(epochs=20, batch_size=1024, rate=5e-4)
QUICK = Recipe(epochs=2, batch_size=100, rate=4e-3, schedule="one_cycle", most_images=4000)

MULTITASK = GradientTraining(
    name="multitask",
    build=MultitaskAutoencoder,
    objective=classify_and_reconstruct,
    recipes={
        "default": Recipe(epochs=5, batch_size=250, rate=4e-3, schedule="one_cycle", bf16=True),
        "seed": AS_WRITTEN,
        "quick": QUICK,
    },
)

BASELINE = GradientTraining(
    name="multitask_baseline",
    build=BaselineClassifier,
    objective=classify,
    recipes={
        "default": Recipe(epochs=2, batch_size=250, rate=6e-3, schedule="one_cycle", bf16=True),
        "seed": AS_WRITTEN,
        "quick": QUICK,
    },
)

METHODS = (
    Spec(
        name="multitask",
        title="multi-task autoencoder",
        system="a",
        training=MULTITASK,
        score=NormDiff,
        rule=Fixed(2.0),
        threshold_on="train",
        idea="One code is classified and decoded. What the decoder never learned comes out wrong: "
        "far in Euclidean distance (norm), or with ink in other places (diff). An image is unknown "
        "if either exceeds its mean + 2 std on the training digits, which is the same as the "
        "larger of the two standardised measures exceeding 2.",
        formula="s = max((n - mean n) / std n, (d - mean d) / std d), n = |x - x̂|, "
        "d = #{pixels: [x > 0] ≠ [x̂ > 0]}; unknown if s > 2",
        source="system a, final method",
    ),
    Spec(
        name="multitask_style_content",
        title="multi-task autoencoder, style and content",
        system="a",
        training=MULTITASK,
        score=StyleContent,
        rule=Fixed(2.0),
        threshold_on="train",
        idea="As the multi-task autoencoder, with two losses of style transfer: how Gram matrices "
        "of image and reconstruction differ (style), and how their codes do (content). The report "
        "found no clear separation.",
        formula="as multitask, with n = mean (G(x) - G(x̂))², d = mean (code(x) - code(x̂))²",
        source="system a, second attempt; Gatys et al., CVPR 2016, eq. 1, 3 and 4",
    ),
    Spec(
        name="multitask_baseline",
        title="multi-task baseline classifier",
        system="a",
        training=BASELINE,
        score=Msp,
        rule=MeanStd(2.0),
        threshold_on="train",
        idea="A plain classifier of 31,146 parameters. An image is unknown where its highest "
        "probability is unusually low for a training digit. The report gives only its accuracy.",
        formula="s = -max softmax(f); unknown if s > mean s + 2 std s",
        source="system a, baseline",
    ),
)

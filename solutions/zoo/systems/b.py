"""System b: five attempts, the final model and the baseline, a row each.

Four things of the original are not repeated. It writes 0 and 1 over the classifier's
log-probabilities where it rejects; here nothing is overwritten, and the score alone decides. It
augments the test images up to attempt 5; here test images are never touched, so that its figures
for attempts 4 and 5 measure something else. It moves a whole batch alike in attempt 5; here each
image by itself. Its adaptive threshold is taken on the errors of the last epoch, while the weights
still moved and, in attempt 4, on augmented images; here on the training images themselves, by the
final weights.

Fixed thresholds belong to the recipe they were chosen with, 100 to 300 epochs. After the fast
recipe attempt 3's mean error is .004 to .005, so that its threshold of .005 rejects a quarter of
the digits and more. The table shows that as it is.
"""

from __future__ import annotations

import math
from functools import partial

from solutions.zoo.method import Spec
from solutions.zoo.rules import Fixed, MeanStd
from solutions.zoo.scores.error_or_unknown import ErrorOrUnknown
from solutions.zoo.scores.msp import Msp
from solutions.zoo.systems import b_trainings as trainings

ERROR = "s = mean over pixels of (x - x̂)², + 4 where the unknown class has the highest logit"

SCORE = "scores/error_or_unknown.py"
ON_CODE = ("networks/attempts/autoencoder.py", "networks/attempts/on_code.py", SCORE)
APART = ("networks/attempts/autoencoder.py", "networks/attempts/classifiers.py", SCORE)
PLAIN = ("networks/attempts/plain.py", "networks/attempts/classifiers.py", SCORE)

attempt = partial(Spec, system="b", score=ErrorOrUnknown, formula=ERROR)
adaptive = partial(attempt, rule=MeanStd(3.0), threshold_on="train")

METHODS = (
    attempt(
        name="b1",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/on_code.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 1: code of 150",
        training=trainings.ATTEMPT_1,
        rule=Fixed(0.25),
        idea="An autoencoder trained on digits redraws other images badly. A linear layer on its "
        "code of 150 classifies; what is redrawn worse than a number chosen by hand is unknown.",
        source="system b, Figures 1 to 4",
    ),
    attempt(
        name="b1_small_15",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/on_code.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 1: code of 32, threshold .15",
        training=trainings.ATTEMPT_1_SMALL,
        rule=Fixed(0.15),
        idea="Attempt 1 with a narrower code, which can carry less of an image it has not learnt.",
        source="system b, Figure 5 (a)",
    ),
    attempt(
        name="b1_small_20",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/on_code.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 1: code of 32, threshold .2",
        training=trainings.ATTEMPT_1_SMALL,
        rule=Fixed(0.2),
        idea="The same network with a higher threshold: fewer digits and fewer unknown images are "
        "rejected. What one gains the other loses.",
        source="system b, Figure 5 (b)",
    ),
    attempt(
        name="b2",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/on_code.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 2: + contrastive",
        training=trainings.ATTEMPT_2,
        rule=Fixed(0.15),
        idea="Attempt 1 (code of 64) plus a contrastive loss on the code: one class together, two "
        "classes a margin of .5 apart. Weight .1.",
        source="system b, Figures 6 to 9",
    ),
    attempt(
        name="b2_divided",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/on_code.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 2: + contrastive ÷ half the code",
        training=trainings.ATTEMPT_2_DIVIDED,
        rule=Fixed(0.15),
        idea="The contrastive loss divided by half the size of the code (96), so that it leaves "
        "the code free to serve the reconstruction. Weight .05, margin 1.",
        source="system b, Figures 10 and 11",
    ),
    attempt(
        name="b3_skips",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/on_code.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 3: skips in the decoder",
        training=trainings.ATTEMPT_3_SKIPS,
        rule=Fixed(0.005),
        idea="The decoder also sees the first two feature maps. Errors shrink by far, those of "
        "digits further than others, its authors found. Code of 16 (they tried 8 and 16).",
        source="system b, Figures 12 to 14 and 16",
    ),
    attempt(
        name="b3_both_skips",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/on_code.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 3: skips in decoder and classifier",
        training=trainings.ATTEMPT_3_BOTH,
        rule=Fixed(0.005),
        idea="The classifier too sees the feature maps of all three convolutions, pooled and "
        "brought back to the size of the code.",
        source="system b, Figures 15 and 17",
    ),
    attempt(
        name="b3_cnn",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/classifiers.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 3: classifier apart",
        training=trainings.ATTEMPT_3_CNN,
        rule=Fixed(0.015),
        idea="A small convolutional network of its own classifies the image; the autoencoder with "
        "skip connections (code of 64) has only to redraw.",
        source="system b, Figures 13 and 18",
    ),
    adaptive(
        name="b4",
        files=(
            "networks/attempts/autoencoder.py",
            "networks/attempts/classifiers.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 4: adaptive threshold, augmentation",
        training=trainings.ATTEMPT_4,
        idea="The threshold comes from the errors of the training images: mean + 3 standard "
        "deviations. A deeper classifier; every training image is moved a little, for both "
        "networks.",
        source="system b, Figures 19 to 22; what it says nothing of as in Figure 13",
    ),
    adaptive(
        name="b5",
        files=(
            "networks/attempts/plain.py",
            "networks/attempts/classifiers.py",
            "scores/error_or_unknown.py",
        ),
        title="b, attempt 5: plain autoencoder",
        training=trainings.ATTEMPT_5,
        idea="A smaller autoencoder without skip connections redraws unknown images worse. Only "
        "the classifier's images are moved: an autoencoder that has learnt to redraw moved digits "
        "redraws more besides.",
        source="system b, Figures 24 to 26; what it says nothing of as in Figures 13 and 27",
    ),
    adaptive(
        name="b_final",
        files=(
            "networks/attempts/plain.py",
            "networks/attempts/classifiers.py",
            "scores/error_or_unknown.py",
        ),
        title="b, final model",
        training=trainings.FINAL,
        idea="Attempt 5 with a classifier of six convolutions, half of whose every batch is moved, "
        "and a contrastive loss on its embedding divided by its size. The widths of that "
        "classifier are not on record and are ours.",
        source="system b, section 1 and Figures 27 to 32",
    ),
    Spec(
        name="b_baseline",
        files=("networks/attempts/classifiers.py", "scores/msp.py"),
        title="b, baseline",
        system="b",
        training=trainings.BASELINE,
        score=Msp,
        # Nothing lies above infinity: the baseline never rejects. Its score serves for AUROC.
        rule=Fixed(math.inf),
        idea="The final model's classifier alone. It names a known class whatever it is shown.",
        formula="s = -max softmax f; never rejects",
        source="system b, Figures 28 and 30",
    ),
)

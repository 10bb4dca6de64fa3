"""Methods of the field that the teaching projects do not have, on one small classifier."""

from __future__ import annotations

from functools import partial

from solutions.zoo.method import Spec
from solutions.zoo.rules import Conformal, MeanStd, Quantile
from solutions.zoo.scores.energy import Energy
from solutions.zoo.scores.given import Given
from solutions.zoo.scores.knn import Knn
from solutions.zoo.scores.mahalanobis import Mahalanobis
from solutions.zoo.scores.max_logit import MaxLogit
from solutions.zoo.scores.msp import Msp
from solutions.zoo.scores.reconstruction import ReconstructionError
from solutions.zoo.scores.vim import Vim
from solutions.zoo.systems.trainings import CLASS_CONDITIONAL, COMBINED, OPEN_SET_LAB, SMALL

ALPHA = 0.01

METHODS = (
    Spec(
        name="msp",
        title="maximum softmax probability",
        system="beyond",
        training=SMALL,
        score=Msp,
        rule=Conformal(ALPHA),
        idea="A classifier is less sure of what it does not know. The first thing to try, and "
        "what every other method is compared with. The softmax forgets how high the logits were.",
        formula="s = -max softmax(f)",
        source="Hendrycks and Gimpel, A Baseline for Detecting Misclassified and Out-of-"
        "Distribution Examples in Neural Networks, ICLR 2017",
    ),
    Spec(
        name="max_logit",
        title="maximum logit",
        system="beyond",
        training=SMALL,
        score=MaxLogit,
        rule=Conformal(ALPHA),
        idea="As the softmax probability, but without the softmax: how high the highest logit is "
        "tells more than how far it is above the others.",
        formula="s = -max f",
        source="Vaze et al., Open-Set Recognition: A Good Closed-Set Classifier is All You Need?, "
        "ICLR 2022, section 5",
    ),
    Spec(
        name="energy",
        title="energy",
        system="beyond",
        training=SMALL,
        score=Energy,
        rule=Conformal(ALPHA),
        idea="A classifier raises some logit for an image of a class it knows. Their smooth "
        "maximum, negated, is low for known images. Far images can raise logits too.",
        formula="s = -T logsumexp(f / T), T = 1",
        source="Liu et al., Energy-based Out-of-distribution Detection, NeurIPS 2020, eq. 4",
    ),
    Spec(
        name="mahalanobis",
        title="Mahalanobis distance",
        system="beyond",
        training=SMALL,
        score=Mahalanobis,
        rule=Conformal(ALPHA),
        idea="Embeddings of each class lie around a mean. Distances are measured in units of the "
        "spread of known embeddings, which all classes share, so directions in which known "
        "images never vary count most.",
        formula="s = min over classes c of (z - μ_c)ᵀ Σ⁻¹ (z - μ_c)",
        source="Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples "
        "and Adversarial Attacks, NeurIPS 2018, eq. 2",
    ),
    Spec(
        name="knn",
        title="k nearest neighbours, embedding",
        system="beyond",
        training=SMALL,
        score=Knn,
        rule=Conformal(ALPHA),
        idea="No shape is assumed of the classes: an image is unknown if few training images have "
        "embeddings near its own.",
        formula="s = distance of z/‖z‖ to its 10th nearest among 10,000 training images'",
        source="Sun et al., Out-of-Distribution Detection with Deep Nearest Neighbors, ICML 2022",
    ),
    Spec(
        name="knn_pixels",
        title="k nearest neighbours, pixels",
        system="beyond",
        training=SMALL,
        score=partial(Knn, of="images", k=1),
        rule=Conformal(ALPHA),
        idea="The same on plain pixels: how far the most similar training image is. Good where "
        "classes are compact and images aligned, as digits are; needs no network.",
        formula="s = distance of x to the nearest of 10,000 training images",
        source="T. Cover and P. Hart, Nearest Neighbor Pattern Classification, 1967; as a score, "
        "S. Ramaswamy et al., SIGMOD 2000",
    ),
    Spec(
        name="vim",
        title="virtual-logit matching",
        system="beyond",
        training=SMALL,
        score=Vim,
        rule=Conformal(ALPHA),
        idea="Known embeddings lie near a subspace. What lies outside of it is scaled to the size "
        "of logits and set against the energy, so that both kinds of evidence count.",
        formula="s = α ‖residual of z‖ - logsumexp f",
        source="Wang et al., ViM: Out-Of-Distribution with Virtual-logit Matching, CVPR 2022",
    ),
    Spec(
        name="assignment",
        title="the assignment's reference",
        system="beyond",
        training=OPEN_SET_LAB,
        score=partial(ReconstructionError, by_ink=True),
        rule=MeanStd(3),
        idea="The reference solution's two networks and its threshold, trained by the zoo's loop: "
        "MNIST's recipe whatever the data. An autoencoder redraws digits well and other images "
        "badly; dividing by the ink makes thin and bold digits comparable.",
        formula="s = mean (x - x̂)² / (ink + .05), ink = mean of (x + 1) / 2",
        source="assignment/README.md, task 4; after system b",
    ),
    Spec(
        name="assignment_quantile",
        title="the assignment's reference, 99 % quantile",
        system="beyond",
        training=OPEN_SET_LAB,
        score=partial(ReconstructionError, by_ink=True),
        rule=Quantile(ALPHA),
        idea="The same with the empirical quantile for a threshold. Errors have a longer tail than "
        "a normal law, so mean + 3 deviations rejects many times what it seems to promise; the "
        "quantile does what it says.",
        formula="as above; the threshold leaves 1 % of held-out digits above it",
        source="assignment/README.md, task 4",
    ),
    Spec(
        name="class_conditional",
        title="class-conditional reconstruction",
        system="beyond",
        training=CLASS_CONDITIONAL,
        score=partial(ReconstructionError, by_ink=True),
        rule=Conformal(ALPHA),
        idea="The decoder is told the class that the classifier named, and has learnt to draw only "
        "that. An image of no class has to be drawn as a digit it is not.",
        formula="s = mean (x - D(E(x), c))² / (ink + .05), c = argmax f",
        source="after Oza and Patel, C2AE, CVPR 2019, without its training on wrong classes",
    ),
    Spec(
        name="k_plus_1_outliers",
        sees_synthetic_unknowns=True,
        files=("combined/network.py", "combined/training.py", "outliers/mixture.py"),
        title="K + 1 classes, synthesised outliers",
        system="beyond",
        training=COMBINED,
        score=partial(Given, "unknown_score"),
        rule=Conformal(ALPHA),
        idea="A classifier with one class more, trained on what is no digit: halves of digits "
        "joined, turned, overlaid, bent, with strokes added or missing, random strokes, textures; "
        "all made of training digits and chance, none of letters.",
        formula="s = u - logsumexp f, u the unknown logit",
        source="after Neal et al., Open Set Learning with Counterfactual Images, ECCV 2018; the "
        "outliers are ours",
    ),
    *(
        Spec(
            name=name,
            sees_synthetic_unknowns=True,
            files=("combined/detector.py", "combined/training.py", "outliers/mixture.py"),
            title=f"combined detector, α = {alpha:.2%}",
            system="beyond",
            training=COMBINED,
            score=partial(Given, "combined"),
            rule=Conformal(alpha),
            idea="The unknown logit sees what is near to digits; distances from known digits, of "
            "the embedding, of feature maps and of pixels, see what is far. Each is standardised "
            "on known digits kept from the training, then they are added; z_5 was sought after a "
            "first look at Fashion-MNIST's test images. " + purpose,
            formula="s = 3 z_1 + z_2 + z_3 + z_4 + 10 max(0, z_5 - 3), z standardised: unknown "
            "logit, log Mahalanobis of embedding and late map, log of the distance to the third "
            "nearest digit, log Mahalanobis of an early map",
            source="ours; its parts: Neal et al. 2018, Lee et al. 2018, Sun et al. 2022",
        )
        for name, alpha, purpose in (
            ("combined_mild", 0.0025, "A mild threshold: few digits are lost."),
            ("combined", ALPHA, "The threshold that the other methods have."),
            ("combined_strict", 0.02, "A strict threshold: more letters are rejected."),
        )
    ),
)

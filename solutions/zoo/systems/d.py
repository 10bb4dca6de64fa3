"""System d: OpenMax, and CROSR, which gives OpenMax the latents of a reconstruction."""

from __future__ import annotations

from functools import partial

from solutions.zoo.method import Spec
from solutions.zoo.networks.dhr import large_dhr, small_dhr
from solutions.zoo.objectives import classify_and_reconstruct
from solutions.zoo.per_budget import PerBudget
from solutions.zoo.rules import Conformal
from solutions.zoo.scores.openmax import OpenMax
from solutions.zoo.systems.trainings import SMALL
from solutions.zoo.training import GradientTraining, Recipe

DHR_SMALL = GradientTraining(
    name="dhr",
    build=small_dhr,
    objective=classify_and_reconstruct,
    recipes={
        "default": Recipe(epochs=4, batch_size=250, rate=4e-3, schedule="one_cycle", bf16=True),
        "quick": Recipe(
            epochs=2, batch_size=100, rate=4e-3, schedule="one_cycle", most_images=4000
        ),
    },
)

# Numbers of the PyTorch port (kirinwww/CROSR-main on GitHub, train_net.py), but for the optimizer:
# it has SGD with momentum .9 at .05, which `Recipe` has not; Adam at its usual rate stands in.
DHR_LARGE = GradientTraining(
    name="dhr",
    build=large_dhr,
    objective=classify_and_reconstruct,
    recipes={
        "default": Recipe(
            epochs=500, batch_size=128, rate=1e-3, schedule="step", step_size=30, decay=0.5
        ),
    },
)

DHR = PerBudget(name="dhr", trainings={"default": DHR_SMALL, "seed": DHR_LARGE})

LATENTS = ("logits", "z1", "z2", "z3")

METHODS = (
    Spec(
        name="openmax",
        files=("scores/openmax.py", "scores/weibull.py", "networks/small.py"),
        title="softmax + OpenMax",
        system="d",
        training=SMALL,
        score=partial(OpenMax, features=("logits",), tail=20),
        rule=Conformal(0.01),
        idea="The logits of a class's training images gather about their mean. How far out is too "
        "far says a Weibull law of the 20 largest distances. The further an image lies from the "
        "classes it looks like, the more of their activation goes to an unknown class.",
        formula="w_c = Weibull cdf of |f - μ_c|; f̂_c = f_c - f_c⁺ w_c ω_c, f̂_0 = Σ f_c⁺ w_c ω_c; "
        "s = f̂_0 - logsumexp_c f̂_c",
        source="Bendale and Boult, Towards Open Set Deep Networks, CVPR 2016, algorithms 1 and 2",
    ),
    Spec(
        name="crosr",
        files=("scores/openmax.py", "scores/weibull.py", "networks/dhr.py"),
        title="CROSR, equal parts",
        system="d",
        training=DHR,
        score=partial(OpenMax, features=LATENTS, tail=20, equal_parts=True),
        rule=Conformal(0.01),
        idea="Logits drop what does not help to tell known classes apart, and just that can give "
        "an unknown away. A network that also reconstructs each stage from 32 numbers keeps it: "
        "OpenMax with distances on logits and these latents. Each of the four is divided by its "
        "spread on training digits; else the logits, having the largest numbers, decide alone.",
        formula="as OpenMax, with |[f/σ_f, z₁/σ₁, z₂/σ₂, z₃/σ₃] - μ_c| for |f - μ_c|",
        source="Yoshihashi et al., CROSR, CVPR 2019, section 3, arXiv 1812.04246; the σ are ours",
    ),
    Spec(
        name="crosr_published",
        files=("scores/openmax.py", "scores/weibull.py", "networks/dhr.py"),
        title="CROSR, as published",
        system="d",
        training=DHR,
        score=partial(OpenMax, features=LATENTS, tail=20),
        rule=Conformal(0.01),
        idea="CROSR with logits and latents side by side as they come. How much the latents count "
        "then hangs on how large a network happens to make them.",
        formula="as OpenMax, with |[f, z₁, z₂, z₃] - μ_c| for |f - μ_c|",
        source="Yoshihashi et al., CROSR, CVPR 2019, section 3; arXiv 1812.04246",
    ),
)

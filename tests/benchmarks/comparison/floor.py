"""A short training beside products of matrices with as much arithmetic, in a staged assignment."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import torch

from assignment.fit import train_model
from assignment.recipe import recipe_for
from datasets.digits import load_digits_training

from .products import counted, operations, product
from .timing import in_turn, quotients

IMAGES = 2000  # the embedded digits, some twice: eight steps of the recipe for MNIST
RECIPE = recipe_for("mnist", epochs=1)


def main(question: dict[str, Any]) -> dict[str, Any]:
    """How many times its arithmetic's own time a training takes."""
    torch.set_num_threads(1)
    train, heldout = load_digits_training()
    chosen = np.arange(IMAGES) % len(train)
    images, labels = train.images[chosen], train.labels[chosen]

    def once() -> float:
        _, history = train_model("mnist", images, labels, heldout.images, recipe=RECIPE)
        return history.seconds

    arithmetic = counted(once)  # warms up as well
    unit = product(torch.float32, least_s=0.2)
    taken = in_turn({"ours": once, "unit": unit}, question["rounds"])
    whole = [arithmetic / operations() * seconds for seconds in taken["unit"]]
    return {"times_the_floor": quotients(taken["ours"], whole)}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))

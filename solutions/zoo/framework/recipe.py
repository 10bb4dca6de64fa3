"""The numbers of a training, checked before anything is trained."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from solutions.errors import UserError
from solutions.zoo.training import Recipe

LEAST_STEPS = "least_steps"  # adds epochs in the zoo's tables; here a run has those it names


def as_recipe(options: Mapping[str, Any]) -> Recipe:
    """The configuration group `training` as a recipe.

    Args:
        options: Fields of `Recipe` by name.

    Raises:
        UserError: A field has another name, type or range than a recipe's; names the nearest.
    """
    kinds = {name: kind for name, kind in get_type_hints(Recipe).items() if name != LEAST_STEPS}
    for name, value in options.items():
        if name not in kinds:
            raise UserError(f"training has no {name}: {_nearest(name, list(kinds))}")
        _check(f"training.{name}", value, kinds[name])
    for field in fields(Recipe):
        if field.default is MISSING and field.name not in options:
            raise UserError(f"training.{field.name} is not set")
    recipe = Recipe(**options)
    _check_ranges(recipe)
    return recipe


def _check(name: str, value: Any, kind: Any) -> None:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise UserError(f"{name} is no {value!r}: {_nearest(str(value), get_args(kind))}")
        return
    wanted = (int, float) if kind is float else (kind,)
    # A bool is an int to Python, and to nobody else.
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise UserError(f"{name} has to be {_article(kind)}, not {value!r}")


def _check_ranges(recipe: Recipe) -> None:
    least = {"epochs": 1, "batch_size": 2, "most_images": 0, "step_size": 1}
    for name, bound in least.items():
        if getattr(recipe, name) < bound:
            raise UserError(f"training.{name} is at least {bound}, not {getattr(recipe, name)}")
    if not recipe.rate > 0:
        raise UserError(f"training.rate is above 0, not {recipe.rate}")


def _nearest(name: str, there: Any) -> str:
    near = difflib.get_close_matches(name, there, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}"


def _article(kind: type) -> str:
    return {int: "a whole number", float: "a number", bool: "true or false"}.get(kind, "a text")

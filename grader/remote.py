"""Objects of the student's classes, constructed in the worker and called from here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .channel import Reply
from .errors import Mismatch
from .expect import expect_finite, expect_shape
from .replies import as_tensor, name_kind, numbers, reads_replies, typed

if TYPE_CHECKING:
    from typing_extensions import Self

Array = np.ndarray
Ask = Callable[[str, dict[str, Any], dict[str, Array]], Reply]
PIXELS = (1, 28, 28)
LATENT_DIM, NUM_CLASSES, EMBEDDING_DIM = 32, 10, 64  # where the constructor is not told
NAMES = ("logits", "embedding")


@dataclass(frozen=True)
class Made:
    """What the worker constructed.

    Attributes:
        number: by which the worker knows it.
        parameters: how many it has registered.
        constructor: module, name and options, to construct another.
    """

    number: int
    parameters: int
    constructor: dict[str, Any]

    @property
    def label(self) -> str:
        """The call that constructs it."""
        options = self.constructor["options"].items()
        return f"{self.constructor['name']}({', '.join(f'{k}={v}' for k, v in options)})"


class RemoteModule(ABC):
    """An nn.Module of the student's, constructed in the worker; in eval mode unless said."""

    def __init__(self, ask: Ask, made: Made) -> None:
        self._request = ask
        self._made = made
        self.parameters = made.parameters
        self.code_parameters: frozenset[str] = frozenset()
        self.label = made.label

    @abstractmethod
    def __call__(self, images: Array) -> tuple[Array, Array]:
        """What forward returns of images (N, 1, 28, 28), in eval mode."""

    @abstractmethod
    def wake(self, images: Array, steps: int, rate: float) -> None:
        """Train for some steps, so that layers that start at zero take part."""

    @reads_replies
    def twin(self) -> Self:
        """Another one, constructed anew and given the weights that this one has registered."""
        reply = self._ask("construct_twin", self._made.constructor, {})
        return type(self)(self._request, replace(self._made, number=int(reply.value)))

    @reads_replies
    def parameter_gradients(self, images: Array) -> dict[str, float | None]:
        """Largest absolute gradient of each parameter, None for one that got none.

        `code_parameters` are afterwards the names of those that lead to the second output.
        """
        reply = self._ask("parameter_gradients", {}, {"images": images})
        self.code_parameters = frozenset(entry["name"] for entry in reply.value if entry["code"])
        return {
            typed(entry["name"], str): (
                None if entry["largest"] is None else float(entry["largest"])
            )
            for entry in reply.value
        }

    @reads_replies
    def changes_input(self, images: Array) -> bool:
        """Whether forward leaves its images changed."""
        _, reply = self._method("forward", images)
        return bool(reply.value["changed_inputs"])

    def _overfit(self, objective: str, arrays: dict[str, Array], steps: int, rate: float) -> None:
        self._ask("overfit", {"objective": objective, "steps": steps, "rate": rate}, arrays)

    def _method(self, name: str, array: Array, training: bool = False) -> tuple[Any, Reply]:
        arguments = {
            "name": name,
            "inputs": ["x"],
            "options": {},
            "training": training,
            "gradients": False,
        }
        reply = self._ask("call", arguments, {"x": array})
        return reply.value["value"], reply

    def _pair(
        self, image: Array, names: tuple[str, str], training: bool = False
    ) -> tuple[Array, Array]:
        value, reply = self._method("forward", image, training)
        what = f"{self.label}(images)"
        if value["kind"] != "sequence" or len(value["items"]) != 2:
            raise Mismatch(
                f"{what} must return the pair ({names[0]}, {names[1]}); "
                f"it returned {name_kind(value)}"
            )
        first, second = (
            as_tensor(f"{what}: the {name}", item, reply.arrays)
            for name, item in zip(names, value["items"], strict=True)
        )
        return first, second

    def _ask(self, operation: str, arguments: dict[str, Any], arrays: dict[str, Array]) -> Reply:
        return self._request(operation, {"number": self._made.number} | arguments, arrays)


class RemoteAutoencoder(RemoteModule):
    """The student's autoencoder."""

    @reads_replies
    def __call__(self, images: Array, training: bool = False) -> tuple[Array, Array]:
        """(reconstruction, latent) of images (N, 1, 28, 28), of the shapes that were asked for."""
        reconstruction, latent = self._pair(images, ("reconstruction", "latent"), training)
        expect_shape(f"{self.label}(images): the reconstruction", reconstruction, images.shape)
        expect_shape(f"{self.label}(images): the latent", latent, self._latent_shape(images))
        return reconstruction, latent

    @reads_replies
    def encode(self, images: Array) -> Array:
        """The latent (N, latent_dim)."""
        value, reply = self._method("encode", images)
        what = f"{self.label}.encode(images)"
        latent = as_tensor(what, value, reply.arrays)
        expect_shape(what, latent, self._latent_shape(images))
        return latent

    def _latent_shape(self, images: Array) -> tuple[int, int]:
        return len(images), self._made.constructor["options"].get("latent_dim", LATENT_DIM)

    @reads_replies
    def decode(self, latent: Array) -> Array:
        """The reconstruction (N, 1, 28, 28) of a latent."""
        value, reply = self._method("decode", latent)
        what = f"{self.label}.decode(latent)"
        reconstruction = as_tensor(what, value, reply.arrays)
        expect_shape(what, reconstruction, (len(latent), *PIXELS))
        return reconstruction

    def overfit(self, images: Array, steps: int, rate: float) -> None:
        """Train on these images alone, with that learning rate."""
        self(images)  # says so where it is no pair, or of another shape
        self._overfit("autoencoder", {"images": images}, steps, rate)

    def wake(self, images: Array, steps: int, rate: float) -> None:
        """Train for some steps, so that layers that start at zero take part."""
        self.overfit(images, steps, rate)


class RemoteClassifier(RemoteModule):
    """The student's classifier."""

    @reads_replies
    def __call__(self, images: Array) -> tuple[Array, Array]:
        """(logits, embedding) of images (N, 1, 28, 28), of the sizes that were asked for."""
        logits, embedding = self._pair(images, NAMES)
        for name, array, size in zip(NAMES, (logits, embedding), self._sizes, strict=True):
            expect_shape(f"{self.label}(images): the {name}", array, (len(images), size))
        return logits, embedding

    @reads_replies
    def jacobians(self, image: Array) -> tuple[Array, Array]:
        """Derivatives of logits and embedding with respect to one image, (size, 784) each."""
        self(image)  # says so where it is no pair, or of another shape
        reply = self._ask("jacobians", {}, {"image": image})
        found = numbers(reply.arrays["j0"]), numbers(reply.arrays["j1"])
        for name, array, size in zip(NAMES, found, self._sizes, strict=True):
            what = f"the derivative of the {name} with respect to the image"
            expect_shape(what, array, (size, image.size))
            expect_finite(what, array)
        return found

    @property
    def _sizes(self) -> tuple[int, int]:
        options = self._made.constructor["options"]
        return options.get("num_classes", NUM_CLASSES), options.get("embedding_dim", EMBEDDING_DIM)

    def overfit(self, images: Array, labels: Array, steps: int, rate: float) -> None:
        """Train on these images alone, with that learning rate."""
        self(images)
        self._overfit("classifier", {"images": images, "labels": labels}, steps, rate)

    def wake(self, images: Array, steps: int, rate: float) -> None:
        """Train for some steps on labels made up, so that layers that start at zero take part."""
        self.overfit(images, np.arange(len(images)) % self._sizes[0], steps, rate)

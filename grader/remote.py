"""Objects of the student's classes, constructed in the worker and called from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .channel import Reply
from .errors import Mismatch
from .expect import expect, expect_shape
from .replies import as_tensor, name_kind

Array = np.ndarray
Ask = Callable[[str, dict[str, Any], dict[str, Array]], Reply]
PIXELS = (1, 28, 28)


class RemoteModule:
    """An nn.Module of the student's, constructed in the worker; in eval mode unless said."""

    def __init__(self, ask: Ask, number: int, parameters: int, label: str) -> None:
        self._request = ask
        self._number = number
        self.parameters = parameters
        self.label = label

    def parameter_gradients(self, images: Array) -> dict[str, float | None]:
        """Largest absolute gradient of each parameter, None for one that got none."""
        reply = self._ask("parameter_gradients", {}, {"images": images})
        return {entry["name"]: entry["largest"] for entry in reply.value}

    def _overfit(self, objective: str, arrays: dict[str, Array], steps: int) -> None:
        self._ask("overfit", {"objective": objective, "steps": steps}, arrays)

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

    def _pair(self, image: Array, names: tuple[str, str]) -> tuple[Array, Array]:
        value, reply = self._method("forward", image)
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
        return self._request(operation, {"number": self._number} | arguments, arrays)


class RemoteAutoencoder(RemoteModule):
    """The student's autoencoder."""

    def __call__(self, images: Array) -> tuple[Array, Array]:
        """(reconstruction, latent) of images (N, 1, 28, 28); the reconstruction's shape holds."""
        reconstruction, latent = self._pair(images, ("reconstruction", "latent"))
        expect_shape(f"{self.label}(images): the reconstruction", reconstruction, images.shape)
        return reconstruction, latent

    def encode(self, images: Array) -> Array:
        """The latent (N, latent_dim)."""
        value, reply = self._method("encode", images)
        return as_tensor(f"{self.label}.encode(images)", value, reply.arrays)

    def decode(self, latent: Array) -> Array:
        """The reconstruction (N, 1, 28, 28) of a latent."""
        value, reply = self._method("decode", latent)
        what = f"{self.label}.decode(latent)"
        reconstruction = as_tensor(what, value, reply.arrays)
        expect_shape(what, reconstruction, (len(latent), *PIXELS))
        return reconstruction

    def overfit(self, images: Array, steps: int) -> None:
        """Train on these images alone."""
        self._overfit("autoencoder", {"images": images}, steps)


class RemoteClassifier(RemoteModule):
    """The student's classifier."""

    def __call__(self, images: Array) -> tuple[Array, Array]:
        """(logits, embedding) of images (N, 1, 28, 28); both have N rows."""
        logits, embedding = self._pair(images, ("logits", "embedding"))
        for name, array in (("logits", logits), ("embedding", embedding)):
            expect(
                array.ndim == 2 and len(array) == len(images),
                f"{self.label}(images): the {name} has shape {array.shape} for "
                f"{len(images)} images",
            )
        return logits, embedding

    def jacobians(self, image: Array) -> tuple[Array, Array]:
        """Derivatives of logits and embedding with respect to one image, (size, 784) each."""
        reply = self._ask("jacobians", {}, {"image": image})
        return reply.arrays["j0"], reply.arrays["j1"]

    def overfit(self, images: Array, labels: Array, steps: int) -> None:
        """Train on these images alone."""
        self._overfit("classifier", {"images": images, "labels": labels}, steps)

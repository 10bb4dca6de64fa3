"""The student's code as the checks see it: ordinary calls that cross to the worker.

Each proxy knows what its task promises, so that a None where a tensor belongs, or a wrong shape,
fails with a sentence about the call and never breaks a check. Arrays go in and come out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .budget import Budget
from .channel import Channel, Reply
from .errors import Asleep, Raised, StudentFailure, Unusable
from .expect import expect, expect_shape
from .intake.names import PUBLIC_NAMES
from .limits import Limits
from .remote import PIXELS, Made, RemoteAutoencoder, RemoteClassifier
from .replies import (
    as_evaluation,
    as_scalar,
    as_tensor,
    numbers,
    reads_replies,
    text_or_none,
    typed,
)

Array = np.ndarray
MAX_STEPS = 1 << 31  # of a training; a bar is drawn with them


@dataclass(frozen=True)
class LossGradient:
    """A loss, whether it hangs on the graph, and its gradient (N, D) where it does."""

    value: float
    attached: bool
    gradient: Array | None


@dataclass(frozen=True)
class Placement:
    """The dtype of a loss, and what its tensors did on another device than the CPU.

    `clash` is what torch said of tensors on two devices, `device` where the loss ended; both are
    None where the loss stopped before that could be seen.
    """

    dtype: str | None
    clash: str | None
    device: str | None


@dataclass(frozen=True)
class EvaluationRun:
    """What eval_model returned for a scripted model, and what it did to the model.

    `fractions` is (known, unknown, total), None where the model raised on purpose.
    """

    fractions: tuple[float, float, float] | None
    raised: bool
    sizes: tuple[int, ...]
    training_during: bool
    gradients_during: bool
    training_after: bool
    submodules_training_after: bool
    gradients_after: bool


class Student:
    """The five modules of a submission, loaded in a worker on first use."""

    def __init__(
        self, channel: Channel, limits: Limits, budget: Budget, present: frozenset[str]
    ) -> None:
        self._channel = channel
        self._limits = limits
        self._budget = budget
        self._present = present
        self._imports: dict[str, StudentFailure | frozenset[str]] = {}
        self._seed = 0

    def begin(self, seed: int) -> None:
        """Start a check: forget what the last one constructed, seed the worker's torch."""
        self._seed = seed
        self._budget.begin_check()
        self._request("forget", {"seed": seed})

    @contextmanager
    def limited(self, cpu_s: float) -> Iterator[None]:
        """Another CPU budget for the calls inside, with the wall limit in proportion."""
        earlier = self._limits
        factor = cpu_s / earlier.cpu_s
        self._limits = replace(earlier, cpu_s=cpu_s, wall_s=earlier.wall_s * max(1.0, factor))
        try:
            yield
        finally:
            self._limits = earlier

    def Autoencoder(self, **options: int) -> RemoteAutoencoder:  # noqa: N802 (the student's name)
        """Construct the student's autoencoder."""
        made = self._construct("autoencoder", "Autoencoder", options)
        return RemoteAutoencoder(self._request, made)

    def Classifier(self, **options: int) -> RemoteClassifier:  # noqa: N802 (the student's name)
        """Construct the student's classifier."""
        made = self._construct("classifier", "Classifier", options)
        return RemoteClassifier(self._request, made)

    @reads_replies
    def contrastive_loss(self, embeddings: Array, labels: Array, **options: float) -> float:
        """The loss of embeddings (N, D) and labels (N,)."""
        reply = self._call(
            "contrastive", "contrastive_loss", {"embeddings": embeddings, "labels": labels}, options
        )
        return as_scalar(_loss_of(embeddings), reply.value["value"], reply.arrays)

    @reads_replies
    def contrastive_gradient(
        self, embeddings: Array, labels: Array, **options: float
    ) -> LossGradient:
        """The loss and its gradient with respect to the embeddings."""
        arguments = self._function("contrastive", "contrastive_loss") | {"options": options}
        reply = self._request(
            "loss_gradient", arguments, {"embeddings": embeddings, "labels": labels}
        )
        value = as_scalar(_loss_of(embeddings), reply.value["value"], reply.arrays)
        gradient = reply.arrays.get("gradient")
        if gradient is not None:
            expect_shape("the gradient", numbers(gradient), embeddings.shape)
        return LossGradient(value, bool(reply.value["attached"]), gradient)

    @reads_replies
    def contrastive_placement(self, embeddings: Array, labels: Array) -> Placement:
        """Whether the loss keeps to the dtype and the device of the embeddings."""
        arguments = self._function("contrastive", "contrastive_loss")
        answer = self._request(
            "loss_placement", arguments, {"embeddings": embeddings, "labels": labels}
        ).value
        return Placement(*(text_or_none(answer[key]) for key in ("dtype", "clash", "device")))

    @reads_replies
    def reconstruction_error(self, images: Array, reconstruction: Array) -> Array:
        """The errors (N,) of images (N, 1, 28, 28) and their reconstruction."""
        what = "reconstruction_error(images, reconstruction)"
        inputs = {"images": images, "reconstruction": reconstruction}
        reply = self._call("threshold", "reconstruction_error", inputs, {})
        errors = as_tensor(what, reply.value["value"], reply.arrays)
        expect_shape(what, errors, (len(images),))
        return errors

    @reads_replies
    def adaptive_threshold(self, errors: Array, **options: float) -> float:
        """The threshold of errors (N,)."""
        reply = self._call("threshold", "adaptive_threshold", {"errors": errors}, options)
        return as_scalar("adaptive_threshold(errors)", reply.value["value"], reply.arrays)

    @reads_replies
    def reject(
        self, labels: Array, errors: Array, threshold: Array | float, **options: int
    ) -> Array:
        """The labels (N,) after rejection; the threshold goes as a tensor if it is an array."""
        what = "reject(labels, errors, threshold)"
        inputs, plain = {"labels": labels, "errors": errors}, dict[str, Any](options)
        if isinstance(threshold, np.ndarray):
            inputs["threshold"] = threshold
        else:
            plain["threshold"] = threshold
        reply = self._call("threshold", "reject", inputs, plain)
        result = as_tensor(what, reply.value["value"], reply.arrays)
        expect_shape(what, result, labels.shape)
        return result

    @reads_replies
    def changed_inputs(
        self, name: str, inputs: dict[str, Array], **options: float
    ) -> tuple[str, ...]:
        """Names of the inputs that a function of the threshold task leaves changed."""
        changed = self._call("threshold", name, inputs, options).value["changed_inputs"]
        return tuple(typed(each, str) for each in changed)

    @reads_replies
    def evaluate(
        self,
        batches: list[tuple[Array, Array]],
        *,
        training: bool = False,
        raise_at: int | None = None,
        once: bool = False,
        **options: str,
    ) -> EvaluationRun:
        """Run eval_model on a scripted model.

        Args:
            batches: (labels, predictions) of each batch; the model predicts what is given here.
            training: the mode the model is in before.
            raise_at: the number of the batch at which the model raises.
            once: hand over the loader as an iterator, which can be gone through once.
            options: what eval_model is given besides, as `device`.
        """
        arrays: dict[str, Array] = {}
        for number, (labels, predictions) in enumerate(batches):
            images = np.zeros((len(labels), *PIXELS), np.float32)
            images[:, 0, 0, 0] = predictions
            arrays |= {f"images{number}": images, f"labels{number}": labels.astype(np.int64)}
        arguments = {
            "training": training,
            "raise_at": raise_at,
            "once": once,
            "batches": len(batches),
            "options": options,
        }
        self._function("evaluation", "eval_model")
        reply = self._request("evaluate", arguments | {"name": "eval_model"}, arrays)
        seen = reply.value
        return EvaluationRun(
            fractions=None if seen["raised"] else as_evaluation(seen["value"], reply.arrays),
            raised=bool(seen["raised"]),
            sizes=tuple(typed(call["size"], int) for call in seen["calls"]),
            training_during=any(call["training"] for call in seen["calls"]),
            gradients_during=any(call["gradients"] for call in seen["calls"]),
            training_after=bool(seen["training_after"]),
            submodules_training_after=bool(seen["submodules_training_after"]),
            gradients_after=bool(seen["gradients_after"]),
        )

    @reads_replies
    def device_of_images(self, images: Array, labels: Array) -> tuple[str | None, str | None]:
        """Where eval_model sends the images of a model on the meta device, and what clashed there.

        Both are None where that was not to be seen.
        """
        arguments = self._function("evaluation", "eval_model")
        reply = self._request("evaluate_elsewhere", arguments, {"images": images, "labels": labels})
        return text_or_none(reply.value["device"]), text_or_none(reply.value["clash"])

    def store(self, arrays: dict[str, Array], piece: int = 4096) -> None:
        """Send arrays ahead, in pieces, so that neither side holds a second copy of them all."""
        for name, array in arrays.items():
            for start in range(0, len(array), piece):
                part = np.ascontiguousarray(array[start : start + piece])
                self._request("store", {}, {name: part})

    def train(
        self, data: str, seed: int, limits: Limits, on_event: Callable[[dict[str, Any]], None]
    ) -> dict[str, float]:
        """Train the model on the arrays stored before; returns `wall_s` and `cpu_s`."""
        arguments = {"data": data, "seed": seed}
        started, cpu_before = time.perf_counter(), self._channel.cpu_s()

        def report(event: dict[str, Any]) -> None:
            step, steps = typed(event["step"], int), typed(event["steps"], int)
            if not 0 <= step <= steps <= MAX_STEPS:
                raise ValueError(f"step {step} of {steps}")
            on_event({"step": step, "steps": steps})

        self._channel.request("train", arguments, {}, limits, "training", report)
        return {
            "wall_s": round(time.perf_counter() - started, 2),
            "cpu_s": round(self._channel.cpu_s() - cpu_before, 2),
        }

    def load_weights(self) -> None:
        """Load the submission's own weights into its model.

        Raises:
            Raised: they do not fit it.
        """
        problem = self._request("load_weights", {}, what="weights.safetensors").value
        if problem is not None:
            raise Raised(f"{problem} (python -m assignment.train)")

    @reads_replies
    def predict(self, images: Array, limits: Limits, batch: int = 500) -> dict[str, Array]:
        """Labels, closed-set labels and scores of images (N, 28, 28) uint8.

        All of them together may use what a training may: the size of a classifier is not graded.
        """
        started, cpu_before = time.monotonic(), self._channel.cpu_s()
        parts: dict[str, list[Array]] = {"labels": [], "closed_set": [], "scores": []}
        for start in range(0, len(images), batch):
            piece = images[start : start + batch]
            left = replace(
                limits,
                wall_s=limits.wall_s - (time.monotonic() - started),
                cpu_s=limits.cpu_s - (self._channel.cpu_s() - cpu_before),
            )
            arrays = {"images": piece}
            reply = self._channel.request("predict", {}, arrays, left, "model.predict")
            for name, collected in parts.items():
                what = f"the model's {name}"
                values = as_tensor(what, reply.value[name], reply.arrays)
                expect_shape(what, values, (len(piece),))
                collected.append(values)
        return {name: np.concatenate(collected) for name, collected in parts.items()}

    @reads_replies
    def reconstruct(self, images: Array) -> tuple[Array, float]:
        """What the loaded model draws of images (N, 28, 28) uint8, (N, 1, 28, 28); its threshold.

        The numbers are the student's: any of them may be nan, infinite or huge.
        """
        what = "the model's autoencoder"
        reply = self._request("reconstruct", {}, {"images": images}, what)
        drawn = as_tensor(f"{what}: the reconstruction", reply.value["drawn"], reply.arrays)
        expect_shape(f"{what}: the reconstruction", drawn, (len(images), *PIXELS))
        return drawn, as_scalar("the model's threshold", reply.value["threshold"], reply.arrays)

    @reads_replies
    def embed(self, images: Array) -> Array:
        """The embeddings (N, D) that the loaded model makes of images (N, 28, 28) uint8.

        The numbers are the student's: any of them may be nan, infinite or huge.
        """
        what = "the model's classifier"
        reply = self._request("embed", {}, {"images": images}, what)
        embedding = as_tensor(f"{what}: the embedding", reply.value, reply.arrays)
        size = embedding.shape[-1] if embedding.ndim else 0
        expect_shape(f"{what}: the embedding", embedding, (len(images), size))
        return embedding

    def _request(
        self,
        operation: str,
        arguments: dict[str, Any],
        arrays: dict[str, Array] | None = None,
        what: str = "",
    ) -> Reply:
        what = what or arguments.get("name", operation)
        wall_s = min(self._limits.wall_s, self._budget.left_s())
        limits = replace(self._limits, wall_s=wall_s)
        started = time.monotonic()
        try:
            return self._channel.request(operation, arguments, arrays or {}, limits, what)
        except Asleep:
            self._budget.sleep()
            raise
        finally:
            self._budget.spend(time.monotonic() - started)

    def _call(
        self, module: str, name: str, inputs: dict[str, Array], options: dict[str, Any]
    ) -> Reply:
        arguments = self._function(module, name) | {
            "inputs": list(inputs),
            "options": options,
            "gradients": False,
        }
        return self._request("call", arguments, inputs)

    @reads_replies
    def _construct(self, module: str, name: str, options: dict[str, int]) -> Made:
        arguments = self._function(module, name) | {"options": options}
        answer = self._request("construct", arguments).value
        made = Made(int(answer["number"]), int(answer["parameters"]), arguments)
        expect(
            answer["is_module"], f"{made.label} is not a torch.nn.Module: inherit from nn.Module"
        )
        return made

    def _function(self, module: str, name: str) -> dict[str, Any]:
        """Import the module where that is still to be done; a death at import happens once."""
        known = self._imports.get(module)
        if known is None:
            known = self._imports[module] = self._import(module)
        if isinstance(known, StudentFailure):
            raise known
        if name not in known:
            raise Unusable(f"{module}.py defines no {name}")
        return {"module": module, "name": name}

    @reads_replies
    def _import(self, module: str) -> StudentFailure | frozenset[str]:
        if module not in self._present:
            return Unusable(
                f"{module}.py is missing from the submission; the handout has it, as a stub, in "
                "assignment/"
            )
        arguments = {"module": module, "names": list(PUBLIC_NAMES[module])}
        what = f"importing {module}.py"
        try:
            return frozenset(self._request("import_module", arguments, what=what).value)
        except Raised as failure:
            return Unusable(f"{what}: {failure.message}")
        except StudentFailure as failure:
            return failure


def _loss_of(embeddings: Array) -> str:
    """How to call the loss of a batch, so that a student sees which batch it was."""
    count = len(embeddings)
    return f"contrastive_loss of {count} embedding{'' if count == 1 else 's'}"

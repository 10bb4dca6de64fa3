"""What comes from the worker, whose process student code shares: frames, replies, results."""

from __future__ import annotations

import io
import json
import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import partial
from random import Random
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save

from grader import channel
from grader.budget import Budget
from grader.channel import Reply, _parse_reply
from grader.errors import Crashed, Mismatch, StudentFailure
from grader.limits import Limits
from grader.student import PUBLIC_NAMES, EvaluationRun, LossGradient, Placement, Student
from grader.worker import wire
from tests.fuzz.mutation import mutate_bytes, mutate_json
from tests.fuzz.target import Target

Arrays = dict[str, np.ndarray]
MALFORMED = (OSError, wire.WireError, SafetensorError, ValueError, KeyError, TypeError)
LIMITS = Limits(cpu_s=1.0, wall_s=1.0, memory_mb=1, processes=1)
ROWS = 4
IMAGES = np.zeros((ROWS, 1, 28, 28), np.float32)
LABELS = np.arange(ROWS)
NUMBER = np.array(0.5, np.float32)
ROW = np.arange(ROWS, dtype=np.float32)
DTYPES = ("<f4", "<f8", "<f2", "<i8", "<u8", "<i4", "|u1", "|b1", "<c8")
NAMES = ["known_accuracy", "unknown_accuracy", "total_accuracy"]


def frame(header: dict[str, Any], arrays: Arrays | None = None) -> bytes:
    """A frame as the worker writes it."""
    stream = io.BytesIO()
    wire.write_frame(stream, header, save(arrays) if arrays else b"")
    return stream.getvalue()


def tensor(name: str, dtype: str = "float32") -> dict[str, Any]:
    """A tensor's description."""
    return {"kind": "tensor", "name": name, "dtype": dtype, "device": "cpu", "requires_grad": False}


def sequence(items: list[Any], names: list[str]) -> dict[str, Any]:
    """A tuple's description."""
    return {"kind": "sequence", "type": "tuple", "fields": names, "items": items}


FAILURE = {
    "kind": "raised", "type": "ValueError", "message": "a reason\nand more",
    "frames": [{"file": "threshold.py", "line": 3}],
}  # fmt: skip
PAIR = {"value": sequence([tensor("t0"), tensor("t1")], []), "changed_inputs": ["x"]}
SCALAR = {"value": tensor("t0"), "changed_inputs": [], "attached": True}
EVALUATED = {
    "value": sequence([tensor("t0"), {"kind": "plain", "value": 0.5}, tensor("t0")], NAMES),
    "raised": False, "training_after": True, "submodules_training_after": True,
    "gradient_kept": True, "gradients_after": True,
    "calls": [{"size": ROWS, "training": False, "gradients": False}],
}  # fmt: skip
PREDICTED = {name: tensor("t0", "int64") for name in ("labels", "closed_set", "scores")}


class OneReply:
    """A channel to a worker that answers one operation with the bytes of a case."""

    def __init__(self, data: bytes, operation: str) -> None:
        self._data = data
        self._operation = operation

    def request(
        self,
        operation: str,
        arguments: Any,
        arrays: Any,
        limits: Any,
        what: str,
        on_event: Callable[[Any], None] | None = None,
    ) -> Reply:
        """The reply, or what the channel makes of it."""
        if operation != self._operation:
            honest = {
                "import_module": arguments.get("names"),
                "construct": {"number": 0, "is_module": True, "parameters": 5},
                "call": PAIR,
            }
            shapes = {"t0": (ROWS, 10), "t1": (ROWS, 64)}
            return Reply(honest[operation], {k: np.zeros(v) for k, v in shapes.items()})
        reply = read_reply(self._data)
        if on_event is not None:
            try:
                on_event(reply.value)
            except MALFORMED as error:
                raise Crashed(str(error)) from None
        return reply

    def cpu_s(self) -> float:
        """No time passes."""
        return 0.0


def read_reply(data: bytes) -> Reply:
    """What `Channel.request` does with a frame once it is there."""
    try:
        read = wire.read_frame(io.BytesIO(data))
        reply = _parse_reply(*read) if read else None
    except MALFORMED as error:
        raise Crashed(channel._reason(error)) from None
    if reply is None:
        raise Crashed("the end")
    if isinstance(reply, StudentFailure):
        raise reply
    return reply


def trained(student: Student) -> tuple[int, int]:
    """The progress that a training reports."""
    events: list[dict[str, int]] = []
    student.train("digits", 0, LIMITS, events.append)
    return events[0]["step"], events[0]["steps"]


Call = Callable[[Student], Any]
# What is asked of the student, the operation whose reply is mutated, its honest value and arrays,
# and the type that the checks rely on.
CALLS: dict[str, tuple[Call, str, Any, Arrays, Any]] = {
    "begin": (lambda s: s.begin(1), "forget", None, {}, None),
    "import": (lambda s: s._import("contrastive"), "import_module", ["contrastive_loss"], {}, None),
    "construct": (
        lambda s: (s.Classifier().parameters, s.Classifier().label), "construct",
        {"number": 3, "is_module": True, "parameters": 5}, {}, tuple[int, str],
    ),
    "loss": (
        lambda s: s.contrastive_loss(IMAGES, LABELS), "call", SCALAR,
        {"t0": NUMBER}, float,
    ),
    "loss_gradient": (
        lambda s: s.contrastive_gradient(IMAGES, LABELS), "loss_gradient", SCALAR,
        {"t0": NUMBER, "gradient": IMAGES}, LossGradient,
    ),
    "placement": (
        lambda s: s.contrastive_placement(IMAGES, LABELS), "loss_placement",
        {"dtype": "float32", "clash": None, "device": "meta"}, {}, Placement,
    ),
    "error": (
        lambda s: s.reconstruction_error(IMAGES, IMAGES), "call", SCALAR, {"t0": ROW}, np.ndarray,
    ),
    "threshold": (
        lambda s: s.adaptive_threshold(ROW), "call", SCALAR, {"t0": NUMBER}, float,
    ),
    "reject": (lambda s: s.reject(LABELS, ROW, 0.5), "call", SCALAR, {"t0": LABELS}, np.ndarray),
    "changed": (
        lambda s: s.changed_inputs("reject", {"labels": LABELS}), "call",
        {"value": tensor("t0"), "changed_inputs": ["labels"]}, {"t0": LABELS}, tuple[str, ...],
    ),
    "evaluate": (
        lambda s: s.evaluate([(LABELS, LABELS)]), "evaluate", EVALUATED,
        {"t0": NUMBER}, EvaluationRun,
    ),
    "device": (
        lambda s: s.device_of_images(IMAGES, LABELS), "evaluate_elsewhere",
        {"device": "meta", "clash": "no"}, {}, tuple[str | None, str | None],
    ),
    "weights": (lambda s: s.load_weights(), "load_weights", None, {}, None),
    "train": (
        trained, "train", {"step": 5, "steps": 10}, {}, tuple[int, int],
    ),
    "predict": (
        lambda s: s.predict(IMAGES[:, 0], LIMITS), "predict", PREDICTED, {"t0": LABELS},
        dict[str, np.ndarray],
    ),
    "autoencoder": (
        lambda s: s.Autoencoder()(IMAGES), "call", PAIR,
        {"t0": IMAGES, "t1": np.zeros((ROWS, 32), np.float32)}, tuple[np.ndarray, np.ndarray],
    ),
    "encode": (
        lambda s: s.Autoencoder().encode(IMAGES), "call", SCALAR,
        {"t0": np.zeros((ROWS, 32), np.float32)}, np.ndarray,
    ),
    "decode": (
        lambda s: s.Autoencoder().decode(np.zeros((ROWS, 32))), "call", SCALAR,
        {"t0": IMAGES}, np.ndarray,
    ),
    "classifier": (
        lambda s: s.Classifier()(IMAGES), "call", PAIR,
        {"t0": np.zeros((ROWS, 10)), "t1": np.zeros((ROWS, 64))}, tuple[np.ndarray, np.ndarray],
    ),
    "twin": (lambda s: s.Classifier().twin().label, "construct_twin", 4, {}, str),
    "parameters": (
        lambda s: s.Classifier().parameter_gradients(IMAGES), "parameter_gradients",
        [{"name": "a", "largest": 0.5, "code": True}, {"name": "b", "largest": None, "code": 0}],
        {}, dict[str, float | None],
    ),
    "changes": (lambda s: s.Classifier().changes_input(IMAGES), "call", PAIR, {}, bool),
    "jacobians": (
        lambda s: s.Classifier().jacobians(IMAGES), "jacobians", None,
        {"j0": np.zeros((10, IMAGES.size)), "j1": np.zeros((64, IMAGES.size))},
        tuple[np.ndarray, np.ndarray],
    ),
}  # fmt: skip


def make_stream(rng: Random) -> bytes:
    """Frames as they follow each other on the pipe."""
    return mutate_bytes(rng, STREAMS)


def make_reply(rng: Random) -> bytes:
    """One reply or failure, its header changed as JSON, its tensors as safetensors."""
    if rng.random() < 0.5:
        return mutate_bytes(rng, REPLIES)
    header = {"failure": FAILURE} if rng.random() < 0.5 else {"value": EVALUATED}
    return _mutated_frame(rng, header, {"t0": ROW})


def make_result(name: str, rng: Random) -> bytes:
    """A reply to one call."""
    _, _, value, arrays, _ = CALLS[name]
    if rng.random() < 0.1:
        return mutate_bytes(rng, [frame({"value": value}, arrays)])
    return _mutated_frame(rng, {"value": value}, arrays)


def read_stream(data: bytes) -> None:
    """Every frame up to the end, as the channel's thread reads them."""
    stream = io.BytesIO(data)
    while wire.read_frame(stream) is not None:
        pass


def read_result(name: str, data: bytes) -> None:
    """One call whose reply is this; what comes back is what the checks rely on."""
    call, operation, _, _, kind = CALLS[name]
    answering: Any = OneReply(data, operation)
    student = Student(answering, LIMITS, Budget(600.0, 600.0), frozenset(PUBLIC_NAMES))
    result = call(student)
    if kind is not None and not fits(result, kind):
        raise TypeError(f"{name} gave {result!r}, which is no {kind}")


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is what a type says, down to the items; arrays hold numbers."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return any(fits(value, each) for each in inner)
    if origin is not None and not isinstance(value, origin):
        return False
    if origin is tuple:
        inner = inner[:1] * len(value) if inner[1:] == (...,) else inner
        return len(value) == len(inner) and all(map(fits, value, inner))
    if origin is dict:
        return all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    if kind is np.ndarray:
        return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return all(fits(getattr(value, field.name), hints[field.name]) for field in fields(kind))
    return type(value) is kind


def _mutated_frame(rng: Random, header: dict[str, Any], arrays: Arrays) -> bytes:
    if rng.random() < 0.8:
        header = mutate_json(rng, header)
    if rng.random() < 0.5:
        arrays = {name: _mutated_array(rng, array) for name, array in arrays.items()}
    text = json.dumps(header).encode()
    if rng.random() < 0.05:
        text = text.replace(b"0.5", b"[" * 3000, 1)
    body = save(arrays) if arrays else b""
    if body and rng.random() < 0.2:
        body = mutate_bytes(rng, [body])
    return wire.LENGTHS.pack(len(text), len(body)) + text + body


def _mutated_array(rng: Random, array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    if rng.random() < 0.5:
        with np.errstate(all="ignore"):
            array = array.astype(rng.choice(DTYPES))
    if rng.random() < 0.3:
        array = array.reshape(rng.choice(((-1,), (1, -1), (*array.shape, 1))))
    if rng.random() < 0.3 and array.ndim:
        array = np.ascontiguousarray(array[: rng.randint(0, len(array))])
    return array


STREAMS = [
    frame({"ready": True}),
    frame({"number": 1, "event": {"step": 5, "steps": 10}}) + frame({"number": 1, "value": None}),
    frame({"number": 2, "value": EVALUATED}, {"t0": ROW}),
    frame({"number": 3, "failure": FAILURE}),
    frame({}) * 3,
]
REPLIES = [frame({"value": EVALUATED}, {"t0": ROW, "t1": LABELS}), frame({"failure": FAILURE})]
TARGETS = [
    Target("wire", 300, make_stream, read_stream, (wire.WireError,)),
    Target("reply", 150, make_reply, read_reply, (StudentFailure,)),
    *(
        Target(
            f"result.{name}", 15, partial(make_result, name), partial(read_result, name),
            (StudentFailure, Mismatch),
        )
        for name in CALLS
    ),
]  # fmt: skip

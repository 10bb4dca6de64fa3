"""What the grader can ask of the worker: one function an operation.

Each takes the room, the request's arguments, its tensors, and a function that reports progress;
it returns a JSON value and the tensors that go with it.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from . import learning, probes
from .bare import copy_of, count_numbers, is_same
from .values import describe

Arguments = dict[str, Any]
Tensors = dict[str, Tensor]
Report = Callable[[dict[str, Any]], None]
Answer = tuple[Any, Tensors]

# Where a submission allows products of float32 in bfloat16, some processors compute them so, and a
# mark would depend on the machine. The C function: there is nothing in it to replace.
_set_precision = torch._C._set_float32_matmul_precision


def keep_float32() -> None:
    """Have products of float32 computed in float32, whatever a submission asked for."""
    _set_precision("highest")


@dataclass
class Room:
    """What the worker holds between requests.

    Attributes:
        package: the folder of the student's modules.
        objects: what was constructed for the check that runs, by number.
        arrays: images and labels sent ahead in pieces, by name.
        model: the trained or loaded model.
    """

    package: Path
    objects: list[Any] = field(default_factory=list)
    arrays: dict[str, list[Tensor]] = field(default_factory=dict)
    model: Any = None

    def module(self, name: str) -> ModuleType:
        """Import a module of the submission."""
        module = importlib.import_module(f"{self.package.name}.{name}")
        keep_float32()
        return module

    def array(self, name: str) -> Tensor:
        """The pieces sent under `name`, joined, and no longer held here."""
        return torch.cat(self.arrays.pop(name))


def import_module(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Import a module; says which of the names asked for it defines."""
    module = room.module(arguments["module"])
    return [name for name in arguments["names"] if callable(getattr(module, name, None))], {}


def forget(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Drop what the last check constructed, and seed torch for the next."""
    room.objects.clear()
    torch.manual_seed(arguments["seed"])
    return None, {}


def construct(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Construct an object of the student's class."""
    made = _make(room, arguments)
    room.objects.append(made)
    is_module = isinstance(made, nn.Module)
    return {
        "number": len(room.objects) - 1,
        "is_module": is_module,
        "parameters": count_numbers(made) if is_module else 0,
    }, {}


def construct_twin(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Construct an object anew, with the weights that another one has registered."""
    twin = _make(room, arguments)
    twin.load_state_dict(room.objects[arguments["number"]].state_dict())
    room.objects.append(twin)
    return len(room.objects) - 1, {}


def _make(room: Room, arguments: Arguments) -> Any:
    """Construct an object; one image is passed through lazy layers, which then have a size."""
    made = getattr(room.module(arguments["module"]), arguments["name"])(**arguments["options"])
    if isinstance(made, nn.Module) and any(
        is_lazy(tensor) for tensor in made.state_dict().values()
    ):
        made.eval()
        with torch.no_grad():
            made(torch.full((2, 1, 28, 28), -1.0))
    return made


def call(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Call a function of a module, or a method of an object in the mode asked for."""
    inputs = [tensors[name] for name in arguments["inputs"]]
    if "number" in arguments:
        target = room.objects[arguments["number"]]
        target.train(arguments["training"])
        method = target if arguments["name"] == "forward" else getattr(target, arguments["name"])
    else:
        method = getattr(room.module(arguments["module"]), arguments["name"])
    before = [copy_of(tensor) for tensor in inputs]
    with torch.set_grad_enabled(arguments["gradients"]):
        value = method(*inputs, **arguments["options"])
    results: Tensors = {}
    description = describe(value, results)
    changed = [
        name
        for name, old, new in zip(arguments["inputs"], before, inputs, strict=True)
        if not is_same(old, new)
    ]
    return {"value": description, "changed_inputs": changed}, results


def store(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Keep pieces of arrays for a later `train` or `predict`."""
    for name, piece in tensors.items():
        room.arrays.setdefault(name, []).append(piece)
    return None, {}


def loss_gradient(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Value of a loss and its gradient with respect to the first input."""
    function = getattr(room.module(arguments["module"]), arguments["name"])
    return probes.loss_gradient(
        function, tensors["embeddings"], tensors["labels"], arguments["options"]
    )


def loss_placement(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Whether a loss keeps to the dtype and the device of its inputs."""
    function = getattr(room.module(arguments["module"]), arguments["name"])
    return probes.loss_placement(function, tensors["embeddings"], tensors["labels"])


def parameter_gradients(
    room: Room, arguments: Arguments, tensors: Tensors, report: Report
) -> Answer:
    """Which parameters a backward pass through the first output reaches."""
    return probes.parameter_gradients(room.objects[arguments["number"]], tensors["images"])


def jacobians(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Derivatives of each output with respect to one image."""
    return probes.jacobians(room.objects[arguments["number"]], tensors["image"])


def overfit(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Train an object on a few images; the grader judges it afterwards by calling it."""
    steps = {"autoencoder": learning.reconstruction, "classifier": learning.classification}
    objective = steps[arguments["objective"]]
    module = room.objects[arguments["number"]]
    learning.minimise(module, objective, tensors, arguments["steps"], arguments["rate"])
    return None, {}


def evaluate(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Run the student's eval_model on a scripted model."""
    eval_model = room.module("evaluation").eval_model
    return probes.evaluate(eval_model, arguments, tensors)


def evaluate_elsewhere(
    room: Room, arguments: Arguments, tensors: Tensors, report: Report
) -> Answer:
    """Where the student's eval_model sends images that are to be on another device."""
    return probes.evaluate_elsewhere(room.module("evaluation").eval_model, tensors)


def train(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Train the student's model with the given loop on the arrays stored before."""
    fit = room.module("fit")
    room.model, history = fit.train_model(
        arguments["data"],
        room.array("train_images").numpy(),
        room.array("train_labels").numpy(),
        room.array("heldout_images").numpy(),
        seed=arguments["seed"],
        on_step=lambda progress: report({"step": progress.step, "steps": progress.steps}),
    )
    return {"threshold": float(history.threshold)}, {}


def load_weights(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Build the student's model and load the weights that came with the submission.

    Returns why they do not fit, or None.
    """
    model = room.module("model").build_model()
    try:
        model.load(room.package / "weights.safetensors")
    except ValueError as error:
        return str(error)[:400], {}
    room.model = model
    return None, {}


def predict(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """Labels 0-10, closed-set labels 0-9 and scores of images, in eval mode."""
    images = _images(room, tensors)
    room.model.eval()
    with torch.inference_mode():
        digits, scores = room.model.classify(images), room.model.scores(images)
        # As `predict` does, without both networks again; on copies, since it may write on them.
        labels = room.model.decide(digits.clone(), scores.clone())
    outputs = {"labels": labels, "closed_set": digits, "scores": scores}
    results: Tensors = {}
    return {name: describe(value, results) for name, value in outputs.items()}, results


def reconstruct(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """What the model's autoencoder draws of images, and the model's threshold, in eval mode."""
    images = _images(room, tensors)
    room.model.eval()
    with torch.inference_mode():
        drawn, _ = room.model.autoencoder(images)
    results: Tensors = {}
    outputs = {"drawn": drawn, "threshold": room.model.threshold}
    return {name: describe(value, results) for name, value in outputs.items()}, results


def embed(room: Room, arguments: Arguments, tensors: Tensors, report: Report) -> Answer:
    """The embeddings that the model's classifier makes of images, in eval mode."""
    images = _images(room, tensors)
    room.model.eval()
    with torch.inference_mode():
        _, embedding = room.model.classifier(images)
    results: Tensors = {}
    return describe(embedding, results), results


def _images(room: Room, tensors: Tensors) -> Tensor:
    """Images as the networks take them, (N, 1, 28, 28), of what was sent, uint8 (N, 28, 28)."""
    images: Tensor = room.module("images").to_images(tensors["images"].numpy())
    return images


OPERATIONS: dict[str, Callable[[Room, Arguments, Tensors, Report], Answer]] = {
    name: function
    for name, function in list(globals().items())
    if inspect.isfunction(function) and function.__module__ == __name__ and not name.startswith("_")
}

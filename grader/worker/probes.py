"""Questions to the student's code that take more than one call: gradients, and eval_model."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import torch

# By name, so that what student code puts in their place later is not used here.
from torch import Tensor, is_grad_enabled, is_inference_mode_enabled, nn

from .bare import attributes_of, copy_of, device_of, dtype_of, gradients, is_trained, parameters_of
from .elsewhere import DEVICE, without_compiler
from .values import describe

Answer = tuple[Any, dict[str, Tensor]]


def loss_gradient(
    loss: Callable[..., Tensor], embeddings: Tensor, labels: Tensor, options: dict[str, Any]
) -> Answer:
    """Value of `loss` and its gradient with respect to `embeddings`.

    A loss that is cut off from the graph is reported as `attached: false`, with no gradient.
    """
    leaf = copy_of(embeddings).requires_grad_()
    with torch.enable_grad():
        value = loss(leaf, labels, **options)
    results: dict[str, Tensor] = {}
    answer = {"value": describe(value, results), "attached": False}
    if isinstance(value, Tensor) and value.requires_grad and value.numel() == 1:
        (gradient,) = gradients(value.sum(), [leaf])
        answer["attached"] = gradient is not None
        if gradient is not None:
            results["gradient"] = copy_of(gradient)
    return answer, results


def loss_placement(loss: Callable[..., Tensor], embeddings: Tensor, labels: Tensor) -> Answer:
    """The dtype of a loss, and whether its tensors would meet on a device that is not the CPU.

    The meta device stands for one: its tensors have shapes and no data, on every machine, and
    meet tensors of the CPU as those of a GPU do. A loss that looks at its data stops there, which
    shows nothing; only tensors on two devices do.

    Returns:
        `dtype` of the loss (None: it is no tensor), `clash`: what torch said of the two devices,
        and `device`: where the loss ended (None: it did not get so far).
    """
    value = loss(embeddings, labels)
    dtype = dtype_of(value) if isinstance(value, Tensor) else None
    clash, device = None, None
    try:
        with without_compiler():
            moved = loss(embeddings.to(DEVICE), labels.to(DEVICE))
        device = device_of(moved) if isinstance(moved, Tensor) else None
    except Exception as error:
        clash = _clash(error)
    return {"dtype": dtype, "clash": clash, "device": device}, {}


def _clash(error: Exception) -> str | None:
    """What torch says of tensors that meet on two devices; None where the error is another."""
    text = str(error)
    is_clash = "expected device" in text or "same device" in text
    return text.splitlines()[0][:200] if is_clash else None


def parameter_gradients(module: nn.Module, images: Tensor) -> Answer:
    """Size of each parameter's gradient after a backward pass through the first output.

    That is the reconstruction or the logits; their sum, weighed by fixed random numbers, is
    differentiated in training and in eval mode. What only leads to the second output, the latent or
    the embedding, and no further, gets none; what leads there at all is told apart (`code`).

    Returns:
        One entry a parameter: its name, the largest absolute gradient (None: it got none), and
        whether the second output depends on it (`code`).
    """
    generator = torch.Generator().manual_seed(0)
    named = [(n, p) for n, p in parameters_of(module).items() if is_trained(p)]
    parameters = [p for _, p in named]

    def sizes(number: int) -> list[float | None]:
        with torch.enable_grad():
            output = module(images)[number]
            weighed = (output * torch.randn(output.shape, generator=generator)).sum()
            if not weighed.requires_grad or not parameters:
                return [None] * len(parameters)
            found = gradients(weighed, parameters)
        return [None if g is None else float(g.abs().max()) for g in found]

    # In training a layer may be left out by chance (stochastic depth); eval mode takes them all.
    module.train()
    in_training = sizes(0)
    module.eval()
    in_eval, of_code = sizes(0), sizes(1)
    return [
        {
            "name": name[:200],
            "largest": max((x for x in seen if x is not None), default=None),
            "code": code is not None,
        }
        for (name, _), *seen, code in zip(named, in_training, in_eval, of_code, strict=True)
    ], {}


def jacobians(module: nn.Module, image: Tensor) -> Answer:
    """Derivatives of every output of `module` with respect to one image (1, 1, 28, 28).

    Returns tensors `j0`, `j1`, … of shape (size of the output, 784), in eval mode.
    """
    module.eval()
    leaf = copy_of(image).requires_grad_()
    with torch.enable_grad():
        outputs = module(leaf)
    results = {}
    for number, output in enumerate(outputs):
        rows = [
            gradients(value, [leaf], keep_graph=True)[0] if value.requires_grad else None
            for value in output.flatten()
        ]
        blank = torch.zeros(leaf.numel())
        results[f"j{number}"] = torch.stack(
            [blank if row is None else row.flatten() for row in rows]
        )
    return None, results


class ScriptedModel(nn.Module):
    """A model whose prediction for an image is written in the image's first pixel.

    Args:
        raise_at: the number of the call at which it raises; None: it never does.
    """

    def __init__(self, raise_at: int | None = None) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.dropout = nn.Dropout()
        self.raise_at = raise_at
        self.notes = _take_notes(
            self, self.dropout, attributes_of, is_grad_enabled, is_inference_mode_enabled
        )
        next(self.notes)

    def predict(self, images: Tensor) -> Tensor:
        """The labels (N,) int64 that the images carry."""
        calls = self.notes.send(images)
        if self.raise_at is not None and calls > self.raise_at:
            raise ScriptedError("raised on purpose by the grader's model")
        return (images[:, 0, 0, 0] * self.weight).detach().round().long()


def _take_notes(
    model: nn.Module,
    part: nn.Module,
    attributes_of: Callable[[object], dict[str, Any]],
    records_gradients: Callable[[], bool],
    is_inference: Callable[[], bool],
) -> Generator[Any, Tensor | None, None]:
    """Note how a model is asked, for each of the images that are sent; None asks for the notes.

    Student code has the model in its hands. `guard` lets nobody open a generator's frame, so what
    lies here is out of reach: it looks at the modes itself, whoever sends to it, and calls nothing
    by a name that could be given another meaning.

    Yields:
        For images how many calls there were; for None `calls`, and the mode of `model` and `part`.
    """
    calls: list[dict[str, Any]] = []
    count = 0
    images = yield
    while True:
        model_mode, part_mode = attributes_of(model)["training"], attributes_of(part)["training"]
        if images is None:
            images = yield {
                "calls": [{**call} for call in calls],
                "training_after": model_mode,
                "submodules_training_after": part_mode,
            }
            continue
        count += 1
        calls += [
            {
                "size": images.shape[0],
                "training": model_mode or part_mode,
                "gradients": records_gradients() and not is_inference(),
                "device": images.device.type,
            }
        ]
        images = yield count


class ScriptedError(Exception):
    """Raised by a scripted model, to see whether eval_model restores the mode even then."""


def evaluate(
    eval_model: Callable[..., Any], arguments: dict[str, Any], tensors: dict[str, Tensor]
) -> Answer:
    """Run `eval_model` on a scripted model and say what happened to the model."""
    model = ScriptedModel(arguments["raise_at"]).train(arguments["training"])
    notes = model.notes
    count = arguments["batches"]
    loader = [(tensors[f"images{i}"], tensors[f"labels{i}"]) for i in range(count)]
    results: dict[str, Tensor] = {}
    raised = False
    value = None
    before = is_grad_enabled()
    torch.set_grad_enabled(True)
    try:
        batches = iter(loader) if arguments["once"] else loader
        value = describe(eval_model(model, batches, **arguments["options"]), results)
    except ScriptedError:
        raised = True
    finally:
        restored = is_grad_enabled()
        torch.set_grad_enabled(before)
    return {
        "value": value,
        "raised": raised,
        "gradients_after": restored and model.weight.requires_grad,
        **notes.send(None),
    }, results


def evaluate_elsewhere(
    eval_model: Callable[..., Any], tensors: dict[str, Tensor], device: str = DEVICE
) -> Answer:
    """Run `eval_model` on another device, as far as it gets.

    The meta device has no data, so an eval_model that counts before it predicts stops early.

    Returns:
        `device` of the images that the model was asked about (None: it was not asked), and
        `clash`: what torch said of tensors on two devices.
    """
    model, clash = ScriptedModel().to(device), None
    notes = model.notes
    try:
        with without_compiler():
            eval_model(model, [(tensors["images"], tensors["labels"])], device=device)
    except Exception as error:
        clash = _clash(error)
        if clash is None and device not in str(error):
            raise
    calls = notes.send(None)["calls"]
    return {"device": calls[0]["device"] if calls else None, "clash": clash}, {}

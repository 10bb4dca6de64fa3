"""Questions to the student's code that take more than one call: gradients, and eval_model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .elsewhere import DEVICE, without_compiler
from .values import describe

Answer = tuple[Any, dict[str, Tensor]]


def loss_gradient(
    loss: Callable[..., Tensor], embeddings: Tensor, labels: Tensor, options: dict[str, Any]
) -> Answer:
    """Value of `loss` and its gradient with respect to `embeddings`.

    A loss that is cut off from the graph is reported as `attached: false`, with no gradient.
    """
    leaf = embeddings.clone().requires_grad_()
    with torch.enable_grad():
        value = loss(leaf, labels, **options)
    results: dict[str, Tensor] = {}
    answer = {"value": describe(value, results), "attached": False}
    if isinstance(value, Tensor) and value.requires_grad and value.numel() == 1:
        torch.autograd.backward(value.sum())
        answer["attached"] = leaf.grad is not None
        if leaf.grad is not None:
            results["gradient"] = leaf.grad
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
    dtype = str(value.dtype).removeprefix("torch.") if isinstance(value, Tensor) else None
    clash, device = None, None
    try:
        with without_compiler():
            moved = loss(embeddings.to(DEVICE), labels.to(DEVICE))
        device = moved.device.type if isinstance(moved, Tensor) else None
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
    named = [(n, p) for n, p in module.named_parameters() if p.requires_grad]
    parameters = [p for _, p in named]

    def sizes(number: int) -> list[float | None]:
        with torch.enable_grad():
            output = module(images)[number]
            weighed = (output * torch.randn(output.shape, generator=generator)).sum()
            if not weighed.requires_grad or not parameters:
                return [None] * len(parameters)
            found = torch.autograd.grad(weighed, parameters, allow_unused=True)
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
    leaf = image.clone().requires_grad_()
    with torch.enable_grad():
        outputs = module(leaf)
    results = {}
    for number, output in enumerate(outputs):
        rows = [
            torch.autograd.grad(value, leaf, retain_graph=True, allow_unused=True)[0]
            if value.requires_grad
            else None
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
        note: told of each call how it was made; it may raise.
    """

    def __init__(self, note: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.dropout = nn.Dropout()
        self._note = note

    def predict(self, images: Tensor) -> Tensor:
        """The labels (N,) int64 that the images carry."""
        self._note(
            {
                "size": len(images),
                "training": self.training or self.dropout.training,
                "gradients": torch.is_grad_enabled() and not torch.is_inference_mode_enabled(),
                "device": images.device.type,
            }
        )
        return (images[:, 0, 0, 0] * self.weight).detach().round().long()


class ScriptedError(Exception):
    """Raised by a scripted model, to see whether eval_model restores the mode even then."""


def evaluate(
    eval_model: Callable[..., Any], arguments: dict[str, Any], tensors: dict[str, Tensor]
) -> Answer:
    """Run `eval_model` on a scripted model and say what happened to the model."""
    calls: list[dict[str, Any]] = []  # not on the model, where eval_model could correct it

    def note(call: dict[str, Any]) -> None:
        calls.append(call)
        if arguments["raise_at"] is not None and len(calls) > arguments["raise_at"]:
            raise ScriptedError("raised on purpose by the grader's model")

    model = ScriptedModel(note).train(arguments["training"])
    count = arguments["batches"]
    loader = [(tensors[f"images{i}"], tensors[f"labels{i}"]) for i in range(count)]
    results: dict[str, Tensor] = {}
    raised = False
    value = None
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    try:
        batches = iter(loader) if arguments["once"] else loader
        value = describe(eval_model(model, batches, **arguments["options"]), results)
    except ScriptedError:
        raised = True
    finally:
        restored = torch.is_grad_enabled()
        torch.set_grad_enabled(before)
    return {
        "value": value,
        "gradients_after": restored and model.weight.requires_grad,
        "raised": raised,
        "calls": calls,
        "training_after": model.training,
        "submodules_training_after": model.dropout.training,
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
    calls: list[dict[str, Any]] = []
    model, clash = ScriptedModel(calls.append).to(device), None
    try:
        with without_compiler():
            eval_model(model, [(tensors["images"], tensors["labels"])], device=device)
    except Exception as error:
        clash = _clash(error)
        if clash is None and device not in str(error):
            raise
    return {"device": calls[0]["device"] if calls else None, "clash": clash}, {}

"""Gradients, derivatives and scripted models."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from grader.worker import probes


class Pair(nn.Module):
    """Two smooth outputs of an image."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(784, 3), nn.Linear(3, 2)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        inner = torch.tanh(self.one(images.flatten(1)))
        return self.two(inner), inner


class TestProbes:
    """Gradients and derivatives against finite differences."""

    def test_jacobians(self) -> None:
        torch.manual_seed(1)
        module, image = Pair().double(), torch.rand(1, 1, 28, 28, dtype=torch.float64)
        _, results = probes.jacobians(module, image)
        assert (results["j0"].shape, results["j1"].shape) == ((2, 784), (3, 784))
        step = 1e-6
        for pixel in (0, 400, 783):
            moved = image.clone()
            moved.view(-1)[pixel] += step
            for name, there, here in zip(("j0", "j1"), module(moved), module(image), strict=True):
                expected = (there - here).flatten() / step
                torch.testing.assert_close(results[name][:, pixel], expected, rtol=1e-4, atol=1e-6)

    def test_jacobian_of_what_is_detached_is_zero(self) -> None:
        class Cut(nn.Module):
            def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
                return images.detach().flatten(1)[:, :2], images.flatten(1)[:, :2]

        _, results = probes.jacobians(Cut(), torch.rand(1, 1, 28, 28))
        assert not results["j0"].any()
        assert results["j1"].sum() == 2

    def test_loss_gradient(self) -> None:
        points = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        answer, results = probes.loss_gradient(
            lambda e, y, scale: (scale * e**2).sum(), points, torch.zeros(2), {"scale": 3.0}
        )
        assert answer["attached"] is True
        torch.testing.assert_close(results["gradient"], 6 * points)
        assert results["t0"] == 90

    @pytest.mark.parametrize(
        "loss", [lambda e, y: e.sum().detach(), lambda e, y: 3.0, lambda e, y: torch.ones(())]
    )
    def test_loss_off_the_graph(self, loss: Any) -> None:
        answer, results = probes.loss_gradient(loss, torch.ones(2, 2), torch.zeros(2), {})
        assert answer["attached"] is False
        assert "gradient" not in results

    @pytest.mark.parametrize(
        ("loss", "clashes", "device"),
        [
            (lambda e, y: torch.cdist(e, e).sum(), False, "meta"),
            (lambda e, y: (torch.cdist(e, e) * torch.eye(len(e))).sum(), True, None),
            (lambda e, y: torch.cdist(e, e)[y[:, None] == y].sum(), False, None),
            (lambda e, y: e.new_zeros(()) if e.sum().item() else e.sum(), False, None),
            (lambda e, y: torch.zeros(()), False, "cpu"),
            (lambda e, y: 1.0, False, None),
        ],
    )
    def test_loss_placement(self, loss: Any, clashes: bool, device: str | None) -> None:
        """Only tensors that meet on two devices are a clash, not a loss that reads its data."""
        answer, _ = probes.loss_placement(loss, torch.rand(4, 2), torch.tensor([0, 0, 1, 1]))
        assert (answer["clash"] is not None) is clashes
        assert answer["device"] == device

    def test_loss_placement_says_the_dtype(self) -> None:
        points, labels = torch.rand(4, 2, dtype=torch.float64), torch.zeros(4)
        assert probes.loss_placement(lambda e, y: e.sum(), points, labels)[0]["dtype"] == "float64"
        assert probes.loss_placement(lambda e, y: 1.0, points, labels)[0]["dtype"] is None

    @pytest.mark.parametrize(
        ("eval_model", "device"),
        [
            (
                lambda model, loader, device: [model.predict(x.to(device)) for x, _ in loader],
                "meta",
            ),
            (lambda model, loader, device: int(loader[0][1].to(device).sum()), None),
        ],
    )
    def test_device_of_the_images(self, eval_model: Any, device: str | None) -> None:
        batch = {"images": torch.zeros(2, 1, 28, 28), "labels": torch.tensor([1, 10])}
        answer, _ = probes.evaluate_elsewhere(eval_model, batch)
        assert answer == {"device": device, "clash": None}

    def test_labels_left_behind_clash(self) -> None:
        """Predictions of a model on one device, and labels on another."""
        batch = {"images": torch.zeros(2, 1, 28, 28), "labels": torch.tensor([1, 10])}
        answer, _ = probes.evaluate_elsewhere(
            lambda model, loader, device: [model.predict(x.to(device)) == y for x, y in loader],
            batch,
        )
        assert answer["device"] == "meta"
        assert answer["clash"]

    @pytest.mark.parametrize("code", [True, False])
    def test_parameters_that_lead_to_the_second_output_are_named(self, code: bool) -> None:
        module = Pair()
        if not code:
            for parameter in module.parameters():
                parameter.requires_grad_(False)
            module.head = nn.Parameter(torch.ones(()))
        found, _ = probes.parameter_gradients(module, torch.rand(4, 1, 28, 28))
        assert any(entry["code"] for entry in found) is code

    @pytest.mark.parametrize("grad", [True, False])
    def test_whether_gradients_are_back(self, grad: bool) -> None:
        def eval_model(model: Any, loader: Any) -> None:
            torch.set_grad_enabled(grad)

        asked = {"raise_at": None, "training": False, "batches": 0, "once": False, "options": {}}
        answer, _ = probes.evaluate(eval_model, asked, {})
        assert answer["gradients_after"] is grad

    def test_other_exceptions_pass(self) -> None:
        def stub(*_: Any, **__: Any) -> None:
            raise NotImplementedError("task 5")

        batch = {"images": torch.zeros(2, 1, 28, 28), "labels": torch.tensor([1, 10])}
        with pytest.raises(NotImplementedError, match="task 5"):
            probes.evaluate_elsewhere(stub, batch)

    def test_parameter_gradients_name_what_is_left_out(self) -> None:
        module = Pair()
        module.unused = nn.Linear(2, 2)
        found, _ = probes.parameter_gradients(module, torch.rand(4, 1, 28, 28))
        got = {entry["name"]: entry["largest"] for entry in found}
        assert got["unused.weight"] is None
        assert got["one.weight"] > 0

    def test_scripted_model_reads_predictions_from_pixels(self) -> None:
        images = torch.zeros(3, 1, 28, 28)
        images[:, 0, 0, 0] = torch.tensor([0.0, 7.0, 10.0])
        model = probes.ScriptedModel()
        assert model.predict(images).tolist() == [0, 7, 10]
        (call,) = model.notes.send(None)["calls"]
        assert (call["size"], call["training"]) == (3, True)

    def test_scripted_model_raises_at_the_call_asked_for(self) -> None:
        model = probes.ScriptedModel(raise_at=1)
        model.predict(torch.zeros(1, 1, 28, 28))
        with pytest.raises(probes.ScriptedError):
            model.predict(torch.zeros(1, 1, 28, 28))

"""The worker's parts, called here without a worker."""

from __future__ import annotations

import collections
import io
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from grader.worker import learning, probes
from grader.worker.failures import describe_failure
from grader.worker.values import MAX_DEPTH, MAX_ITEMS, MAX_TEXT, describe

ROOT = Path(__file__).parents[2]


class TestValues:
    """Return values as data."""

    @pytest.mark.parametrize("value", [None, True, 3, -2.5, "text"])
    def test_plain_values_stay(self, value: object) -> None:
        assert describe(value, {}) == {"kind": "plain", "value": value}

    @pytest.mark.parametrize("value", [np.float32(0.5), np.float64(0.5), Fraction(1, 2)])
    def test_real_numbers_are_floats(self, value: object) -> None:
        described = describe(value, {})
        assert described == {"kind": "plain", "value": 0.5}
        assert type(described["value"]) is float

    def test_subclasses_become_plain(self) -> None:
        class Sly(float):
            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]

        value = describe(Sly(1.5), {})["value"]
        assert type(value) is float
        assert value != 2.0

    @pytest.mark.parametrize(
        "dtype",
        [torch.float32, torch.float64, torch.int64, torch.int32, torch.uint8, torch.bool,
         torch.float16, torch.bfloat16],
    )  # fmt: skip
    def test_tensors_go_apart_and_are_copies(self, dtype: torch.dtype) -> None:
        tensor, tensors = torch.arange(6).reshape(2, 3).to(dtype).t(), {}
        described = describe(tensor, tensors)
        assert described["dtype"] == str(dtype).removeprefix("torch.")
        sent = tensors[described["name"]]
        assert sent.is_contiguous()
        assert torch.equal(sent.to(dtype), tensor)
        assert sent.data_ptr() != tensor.data_ptr()
        assert save(tensors)

    def test_graph_is_noted_and_cut(self) -> None:
        tensors: dict[str, torch.Tensor] = {}
        described = describe(torch.ones(2, requires_grad=True) * 2, tensors)
        assert described["requires_grad"] is True
        assert not tensors["t0"].requires_grad

    def test_named_tuples_keep_their_fields(self) -> None:
        pair = collections.namedtuple("Pair", "left right")
        tensors: dict[str, torch.Tensor] = {}
        described = describe(pair(torch.ones(1), 2), tensors)
        assert (described["type"], described["fields"]) == ("Pair", ["left", "right"])
        assert [item["kind"] for item in described["items"]] == ["tensor", "plain"]

    @pytest.mark.parametrize(
        "value", [object(), {"a": 1}, {1}, lambda: 0, np.ones(2), 1j, [0] * 65, b"x"],
        ids=["object", "dict", "set", "function", "array", "complex", "long list", "bytes"],
    )  # fmt: skip
    def test_everything_else_is_a_name(self, value: object) -> None:
        described = describe(value, {})
        assert described["kind"] == "object"
        assert set(described) == {"kind", "type"}

    def test_depth_and_text_are_bounded(self) -> None:
        nested: Any = []
        for _ in range(500):
            nested = [nested]
        text = json.dumps(describe(nested, {}))
        assert text.count('"sequence"') == MAX_DEPTH
        assert len(describe("x" * 10**6, {})["value"]) == MAX_TEXT
        assert describe([0] * MAX_ITEMS, {})["kind"] == "sequence"

    def test_sequence_that_contains_itself(self) -> None:
        loop: list[Any] = []
        loop.append(loop)
        json.dumps(describe(loop, {}))


class TestFailures:
    """Exceptions as data."""

    @pytest.fixture
    def package(self, tmp_path: Path) -> Path:
        return tmp_path / "assignment"

    def fail(self, package: Path, text: str) -> dict[str, Any]:
        """Run a text as the student's `sample.py`, and describe what it raises."""
        package.mkdir(exist_ok=True)
        path = package / "sample.py"
        path.write_text(text, encoding="utf-8")
        try:
            exec(compile(text, str(path), "exec"), {})
        except BaseException as error:
            return describe_failure(error, package)
        raise AssertionError("it did not raise")

    def test_names_line_and_code(self, package: Path) -> None:
        failure = self.fail(package, "def f():\n    return 1 / 0\n\nf()\n")
        assert (failure["kind"], failure["type"]) == ("error", "ZeroDivisionError")
        assert [frame["line"] for frame in failure["frames"]] == [4, 2]
        assert failure["frames"][-1] == {
            "file": "sample.py", "line": 2, "function": "f", "code": "return 1 / 0",
        }  # fmt: skip

    def test_syntax_error_names_its_line(self, package: Path) -> None:
        failure = self.fail(package, "x = 1\ny = = 2\n")
        assert failure["type"] == "SyntaxError"
        assert failure["frames"][0]["line"] == 2
        assert failure["frames"][0]["file"] == "sample.py"

    def test_frames_outside_the_package_are_left_out(self, package: Path) -> None:
        failure = self.fail(package, "import json\njson.loads('{')\n")
        assert {frame["file"] for frame in failure["frames"]} == {"sample.py"}

    def test_recursion_keeps_few_frames(self, package: Path) -> None:
        failure = self.fail(package, "def f():\n    f()\nf()\n")
        assert failure["type"] == "RecursionError"
        assert 1 <= len(failure["frames"]) <= 6

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("raise NotImplementedError('task')", "not_implemented"),
            ("import abc, numbers\nnumbers.Number.__hash__\nraise MemoryError", "out_of_memory"),
            ('raise RuntimeError("DefaultCPUAllocator: can\'t allocate memory")', "out_of_memory"),
            ("raise SystemExit", "error"),
            ("raise KeyboardInterrupt", "error"),
        ],
    )
    def test_kinds(self, package: Path, text: str, kind: str) -> None:
        assert self.fail(package, text)["kind"] == kind

    @pytest.mark.parametrize(
        ("text", "advice"),
        [
            ("import helper", "write 'from .helper import ...'"),
            ("import nowhere_at_all", "PyTorch, NumPy and what comes with Python are enough"),
            ("1 / 0", ""),
            ("open('no such file')", "read none"),
            ("import bdb\nbdb.Bdb().canonic(None)", "remove breakpoint()"),
            (
                "import torch\ntorch.nn.Module.__new__(torch.nn.Module).a = torch.nn.ReLU()",
                "call super().__init__()",
            ),
            ("raise SystemExit", "remove exit()"),
            ("input()", "remove input()"),
        ],
    )
    def test_what_to_do(
        self, package: Path, monkeypatch: pytest.MonkeyPatch, text: str, advice: str
    ) -> None:
        package.mkdir()
        (package / "helper.py").write_text("", encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        message = self.fail(package, text)["message"]
        assert advice in message
        assert bool(advice) == (";" in message or ": " in message)

    def test_torchs_own_not_implemented_is_an_error(self, package: Path) -> None:
        failure = self.fail(package, "from torch import nn\nnn.Module()(1)\n")
        assert failure["type"] == "NotImplementedError"
        assert failure["kind"] == "error"

    def test_message_is_bounded_and_survives_a_broken_str(self, package: Path) -> None:
        long = self.fail(package, "raise ValueError('x' * 100000)")
        assert len(long["message"]) == 2000
        odd = "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd\n"
        assert "could not be read" in self.fail(package, odd)["message"]


class TestLearning:
    """Adam as written out against Adam as shipped."""

    def test_steps_are_those_of_torch(self) -> None:
        torch.manual_seed(0)
        batch = {"images": torch.rand(6, 4) * 2 - 1}

        def net() -> nn.Module:
            torch.manual_seed(3)
            return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 4))

        def objective(module: nn.Module, data: dict[str, torch.Tensor]) -> torch.Tensor:
            return (module(data["images"]) - data["images"]).square().mean()

        mine, theirs = net(), net()
        learning.minimise(mine, objective, batch, 25, 0.01)
        optimiser = torch.optim.Adam(theirs.parameters(), lr=0.01)
        for _ in range(25):
            optimiser.zero_grad()
            objective(theirs, batch).backward()
            optimiser.step()
        for a, b in zip(mine.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)

    def test_frozen_and_unused_parameters_stay(self) -> None:
        module = nn.ModuleDict({"used": nn.Linear(2, 2), "frozen": nn.Linear(2, 2),
                                "unused": nn.Linear(2, 2)})  # fmt: skip
        module["frozen"].requires_grad_(False)
        before = {name: value.clone() for name, value in module.state_dict().items()}
        learning.minimise(
            module,
            lambda m, b: m["frozen"](m["used"](b["images"])).square().mean(),
            {"images": torch.ones(1, 2)},
            3,
        )
        changed = {
            name for name, value in module.state_dict().items()
            if not torch.equal(value, before[name])
        }  # fmt: skip
        assert changed == {"used.weight", "used.bias"}

    def test_learning_works_where_gradients_are_off(self) -> None:
        module = nn.Linear(1, 1)
        before = module.weight.clone()
        with torch.no_grad():
            learning.minimise(
                module, lambda m, b: m(b["images"]).sum(), {"images": torch.ones(1, 1)}, 1
            )
        assert not torch.equal(module.weight, before)


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


@pytest.mark.slow
def test_the_compiler_is_kept_out_and_comes_when_it_is_wanted() -> None:
    code = """
import sys, torch
from grader.worker.elsewhere import without_compiler
with without_compiler():
    assert (torch.ones(3, 2, device="meta") + 1).device.type == "meta"
assert "torch._dynamo" not in sys.modules
assert torch.utils.checkpoint.checkpoint(torch.sin, torch.ones(1), use_reentrant=False) > 0
import torch._dynamo
assert torch._dynamo.disable(len)([1]) == 1
with without_compiler():
    assert torch._dynamo.reset
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits there")
def test_limits_hold_and_cannot_be_raised_again(tmp_path: Path) -> None:
    code = """
import resource, sys
from grader.worker import limits
limits.limit_resources()
for kind in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
    soft, hard = resource.getrlimit(kind)
    print(soft == hard, soft)
try:
    with open(sys.argv[1], "wb") as file:
        file.seek(limits.FILE_SIZE + 1)
        file.write(b"x")
        file.flush()
except OSError as error:
    print("refused", error.errno)
try:
    bytearray(100 << 30)
except MemoryError:
    print("no memory")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "large")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    core, size, files, refused, memory = done.stdout.splitlines()
    assert core == "True 0"
    assert size.startswith("True ")
    assert files == "True 256"
    assert refused.startswith("refused")
    assert memory == "no memory"

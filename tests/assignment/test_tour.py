"""What the walkthrough does besides calling a student's files."""

from __future__ import annotations

import importlib
import itertools
import json
import shutil
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from datasets.image_set import ImageSet

pytest.importorskip("IPython")

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "solutions" / "reference"
NAMES = (f"toured_{number}" for number in itertools.count())


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The assignment with its stubs, a package of its own, to be imported by its folder's name."""
    folder = tmp_path / next(NAMES)
    folder.mkdir()
    for file in (ROOT / "assignment").glob("*.py"):
        shutil.copy(file, folder)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == folder.name]:
        del sys.modules[name]


@pytest.fixture
def load(package: Path) -> Callable[[str], Any]:
    def load(name: str) -> ModuleType:
        return importlib.import_module(f"{package.name}.{name}")

    return load


def finish(package: Path, *tasks: str) -> None:
    for task in tasks:
        shutil.copy(REFERENCE / f"{task}.py", package)


def digits(count: int = 20) -> ImageSet:
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return ImageSet("some", "digits", images, np.arange(count) % 10)


def test_open_task_is_said_in_one_line(
    package: Path, load: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    after = False
    with load("tour").when_done():
        load("contrastive").contrastive_loss(torch.zeros(2, 2), torch.zeros(2))
        after = True
    assert not after
    said = capsys.readouterr().out
    assert said.count("task 3, contrastive: compute the loss of a batch") == 2  # text and HTML
    assert f"Not done yet: {package.name}/contrastive.py, line " in said


@pytest.mark.parametrize(
    "error",
    [
        ValueError("yours"),
        NotImplementedError("an operation that torch lacks"),
        KeyboardInterrupt(),
        SyntaxError("yours"),
    ],
)
def test_any_other_error_passes(load: Any, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, load("tour").when_done():
        raise error
    assert caught.value is error


def test_part_waits_for_what_it_needs(load: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tour = load("tour")
    reached = []
    with tour.when_done():
        tour.needs(1, "x", 0)
        reached.append("first")
        tour.needs(1, None)
        reached.append("second")
    assert reached == ["first"]
    assert "Waiting: a part above has to be done first." in capsys.readouterr().out


def test_saved_files_are_read_anew(
    package: Path, load: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where a class calls `super()`, which IPython's autoreload cannot replace."""
    tour = load("tour")

    def predict() -> Any:
        with tour.when_done():
            model = load("model").build_model().eval()
            return model, model.predict(torch.zeros(2, 1, 28, 28))
        return None

    assert predict() is None
    assert "task 1" in capsys.readouterr().out
    finish(package, "autoencoder")
    assert predict() is None
    assert "task 2" in capsys.readouterr().out
    finish(package, "classifier", "threshold")
    earlier, said = predict()
    assert said.shape == (2,)

    source = (package / "autoencoder.py").read_text(encoding="utf-8")
    changed = source.replace("hidden = 512", "hidden = 30 + 2")
    (package / "autoencoder.py").write_text(changed, encoding="utf-8")
    later, _ = predict()
    sizes = [sum(p.numel() for p in model.autoencoder.parameters()) for model in (earlier, later)]
    assert sizes[0] > sizes[1]
    assert earlier.predict(torch.zeros(3, 1, 28, 28)).shape == (3,)  # still works as it was


def test_package_attributes_are_forgotten_too(package: Path, load: Any) -> None:
    tour, recipe = load("tour"), load("recipe")
    with tour.when_done():
        pass
    assert not hasattr(sys.modules[package.name], "recipe")
    assert load("recipe") is not recipe
    assert load("tour") is tour


def test_batches_hold_every_image_once(load: Any) -> None:
    pieces = load("tour").batches(digits(7), digits(5), size=5)
    assert [len(images) for images, _ in pieces] == [5, 5, 2]
    images = torch.cat([images for images, _ in pieces])
    expected = np.concatenate([digits(7).images, digits(5).images]) / 127.5 - 1
    assert np.allclose(images[:, 0].numpy(), expected, atol=1e-6)
    labels = torch.cat([labels for _, labels in pieces])
    assert labels.tolist() == [*range(7), *range(5)]


def test_practise_lowers_the_loss(load: Any) -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))

    def loss(images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(network(images), labels)

    means = load("tour").practise(network, loss, digits(100), epochs=8)
    assert len(means) == 8
    assert means[-1] < means[0] / 2
    assert not network.training


def test_points_follow_the_loss_downhill(load: Any) -> None:
    def bowl(points: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return (points**2).sum()

    start = torch.tensor([[1.0, 0.0], [0.0, -2.0]])
    path, pulls, (before, after) = load("tour").follow(
        bowl, start, torch.tensor([0, 1]), steps=50, rate=0.1
    )
    assert path.shape == (51, 2, 2)
    assert np.array_equal(path[0], start.numpy())
    assert np.allclose(pulls, -2 * start.numpy())
    assert before == pytest.approx(5)
    assert after == pytest.approx(float((path[-1] ** 2).sum()), rel=1e-4)
    assert after < 0.1


def test_trade_off_counts_what_lies_above_each_threshold(package: Path, load: Any) -> None:
    finish(package, "threshold")
    random = torch.Generator().manual_seed(0)
    heldout, known, unknown = (torch.rand(40, generator=random) * scale for scale in (1, 1, 3))
    zs = np.linspace(-2, 4, 13)
    accepted, rejected = load("tour").trade_off(heldout, known, {"odd": unknown}, zs)
    thresholds = heldout.numpy().mean() + zs * heldout.numpy().std(ddof=1)
    assert accepted == pytest.approx([(known.numpy() <= t).mean() for t in thresholds])
    assert rejected["odd"] == pytest.approx([(unknown.numpy() > t).mean() for t in thresholds])


class TestYourRun:
    """What the training command has left, as the walkthrough finds it."""

    @pytest.fixture
    def trained(self, package: Path, load: Any) -> Any:
        finish(package, "autoencoder", "classifier", "contrastive", "threshold")
        images = digits(40)
        model, history = load("fit").train_model(
            "digits",
            images.images,
            images.labels,
            images.images,
            images.labels,
            recipe=load("recipe").recipe_for("digits", epochs=1),
        )
        model.save(package / "weights.safetensors", "digits")
        runs = package.parent / "runs"
        runs.mkdir()
        (runs / "history.json").write_text(history.to_json(), encoding="utf-8")
        return model, history

    class Profile:
        name = "digits"

    def test_is_what_was_saved(self, load: Any, trained: Any) -> None:
        model, history = load("tour").your_run(self.Profile)
        assert history.to_json() == trained[1].to_json()
        images = torch.rand(4, 1, 28, 28) * 2 - 1
        with torch.no_grad():
            assert torch.equal(model.scores(images), trained[0].scores(images))
        assert not model.training

    def test_waits_where_there_is_none(self, load: Any) -> None:
        with pytest.raises(load("tour").NotYetError, match=r"no training run yet: python -m"):
            load("tour").your_run(self.Profile)

    def test_waits_where_weights_do_not_fit(self, package: Path, load: Any, trained: Any) -> None:
        source = (package / "autoencoder.py").read_text(encoding="utf-8")
        changed = source.replace("hidden = 512", "hidden = 99")
        (package / "autoencoder.py").write_text(changed, encoding="utf-8")
        tour = load("tour")
        with tour.when_done():  # reads it anew
            pass
        with pytest.raises(tour.NotYetError, match="does not fit the architecture"):
            tour.your_run(self.Profile)

    def test_waits_where_it_was_on_other_data(self, load: Any, trained: Any) -> None:
        class Other:
            name = "mnist"

        with pytest.raises(load("tour").NotYetError, match='set DATA = "digits"'):
            load("tour").your_run(Other)

    @pytest.mark.parametrize("text", ["", "[]", '{"epochs": []}', '{"recipe": 1, "epochs": 2}'])
    def test_waits_where_the_history_is_damaged(
        self, package: Path, load: Any, trained: Any, text: str
    ) -> None:
        (package.parent / "runs" / "history.json").write_text(text, encoding="utf-8")
        with pytest.raises(load("tour").NotYetError, match="train again"):
            load("tour").your_run(self.Profile)


def test_live_curves_are_drawn_in_one_place(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tour, history = load("tour"), load("history")
    shown: list[Any] = []

    class Handle:
        def update(self, data: Any, **options: Any) -> None:
            shown.append((data, options))

    def display(data: Any, **options: Any) -> Handle:
        shown.append((data, options))
        return Handle()

    monkeypatch.setattr(tour, "display", display)
    curves = tour.LiveCurves(every=1e9)
    for step in (10, 20, 30):
        losses = history.Losses(1 / step, 2 / step, 3 / step, 6 / step)
        curves(history.Progress(step, 30, 1, 1, losses))
    assert len(shown) == 2  # the first step, and the last one, however little time went by
    assert shown[0][1]["display_id"]
    assert "done" in shown[1][1]["metadata"]["image/png"]["alt"]


def test_pictures_are_shown_sharp_and_described(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tour, sketches = load("tour"), load("sketches")
    shown: list[Any] = []
    monkeypatch.setattr(tour, "display", lambda data, **options: shown.append((data, options)))
    png = sketches.draw_rows({"row": digits(3).images})
    tour.show(png, "three squares")
    data, options = shown[0]
    assert data["image/png"] == png
    metadata = options["metadata"]["image/png"]
    width, height = struct.unpack(">II", png[16:24])
    assert metadata["alt"] == data["text/plain"] == "three squares"
    assert metadata["width"] < width
    assert metadata["width"] / metadata["height"] == pytest.approx(width / height, rel=0.02)


def test_every_sketch_is_a_picture(load: Any) -> None:
    sketches = load("sketches")
    random = np.random.default_rng(1)
    labels = random.integers(0, 11, 60)
    made = [
        sketches.draw_rows({"a": digits(12).images, "b": digits(3).images}, known=[True, False]),
        sketches.draw_sure(digits(7).images, range(7), np.linspace(0.1, 1, 7).tolist()),
        sketches.draw_confidences(random.random(9), {"odd": random.random(5)}),
        sketches.draw_logits(digits(2).images, random.normal(size=(2, 10)) * 50, ["a", "b"]),
        sketches.draw_pulls(
            random.random((3, 6, 2)), np.zeros((6, 2)), np.arange(6) % 3, (1.0, 0.5)
        ),
        sketches.draw_trade_off(
            np.arange(4.0), random.random(4), {str(n): random.random(4) for n in range(9)}
        ),
        sketches.draw_confusion(labels, labels[::-1]),
        sketches.draw_confusion(np.array([0]), np.array([10])),  # most rows are empty
        sketches.draw_live([10], {"loss": [0.0]}, "epoch 1"),
    ]
    assert all(png.startswith(b"\x89PNG") for png in made)
    assert len(set(made)) == len(made)


def test_stand_ins_stand_in(load: Any) -> None:
    stand_ins = load("stand_ins")
    images = np.zeros((200, 28, 28), dtype=np.uint8)
    labels = np.arange(200) % 10
    for image, label in zip(images, labels, strict=True):
        image[2 * label : 2 * label + 3, 5:20] = 200
    set_ = ImageSet("bars", "digits", images, labels)
    tensor = load("fit").to_images(images)

    plain = stand_ins.PlainClassifier(set_)
    probabilities = plain.probabilities(images)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-4)
    assert (probabilities.argmax(axis=1) == labels).all()
    said = plain.predict(tensor).numpy()
    assert (said == np.where(probabilities.max(axis=1) < 0.9, 10, labels)).all()

    drawn = stand_ins.LinearRedrawer(set_, latent_dim=12).redraw(tensor)
    assert drawn.shape == tensor.shape
    assert drawn.min() >= -1
    assert drawn.max() <= 1
    assert float((drawn - tensor).abs().max()) < 0.01  # ten bars lie in nine dimensions

    parrot = stand_ins.Parrot([3, 1, 10])
    assert parrot.predict(tensor[:2]).tolist() == [3, 1]
    assert parrot.predict(tensor[:1]).tolist() == [10]


def test_grader_is_asked_without_colours(load: Any) -> None:
    """Jupyter asks programs for colours, which its pages then show as codes."""
    asked = {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "PY_COLORS": "1", "HOME": "/home"}
    plain = load("tour")._plain(asked)
    assert plain == {"HOME": "/home", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"}


def test_history_of_the_command_is_what_json_says(package: Path, load: Any) -> None:
    history, recipe = load("history"), load("recipe")
    losses = history.Losses(1.0, 2.0, 3.0, 6.0)
    made = history.History(
        "mnist",
        3,
        "cpu",
        "float32",
        recipe.recipe_for("mnist"),
        (losses, losses),
        0.1,
        0.2,
        None,
        9.0,
    )
    path = package.parent / "history.json"
    path.write_text(made.to_json(), encoding="utf-8")
    assert load("tour")._read_history(path) == made
    assert json.loads(path.read_text(encoding="utf-8"))["profile"] == "mnist"

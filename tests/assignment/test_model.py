"""The open-set model: what it predicts, and how it is kept."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn


class Brightness(nn.Module):
    """Redraws nothing: a scripted autoencoder whose reconstruction is empty."""

    def forward(self, images):
        return torch.full_like(images, -1.0), images.flatten(1)[:, :2]


class Constant(nn.Module):
    """Says what the top left pixel says: -1 is class 0, 1 is class 9."""

    def forward(self, images):
        label = ((images[:, 0, 0, 0] + 1) / 2 * 9).round().long()
        return nn.functional.one_hot(label, 10).float(), images.flatten(1)[:, :2]


@pytest.fixture(scope="module")
def module(assignment):
    return assignment("model")


@pytest.fixture
def scripted(module):
    return module.OpenSetModel(Brightness(), Constant())


@pytest.fixture
def images():
    """Three empty images but for the class in the corner; the last one is all ink."""
    images = torch.full((3, 1, 28, 28), -1.0)
    images[2] = 1.0
    images[:, 0, 0, 0] = torch.tensor([-1.0, 1.0, 7 / 9 * 2 - 1])
    return images


def test_nothing_is_rejected_before_a_threshold_is_fitted(scripted, images):
    assert scripted.threshold == float("inf")
    assert scripted.threshold.shape == ()
    assert scripted.threshold.dtype == torch.float32
    assert scripted.predict(images).tolist() == [0, 9, 7]


def test_what_is_redrawn_badly_is_unknown(scripted, images):
    scores = scripted.scores(images)  # squared error over ink + 0.05
    assert scores[0] == 0
    assert scores[2] == pytest.approx(4 / 1.05, rel=1e-2)
    scripted.threshold.fill_(1.0)
    assert scripted.predict(images).tolist() == [0, 9, 10]
    assert scripted.classify(images).tolist() == [0, 9, 7]


def test_the_threshold_itself_is_not_rejected(scripted, images):
    scripted.threshold.copy_(scripted.scores(images)[2])
    assert scripted.predict(images).tolist() == [0, 9, 7]


def test_shapes_and_dtypes(module):
    model = module.build_model().eval()
    for count in (0, 1, 3):
        images = torch.zeros(count, 1, 28, 28)
        assert model.predict(images).shape == model.classify(images).shape == (count,)
        assert model.predict(images).dtype == model.classify(images).dtype == torch.int64
        assert model.scores(images).shape == (count,)
        assert model.scores(images).dtype == torch.float32


def test_predictions_work_in_training_mode_and_leave_it(module):
    model = module.build_model().train()
    assert model.predict(torch.zeros(4, 1, 28, 28)).shape == (4,)
    assert model.training


def test_save_and_load_give_the_same_predictions(module, tmp_path):
    images = torch.rand(20, 1, 28, 28) * 2 - 1
    first, second = module.build_model().eval(), module.build_model().eval()
    first.threshold.copy_(first.scores(images).median())
    assert not torch.equal(first.scores(images), second.scores(images))
    first.save(tmp_path / "weights.safetensors")
    second.load(str(tmp_path / "weights.safetensors"))
    assert torch.equal(first.scores(images), second.scores(images))
    assert torch.equal(first.predict(images), second.predict(images))
    assert set(second.predict(images).tolist()) > {10}
    assert [file.name for file in tmp_path.iterdir()] == ["weights.safetensors"]


def test_loading_is_in_place(module, tmp_path):
    model = module.build_model()
    model.save(tmp_path / "w")
    before = {name: tensor.data_ptr() for name, tensor in model.state_dict().items()}
    model.load(tmp_path / "w")
    assert before == {name: tensor.data_ptr() for name, tensor in model.state_dict().items()}


def test_tied_and_lazy_weights_are_kept_too(module, tmp_path):
    class Tied(Brightness):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(3, 3)
            self.second = nn.Linear(3, 3)
            self.second.weight = self.first.weight

    class Lazy(Constant):
        def __init__(self):
            super().__init__()
            self.layer = nn.LazyLinear(2)

    first = module.OpenSetModel(Tied(), Lazy())
    first.classifier.layer(torch.zeros(1, 5))
    first.save(tmp_path / "w")
    second = module.OpenSetModel(Tied(), Lazy())
    second.load(tmp_path / "w")
    assert torch.equal(first.autoencoder.second.weight, second.autoencoder.second.weight)
    assert torch.equal(first.classifier.layer.weight, second.classifier.layer.weight)


def missing(tensors):
    del tensors["threshold"]


def unexpected(tensors):
    tensors["autoencoder.extra"] = torch.zeros(2)


def many_missing(tensors):
    for name in list(tensors)[:7]:
        del tensors[name]


def other_shape(tensors):
    tensors["threshold"] = torch.zeros(3)


def other_dtype(tensors):
    tensors["threshold"] = torch.zeros((), dtype=torch.int64)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (missing, ["threshold is missing"]),
        (unexpected, ["autoencoder.extra is not in the model"]),
        (many_missing, ["and 4 more are missing"]),
        (other_shape, ["threshold is (3,) in the file, () in the model"]),
        (other_dtype, ["threshold is torch.int64 in the file, torch.float32 in the model"]),
    ],
)
def test_weights_of_another_architecture_are_refused(module, tmp_path, change, words):
    path = tmp_path / "weights.safetensors"
    module.build_model().save(path)
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)
    model = module.build_model()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(ValueError, match="train again") as error:
        model.load(path)
    assert "\n" not in str(error.value)
    assert path.name in str(error.value)
    for word in words:
        assert word in str(error.value)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])


@pytest.mark.parametrize("content", [b"", b"no weights", b"\xff" * 64])
def test_a_file_that_holds_no_tensors_is_refused(module, tmp_path, content):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"no safetensors file .*; train again") as error:
        module.build_model().load(path)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_an_os_error(module, tmp_path):
    with pytest.raises(FileNotFoundError):
        module.build_model().load(tmp_path / "weights.safetensors")


def test_a_write_that_fails_leaves_the_earlier_file_whole(assignment, tmp_path, monkeypatch):
    files = assignment("files")
    path = tmp_path / "file"
    files.write_whole(path, b"first")

    def full(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(files.Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        files.write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_to_decide_is_the_second_half_of_to_predict(scripted, images):
    scripted.threshold.fill_(1.0)
    decided = scripted.decide(scripted.classify(images), scripted.scores(images))
    assert torch.equal(decided, scripted.predict(images))
    assert 10 in decided

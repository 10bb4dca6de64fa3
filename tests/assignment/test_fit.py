"""The training loop, on tiny synthetic digits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch


@pytest.fixture(scope="module")
def trained(fit, tiny):
    return fit.train_model("digits", *tiny, seed=1, recipe=fit.recipe_for("digits", 4))


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_a_recipe_takes_another_number_of_epochs(fit, name):
    assert fit.recipe_for(name, 7).epochs == 7
    assert fit.recipe_for(name).epochs > 1
    with pytest.raises(ValueError, match="epochs is 0"):
        fit.recipe_for(name, 0)


def test_there_are_two_recipes(fit):
    with pytest.raises(ValueError, match="no recipe for 'auto': take one of digits, mnist"):
        fit.recipe_for("auto")


def test_training_lowers_the_losses_and_learns_the_classes(trained):
    _, history = trained
    first, last = history.epochs[0], history.epochs[-1]
    assert len(history.epochs) == 4
    assert last.classification < first.classification
    assert last.reconstruction < first.reconstruction
    for losses in history.epochs:
        parts = losses.classification + losses.reconstruction + losses.contrastive
        assert losses.total == pytest.approx(parts)


def test_the_model_comes_back_ready_to_predict(trained, fit, tiny, assignment):
    model, history = trained
    assert isinstance(model, assignment("model").OpenSetModel)
    assert not any(module.training for module in model.modules())
    assert float(model.threshold) == history.threshold
    predictions = model.predict(fit.to_images(tiny[2]))
    rejected = float((predictions == 10).float().mean())
    assert rejected == pytest.approx(history.heldout_rejection)


def test_the_threshold_is_fitted_on_held_out_digits(trained, fit, tiny):
    model, history = trained
    with torch.no_grad():
        errors = model.scores(fit.to_images(tiny[2])).double().numpy()
    assert history.threshold == pytest.approx(errors.mean() + 3 * errors.std(ddof=1), rel=1e-5)


def test_accuracy_is_reported_where_labels_are_given(trained, fit, tiny):
    model, history = trained
    right = model.classify(fit.to_images(tiny[2])).numpy() == tiny[3]
    assert history.heldout_accuracy == pytest.approx(right.mean())
    _, history = fit.train_model("digits", *tiny[:3], recipe=fit.recipe_for("digits", 1))
    assert history.heldout_accuracy is None


def test_the_history_turns_into_json(trained):
    _, history = trained
    read = json.loads(history.to_json())
    assert read["profile"] == "digits"
    assert read["seed"] == 1
    assert read["threshold"] == history.threshold
    assert len(read["epochs"]) == read["recipe"]["epochs"] == 4
    assert read["seconds"] > 0


def test_the_seed_decides_everything(trained, fit, tiny):
    model, history = trained
    torch.manual_seed(12345)  # the caller's state has no say, and is left alone
    state = torch.get_rng_state()
    again, _ = fit.train_model("digits", *tiny, seed=1, recipe=fit.recipe_for("digits", 4))
    assert torch.equal(torch.get_rng_state(), state)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name
    _, other = fit.train_model("digits", *tiny, seed=2, recipe=fit.recipe_for("digits", 4))
    assert other.threshold != history.threshold


def test_progress_is_reported_up_to_the_last_step(fit, tiny):
    seen = []
    fit.train_model("mnist", *tiny[:3], recipe=fit.recipe_for("mnist", 25), on_step=seen.append)
    assert [progress.step for progress in seen] == [10, 20, 25]
    assert {progress.steps for progress in seen} == {25}
    assert [progress.epoch for progress in seen] == [10, 20, 25]
    assert all(progress.losses.total > 0 for progress in seen)


def test_one_step_of_two_digits_is_a_training(fit, tiny):
    images, labels, heldout, _ = tiny
    model, _ = fit.train_model(
        "digits", images[:2], labels[:2], heldout[:2], recipe=fit.recipe_for("digits", 1)
    )
    assert torch.isfinite(model.threshold)


@pytest.mark.parametrize(("train", "heldout"), [(0, 30), (1, 30), (60, 1)])
def test_too_little_data_is_refused(fit, tiny, train, heldout):
    with pytest.raises(ValueError, match="at least two"):
        fit.train_model("digits", tiny[0][:train], tiny[1][:train], tiny[2][:heldout])


def test_a_task_left_open_shows_before_the_first_step(fit, tiny, monkeypatch):
    def stub(errors, z=3.0):
        raise NotImplementedError("task 4, threshold: compute it")

    monkeypatch.setattr(fit, "adaptive_threshold", stub)
    seen = []
    with pytest.raises(NotImplementedError, match="task 4"):
        fit.train_model("digits", *tiny, on_step=seen.append)
    assert seen == []


def test_a_loss_that_is_no_number_stops_the_training(fit, tiny, monkeypatch):
    def broken(embeddings, labels):
        return embeddings.sum() * float("nan")

    monkeypatch.setattr(fit, "contrastive_loss", broken)
    with pytest.raises(ArithmeticError, match="the loss is nan after epoch 1"):
        fit.train_model("digits", *tiny, recipe=fit.recipe_for("digits", 3))


@pytest.mark.parametrize(("every", "steps"), [(1, 3), (2, 2), (3, 1), (5, 1)])
def test_the_classifier_learns_in_one_step_of_so_many(fit, tiny, monkeypatch, every, steps):
    learners = []

    class Counting(fit.Learner):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            learners.append(self)

    monkeypatch.setattr(fit, "Learner", Counting)
    recipe = replace(fit.recipe_for("mnist", 3), classifier_every=every)  # one step an epoch
    _, history = fit.train_model("mnist", *tiny, recipe=recipe)
    assert [learner.taken for learner in learners] == [3, steps]
    assert [learner.steps for learner in learners] == [3, steps]  # so its schedule ends
    told = [losses.classification for losses in history.epochs]
    assert len(set(told)) == steps  # between two steps the last losses stand
    assert len({losses.reconstruction for losses in history.epochs}) == 3


@pytest.mark.parametrize(
    ("name", "task"), [("contrastive_loss", "task 3"), ("_redrawing_loss", "task 1")]
)
def test_a_loss_that_is_no_number_names_the_task(fit, tiny, monkeypatch, name, task):
    sound = getattr(fit, name)
    monkeypatch.setattr(fit, name, lambda *given: sound(*given) * float("nan"))
    with pytest.raises(ArithmeticError, match=task):
        fit.train_model("digits", *tiny, recipe=fit.recipe_for("digits", 1))


def test_networks_of_which_nothing_learns_are_said(fit, tiny, monkeypatch):
    build = fit.build_model
    monkeypatch.setattr(fit, "build_model", lambda: build().requires_grad_(False))
    with pytest.raises(RuntimeError, match="nothing learns"):
        fit.train_model("digits", *tiny, recipe=fit.recipe_for("digits", 1))

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import grader.checks.autoencoder
import grader.checks.classifier
import grader.patience
from grader.intake.names import MODULES
from grader.rubric import load_rubric
from solutions.stubs import REFERENCE
from tests.benchmarks.throughput.equivalents import CHECKS, autoencoder, classifier, common
from tests.benchmarks.throughput.notebook import cells
from tests.submissions.patches import HERE, read_patch, write_submission

CODE = [id_ for id_ in CHECKS if not id_.startswith("accuracy.")]


def work_of(folder: Path, **settings: Any) -> dict[str, Any]:
    """What a kernel holds after it has run the notebook."""
    work: dict[str, Any] = {}
    for cell in cells(folder, settings):
        exec(cell, work)
    return work


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other on busy cores take several times as long."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return work_of(REFERENCE)


def test_there_is_one_for_each_check_of_the_rubric() -> None:
    assert sorted(CHECKS) == sorted(
        check.id for task in load_rubric().tasks for check in task.checks
    )


@pytest.mark.parametrize("check", CODE)
def test_reference_passes(check: str, reference: dict[str, Any]) -> None:
    CHECKS[check](reference)


@pytest.mark.parametrize("check", CODE)
def test_empty_notebook_fails(check: str) -> None:
    with pytest.raises(KeyError):
        CHECKS[check]({})


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("autoencoder_latent_dim_fixed", "autoencoder.shapes"),
        ("autoencoder_linear_output", "autoencoder.range"),
        ("autoencoder_skip_connection", "autoencoder.composition"),
        ("autoencoder_latent_padded", "autoencoder.bottleneck"),
        ("autoencoder_unused_layer", "autoencoder.gradients"),
        ("autoencoder_noise_in_eval", "autoencoder.repeatable"),
        ("autoencoder_too_large", "autoencoder.size"),
        ("classifier_ten_classes_fixed", "classifier.shapes"),
        ("classifier_softmax", "classifier.raw_logits"),
        ("classifier_embedding_of_another_branch", "classifier.logits_from_embedding"),
        ("classifier_unused_layer", "classifier.gradients"),
        ("classifier_functional_dropout", "classifier.repeatable"),
        ("contrastive_squared_distances", "contrastive.value"),
        ("contrastive_sign_reversed", "contrastive.gradient"),
        ("contrastive_root_at_zero", "contrastive.coincident"),
        ("contrastive_mean_of_nothing", "contrastive.degenerate"),
        ("contrastive_margin_ignored", "contrastive.margin"),
        ("contrastive_digits_only", "contrastive.invariance"),
        ("contrastive_float32_inside", "contrastive.dtype_and_device"),
        ("threshold_no_epsilon", "threshold.extreme_images"),
        ("threshold_without_ink", "threshold.error_value"),
        ("threshold_population_deviation", "threshold.statistics"),
        ("threshold_rejects_equality", "threshold.rejection"),
        ("threshold_changes_labels", "threshold.inputs_unchanged"),
        ("evaluation_mean_of_batches", "evaluation.counts"),
        ("evaluation_rejected_left_out", "evaluation.both_kinds_of_error"),
        ("evaluation_zero_for_missing", "evaluation.missing_parts"),
        ("evaluation_stays_in_training_mode", "evaluation.eval_mode"),
        ("evaluation_device_ignored", "evaluation.device"),
        ("evaluation_records_gradients", "evaluation.no_gradients"),
    ],
)
def test_wrong_submission_fails(name: str, check: str, tmp_path: Path) -> None:
    patch = read_patch(HERE / "wrong" / f"{name}.toml")
    work = work_of(write_submission(patch, tmp_path / "work"))
    with pytest.raises((AssertionError, RuntimeError, TypeError)):
        CHECKS[check](work)


class TestAccuracy:
    """The reference with random weights, on images whose labels are what it says of them."""

    @pytest.fixture
    def work(self, reference: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
        rng = np.random.default_rng(0)
        images = rng.integers(256, size=(40, 28, 28)).astype(np.uint8)
        torch.manual_seed(0)
        networks = {name: reference[name.title()]().eval() for name in MODULES[:2]}
        pixels = torch.from_numpy(images[:, None].astype(np.float32) / 127.5 - 1)
        with torch.no_grad():
            drawn = networks["autoencoder"](pixels)[0]
            digits = networks["classifier"](pixels)[0].argmax(1)
        errors = (pixels - drawn).square().mean((1, 2, 3)) / (
            (pixels + 1).mean((1, 2, 3)) / 2 + 0.05
        )
        threshold = errors.median()
        tensors = {
            f"{name}.{key}": value
            for name, network in networks.items()
            for key, value in network.state_dict().items()
        }
        save_file({**tensors, "threshold": threshold}, tmp_path / "weights.safetensors")
        labels = torch.where(errors > threshold, 10, digits).numpy()
        families = np.where(labels == 10, np.where(np.arange(40) % 2, "odd", "even"), "digits")
        np.savez(tmp_path / "trial.npz", images=images, labels=labels, families=families)
        return {
            **reference,
            "WEIGHTS": str(tmp_path / "weights.safetensors"),
            "TRIAL": str(tmp_path / "trial.npz"),
            "TARGETS": dict.fromkeys(("known", "unknown", "worst_family"), 1.0),
        }

    @pytest.mark.parametrize("part", ["known", "unknown", "worst_family"])
    def test_right_labels_reach_the_target(self, part: str, work: dict[str, Any]) -> None:
        CHECKS[f"accuracy.{part}"](work)

    @pytest.mark.parametrize(
        ("part", "suffers"), [("known", {"known"}), ("odd", {"unknown", "worst_family"})]
    )
    def test_wrong_labels_cost_their_part(
        self, part: str, suffers: set[str], work: dict[str, Any]
    ) -> None:
        with np.load(work["TRIAL"]) as trial:
            arrays = dict(trial)
        if part == "known":
            is_known = arrays["labels"] != 10
            arrays["labels"][is_known] = (arrays["labels"][is_known] + 1) % 10
        else:  # a family of which the model rejects none
            kept = np.flatnonzero(arrays["labels"] != 10)
            arrays["labels"][kept[:2]], arrays["families"][kept[:2]] = 10, "odd"
        np.savez(work["TRIAL"], **arrays)
        for name in ("known", "unknown", "worst_family"):
            if name in suffers:
                with pytest.raises(AssertionError, match=r"expected 100\.0%"):
                    CHECKS[f"accuracy.{name}"](work)
            else:
                CHECKS[f"accuracy.{name}"](work)

    def test_weights_of_another_network_fail(self, work: dict[str, Any]) -> None:
        work["Classifier"] = lambda: torch.nn.Linear(2, 2)
        with pytest.raises(RuntimeError, match="state_dict"):
            CHECKS["accuracy.known"](work)


def test_as_many_steps_as_the_checks() -> None:
    """Fewer first steps of ours alone would flatter us."""
    assert autoencoder.ROUNDS == grader.checks.autoencoder.ROUNDS
    for name in ("ROUNDS", "SPREADING", "BEYOND", "FLAT"):
        assert getattr(classifier, name) == getattr(grader.checks.classifier, name)
    assert common.RATES == grader.patience.RATES

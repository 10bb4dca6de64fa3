"""How things are timed, counted and compared."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.sandbox import bwrap
from solutions.zoo.systems import a, b_trainings
from tests.benchmarks.comparison import contrastive, memory, metrics, parts, training
from tests.benchmarks.comparison.answering import Answering
from tests.benchmarks.comparison.classes import gains
from tests.benchmarks.comparison.grading import profile
from tests.benchmarks.comparison.inference import Predicting
from tests.benchmarks.comparison.products import counted, operations
from tests.benchmarks.comparison.ratios import RATIOS, judge
from tests.benchmarks.comparison.staged import command, stage, variables
from tests.benchmarks.comparison.timing import in_turn, quotients, rounded, spread, stopwatch

positive = st.floats(1e-6, 1e6)


class TestTiming:
    def test_takes_turns_and_changes_who_begins(self) -> None:
        order: list[str] = []

        def case(name: str, seconds: float) -> float:
            order.append(name)
            return seconds

        taken = in_turn({"a": lambda: case("a", 1), "b": lambda: case("b", 2)}, 3)
        assert order == ["a", "b", "b", "a", "a", "b"]
        assert taken == {"a": [1, 1, 1], "b": [2, 2, 2]}

    def test_first_call_is_not_timed_and_long_ones_are_not_repeated(self) -> None:
        calls: list[int] = []
        measure = stopwatch(lambda: calls.append(1))
        assert len(calls) == 1
        assert measure() >= 0
        assert len(calls) == 2

    def test_short_calls_are_repeated(self) -> None:
        calls: list[int] = []
        measure = stopwatch(lambda: calls.append(1), least_s=0.001)
        before = len(calls)
        measure()
        assert len(calls) - before > 1

    @given(st.lists(st.tuples(positive, positive), min_size=1, max_size=9), positive)
    def test_what_slows_both_sides_of_a_round_leaves_the_ratio(
        self, pairs: list[tuple[float, float]], slow: float
    ) -> None:
        ours, theirs = (list(side) for side in zip(*pairs, strict=True))
        slowed = quotients([slow * ours[0], *ours[1:]], [slow * theirs[0], *theirs[1:]])
        assert slowed == pytest.approx(quotients(ours, theirs), rel=2e-3)

    @given(st.lists(positive, min_size=1))
    def test_median_lies_between_low_and_high(self, values: list[float]) -> None:
        found = spread(values)
        assert found["low"] <= found["median"] <= found["high"]

    def test_four_digits_count(self) -> None:
        assert [rounded(v) for v in (123456.0, 0.000123456, 0.0)] == [123500.0, 0.0001235, 0.0]


class TestProjection:
    def test_b_sees_55_000_digits_300_times_in_batches_of_200(self) -> None:
        for part in b_trainings.FINAL.parts:
            assert training.projected(0.5, 55_000, part) == 0.5 * 275 * 300

    def test_a_sees_them_20_times_in_batches_of_1024(self) -> None:
        assert training.projected(2.0, 55_000, a.MULTITASK) == 2.0 * 53 * 20

    def test_accuracies_count_on_both_sides(self) -> None:
        wanted = {"known": 0.9, "unknown": 0.8}
        assert training.reached({"known": 0.9, "unknown": 0.8}, wanted)
        assert not training.reached({"known": 0.95, "unknown": 0.79}, wanted)

    def test_published_pairs_are_shares(self) -> None:
        pairs = [training._published(name) for _, name in training.SYSTEMS.values()]
        assert pairs == [
            {"known": 0.9661, "unknown": 0.9745},
            {"known": 0.9624, "unknown": 0.9542},
        ]

    def test_without_mnist_says_so(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("OSR_DATA", str(tmp_path))
        assert "no MNIST" in training.measure(quick=True)["skipped"]


class TestSame:
    def test_ours_and_the_plain_formula_agree(self) -> None:
        contrastive.require_same(contrastive.ours, contrastive.plain, *contrastive.draw(20))

    def test_both_kinds_of_pairs_count(self) -> None:
        embeddings, _ = contrastive.draw(40)
        distances = torch.pdist(embeddings.detach())
        assert (distances < contrastive.MARGIN).any()
        assert (distances > contrastive.MARGIN).any()

    def test_another_loss_is_not_timed(self) -> None:
        with pytest.raises(GraderError, match="differ"):
            contrastive.require_same(
                contrastive.ours, lambda e, y: 2 * contrastive.ours(e, y), *contrastive.draw(20)
            )

    def test_tails_agree_with_scipy(self) -> None:
        tails = metrics.draw_tails(2)
        metrics.require_same(
            "Weibull", lambda: metrics.our_tails(tails), lambda: metrics.scipys_tails(tails)
        )

    def test_another_number_is_not_timed(self) -> None:
        with pytest.raises(GraderError, match="AUPR"):
            metrics.require_same("AUPR", lambda: (0.5,), lambda: (0.51,))

    def test_scikit_learns_lines_agree(self) -> None:
        known, unknown, _ = metrics.draw(200)
        for what, _, ours, theirs, _ in metrics._against_scikit_learn(known, unknown):
            metrics.require_same(what, ours, theirs)


class TestArithmetic:
    def test_counts_what_a_product_takes(self) -> None:
        left, right = torch.ones(8, 8), torch.ones(8, 8)
        assert counted(lambda: left @ right) == operations(8) == 1024

    def test_predictions_are_labels(self) -> None:
        images = torch.zeros(3, 1, 28, 28)
        for dtype in (torch.float32, torch.bfloat16):
            labels = Predicting()(images, dtype)
            assert labels.shape == (3,)
            assert set(labels.tolist()) <= set(range(11))


class TestProcesses:
    ANSWERS = "import sys; print(0, flush=True)\nfor _ in sys.stdin: print(1.5, flush=True)"

    def test_answers_each_time_and_ends_with_its_asker(self, tmp_path: Path) -> None:
        command = [sys.executable, "-c", self.ANSWERS]
        with Answering(command, tmp_path, dict(os.environ)) as asked:
            assert [asked(), asked()] == [1.5, 1.5]
        with pytest.raises(ProcessLookupError):
            os.kill(asked.pid, 0)

    def test_one_that_fails_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(GraderError, match="ended early"):
            Answering([sys.executable, "-c", ""], tmp_path, dict(os.environ))

    @pytest.mark.parametrize(
        ("words", "is_child", "kind"),
        [
            (["/usr/bin/bwrap", "--ro-bind", "/", "--", "python", "-I", "-S"], True, "helpers"),
            (["/x/python", "-I", "-S", "-B", "/box"], False, "worker"),
            (["/x/python", "-I", "-S", "-B", "-", "/box"], True, "warmed"),
            (["/x/python", "-I", "-S", "-B", "-", "/box"], False, "worker"),
            (["/x/python3", "-m", "tests"], True, "grader"),
            ([], False, "helpers"),
        ],
    )
    def test_kinds(self, words: list[str], is_child: bool, kind: str) -> None:
        assert kind in memory.kind_of(words, is_child, "grader")

    def test_memory_that_a_process_takes_is_seen(self) -> None:
        with memory.Watch(os.getpid(), "us") as watch:
            taken = np.ones(20_000_000, dtype=np.uint8)
            while not watch.total_rss:
                pass
        assert watch.total_rss > taken.nbytes
        assert watch.peaks["us"] <= watch.total <= watch.total_rss

    def test_profile_of_a_grade_adds_up(self) -> None:
        ways = {
            "import torch": 2.0, "bare, cold": 5.0, "bare, warm": 1.0,
            "plain, cold": 6.0, "bwrap, cold": 6.5, "bwrap, warm": 1.25,
        }  # fmt: skip
        said = "; ".join(profile(ways))
        assert "pytest 2.0 s" in said
        assert "wire 0.25 s" in said
        assert "worker's 1.5 s" in said

    def test_gains_of_cores(self) -> None:
        batches = [
            {"submissions": n, "jobs": j, "wall_s": 10.0 * n / j} for n in (2, 4) for j in (1, 2)
        ]
        assert gains(batches) == {"2": 2.0, "4": 2.0}


@pytest.mark.slow
class TestMeasuring:
    def test_bare_checks_pass_the_reference_and_stop_at_a_lost_one(self, tmp_path: Path) -> None:
        folder = stage(tmp_path / "staged")

        def bare() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                command("bare", "threshold"), cwd=folder, env=variables(),
                capture_output=True, text=True, check=False,
            )  # fmt: skip

        assert float(bare().stdout) > 0
        file = folder / "assignment" / "threshold.py"
        file.write_text(file.read_text().replace("errors > threshold", "errors >= threshold"))
        done = bare()
        assert done.returncode == 1
        assert "threshold.rejection: failed" in done.stderr

    def test_guard_measures_every_ratio_that_the_machine_can_have(self) -> None:
        found = parts.measured_apart("guard", quick=True)
        lacks = {"warm_grade"} if bwrap.why_not() else set()
        ratios = found["found"]["ratios"]
        assert set(ratios) == set(RATIOS) - lacks
        assert all(ratio["low"] > 0 for ratio in ratios.values())
        assert not any(verdict.slower for verdict in judge(ratios, ratios))

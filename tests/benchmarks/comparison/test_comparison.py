from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader.errors import GraderError, UsageError
from grader.sandbox import bwrap
from solutions.zoo.systems import a, b_trainings
from tests.benchmarks import __main__ as commands
from tests.benchmarks.comparison import contrastive, memory, metrics, page, parts, targets, training
from tests.benchmarks.comparison.answering import Answering
from tests.benchmarks.comparison.classes import gains
from tests.benchmarks.comparison.grading import profile
from tests.benchmarks.comparison.inference import Predicting
from tests.benchmarks.comparison.picture import draw
from tests.benchmarks.comparison.products import counted, operations
from tests.benchmarks.comparison.raced import raced
from tests.benchmarks.comparison.ratios import RATIOS, judge, table
from tests.benchmarks.comparison.row import row
from tests.benchmarks.comparison.staged import command, stage, variables
from tests.benchmarks.comparison.timing import in_turn, quotients, rounded, spread, stopwatch

MACHINE = {
    "platform": "a system",
    "processor": "a processor",
    "cores": 2,
    "python": "3.11.7",
    "versions": {"torch": "2.13.0"},
}
THROUGHPUT = Path(page.HERE / "throughput.json")
positive = st.floats(1e-6, 1e6)


def times(value: float) -> dict[str, float]:
    return {"median": value, "low": value / 2, "high": value * 2}


def trained(seconds: float, known: float, unknown: float) -> dict[str, Any]:
    return {
        "recipe": {},
        "precision": "float32",
        "seconds": times(seconds),
        "known": known,
        "unknown": unknown,
    }


def beside(name: str) -> dict[str, Any]:
    return {"rows": [row(f"{name}, batch 3", [1.0, 2.0], "a library 1.0", [3.0, 8.0], "a note")]}


FOUND: dict[str, Any] = {
    "training": {
        "threads": 2,
        "rounds": 1,
        "ours": {"quick": trained(5, 0.97, 0.98), "full": trained(20, 0.985, 0.9949)},
        "systems": {
            name: {
                "seconds": times(50_000),
                "projected_from": "10 steps",
                "projected_to": "a network: 300 epochs of 275 steps",
                "published": {"known": 0.9661, "unknown": 0.9745},
                "times_as_slow": {"quick": 10_000, "full": 2500},
            }
            for name in ("b", "a")
        },
        "profile": ["convolution 40 %"],
    },
    "contrastive": beside("loss"),
    "metrics": beside("AUROC"),
    "grade": {
        "tasks": ["contrastive"],
        "ways": {"bare, cold": {"how": "pytest", "seconds": times(2)}},
        "ratios": {"plain, cold / bare, cold": times(1.25), "bwrap, cold / bare, cold": times(2)},
        "overhead_s": times(0.25),
        "profile": ["import torch 2 s"],
    },
    "memory": {
        "limit_mb": 768,
        "ways": {
            "plain, cold": {"total_mb": 300, "total_rss_mb": 400, "peaks_mb": {"worker": 200}}
        },
    },
    "scaling": {
        "batches": [
            {"submissions": 10, "jobs": 1, "wall_s": 20.0, "wall_s_each": 2.0, "cpu_s_each": 1.5}
        ],
        "gain_of_cores": {"10": 1.8},
    },
    "inference": {
        "images": 1000,
        "chunk": 500,
        "threads": 2,
        "megaflop_an_image": 2.482,
        "rates": {
            "float32": {
                "images_a_second": 12_345.6,
                "products_gflops": 100.0,
                "share_of_products": 0.28,
            }
        },
    },
    "load": {
        "busy_processes": 2,
        "submissions": 12,
        "timed_out": ["someone: contrastive.value"],
        "lost": [],
    },
    "startup": {
        "rounds": 5,
        "rows": {"watch, plain, threshold.py saved": times(0.5)},
        "threshold_s": 1.5,
        "watch_s": 0.5,
    },
    "guard": {"ratios": {"help": times(10)}, "rounds": 3, "threads": 1},
}


def comparison(quick: bool = False, **found: Any) -> dict[str, Any]:
    about = {
        "command": "python -m tests.benchmarks compare",
        "quick": quick,
        "measured_at": "2026-11-22",
        "machine": MACHINE,
        "load_before": 0.1,
        "took_s": 1.0,
    }
    every = {
        **FOUND,
        "throughput": json.loads(THROUGHPUT.read_text(encoding="utf-8")),
        **found,
    }
    return {
        "schema": parts.SCHEMA,
        "parts": {name: {**about, "found": every[name]} for name in parts.PARTS},
    }


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


class TestParts:
    def test_every_part_has_its_function_and_its_section(self) -> None:
        assert set(parts.PARTS) == set(page.SECTIONS)

    def test_keeps_the_other_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parts, "measured_apart", lambda name, quick: {"took_s": 1, "found": 2})
        before = {"parts": {"load": {"found": 1}, "grade": {"found": 1}}}
        found = parts.compare(["grade"], False, "again", lambda _: None, before)
        assert found["schema"] == parts.SCHEMA
        assert found["parts"]["load"] == {"found": 1}
        assert found["parts"]["grade"]["found"] == 2
        assert found["parts"]["grade"]["command"] == "again"

    def test_takes_over_a_race(self) -> None:
        part = raced(THROUGHPUT)
        found = parts.compare(["throughput"], False, "", lambda _: None, given={"throughput": part})
        assert found["parts"]["throughput"]["measured_at"] == part["found"]["measured_at"]

    def test_refuses_another_file(self, tmp_path: Path) -> None:
        other = tmp_path / "other.json"
        other.write_text("{}")
        with pytest.raises(UsageError, match="not of schema osr-throughput/1"):
            raced(other)


class TestTargets:
    def judged(self, **found: Any) -> dict[str, targets.Judged]:
        every = targets.judge(comparison(**found)["parts"], {"full": "too slow a recipe"})
        return {judged.target.id: judged for judged in every}

    def test_each_of_the_issue_is_there_once(self) -> None:
        ids = [target.id for target in targets.TARGETS]
        assert len(ids) == len(set(ids))
        assert set(targets.reasons()) <= set(ids)
        assert {target.part for target in targets.TARGETS} <= set(parts.PARTS)

    def test_met_and_missed(self) -> None:
        judged = self.judged()
        met = {id_: each.met for id_, each in judged.items()}
        assert met["b_pair"] is met["b_times"] is met["overhead"] is met["memory_plain"] is True
        assert met["full"] is met["grade_bwrap"] is met["nbgrader"] is met["load"] is False
        assert met["memory_bwrap"] is None

    def test_a_miss_says_why_in_our_words_and_with_the_profile(self) -> None:
        assert self.judged()["full"].why == "too slow a recipe. convolution 40 %"
        assert self.judged()["b_pair"].why == ""

    def test_a_time_without_the_accuracies_meets_nothing(self) -> None:
        quick = trained(1, 0.9662, 0.9744)
        found = {**FOUND["training"], "ours": {**FOUND["training"]["ours"], "quick": quick}}
        judged = self.judged(training=found)["b_pair"]
        assert judged.met is False
        assert judged.why.startswith("the accuracies are not reached: 96.62% known, 97.44%")

    def test_what_was_skipped_is_neither(self) -> None:
        judged = self.judged(training={"skipped": "no MNIST"})["b_pair"]
        assert (judged.value, judged.met, judged.why) == (None, None, "no MNIST")

    def test_what_was_not_measured_is_neither(self) -> None:
        assert all(judged.met is None for judged in targets.judge({}, {}))


class TestPage:
    def test_has_a_section_for_each_part_and_each_target(self) -> None:
        text = page.rendered(comparison(), {})
        for part in parts.PARTS.values():
            assert f"\n## {part.title}\n" in text
        for target in targets.TARGETS:
            assert target.says in text
        assert "**projected**" in text
        assert "--quick" not in text
        assert text.count("a system") == 1  # parts that were measured together share a line

    def test_rows_have_as_many_cells_as_their_head(self) -> None:
        head = 0
        for line in page.rendered(comparison(), {}).splitlines():
            cells = line.count("|") if line.startswith("|") else 0
            assert not (head and cells) or cells == head, line
            head = cells

    def test_quick_figures_are_called_that(self) -> None:
        assert "figures mean little" in page.rendered(comparison(quick=True), {})

    def test_units_fit_the_numbers(self) -> None:
        said = [page._seconds(times(value)) for value in (36_000, 50, 0.02, 3e-6)]
        assert [text.split()[-1] for text in said] == ["h", "s", "ms", "µs"]
        assert said[0] == "10 (5 to 20) h"
        assert page._number(123_456) == "123,000"

    def test_reads_only_its_own_schema(self, tmp_path: Path) -> None:
        path = tmp_path / "comparison.json"
        assert page.read(path) is None
        for text in ("[]", "{", '{"schema": "osr-comparison/0"}'):
            path.write_text(text)
            with pytest.raises(UsageError, match="measure again"):
                page.read(path)

    def test_picture_shows_every_peer(self) -> None:
        bars = dict(page.bars(comparison()["parts"]))
        assert bars["a grade, bwrap, cold, beside bare pytest"] == 0.5
        assert bars["training, beside b's recipe"] == 10_000
        assert draw(list(bars.items())).startswith(b"\x89PNG")


class TestGuard:
    def test_faster_and_a_little_slower_is_fine(self) -> None:
        committed = {name: times(1.0) for name in RATIOS}
        for factor in (0.1, 1, 2):
            now = {name: times(factor) for name in RATIOS}
            assert not any(verdict.slower for verdict in judge(now, committed))

    @pytest.mark.parametrize("name", RATIOS)
    def test_much_slower_is_named(self, name: str) -> None:
        committed = {each: times(1.0) for each in RATIOS}
        now = {**committed, name: times(2.1 * RATIOS[name].bound)}  # low is half of it
        assert [v.name for v in judge(now, committed) if v.slower] == [name]

    def test_one_slow_round_is_noise(self) -> None:
        now = {"help": {"low": 1.0, "median": 50.0, "high": 90.0}}
        assert not any(verdict.slower for verdict in judge(now, {"help": times(1.0)}))

    def test_what_a_machine_lacks_is_said_and_costs_nothing(self) -> None:
        verdicts = judge({"help": times(1.0)}, {"warm_grade": times(1.0)})
        said = {row[0]: row[-1] for row in table(verdicts)}
        assert said[RATIOS["help"].says] == "nothing to compare with"
        assert said[RATIOS["warm_grade"].says] == "not on this machine"
        assert not any(verdict.slower for verdict in verdicts)

    def test_what_can_be_measured_everywhere_and_was_not_is_a_fault(self) -> None:
        verdicts = judge({}, {"grade": times(1.0)})
        assert [verdict.name for verdict in verdicts if verdict.slower] == ["grade"]
        assert {row[0]: row[-1] for row in table(verdicts)}[RATIOS["grade"].says] == "not measured"


class TestCommands:
    def run(self, *words: str) -> Any:
        return CliRunner().invoke(commands.app, list(words))

    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        ratios: dict[str, Any] = {"help": times(10)}
        found = {"found": {"ratios": ratios}}
        monkeypatch.setattr(parts, "measured_apart", lambda name, quick: found)
        return ratios

    def test_guard_exits_with_1_and_names_what_is_slower(
        self, now: dict[str, Any], tmp_path: Path
    ) -> None:
        path = tmp_path / "comparison.json"
        path.write_text(json.dumps(comparison()))
        assert self.run("guard", "--against", str(path)).exit_code == 0
        now["help"] = times(100)
        done = self.run("guard", "--against", str(path))
        assert done.exit_code == 1
        assert f"slower: {RATIOS['help'].says}" in done.stderr

    def test_guard_without_committed_figures_says_so(self, tmp_path: Path) -> None:
        done = self.run("guard", "--against", str(tmp_path / "comparison.json"))
        assert done.exit_code == 0
        assert "nothing is committed" in done.stdout

    def test_page_is_checked(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        data = comparison()
        monkeypatch.setattr(page, "README", tmp_path / "README.md")
        monkeypatch.setattr(page, "PICTURE", tmp_path / "comparison.png")
        monkeypatch.setattr(page, "read", lambda: data)
        assert self.run("page", "--check").exit_code == 1
        assert self.run("page").exit_code == 0
        assert self.run("page", "--check").exit_code == 0
        assert (tmp_path / "comparison.png").stat().st_size > 1000
        data["parts"]["load"]["found"] = {**FOUND["load"], "timed_out": []}
        assert self.run("page", "--check").exit_code == 1

    def test_page_without_figures_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(page, "read", lambda: None)
        done = self.run("page", "--check")
        assert done.exit_code == 0
        assert "nothing is committed" in done.stdout

    def test_committed_page_is_up_to_date(self) -> None:
        assert self.run("page", "--check").exit_code == 0

    def test_a_part_that_fails_costs_no_other(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def measured(name: str, quick: bool) -> dict[str, Any]:
            if name == "metrics":
                raise GraderError("pytorch_ood is not installed")
            return {"took_s": 1.0, "found": {}}

        monkeypatch.setattr(parts, "measured_apart", measured)
        out = tmp_path / "comparison.json"
        done = self.run("compare", "--out", str(out))
        assert done.exit_code == 3
        assert "not measured: metrics: pytorch_ood is not installed" in done.stderr
        written = json.loads(out.read_text())["parts"]
        assert list(written) == [name for name in parts.PARTS if name != "metrics"]

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["--only", "weather"], "there is no such part"),
            (["--out", "/nowhere/at/all.json"], "there is no folder"),
        ],
    )
    def test_bad_options_are_a_line(self, words: list[str], says: str) -> None:
        done = self.run("compare", *words)
        assert done.exit_code == 2
        assert says in done.stderr

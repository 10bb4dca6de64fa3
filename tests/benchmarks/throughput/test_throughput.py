from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from typer.testing import CliRunner

from grader.errors import GraderError
from grader.intake.names import MODULES, WEIGHTS
from tests.benchmarks.__main__ import app
from tests.benchmarks.throughput import nbgrader, otter, ours
from tests.benchmarks.throughput.handed_in import (
    NETWORKS,
    Submission,
    draw_class,
    hand_in,
    is_fit_for_all,
)
from tests.benchmarks.throughput.heat import Command, Heat, run
from tests.benchmarks.throughput.notebook import without_relative_imports
from tests.benchmarks.throughput.report import agreement, extrapolated
from tests.submissions.patches import HERE, Patch, read_patch, read_patches

POINTS = {"contrastive.value": 8, "contrastive.margin": 2}


class TestClass:
    @pytest.mark.parametrize("count", [2, 7, 60, 300])
    def test_half_is_right(self, count: int) -> None:
        drawn = draw_class(count, seed=1)
        assert len(drawn) == count
        assert sum(bool(patch.fails) for patch in drawn) == count // 2
        assert all(map(is_fit_for_all, drawn))

    def test_is_the_same_again_and_another_with_another_seed(self) -> None:
        names = [[patch.name for patch in draw_class(20, seed)] for seed in (0, 0, 1)]
        assert names[0] == names[1] != names[2]

    def test_nobody_comes_twice_while_others_wait(self) -> None:
        names = [patch.name for patch in draw_class(80, seed=0)]
        assert len(set(names)) == 80

    @pytest.mark.parametrize(
        "name",
        ["helper_modules_beside", "prints_seeds_and_a_demo", "contrastive_loop_over_pairs"],
    )
    def test_what_breaks_a_peer_stays_out(self, name: str) -> None:
        (patch,) = (p for k in ("correct", "wrong") for p in read_patches(k) if p.name == name)
        assert not is_fit_for_all(patch)

    def test_no_two_are_alike_and_all_have_weights(self, tmp_path: Path) -> None:
        weights = tmp_path / "some.safetensors"
        weights.write_bytes(b"numbers")
        patch = next(p for p in read_patches("wrong") if not p.touched & NETWORKS)
        class_ = hand_in([patch, patch], tmp_path / "in", weights, jobs=1)
        one, other = (each.folder for each in class_)
        assert [each.student for each in class_] == ["s001", "s002"]
        assert (one / "evaluation.py").read_text() != (other / "evaluation.py").read_text()
        assert {(folder / WEIGHTS).read_bytes() for folder in (one, other)} == {b"numbers"}
        assert sorted(file.name for file in (tmp_path / "in").iterdir()) == ["s001", "s002"]

    @pytest.mark.slow
    def test_other_networks_have_weights_of_their_own(self, tmp_path: Path) -> None:
        weights = tmp_path / "some.safetensors"
        weights.write_bytes(b"numbers")
        kinds = {"correct": "classifier_two_layer_head", "wrong": "autoencoder_no_super_init"}
        patches = [read_patch(HERE / kind / f"{name}.toml") for kind, name in kinds.items()]
        trained, untrainable = hand_in(patches, tmp_path / "in", weights, jobs=2)
        assert "classifier.centres" in load_file(trained.folder / WEIGHTS)
        assert (untrainable.folder / WEIGHTS).read_bytes() == b"numbers"


class TestNotebook:
    def test_relative_imports_go_and_lines_stay(self) -> None:
        source = '"""Doc."""\nfrom .a import (\n    b,\n    c,\n)\nimport torch\nfrom d import e\n'
        kept = without_relative_imports(source)
        assert [ast.unparse(node) for node in ast.parse(kept).body[1:]] == [
            "import torch",
            "from d import e",
        ]
        assert len(kept.splitlines()) == len(source.splitlines())


class TestWhatWasLost:
    def test_otter(self) -> None:
        tests = [
            {"name": "Public Tests", "output": ""},
            {"name": "contrastive.value", "score": 8.0},
        ]
        assert otter._lost({"tests": tests}, POINTS) == {"contrastive.margin"}

    def test_otter_without_the_score(self) -> None:
        tests = [{"name": name, "score": 0.0} for name in POINTS]
        assert otter._lost({"tests": tests}, POINTS) == set(POINTS)

    @pytest.mark.parametrize(
        ("ran", "outputs", "lost"),
        [
            (1, [], set()),
            (1, [{"output_type": "stream"}], set()),
            (1, [{"output_type": "stream"}, {"output_type": "error"}], {"contrastive.value"}),
            (None, [], {"contrastive.value"}),
        ],
    )
    def test_nbgrader(self, ran: int | None, outputs: list[Any], lost: set[str]) -> None:
        made = nbgrader._cells(["pass"] * len(MODULES), POINTS)
        for cell in made:
            cell["execution_count"] = 1
        value = next(cell for cell in made if cell["id"] == "contrastive-value")
        value["execution_count"], value["outputs"] = ran, outputs
        assert nbgrader._lost({"cells": made}, POINTS) == lost

    def test_nbgrader_without_the_cells(self) -> None:
        assert nbgrader._lost({"cells": []}, POINTS) == set(POINTS)

    def test_ours(self) -> None:
        checks = [
            {"id": "contrastive.value", "status": "failed"},
            {"id": "contrastive.margin", "status": "passed"},
        ]
        record = {"status": "graded", "tasks": [{"checks": checks}]}
        assert ours._lost(record) == {"contrastive.value"}

    def test_ours_that_broke_is_no_measurement(self) -> None:
        record = {"status": "grader_error", "submission": {"name": "s001"}, "tasks": []}
        with pytest.raises(GraderError, match="s001"):
            ours._lost(record)


class TestHeat:
    def test_all_commands_run_and_cpu_is_counted(self, tmp_path: Path) -> None:
        write = (
            "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(str(sum(range(50_000_000))))"
        )
        commands = [
            Command([sys.executable, "-c", write, name], tmp_path, {}, 60) for name in ("a", "b")
        ]
        lost = dict.fromkeys(("a", "b"), frozenset[str]())
        result, read = run(Heat("how", commands, lambda: lost), jobs=2)
        assert sorted(file.name for file in tmp_path.iterdir()) == ["a", "b"]
        assert (result.submissions, read) == (2, lost)
        assert result.cpu_s > 0
        assert result.per_minute == pytest.approx(120 / result.wall_s)

    def test_failure_says_what_was_said(self, tmp_path: Path) -> None:
        command = Command([sys.executable, "-c", "raise SystemExit('no room')"], tmp_path, {}, 60)
        with pytest.raises(GraderError, match=r"exit code 1: no room"):
            command.run()

    def test_end_of_patience(self, tmp_path: Path) -> None:
        command = Command([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, {}, 0.2)
        with pytest.raises(GraderError, match=r"not done after 0.2 s"):
            command.run()


class TestReport:
    @given(start=st.floats(0, 100), each=st.floats(0.1, 20))
    def test_extrapolation_continues_a_line(self, start: float, each: float) -> None:
        small, large = ({"submissions": n, "wall_s": start + each * n} for n in (10, 60))
        found = extrapolated(small, large, 300)
        assert found["wall_s_each"] == pytest.approx((start + 300 * each) / 300, abs=1e-3)
        assert found["extrapolated"]

    def test_agreement_looks_at_code_alone(self) -> None:
        right, wrong = Patch("r", "why"), Patch("w", "why", fails={"contrastive.value": "failed"})
        who = [Submission(Path(f"s{k}"), p) for k, p in enumerate((right, right, wrong, wrong))]
        lost = {
            "s0": frozenset({"accuracy.known"}),
            "s1": frozenset({"contrastive.margin"}),
            "s2": frozenset({"contrastive.value"}),
            "s3": frozenset[str](),
        }
        assert agreement(lost, who) == {
            "right": 2, "right_passed": 1, "wrong": 2, "wrong_caught": 1,
        }  # fmt: skip


class TestCommand:
    def test_help_says_what_it_installs(self) -> None:
        said = CliRunner().invoke(app, ["throughput", "--help"], env={"COLUMNS": "200"})
        assert said.exit_code == 0
        assert "installed once into build/peers" in said.output

    def test_a_class_of_one_is_refused(self) -> None:
        assert CliRunner().invoke(app, ["throughput", "--submissions", "1"]).exit_code == 2

    def test_folder_that_is_not_there_is_refused_at_once(self, tmp_path: Path) -> None:
        place = tmp_path / "none" / "out.json"
        said = CliRunner().invoke(app, ["throughput", "--out", str(place)])
        assert said.exit_code == 2
        assert "there is no folder" in said.output

"""What is made of figures: targets, the page, the guard, the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grader.errors import GraderError, UsageError
from tests.benchmarks import __main__ as commands
from tests.benchmarks.comparison import page, parts, targets
from tests.benchmarks.comparison.made_up import (
    FOUND,
    THROUGHPUT,
    comparison,
    times,
    trained,
)
from tests.benchmarks.comparison.picture import draw
from tests.benchmarks.comparison.raced import raced
from tests.benchmarks.comparison.ratios import RATIOS, judge, table


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

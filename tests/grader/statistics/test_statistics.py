"""The figures, against what Python's own `statistics` says and against counts by hand."""

from __future__ import annotations

import json
import math
import statistics
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.statistics.checks import check_statistics, diagnosis
from grader.statistics.distribution import distribute
from grader.statistics.flags import collect_flags, without_suffix
from grader.statistics.rows import Row, split
from grader.statistics.summary import summarise, to_json
from tests.grader.statistics.records import METRICS, check, record, with_sha

POINTS = st.lists(st.floats(0, 100), min_size=2, max_size=40)


def row(student: str, made: dict[str, Any], **changes: Any) -> Row:
    score = made["score"] if made["status"] == "graded" else None
    return Row(**{"student": student, "name": "", "source": student, "record": made,
                  "score": score, **changes})  # fmt: skip


class TestDistribution:
    @given(POINTS)
    def test_agrees_with_pythons_own(self, values: list[float]) -> None:
        made = distribute(values, 100)
        assert made.mean == pytest.approx(statistics.fmean(values), abs=1e-9)
        assert made.deviation == pytest.approx(statistics.stdev(values), abs=1e-6)
        assert made.quantiles is not None
        assert made.quantiles[1:4] == pytest.approx(
            statistics.quantiles(values, n=4, method="inclusive"), abs=1e-9
        )

    @given(st.lists(st.floats(0, 120)))
    def test_every_value_is_in_one_bin(self, values: list[float]) -> None:
        made = distribute(values, 100)
        assert sum(made.bins) == made.count == len(values)
        assert made.edges[0] == 0
        assert made.edges[-1] == 100

    def test_bins_are_open_above_but_for_the_last(self) -> None:
        assert distribute([0, 9.9, 10, 100, 130], 100).bins == (2, 1, 0, 0, 0, 0, 0, 0, 0, 2)

    def test_nothing_gives_no_figures(self) -> None:
        for values in ([], [math.nan]):
            made = distribute(values)
            assert (made.count, made.mean, made.quantiles) == (0, None, None)

    def test_one_value_has_no_deviation(self) -> None:
        assert distribute([3.0]).deviation is None


class TestDiagnosis:
    def test_rubrics_cause_counts(self) -> None:
        text = "value is 0.3, expected 4. Likely cause: the margin's sign is reversed"
        assert diagnosis(check("a", "failed", 0, text)) == "the margin's sign is reversed"

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("it is 3, expected 4.25", "it is -1e-07, expected 4"),
            ("shape (12, 784)", "shape (3, 1, 28, 28)"),
            ("97.00 % of the digits", "8 % of the digits"),
            ("the loss is nan", "the loss is 0.5"),
        ],
    )
    def test_numbers_do_not_tell_mistakes_apart(self, one: str, other: str) -> None:
        first, second = (diagnosis(check("a", "failed", 0, text)) for text in (one, other))
        assert first == second
        assert "#" in first

    def test_numbers_in_names_do(self) -> None:
        one, other = (diagnosis(check("a", "error", 0, f"NameError: Conv{n}d")) for n in (1, 2))
        assert one != other

    @given(st.text())
    def test_any_message_gives_one_printable_line(self, message: str) -> None:
        made = diagnosis(check("a", "error", 0, message))
        assert made
        assert len(made.splitlines()) == 1
        assert "\x1b" not in made

    def test_commonest_comes_first(self) -> None:
        messages = ["it is 3", "it is 4", "another"]
        made = check_statistics(
            [record(check("a", "failed", 0, text)) for text in messages] + [record(check("a"))]
        )
        assert made[0].diagnoses == (("it is #", 2), ("another", 1))
        assert made[0].pass_rate == 0.25
        assert made[0].share == 0.25

    def test_partial_points_count_as_earned_and_not_as_passed(self) -> None:
        (made,) = check_statistics([record(check("a", "partial", 1.0)), record(check("a"))])
        assert (made.pass_rate, made.share) == (0.5, 0.75)

    def test_graders_fault_is_nobodys_failure(self) -> None:
        made = check_statistics([record(check("a", "grader_error", 0)), record(check("a"))])
        assert (made[0].count, made[0].pass_rate) == (1, 1.0)


class TestRows:
    STATUSES = ("graded", "unusable", "grader_error", "who knows")

    @given(st.lists(st.tuples(st.sampled_from(STATUSES), st.booleans())))
    def test_everyone_is_counted_once(self, kinds: list[tuple[str, bool]]) -> None:
        rows = [
            row(str(n), record(status=status, not_run=["hidden test data", *["threshold"] * part]))
            for n, (status, part) in enumerate(kinds)
        ]
        made = split(rows)
        assert sorted(r.student for r in made.everyone) == sorted(r.student for r in rows)
        assert len(made.whole) == sum(kind == ("graded", False) for kind in kinds)

    def test_part_of_the_tasks_is_in_the_tasks_and_not_in_the_total(self) -> None:
        rows = [row("a", record()), row("b", record(not_run=["accuracy"]))]
        made = summarise(rows)
        assert made.total.points.count == 1
        assert made.tasks[0].points.count == 2

    def test_adjusted_score_is_in_the_total(self) -> None:
        made = summarise([row("a", record(), score=1.5)])
        assert made.total.points.mean == 1.5
        assert made.tasks[0].points.mean == 2

    @pytest.mark.parametrize("status", ["unusable", "grader_error"])
    def test_ungraded_class_has_flags_and_no_figures(self, status: str) -> None:
        made = summarise([row("a", record(status=status, metrics=None))])
        assert made.total.points.mean is None
        assert not made.checks
        assert not made.accuracies
        assert [flag.student for flag in made.flags] == ["a"]


class TestAccuracy:
    def test_students_on_other_data_are_apart(self) -> None:
        rows = [
            row("a", record()), row("b", record(data="mnist")), row("c", record()),
            row("d", record(tier="hidden")), row("e", record(metrics=None)),
        ]  # fmt: skip
        made = summarise(rows).accuracies
        found = {(g.data, g.tier): [s.student for s in g.students] for g in made}
        assert found == {
            ("digits", "public"): ["a", "c"], ("digits", "hidden"): ["d"],
            ("mnist", "public"): ["b"],
        }  # fmt: skip
        assert made[0].data == "digits"

    def test_published_systems_stand_beside_mnist_alone(self) -> None:
        made = summarise([row("a", record()), row("b", record(data="mnist"))]).accuracies
        assert {group.data: bool(group.published) for group in made} == {
            "digits": False, "mnist": True,
        }  # fmt: skip


class TestFlags:
    MEMORISED: ClassVar = {
        "public_known_accuracy": 0.99, "hidden_known_accuracy": 0.5, "limit": 0.05,
    }  # fmt: skip

    def test_memorisation_and_other_flags_are_told_apart(self) -> None:
        from grader.record import Memorisation

        text = Memorisation(**self.MEMORISED).flag
        made = record(memorisation=self.MEMORISED, flags=[text, "graded without a sandbox"])
        kinds = {flag.kind: flag.text for flag in collect_flags([row("a", made)])}
        assert kinds == {"memorisation": text, "grading": "graded without a sandbox"}

    def test_same_files_are_flagged_unless_worth_nothing(self) -> None:
        rows = [
            row("a", record(**with_sha("1"))), row("b", record(**with_sha("1"))),
            row("c", record(**with_sha("2"))),
            *(row(n, record(check("a", "failed", 0), **with_sha("3"))) for n in "de"),
        ]  # fmt: skip
        flags = collect_flags(rows)
        assert {flag.student for flag in flags if flag.kind == "identical"} == {"a", "b"}

    @pytest.mark.parametrize("name", ["ann.zip", "ann", "s1"])
    def test_report_of_similarity_finds_its_student(self, name: str) -> None:
        made = collect_flags([row("s1", record(), source="ann.zip")], {name: ["like bob"]})
        assert [(flag.kind, flag.text) for flag in made] == [("similarity", "like bob")]

    def test_archives_lose_their_whole_ending(self) -> None:
        names = ("a.tar.gz", "b.ZIP", "c.tgz", "d", "e.v2")
        assert [*map(without_suffix, names)] == ["a", "b", "c", "d", "e.v2"]


def test_json_is_strict_and_whole() -> None:
    rows = [
        row("a", record(metrics=METRICS | {"auroc": None})),
        row("b", record(status="unusable")),
    ]
    text = json.dumps(to_json(summarise(rows)), allow_nan=False)
    made = json.loads(text)
    assert made["schema"] == "osr-statistics/1"
    assert made["students"] == 2 == sum(made["grades"].values())

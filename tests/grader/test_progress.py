"""The bar: its cells add up, and a part is never drawn as the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.progress import DONE, LEFT, UNKNOWN, cells_done, progress_bar, share_out
from grader.record import CheckResult, TaskResult

WORTH = {"autoencoder": 15.0, "classifier": 15.0, "contrastive": 20.0, "threshold": 15.0,
         "evaluation": 15.0, "accuracy": 20.0}  # fmt: skip


def result(task: str, score: float) -> TaskResult:
    check = CheckResult(f"{task}.a", "t", "failed", score, WORTH[task], "", "", 0.0)
    return TaskResult(task, task, (check,))


def test_done_lost_and_not_graded_look_different() -> None:
    results = {"threshold": result("threshold", 15), "contrastive": result("contrastive", 0)}
    bar, names = progress_bar(WORTH, results, 80)
    parts = bar.plain.split("│")[1:-1]
    assert [set(part) for part in parts] == [
        {UNKNOWN}, {UNKNOWN}, {LEFT}, {DONE}, {UNKNOWN}, {UNKNOWN},
    ]  # fmt: skip
    assert bar.plain.endswith("15 / 100")
    assert " ".join(names.plain.split()) == "task 1 task 2 task 3 task 4 task 5 accuracy"
    assert names.plain.index("task 4") == bar.plain.index(DONE)


@given(
    st.dictionaries(st.sampled_from(sorted(WORTH)), st.floats(0, 15)), st.integers(50, 200)
)  # fmt: skip
def test_fits_and_stands_at_its_place(scores: dict[str, float], columns: int) -> None:
    results = {task: result(task, round(score, 2)) for task, score in scores.items()}
    bar, names = progress_bar(WORTH, results, columns)
    assert cell_len(bar.plain) <= columns
    assert cell_len(names.plain) <= columns


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=9), st.integers(1, 200))
def test_cells_add_up(weights: list[float], cells: int) -> None:
    widths = share_out(weights, cells)
    assert sum(widths) == cells
    assert min(widths) >= 0


@given(st.floats(0, 20), st.integers(2, 80))
def test_only_all_is_all_and_only_nothing_is_nothing(score: float, width: int) -> None:
    filled = cells_done(score, 20, width)
    assert (filled == width) == (score == 20)
    assert (filled == 0) == (score == 0)

"""Random records, hostile texts among them, for whatever is made from a record."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from grader.record import (
    STATUSES,
    CheckResult,
    Memorisation,
    Metrics,
    Record,
    TaskResult,
)

TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation", "accuracy")
SECRET = "hidden-figure-73.19"  # what only the instructor may read
HOSTILE = (
    "::set-output name=x::y", "a\n::error file=/etc/passwd::b", "##[add-mask]z", "%0A::warning::w",
    "<script>alert(1)</script>", "</failure><error/>", "]]>", "&amp;<b>", "| a | b |", "# head",
    "- item", "1. one", "> quote", "```\ncode", "[a](javascript:1)", "![i](http://x/y.png)",
    "www.example.org", "https://example.org", "=cmd()", "\x1b[31mred\x07", "\u202egnp.exe",
    "\ud800", "\x00", "\uffff", "\u2028::stop-commands::t", "*bold* _it_ `c` ~~s~~ $x$",
    "\t::debug::d",
    "it is 3, expected 4 (autoencoder.py:12)", "x (../../etc/passwd:1)",
    "y (a,b::c.py:3)", "…" * 700,
)  # fmt: skip
ANYTHING = st.text(st.characters(codec=None), max_size=20)
TEXTS = st.one_of(ANYTHING, st.sampled_from(HOSTILE), st.tuples(ANYTHING, ANYTHING).map("\n".join))
FAILED = tuple(s for s in STATUSES if s not in ("passed", "partial", "grader_error"))


def texts() -> st.SearchStrategy[str]:
    """A student's text, as likely hostile as not."""
    anything = st.text(st.characters(codec=None), max_size=40)
    return st.one_of(
        anything, st.sampled_from(HOSTILE), st.tuples(anything, anything).map("\n".join)
    )


@st.composite
def checks(draw: st.DrawFn, task: str, name: str, hidden: bool, broken: bool) -> CheckResult:
    """One check; its score is in hundredths, as the grader rounds it."""
    most = draw(st.one_of(st.integers(1, 9), st.sampled_from((0.5, 2.5, 3.25))))
    statuses = ("passed", "partial", *FAILED, *(("grader_error",) if broken else ()))
    status = draw(st.sampled_from(statuses))
    share = draw(st.integers(1, int(100 * most) - 1)) / 100
    return CheckResult(
        id=f"{task}.{name}",
        title=draw(st.one_of(st.just(f"Title of {name}"), texts())),
        status=status,
        score={"passed": most, "partial": share}.get(status, 0.0),
        max_score=most,
        message=draw(texts()),
        hint=draw(st.sampled_from(("", "a hint", "a hint\nanother, with 1 < 2"))),
        duration_s=draw(st.integers(0, 5000)) / 1000,
        visibility="hidden" if hidden else "visible",
    )


@st.composite
def records(draw: st.DrawFn, tier: str | None = None, broken: bool = True) -> dict[str, Any]:
    """A record as `Record.to_json()` gives it.

    Args:
        draw: Hypothesis's.
        tier: "public" or "hidden"; None draws it.
        broken: whether some of its checks may be the grader's errors.
    """
    tier = tier or draw(st.sampled_from(("public", "hidden")))
    hidden = tier == "hidden"
    chosen = draw(st.lists(st.sampled_from(TASKS), min_size=1, max_size=3, unique=True))
    tasks = tuple(
        TaskResult(
            task,
            task.title(),
            tuple(
                draw(checks(task, f"check_{n}", hidden and task == "accuracy", broken))
                for n in range(draw(st.integers(1, 3)))
            ),
        )
        for task in TASKS
        if task in chosen
    )
    fraction = st.floats(0, 1)
    metrics = Metrics(*draw(st.tuples(*[fraction] * 4, st.none() | fraction)), {"letters": 0.5})
    return Record(
        name=draw(texts()),
        sha256="ab" * 32,
        data=draw(st.sampled_from(("digits", "mnist"))),
        tier=tier,
        sandbox="bwrap",
        tasks=tasks,
        metrics=draw(st.none() | st.just(metrics)),
        memorisation=Memorisation(0.9, 0.5, 0.05) if hidden else None,
        flags=(f"{SECRET} on hidden ones",) if hidden else (),
        training=None,
        reference={"known_accuracy": 0.97, "per_family": {}},
        environment={"python": "3.11.7", **({"hidden_sha256": SECRET} if hidden else {})},
        notes=(f"data: mnist ({SECRET})", draw(texts())),
        not_run=draw(st.sampled_from(((), ("threshold",)))),
        started_at="2026-11-20T12:00:00Z",
        duration_s=draw(st.integers(0, 100000)) / 100,
    ).to_json()

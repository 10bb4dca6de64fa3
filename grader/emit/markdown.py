"""A summary in Markdown for people: GitHub's step summary, a comment, a page."""

from __future__ import annotations

from typing import Any

from .checks import fault, is_final
from .escape import markdown, points

MARKS = {
    "passed": "✅",
    "partial": "🟡",
    "skipped": "⏭️",
    "not_implemented": "⬜",
    "grader_error": "⚠️",
}
METRICS = {
    "known_accuracy": "known accuracy",
    "unknown_accuracy": "unknown accuracy",
    "total_accuracy": "total accuracy",
    "closed_set_accuracy": "closed-set accuracy",
    "auroc": "AUROC",
}


def render(record: dict[str, Any]) -> str:
    """The summary: total, tasks, what was lost and why, the model beside the reference."""
    name = markdown(record["submission"]["name"])
    if not is_final(record):
        total = f"## {name}: not graded\n\n> ⚠️ {markdown(fault(record))}"
    else:
        total = f"## {name}: {points(record['score'])} / {points(record['max_score'])}"
    parts = [
        total,
        f"{record['data']}, {record['tier']} data",
        _tasks(record),
        *(_lost(task) for task in record["tasks"]),
        _metrics(record["metrics"], record.get("reference") or {}) if record.get("metrics") else "",
        "\n".join(f"- {markdown(note)}" for note in record.get("notes", [])),
    ]
    if record.get("not_run"):
        parts.append(f"Not run here: {markdown(', '.join(record['not_run']))}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _tasks(record: dict[str, Any]) -> str:
    rows = [
        f"| {markdown(task['title'])} | {points(task['score']) if is_final(record) else '—'} "
        f"| {points(task['max_score'])} | {''.join(map(_mark, task['checks']))} |"
        for task in record["tasks"]
    ]
    return "\n".join(["| task | score | of | checks |", "|---|---:|---:|---|", *rows])


def _lost(task: dict[str, Any]) -> str:
    """The checks of a task that lost points, with what a student should read."""
    lost = [check for check in task["checks"] if check["status"] != "passed"]
    title, lines = f"### {markdown(task['title'])}", []
    said = {(check["status"], check["message"], check["score"]) for check in lost}
    if len(lost) == len(task["checks"]) > len(said) == 1:
        first = task["checks"][0]  # a stub says the same in every check
        status = first["status"].replace("_", " ")
        return f"{title}\n\n{_mark(first)} All checks: {status}. {markdown(first['message'])}"
    for check in lost:
        earned = check["status"].replace("_", " ")
        if check["status"] != "grader_error":
            earned += f", {points(check['score'])}/{points(check['max_score'])}"
        lines.append(f"- {_mark(check)} **{markdown(check['title'])}** ({earned})")
        if check["message"]:
            lines.append(f"  - {markdown(check['message'])}")
        lines += [f"  - hint: {markdown(line)}" for line in check["hint"].splitlines()]
    return "\n".join([title, "", *lines]) if lost else ""


def _metrics(metrics: dict[str, Any], reference: dict[str, Any]) -> str:
    families = reference.get("per_family", {})
    rows = [(title, metrics[key], reference.get(key)) for key, title in METRICS.items()]
    rows += [
        (f"rejected: {family}", share, families.get(family))
        for family, share in metrics["per_family"].items()
    ]
    lines = [f"| {markdown(title)} | {_percent(a)} | {_percent(b)} |" for title, a, b in rows]
    return "\n".join(["| per cent | this submission | reference |", "|---|---:|---:|", *lines])


def _mark(check: dict[str, Any]) -> str:
    return MARKS.get(check["status"], "❌")


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.2f}"

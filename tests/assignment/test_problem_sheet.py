"""The problem sheet agrees with what is graded, given and run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from datasets.digits import SIZES
from datasets.mnist import COUNTS, SPLIT_SIZES, TEST
from grader.record import STATUSES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
TASKS = ("autoencoder", "classifier", "contrastive", "threshold", "evaluation")


@pytest.fixture(scope="module")
def sheet() -> str:
    return (ROOT / "assignment" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rubric() -> dict[str, Any]:
    return tomllib.loads((ROOT / "grader" / "rubric.toml").read_text(encoding="utf-8"))


def section(sheet: str, heading: str) -> str:
    """The text below a heading, down to the next heading of any level; fences are skipped."""
    found: list[str] | None = None
    fenced = False
    for line in sheet.split("\n"):
        fenced ^= line.startswith("```")
        if line.startswith("#") and not fenced:
            if found is not None:
                break
            found = [] if line.lstrip("# ") == heading else None
        elif found is not None:
            found.append(line)
    assert found is not None, f"no heading {heading!r}"
    return "\n".join(found)


def rows(text: str) -> list[list[str]]:
    """The cells of every line of every table."""
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.split("\n")
        if line.startswith("|") and not line.startswith("|--")
    ]


def task_section(sheet: str, task: str) -> str:
    number = TASKS.index(task) + 1
    title = "contrastive loss" if task == "contrastive" else task
    return section(sheet, f"Task {number}: {title}")


def test_points_are_those_of_the_rubric(sheet: str, rubric: dict[str, Any]) -> None:
    _, *table, total = rows(section(sheet, "Open-set recognition: the assignment"))
    given = {row[1].split("`")[1]: int(row[3]) for row in table}
    assert given == {task["id"]: task["points"] for task in rubric["tasks"]}
    assert int(total[3]) == sum(given.values()) == 100


def test_files_are_those_of_the_tasks(sheet: str) -> None:
    table = rows(section(sheet, "Open-set recognition: the assignment"))[1:-1]
    assert [row[2].strip("`") for row in table] == [
        *(f"{task}.py" for task in TASKS),
        "weights.safetensors",
    ]
    assert [row[0] for row in table[:5]] == ["1", "2", "3", "4", "5"]


def titles(task: str) -> dict[str, str]:
    """The name and the title of each check of a task."""
    source = (ROOT / "grader" / "checks" / f"{task}.py").read_text(encoding="utf-8")
    return {
        node.name.removeprefix("test_"): ast.get_docstring(node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("task", TASKS)
def test_checks_and_their_points_are_those_of_the_grader(
    sheet: str, rubric: dict[str, Any], task: str
) -> None:
    table = rows(task_section(sheet, task))
    given = dict(table[table.index(["graded", "points"]) + 1 :])
    entry = next(entry for entry in rubric["tasks"] if entry["id"] == task)
    title = titles(task)
    assert given == {title[name]: f"{check['points']}" for name, check in entry["checks"].items()}


def test_ramps_are_those_of_the_rubric(sheet: str, rubric: dict[str, Any]) -> None:
    head, *table = rows(section(sheet, "Accuracy"))
    checks = next(entry for entry in rubric["tasks"] if entry["id"] == "accuracy")["checks"]
    assert [row[0].strip("`") for row in table] == list(checks)
    for row in table:
        name = row[0].strip("`")
        assert int(row[1]) == checks[name]["points"]
        for title, cell in zip(head[3:], row[3:], strict=True):
            ramp = rubric["accuracy"][title.split("`")[1]][name]
            percents = [float(number) for number in re.findall(r"[\d.]+", cell)]
            assert percents == pytest.approx([100 * ramp["floor"], 100 * ramp["target"]])


def test_limits_are_those_of_the_rubric(sheet: str, rubric: dict[str, Any]) -> None:
    text = " ".join(section(sheet, "How it is graded").split())
    limits = rubric["limits"]
    assert f"{limits['cpu_s']:g} seconds of CPU time" in text
    assert f"{limits['wall_s']:g} seconds by the clock" in text
    assert f"{limits['memory_mb']:,} MB of memory" in text


def test_statuses_are_those_of_the_grader(sheet: str) -> None:
    _, *table = rows(section(sheet, "How it is graded"))
    assert [row[0].strip("`") for row in table] == list(STATUSES)


def test_counts_are_those_of_the_data(sheet: str) -> None:
    _, digits, mnist = rows(section(sheet, "Data"))
    assert digits[1].startswith(" / ".join(f"{size:,}" for size in SIZES) + ",")
    assert mnist[1] == " / ".join(f"{size:,}" for size in (*SPLIT_SIZES, COUNTS[TEST]))


def signatures(tree: ast.Module) -> dict[str, str]:
    """Every public class, field and function, with arguments, defaults and result."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = ", ".join(map(ast.unparse, node.bases))
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for member in members:
            if isinstance(member, ast.FunctionDef):
                result = ast.unparse(member.returns) if member.returns else ""
                found[owner + member.name] = f"({ast.unparse(member.args)}) -> {result}"
            elif isinstance(member, ast.AnnAssign) and owner:
                found[owner + ast.unparse(member.target)] = ast.unparse(member.annotation)
    return {name: text for name, text in found.items() if not re.search(r"(^|\.)_(?!_)", name)}


@pytest.mark.parametrize("folder", ["solutions/reference", "assignment"])
@pytest.mark.parametrize("task", TASKS)
def test_signatures_are_those_of_the_code(sheet: str, task: str, folder: str) -> None:
    found = re.search(r"```python\n(.*?)```", task_section(sheet, task), re.DOTALL)
    assert found is not None
    source = (ROOT / folder / f"{task}.py").read_text(encoding="utf-8")
    assert signatures(ast.parse(found[1])) == signatures(ast.parse(source))


def test_files_that_it_names_are_there(sheet: str) -> None:
    named = set(re.findall(r"`(\w+\.py)`", sheet))
    assert {*named} >= {"model.py", "fit.py", "augment.py", "train.py", "plots.py", "recipe.py"}
    assert [name for name in sorted(named) if not (ROOT / "assignment" / name).exists()] == []


def commands(sheet: str) -> list[list[str]]:
    """Every `python -m …` and `make …`, in a fence or between backticks, without its comment."""
    fences = "\n".join(re.findall(r"```sh\n(.*?)```", sheet, re.DOTALL))
    inline = re.findall(r"`((?:python -m|make) [^`\n]+)`", sheet)
    lines = [line.split("#")[0].split() for line in [*fences.split("\n"), *inline]]
    return [line for line in lines if line and line[0] in ("python", "make")]


def test_commands_run_what_is_there(sheet: str) -> None:
    modules = {line[2] for line in commands(sheet) if line[0] == "python"}
    assert modules == {"venv", "grader", "datasets", "assignment.train", "assignment"}
    for module in modules - {"venv"}:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_make_targets_are_there(sheet: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in {line[1] for line in commands(sheet) if line[0] == "make"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


def test_the_graders_options_are_there(sheet: str) -> None:
    used = {word for line in commands(sheet) if "grader" in line for word in line if "--" in word}
    assert used
    command = [sys.executable, "-m", "grader", "grade", "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [option for option in used if option not in shown] == []


def test_links_lead_somewhere(sheet: str) -> None:
    headings = re.findall(r"^#+ (.*)$", sheet, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
    assert [link for link in re.findall(r"\]\(#([^)]*)\)", sheet) if link not in anchors] == []


def test_no_line_is_longer_than_a_screen_outside_tables(sheet: str) -> None:
    lines = [line for line in sheet.split("\n") if not line.startswith("|")]
    assert [line for line in lines if len(line) > 100] == []


def test_formulas_use_only_what_github_renders(sheet: str) -> None:
    assert "operatorname" not in sheet  # "The following macros are not allowed: operatorname"
    assert sheet.count("```math") == len(re.findall(r"```math\n(.*?)\n```", sheet, re.DOTALL))
    for formula in re.findall(r"```math\n(.*?)\n```", sheet, re.DOTALL):
        assert formula.count("{") == formula.count("}")

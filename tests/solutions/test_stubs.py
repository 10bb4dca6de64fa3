"""`python -m solutions stubs`: the stubs hold what students need, and nothing of the solution."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from solutions.cli import app
from solutions.errors import UserError
from solutions.leaks import leaked_lines, secret_lines
from solutions.regions import Region, find_regions
from solutions.strip import raise_lines, strip_solution
from solutions.stubs import (
    ASSIGNMENT,
    MODULES,
    REFERENCE,
    difference,
    make_stubs,
    state,
    write_stubs,
)

TASK = "task 1, autoencoder"
ROOT = Path(__file__).parents[2]

SOLVED = f'''"""A sample."""

import math


def area(radius: float) -> float:
    """Compute an area."""
    scale = 1
    # BEGIN SOLUTION {TASK}: compute the area
    # Archimedes knew.
    if radius < 0:
        return 0.0
    return math.pi * radius**2 * scale
    # END SOLUTION


def twice(number: int) -> int:
    # BEGIN SOLUTION {TASK}: double it
    return number + number
    # END SOLUTION
'''

STUB = f'''"""A sample."""

import math


def area(radius: float) -> float:
    """Compute an area."""
    scale = 1
    raise NotImplementedError("{TASK}: compute the area")


def twice(number: int) -> int:
    raise NotImplementedError("{TASK}: double it")
'''


def strip(source: str) -> str:
    return strip_solution(source, "sample.py", TASK)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A folder of five small solved modules."""
    folder = tmp_path / "reference"
    folder.mkdir()
    for number, module in enumerate(MODULES, start=1):
        text = SOLVED.replace(TASK, f"task {number}, {module}")
        (folder / f"{module}.py").write_text(text)
    return folder


# --- one module


def test_regions_become_raises_that_name_the_task() -> None:
    assert strip(SOLVED) == STUB


def test_stripping_twice_gives_the_same_bytes() -> None:
    assert strip(SOLVED) == strip(SOLVED)


def test_putting_the_regions_back_gives_the_solution() -> None:
    lines, restored = SOLVED.split("\n"), strip(SOLVED)
    regions = find_regions(SOLVED, "sample.py", TASK)
    for region in regions:
        instead = "\n".join(raise_lines(region))
        restored = restored.replace(instead, "\n".join(lines[region.begin : region.end - 1]))
    assert restored == "\n".join(line for line in lines if " SOLUTION" not in line)


def function(*lines: str) -> str:
    """A function of those lines, the first of which is line 2."""
    return "\n".join(["def f(x):", *(f"    {line}" for line in lines), ""])


BEGIN, END = f"# BEGIN SOLUTION {TASK}: do it", "# END SOLUTION"

MISTAKES = {
    "nested": (function(BEGIN, BEGIN, "a = 1", END), 3, "inside the region begun on line 2"),
    "unclosed": (function(BEGIN, "a = 1"), 2, "never closed"),
    "stray end": (function("a = 1", END), 3, "without a '# BEGIN SOLUTION'"),
    "second end": (function(BEGIN, "a = 1", END, END), 5, "without a '# BEGIN SOLUTION'"),
    "no text": (function("# BEGIN SOLUTION", "a = 1", END), 2, "has no text"),
    "only a space": (function("# BEGIN SOLUTION ", "a = 1", END), 2, "has no text"),
    "no task": (function("# BEGIN SOLUTION do it", "a = 1", END), 2, "not of the form"),
    "nothing asked": (function(f"# BEGIN SOLUTION {TASK}:", "a = 1", END), 2, "not of the form"),
    "trailing space": (function(f"{BEGIN} ", "a = 1", END), 2, "not of the form"),
    "two spaces": (function(BEGIN.replace("N task", "N  task"), "a = 1", END), 2, "of the form"),
    "control character": (function(f"{BEGIN}\x07", "a = 1", END), 2, "not of the form"),
    "other number": (function(BEGIN.replace("1", "2"), "a = 1", END), 2, "'task 2, autoencoder'"),
    "other task": (
        function("# BEGIN SOLUTION task 1, threshold: x", "a = 1", END),
        2,
        "names 'task 1, threshold' in the file of 'task 1, autoencoder'",
    ),
    "begin after code": (function(f"a = 1  {BEGIN}", END), 2, "a line of its own"),
    "end after code": (function(BEGIN, f"a = 1  {END}"), 3, "a line of its own"),
    "lower case": (function(BEGIN.lower(), "a = 1", END), 2, "not a marker"),
    "no space": (function(BEGIN.replace("# ", "#"), "a = 1", END), 2, "not a marker"),
    "three hashes": (function(f"##{BEGIN}", "a = 1", END), 2, "not a marker"),
    "plural": (function(BEGIN, "a = 1", "# END SOLUTIONS"), 4, "not a marker"),
    "end with text": (function(BEGIN, "a = 1", f"{END} {TASK}"), 4, "not a marker"),
    "end with a space": (function(BEGIN, "a = 1", f"{END} "), 4, "not a marker"),
    "end misspelt": (function(BEGIN, "a = 1", "# END SOLUTON"), 4, "not a marker"),
    "begin misspelt": (function("# BEGN SOLUTION x", "a = 1", END), 2, "not a marker"),
    "begin in one word": (function("# BEGINSOLUTION", "a = 1", END), 2, "not a marker"),
    "underscore": (function("# begin_solution", "a = 1", END), 2, "not a marker"),
    "colon": (function(BEGIN.replace("N task", "N: task"), "a = 1", END), 2, "not a marker"),
    "end deeper": (function(BEGIN, "if x:", "    a = 1", f"    {END}"), 5, "not indented like"),
    "begin deeper": (function(f"    {BEGIN}", "a = 1", f"    {END}"), 2, "the statement below"),
    "leaves the block": (
        function("if x:", f"    {BEGIN}", "    a = 1", "else:", "    a = 2", f"    {END}"),
        5,
        "leaves the block of the region begun on line 3",
    ),
    "no statement": (function(BEGIN, "# later", END, "return x"), 2, "holds no statement"),
    "inside brackets": (function("a = [", f"    {BEGIN}", "    1,", f"    {END}", "]"), 3, "state"),
    "half a statement": (function(BEGIN, "a = [", END, "]"), 5, "without the solution"),
    "orphaned else": (function(BEGIN, "if x:", "    a = 1", END, "else:", "    a = 2"), 6, "valid"),
    "not Python": ("def f(:\n    pass\n", 1, "is not valid Python"),
    "a null byte": ("a = 1\0\n", 1, "is not valid Python"),
    "no region": (function("return x"), 1, "mark what students must write"),
    "too long": (function(f"{BEGIN} {'x' * 90}", "a = 1", END), 2, "shorten the text by"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_with_file_and_line(mistake: str) -> None:
    source, line, words = MISTAKES[mistake]
    with pytest.raises(UserError) as caught:
        strip(source)
    message = str(caught.value)
    assert message.startswith(f"sample.py:{line}: ")
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "comment",
    ["# At the end the solution is unique.", "# Ends here", "# The solution begins with a guess."],
)
def test_ordinary_comments_are_no_markers(comment: str) -> None:
    assert comment in strip(function(comment, BEGIN, "a = 1", END))


def test_markers_inside_strings_are_text() -> None:
    source = function('"""', BEGIN, '"""', BEGIN, "a = 1", END)
    assert strip(source).count("raise NotImplementedError") == 1
    assert BEGIN in strip(source)


def test_a_long_text_is_wrapped() -> None:
    text = f"{TASK}: {'x' * 60}"
    stub = strip(function(f"# BEGIN SOLUTION {text}", "a = 1", END))
    assert f'    raise NotImplementedError(\n        "{text}"\n    )\n' in stub


TEXTS = st.lists(
    st.text(st.sampled_from("ab '\"\\{}%#é"), min_size=1, max_size=70).map(str.strip).filter(bool),
    min_size=1,
    max_size=8,
)


@given(text=TEXTS.map(" ".join).filter(lambda text: len(text) < 65))
def test_any_text_arrives_unchanged(text: str) -> None:
    lines = raise_lines(Region(1, 3, "", f"{TASK}: {text}"))
    call = ast.parse("\n".join(lines)).body[0]
    assert isinstance(call, ast.Raise)
    assert isinstance(call.exc, ast.Call)
    assert ast.literal_eval(call.exc.args[0]) == f"{TASK}: {text}"


def test_raises_are_formatted_as_ruff_would() -> None:
    texts = ["plain", 'a "b"', "it's", '"both" it\'s', "'two' it's \"b\"", "a \\ b", "y" * 49]
    texts += ["x" * length for length in range(47, 54)]  # around the length where ruff wraps
    lines = [raise_lines(Region(1, 3, "", f"{TASK}: {text}")) for text in texts]
    source = "\n".join("\n".join(each) for each in lines) + "\n"
    ruff = [sys.executable, "-m", "ruff", "format", "--line-length", "100", "-"]
    formatted = subprocess.run(ruff, input=source, capture_output=True, text=True, check=True)
    assert formatted.stdout == source
    assert {len(each) for each in lines} == {1, 3}


# --- no line of a solution survives

LINES = st.lists(st.sampled_from("abcdef").map("use({})".format), min_size=1, max_size=6)
PIECES = st.lists(st.tuples(st.booleans(), LINES), min_size=1, max_size=8)


@given(pieces=PIECES)
def test_lines_in_regions_never_survive_and_others_always_do(
    pieces: list[tuple[bool, list[str]]],
) -> None:
    body: list[str] = []
    for is_solution, lines in [*pieces, (True, ["use(a)"])]:
        body += [BEGIN, *lines, END] if is_solution else lines
    stub = strip(function(*body)).split("\n")
    kept = [f"    {line}" for is_solution, lines in pieces if not is_solution for line in lines]
    assert [line for line in stub[1:-1] if "raise" not in line] == kept
    assert len(stub) == 3 + len(kept) + sum(is_solution for is_solution, _ in pieces)


@given(pieces=PIECES)
def test_the_proof_finds_every_line_put_back(pieces: list[tuple[bool, list[str]]]) -> None:
    outside = [line for is_solution, lines in pieces if not is_solution for line in lines]
    inside = [line for is_solution, lines in pieces if is_solution for line in lines]
    source = function(*outside, BEGIN, *inside, "use(z)", END)
    secrets = secret_lines(source, find_regions(source, "sample.py", TASK))
    assert secrets == {*inside, "use(z)"} - {*outside}
    assert leaked_lines(secrets, strip(source)) == []
    assert leaked_lines(secrets, "first\n" + " " * 8 + "use(z)") == [(2, "use(z)")]


def test_brackets_are_no_secrets() -> None:
    source = function(BEGIN, "a = [", "    1,", "]", END)
    regions = find_regions(source, "sample.py", TASK)
    assert secret_lines(source, regions) == {"a = [", "1,"}


# --- five files


def test_write_then_nothing_is_left_to_do(reference: Path, tmp_path: Path) -> None:
    made = make_stubs(reference, tmp_path / "new" / "assignment")
    assert [state(stub) for stub in made] == ["missing"] * 5
    assert write_stubs(made) == made
    assert [state(stub) for stub in made] == ["up to date"] * 5
    assert write_stubs(made) == []
    assert {path.name for path in (tmp_path / "new" / "assignment").iterdir()} == {
        f"{module}.py" for module in MODULES
    }


def test_line_endings_of_the_source_do_not_matter(reference: Path, tmp_path: Path) -> None:
    before = [stub.text for stub in make_stubs(reference, tmp_path)]
    for path in reference.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    write_stubs(make_stubs(reference, tmp_path))
    written = [(tmp_path / f"{module}.py").read_bytes() for module in MODULES]
    assert written == [text.encode() for text in before]


def test_a_mistake_in_one_module_writes_nothing(reference: Path, tmp_path: Path) -> None:
    (reference / "evaluation.py").write_text("a = 1\n")
    out = tmp_path / "out"
    with pytest.raises(UserError, match=r"evaluation\.py:1: "):
        write_stubs(make_stubs(reference, out))
    assert not out.exists()


def test_a_missing_module_is_named(reference: Path, tmp_path: Path) -> None:
    (reference / "threshold.py").unlink()
    with pytest.raises(UserError, match=r"threshold\.py: cannot be read"):
        make_stubs(reference, tmp_path)


def test_a_module_that_is_not_utf8_is_named(reference: Path, tmp_path: Path) -> None:
    (reference / "threshold.py").write_bytes(b"# \xff\n")
    with pytest.raises(UserError, match=r"threshold\.py: is not UTF-8"):
        make_stubs(reference, tmp_path)


def test_work_is_not_overwritten_unless_forced(reference: Path, tmp_path: Path) -> None:
    made = make_stubs(reference, tmp_path)
    write_stubs(made)
    made[2].path.write_text("x = 1\n")
    made[3].path.unlink()
    with pytest.raises(UserError, match=r"contrastive\.py: looks filled in.*--force"):
        write_stubs(made)
    assert made[2].path.read_text() == "x = 1\n"
    assert not made[3].path.exists()
    assert write_stubs(made, force=True) == [made[2], made[3]]


def test_half_filled_work_is_not_overwritten_either(reference: Path, tmp_path: Path) -> None:
    stub = make_stubs(reference, tmp_path)[4]
    text = stub.text.replace(
        'raise NotImplementedError("task 5, evaluation: double it")', "return 2"
    )
    stub.path.write_text(text)
    assert state(stub) == "filled in"
    with pytest.raises(UserError, match="--force"):
        write_stubs([stub])
    assert stub.path.read_text() == text


def test_a_difference_is_short(reference: Path, tmp_path: Path) -> None:
    stub = make_stubs(reference, tmp_path)[0]
    stub.path.write_text("".join(f"line {number}\n" for number in range(500)))
    lines = difference(stub, limit=8).split("\n")
    assert len(lines) == 9
    assert lines[-1].startswith("... and 5")


# --- the command


def test_check_writes_nothing_and_names_the_repair(reference: Path, tmp_path: Path) -> None:
    out = tmp_path / "my stubs"
    options = ["--reference", str(reference), "--out", str(out)]
    runner = CliRunner()
    checked = runner.invoke(app, ["stubs", "--check", *options])
    assert checked.exit_code == 1
    assert checked.output.count(": missing") == 5
    assert "repair with: python -m solutions stubs" in checked.output
    assert f"--out '{out}'" in checked.output
    assert not out.exists()

    written = runner.invoke(app, ["stubs", *options])
    assert written.exit_code == 0
    assert written.output.count("written") == 5
    assert runner.invoke(app, ["stubs", "--check", *options]).output == "5 stubs are up to date\n"

    threshold, evaluation = out / "threshold.py", out / "evaluation.py"
    threshold.write_text(threshold.read_text().replace("scale = 1", "scale = 2"))
    evaluation.write_text("mine = 1\n")
    checked = runner.invoke(app, ["stubs", "--check", *options])
    assert checked.exit_code == 1
    assert "threshold.py: stale" in checked.output
    assert "-    scale = 2\n+    scale = 1" in checked.output
    assert "evaluation.py: filled in" in checked.output
    assert checked.output.rstrip().endswith("--force")

    written = runner.invoke(app, ["stubs", "--force", *options])
    assert written.output.count("unchanged") == 3


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["solutions", *arguments])
    with pytest.raises(SystemExit) as caught:
        app(prog_name="python -m solutions")
    return caught.value.code


def test_a_mistake_is_one_line_and_exit_code_2(
    reference: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (reference / "threshold.py").write_text("# BEGIN SOLUTION\n")
    code = run_main(monkeypatch, "stubs", "--reference", str(reference), "--out", "new")
    assert code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: reference/threshold.py:1: '# BEGIN SOLUTION' has no text")
    assert printed.err.count("\n") == 1


def test_an_out_that_is_a_file_is_one_line(
    reference: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    out.write_text("a file\n")
    code = run_main(monkeypatch, "stubs", "--reference", str(reference), "--out", str(out))
    assert code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_help_does_not_import_torch() -> None:
    code = "import sys, solutions.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# --- the real ones


def test_the_committed_stubs_are_up_to_date() -> None:
    outdated = [stub.path.name for stub in make_stubs() if state(stub) != "up to date"]
    assert outdated == [], "repair with: python -m solutions stubs"


@pytest.mark.parametrize("module", MODULES)
def test_the_committed_stubs_hold_no_line_of_the_solution(module: str) -> None:
    source = (REFERENCE / f"{module}.py").read_text()
    task = f"task {MODULES.index(module) + 1}, {module}"
    secrets = secret_lines(source, find_regions(source, module, task))
    assert secrets
    assert leaked_lines(secrets, (ASSIGNMENT / f"{module}.py").read_text()) == []


def raising(tree: ast.Module) -> list[tuple[str | None, str, int]]:
    """Class, function and number of parameters of each function that raises."""
    found: list[tuple[str | None, str, int]] = []
    for node in tree.body:
        functions = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = node.name if isinstance(node, ast.ClassDef) else None
        for each in functions:
            if isinstance(each, ast.FunctionDef) and any(
                isinstance(inner, ast.Raise) for inner in ast.walk(each)
            ):
                found.append((owner, each.name, len(each.args.args)))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_each_stub_raises_and_names_its_task(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = f"staged_{module}"
    write_stubs(make_stubs(REFERENCE, tmp_path / package))
    (tmp_path / package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    staged = importlib.import_module(f"{package}.{module}")
    text = (tmp_path / package / f"{module}.py").read_text()
    called = raising(ast.parse(text))
    assert len(called) == text.count("raise NotImplementedError")
    message = f"^task {MODULES.index(module) + 1}, {module}: "
    for owner, name, count in called:
        if owner is None:
            call, arguments = getattr(staged, name), [None] * count
        else:
            cls = getattr(staged, owner)
            call, arguments = getattr(cls, name), [cls.__new__(cls), *[None] * (count - 1)]
        with pytest.raises(NotImplementedError, match=message):
            call(*arguments)

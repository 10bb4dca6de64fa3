"""Cells as modules: what goes in, in which order, and what is said of the rest."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.intake import limits
from grader.intake.cells import is_magic
from grader.intake.extract import MARK, Extracted, extract
from grader.intake.given import GIVEN_IN
from grader.intake.names import MODULES, PUBLIC_NAMES
from grader.intake.notebook import NotebookError
from grader.submission import open_submission
from grader.worker import failures
from tests.grader.notebooks import SOURCES, markdown, notebook, plain_cells, written_cells
from tests.grader.packing import GIVEN, write_folder

STUB = "raise NotImplementedError("


def made(*cells: object, beside: tuple[str, ...] = ()) -> Extracted:
    return extract(notebook(*cells), GIVEN, beside)  # type: ignore[arg-type]


def module(name: str, *cells: object, beside: tuple[str, ...] = ()) -> str:
    return made(*cells, beside=beside).files[f"{name}.py"].decode()


def lines(text: str) -> list[str]:
    """A module's lines without the marks and the blank ones."""
    return [line for line in text.splitlines() if line and not line.startswith("# %%")]


def definitions(text: str) -> dict[str, str]:
    """A module's functions, classes and assignments by name, as trees."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = ast.dump(node)
        elif isinstance(node, ast.Assign):
            found[ast.unparse(node.targets[0])] = ast.dump(node)
    return found


class TestPlainCells:
    def test_module_is_what_its_names_reach(self) -> None:
        text = module(
            "contrastive",
            "import torch, numpy as np\nfrom torch import nn, Tensor",
            "MARGIN = 1.0; print(MARGIN)\nUNUSED = 2",
            "def distances(e):\n    return np.abs(e)\n\ndef unused(): pass",
            "@torch.no_grad()\ndef contrastive_loss(e: Tensor, l, margin=MARGIN):\n"
            "    unused = distances(e)\n    return unused\nplot(3)",
        )
        assert lines(text) == [
            "import torch",
            "import numpy as np",
            "from torch import Tensor",
            "MARGIN = 1.0",
            "def distances(e):",
            "    return np.abs(e)",
            "@torch.no_grad()",
            "def contrastive_loss(e: Tensor, l, margin=MARGIN):",
            "    unused = distances(e)",
            "    return unused",
        ]

    def test_names_of_a_functions_own_are_not_reached(self) -> None:
        text = module(
            "evaluation",
            "model = train()\nloader = load()\nx = 3",
            "def eval_model(model, loader, device='cpu'):\n"
            "    for x in loader:\n        model(x)\n    return Evaluation(1, 1, 1)",
        )
        assert "train()" not in text
        assert "x = 3" not in text

    def test_calls_loops_and_magics_are_left_out_and_said(self) -> None:
        found = made(
            "%matplotlib inline\n!pip install a \\\n  b\nimport torch",
            "for i in range(3):\n    print(i)",
            markdown("## text"),
            "'text alone'",
            "def reject(l, e, t, u=10):\n    %time\n    return l\nreject?",
            "%%bash\nrm -rf x",
        )
        assert "what is no definition is left out (cells 1, 2, 5 and 6)" in found.notes
        text = found.files["threshold.py"].decode()
        assert lines(text)[:3] == ["def reject(l, e, t, u=10):", "    pass", "    return l"]

    def test_percent_and_question_mark_inside_a_text_stay(self) -> None:
        source = (
            "%time\ndef reject(l, e, t, u=10):\n    '''%d of\n!them\nis it?\n'''\n"
            "    return ('%s'\n      % l)"
        )
        assert source.partition("\n")[2] in module("threshold", source)

    @pytest.mark.parametrize("cell", ["%%time\n", "%%capture out\n", "\n\n%%time\n"])
    def test_cell_magics_that_run_the_cell_as_it_is(self, cell: str) -> None:
        assert "return 7" in module("contrastive", f"{cell}def contrastive_loss(*_):\n    return 7")

    def test_last_definition_counts_and_both_cells_are_said(self) -> None:
        first = "def reject(l, e, t, u=10):\n    return 1"
        found = made(first, markdown("x"), first.replace("1", "2"))
        assert (
            "reject is defined more than once (cells 1 and 3): the last one counts" in found.notes
        )
        space: dict[str, object] = {}
        exec(found.files["threshold.py"], space)
        assert space["reject"](0, 0, 0) == 2  # type: ignore[operator]

    def test_class_that_extends_its_earlier_self(self) -> None:
        text = module(
            "autoencoder",
            "class Autoencoder:\n    a = 1",
            "class Autoencoder(Autoencoder):\n    b = 2",
            "def forward(self, x): return x\nAutoencoder.forward = forward",
        )
        space: dict[str, object] = {"__name__": "m"}
        exec(text, space)
        built = space["Autoencoder"]
        assert (built.a, built.b, built().forward(3)) == (1, 2, 3)  # type: ignore[attr-defined, operator]

    @pytest.mark.parametrize("at", ["@", "@\\\n", "@(\n", "@ \\\n\\\n "])
    def test_decorators_sign_on_a_line_of_its_own(self, at: str) -> None:
        """Without it the decorator would be an expression that does nothing."""
        end = ")" if "(" in at else ""
        text = module(
            "contrastive",
            "def twice(f): return lambda *a: 2 * f(*a)",
            f"{at}twice{end}\ndef contrastive_loss(e, l): return 21",
        )
        assert "@twice" in lines(text)

    def test_conditions_that_define_a_name(self) -> None:
        text = module(
            "contrastive",
            "try:\n    import quick\nexcept ImportError:\n    quick = None",
            "if True:\n    device = 'cpu'\nelse:\n    device = 'cuda'",
            "if __name__ == '__main__':\n    device = train()",
            "def contrastive_loss(*_):\n    return quick, device",
        )
        assert "quick = None" in text
        assert "device = 'cuda'" in text
        assert "train()" not in text

    def test_evaluation_is_given_unless_the_notebook_has_its_own(self) -> None:
        measure = "def eval_model(model, loader, device='cpu'):\n    return Evaluation(1, 2, 3)"
        imported = "from assignment.evaluation import Evaluation, eval_model\n"
        for cells in ((measure,), (imported, measure)):
            text = module("evaluation", *cells)
            assert "class Evaluation(NamedTuple)" in text
            assert "from assignment" not in text
            compile(text, "evaluation.py", "exec")
        own = module("evaluation", "class Evaluation: pass", measure)
        assert "NamedTuple" not in own

    def test_given_definitions_are_the_assignments(self) -> None:
        for name, texts in GIVEN_IN.items():
            for title, text in texts.items():
                ours, theirs = ast.parse(text), ast.parse(SOURCES[name])
                own = next(n for n in ours.body if isinstance(n, ast.ClassDef) and n.name == title)
                ref = next(
                    n for n in theirs.body if isinstance(n, ast.ClassDef) and n.name == title
                )
                assert [ast.dump(n) for n in own.body[1:]] == [ast.dump(n) for n in ref.body[1:]]
                assert [ast.dump(n) for n in own.bases] == [ast.dump(n) for n in ref.bases]

    def test_star_imports_come_along_for_names_that_nobody_defines(self) -> None:
        star = "from math import *"
        assert star in module("contrastive", star, "def contrastive_loss(*_): return sqrt(2)")
        assert star not in module("contrastive", star, "def contrastive_loss(*_): return len('')")

    def test_sister_modules_are_imported_from_the_package(self) -> None:
        text = module(
            "classifier",
            "import blocks\nimport blocks as b, torch\nfrom blocks import (One,\n   Two as T)",
            "from threshold import reject",
            "class Classifier:\n    x = blocks, b, torch, One, T, reject",
            beside=("blocks.py",),
        )
        assert lines(text)[:6] == [
            "from . import blocks",
            "from . import blocks as b",
            "import torch",
            "from .blocks import One",
            "from .blocks import Two as T",
            "from .threshold import reject",
        ]

    def test_missing_names_are_stubs_that_say_so(self) -> None:
        found = made("def reject(l, e, t, u=10): return l")
        assert "no cell of the notebook defines Classifier" in found.notes
        for name, publics in PUBLIC_NAMES.items():
            space: dict[str, object] = {"__name__": name}
            exec(found.files[f"{name}.py"], space)
            for public in publics:
                if public != "reject":
                    with pytest.raises(NotImplementedError, match=f"defines {public}"):
                        space[public]()  # type: ignore[operator]

    def test_future_annotations_of_one_cell_are_the_notebooks(self) -> None:
        text = module(
            "contrastive", "from __future__ import annotations", "def contrastive_loss(*_: X): pass"
        )
        assert text.startswith("from __future__ import annotations\n")

    def test_identity_follows_the_modules_not_the_outputs(self, tmp_path: Path) -> None:
        one, two = notebook(*plain_cells()), notebook(*plain_cells(), metadata={"x": 1})
        shas = set()
        for name, content in (("a", one), ("b", two)):
            write_folder(tmp_path / name, {"w.ipynb": content})
            shas.add(open_submission(tmp_path / name, GIVEN).sha256)
        assert one != two
        assert len(shas) == 1


class TestBroken:
    def test_cell_is_said_by_number_and_line(self) -> None:
        found = made(markdown("x"), "\nx = 1\ndef Classifier(:\n", "def reject(*_): pass")
        assert found.notes[0] == "cell 2 cannot be parsed (line 3: invalid syntax)"
        assert "Classifier seems to be defined in cell 2, which cannot be parsed" in found.notes
        assert "cell 2, which cannot be parsed" in found.files["classifier.py"].decode()

    def test_earlier_definition_counts_where_the_later_cell_is_broken(self) -> None:
        text = module("threshold", "def reject(*_): return 1", "def reject(*_): return (")
        assert "return 1" in text

    @pytest.mark.parametrize(
        "source",
        ["\0", "\ud800", "x = '\ud800'", "(" * 300, "-" * 100_000 + "1", "x" + ".y" * 50_000,
         "def f(a, a): pass", "  x = 1\n y = 2", "return = 3", "nonlocal x\ndef f():\n  nonlocal x",
         "'''", "f'{", "\\", "def f():\n\tx\n        y"],
    )  # fmt: skip
    def test_odd_source_costs_its_own_cell_alone(self, source: str) -> None:
        found = made(source, "def reject(*_): return 1")
        assert "return 1" in found.files["threshold.py"].decode()
        assert found.notes[0].isprintable()

    def test_endless_magics_end(self) -> None:
        """Each is found by one more look of the parser; the looks are bounded."""
        many = "!x\n" * (limits.MAX_CODE // 8)
        found = made("def reject(*_): return 1", many)
        assert "cell 2 cannot be parsed (more to parse than is read)" in found.notes

    @pytest.mark.parametrize(
        "source",
        ["x = 1\n" + " " * 200_000 + "$", "x x\n" + "\n" * 200_000 + "$"],
        ids=["spaces", "empty lines"],
    )
    def test_long_margins_take_no_hours(self, source: str) -> None:
        """What is tried from each of its places on takes the square of its length."""
        assert "cell 1 cannot be parsed" in made(source, HELPED).notes[0]
        assert "cannot be parsed" in made(f"%%writefile classifier.py\n{source}", HELPED).notes[0]

    def test_nothing_defined_is_refused(self) -> None:
        with pytest.raises(NotebookError, match="no cell defines any of the tasks' names"):
            made("import torch", "from assignment.threshold import reject")


class TestWritten:
    def test_file_is_taken_as_it_stands(self) -> None:
        files = made(*written_cells()).files
        for name, text in SOURCES.items():
            assert files[f"{name}.py"].decode().partition("\n")[2].rstrip() == text.rstrip()
            assert files[f"{name}.py"].startswith(b"# %% cell ")

    @pytest.mark.parametrize(
        "line",
        ["threshold.py", "./threshold.py", "assignment/threshold.py", "'threshold.py'",
         '"assignment/threshold.py"', "-a threshold.py", "--append assignment/threshold.py"],
    )  # fmt: skip
    def test_names_of_a_module(self, line: str) -> None:
        assert "return 5" in module("threshold", f"%%writefile {line}\ndef reject(*_): return 5")

    def test_written_twice_and_appended(self) -> None:
        found = made(
            "%%writefile threshold.py\nold = 1",
            "%%writefile threshold.py\ndef reject(*_): return a",
            "%%writefile -a threshold.py\na = 3",
        )
        assert lines(found.files["threshold.py"].decode()) == [
            "def reject(*_): return a", "a = 3",
        ]  # fmt: skip
        said = "threshold.py is written more than once (cells 1 and 2): the last one counts"
        assert said in found.notes

    def test_plain_and_written_the_last_one_counts(self) -> None:
        written = "%%writefile threshold.py\ndef reject(*_): return 'file'"
        plain = "def reject(*_): return 'cell'"
        for cells, expected in (((written, plain), "cell"), ((plain, written), "file")):
            found = made(*cells)
            space: dict[str, object] = {}
            exec(found.files["threshold.py"], space)
            assert space["reject"]() == expected  # type: ignore[operator]
            assert any("reject is defined more than once" in note for note in found.notes)

    def test_plain_cells_add_what_the_file_lacks(self) -> None:
        text = module(
            "threshold",
            "def adaptive_threshold(e, z=3.0): return z",
            "%%writefile threshold.py\ndef reject(*_): return 1",
        )
        assert set(definitions(text)) == {"adaptive_threshold", "reject"}
        assert STUB not in text

    def test_helper_module(self) -> None:
        files = made(
            "%%writefile blocks.py\nx = 1", "%%writefile threshold.py\nfrom .blocks import x"
        )
        assert lines(files.files["blocks.py"].decode()) == ["x = 1"]

    def test_file_that_cannot_be_parsed_is_graded_as_it_is(self) -> None:
        found = made(markdown(""), "%%writefile threshold.py\n\ndef reject(:")
        said = "cell 2, threshold.py: it cannot be parsed (line 3: invalid syntax)"
        assert said in found.notes
        assert "def reject(:" in found.files["threshold.py"].decode()


class TestHostile:
    """Nothing that a notebook says makes the grader read, write or run anything."""

    @pytest.mark.parametrize(
        ("target", "reason"),
        [
            ("../../x.py", "write it as x.py"),
            ("/etc/x.py", "write it as x.py"),
            ("/etc/x", "write it as x"),
            ("assignment/../threshold.py", "write it as"),
            ("deep/assignment/threshold.py", "write it as"),
            ("..", "no module of this name"),
            ("", "no module of this name"),
            ("weights.safetensors", "weights are no text"),
            ("model.py", "it is given"),
            ("assignment/train.py", "it is given"),
            ("torch.py", "no module of this name"),
            ("conftest.py", "no module of this name"),
            ("Threshold.py", "no module of this name"),
            ("notes.txt", "no module of this name"),
            ("x.py\x1b[2J", "no module of this name"),
            ("a" * 5000 + ".py", "no module of this name"),
        ],
    )  # fmt: skip
    def test_files_that_a_cell_must_not_write(self, target: str, reason: str) -> None:
        found = made(f"%%writefile {target}\nx = 1", "def reject(*_): pass")
        assert sorted(found.files) == sorted(f"{name}.py" for name in MODULES)
        assert found.notes[0].startswith("cell 1: %%writefile")
        assert reason in found.notes[0]
        assert found.notes[0].isprintable()
        assert len(found.notes[0]) <= 300

    def test_nothing_is_run_or_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        mark = "open('was-here', 'w')"
        evil = {
            "nbconvert": {"template_file": "evil.tpl", "preprocessors": [f"exec({mark!r})"]},
            "celltoolbar": "<script>alert(1)</script>",
        }
        content = notebook(
            f"!python -c \"{mark}\"\nget_ipython().system('touch was-here')\n{mark}",
            f"import os; os.system('touch was-here')\nclass X:\n    {mark}",
            "%run evil.py\n%%bash\ntouch was-here\n",
            "%%bash\ntouch was-here",
            f"%%writefile was-here.py\n{mark}",
            f"@{mark}\ndef reject(a: {mark} = {mark}): pass",
            metadata=evil,
        )
        found = extract(content, GIVEN)
        assert list(tmp_path.iterdir()) == []
        assert "was-here.py" not in found.files  # no name of a module
        assert b"get_ipython" not in b"".join(found.files.values())
        assert capfd.readouterr() == ("", "")

    def test_odd_escapes_warn_nobody(self, recwarn: pytest.WarningsRecorder) -> None:
        made("def reject(*_): return '\\d'", "%%writefile threshold.py\nx = '\\d'\n")
        assert not recwarn.list

    def test_many_notes_are_bounded(self) -> None:
        found = made(*["def f(:"] * 500, "def reject(*_): pass")
        assert len(found.notes) < 25
        assert found.notes[-1].endswith("notes more")


# What may stand between the definitions, and is no part of any module.
NOISE = [
    "print('hello')", "%matplotlib inline", "!nvidia-smi", "import matplotlib.pyplot as plt",
    "for epoch in range(3):\n    loss = epoch\nplt.plot(loss)", "model = 3\nmodel", "%%time\n1 + 1",
    "import google.colab", "%%html\n<b>x</b>", "x = !ls", "labels = errors = images = 0",
    "with open('x') as file:\n    threshold = file.read()", "assert model",
    "def unused(x): return x",
]  # fmt: skip
HELPED = '''"""Task 4 with helpers."""
import torch
from torch import Tensor
EPSILON = 0.05
def _ink(images: Tensor) -> Tensor:
    return ((images + 1) / 2).flatten(1).mean(dim=1)
class Spread:
    """A law of errors."""
    def __init__(self, errors):
        self.errors = errors
    def above(self, z):
        return self.errors.mean() + z * self.errors.std(correction=1)
def reconstruction_error(images, reconstruction):
    squared = (images - reconstruction).square().flatten(1).mean(dim=1)
    return squared / (_ink(images) + EPSILON)
def adaptive_threshold(errors, z=3.0):
    return Spread(errors).above(z)
def reject(labels, errors, threshold, unknown_label=10):
    return torch.where(errors > threshold, unknown_label, labels)
'''


@st.composite
def split(draw: st.DrawFn) -> tuple[list[object], dict[str, str]]:
    """Modules cut into cells in any order, with other things between; and the modules."""
    sources = SOURCES | ({"threshold": HELPED} if draw(st.booleans()) else {})
    rng = random.Random(draw(st.integers(0, 2**32)))
    imports, pieces = [], []
    for text in sources.values():
        rows = text.splitlines()
        for node in ast.parse(text).body:
            assert node.end_lineno is not None
            piece = "\n".join(rows[node.lineno - 1 : node.end_lineno])
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports.append(piece)
            elif not isinstance(node, ast.Expr):
                pieces.append(piece)
    rng.shuffle(pieces)
    cells: list[object] = ["\n".join(dict.fromkeys(imports))]
    while pieces:
        count = rng.randint(1, 4)
        taken, pieces = pieces[:count], pieces[count:]
        noise = rng.sample(NOISE, rng.randint(0, 2))
        cell = [*taken, *(text for text in noise if not text.startswith("%%"))]
        rng.shuffle(cell)
        cells.append("\n\n".join(cell))
        cells += [markdown("## next"), *noise][: rng.randint(0, 3)]
    return cells, sources


@given(split())
@settings(max_examples=60, deadline=None)
def test_any_split_gives_the_modules_definitions(
    cut: tuple[list[object], dict[str, str]],
) -> None:
    cells, sources = cut
    found = made(*cells)
    for name, text in sources.items():
        built = found.files[f"{name}.py"].decode()
        assert definitions(built) == definitions(text)
        assert STUB not in built
        for noise in ("google", "matplotlib", "print(", "model = 3"):
            assert noise not in built
    assert not any("parsed" in note or "more than once" in note for note in found.notes)


@given(st.lists(st.sampled_from(NOISE), max_size=6), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_marks_lead_back_to_the_cell(noise: list[str], empty: int) -> None:
    """Each line after a mark is the line of the cell that the mark names."""
    cells = [*noise, "\n" * empty + HELPED, "%%writefile classifier.py\n" + SOURCES["classifier"]]
    for name in ("threshold", "classifier"):
        rows = module(name, *cells).splitlines()
        for place, row in enumerate(rows):
            if match := failures.MARK.fullmatch(row):
                number, line = int(match[1]), int(match[2])
                there = cells[number - 1].split("\n")[line - 1]
                assert rows[place + 1] == there or "import" in there
    assert failures.MARK.fullmatch(MARK.format(7, 12))


def test_mark_of_a_magic_is_what_ipython_takes_for_one() -> None:
    for line in ("%time", "!ls", "?x", "x?", "x??", "  %cd x", "a = !ls", "a, b = %who_ls"):
        assert is_magic(line), line
    for line in ("x = y % z", "a != b", "x = '!'", "return x", "# done"):
        assert not is_magic(line), line

"""Reading a notebook: what is one, and what is said of what is none."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import limits
from grader.intake.notebook import Cell, NotebookError, read_notebook
from tests.grader.notebooks import PYTHON, code, markdown, notebook
from tests.grader.packing import opened, refusal, watched, write_folder, write_zip

DEFINES = "def contrastive_loss(embeddings, labels, margin=1.0):\n    return margin\n"


def complaint(content: bytes) -> str:
    with pytest.raises(NotebookError) as caught:
        read_notebook(content)
    line = str(caught.value)
    assert "\n" not in line
    return line


class TestCells:
    def test_code_cells_by_their_number_among_all(self) -> None:
        content = notebook(markdown("# 1"), "x = 1", {"cell_type": "raw"}, code(["y\n", "= 2"]))
        assert read_notebook(content) == [Cell(2, "x = 1"), Cell(4, "y\n= 2")]

    def test_line_ends_of_every_kind(self) -> None:
        assert read_notebook(notebook("a\r\nb\rc\n")) == [Cell(1, "a\nb\nc\n")]

    def test_format_3_with_worksheets(self) -> None:
        old = {
            "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "old"},
            "worksheets": [
                {"cells": [{"cell_type": "heading", "level": 1, "source": "t"},
                           {"cell_type": "code", "language": "python", "input": ["x", " = 1"],
                            "outputs": [{"output_type": "pyout"}], "collapsed": True}]},
                {"cells": [{"cell_type": "code", "language": "R", "input": "y <- 1"},
                           {"cell_type": "code", "input": "z = 1"}]},
            ],
        }  # fmt: skip
        assert read_notebook(json.dumps(old).encode()) == [Cell(2, "x = 1"), Cell(4, "z = 1")]

    def test_nothing_else_of_it_is_looked_at(self) -> None:
        cell = code("x = 1") | {"outputs": "none", "metadata": 3, "attachments": [[]], "id": None}
        content = notebook(cell, metadata=PYTHON | {"jupytext": [1], "widgets": None})
        assert read_notebook(content) == [Cell(1, "x = 1")]

    def test_byte_order_mark(self) -> None:
        assert read_notebook(b"\xef\xbb\xbf" + notebook("x = 1")) == [Cell(1, "x = 1")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"\x00" * 50, "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"nbformat": ' + b"9" * 5000 + b"}", "no JSON"),
        ("{\"nbformat\": 4}".encode("utf-16"), "not UTF-8"),
        (b'{"nbformat": 4, "x": "\xe9"}', "not UTF-8"),
        (b"[]", "no notebook"),
        (b"{}", "no notebook"),
        (b'{"nbformat": "4"}', "no notebook"),
        (b'{"nbformat": 2}', "save it again"),
        (b'{"nbformat": 5, "cells": []}', "save it again"),
        (b'{"nbformat": 4}', "no list of cells"),
        (b'{"nbformat": 4, "cells": {}}', "no list of cells"),
        (b'{"nbformat": 3, "cells": []}', "no list of cells"),
        (b'{"nbformat": 3, "worksheets": [[]]}', "no list of cells"),
        (notebook("x", *[code(3)]), "cell 2 has no text"),
        (notebook(code(["x", 3])), "cell 1 has no text"),
        (notebook(code({"a": "b"})), "cell 1 has no text"),
        (b'{"nbformat": 4, "cells": [3]}', "cell 1 is no cell"),
        (notebook("x", metadata={"kernelspec": {"language": "R"}}), "not Python"),
        (notebook("x", metadata={"language_info": {"name": "julia"}}), "not Python"),
        (notebook(*["x"] * (limits.MAX_CELLS + 1)), "more than 1000 cells"),
        (notebook("#" * (limits.MAX_CODE + 1)), "256 kB of code"),
        (b" " * (limits.MAX_NOTEBOOK + 1), "larger than 20 MB"),
        (b"[" + b"0," * limits.MAX_VALUES + b"0]", "clear its outputs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_no_notebook(content: bytes, words: str) -> None:
    assert words in complaint(content)


@pytest.mark.parametrize("metadata", [{}, None, 3, {"kernelspec": []}, {"language_info": {}}])
def test_kernel_that_is_not_said_is_python(metadata: object) -> None:
    assert read_notebook(notebook("x", metadata=metadata)) == [Cell(1, "x")]


class TestSubmission:
    def test_alone_it_is_named_without_its_suffix(self, tmp_path: Path) -> None:
        path = tmp_path / "work.ipynb"
        path.write_bytes(notebook(DEFINES))
        assert opened(path).name == "work"

    def test_refusal_is_one_line(self, tmp_path: Path) -> None:
        path = tmp_path / "work.ipynb"
        path.write_bytes(b"not json")
        assert refusal(path) == "it is damaged: no JSON, which every notebook is"
        path.write_bytes(notebook("x = 1"))
        assert refusal(path).startswith("no cell defines any of the tasks' names (Autoencoder, ")
        path.write_bytes(notebook("def reject(:"))
        assert "cell 1 cannot be parsed (line 1: " in refusal(path)

    def test_folder_and_archive_with_a_notebook_alone(self, tmp_path: Path) -> None:
        files = {"x/work.ipynb": notebook(DEFINES), "x/weights.safetensors": b"w",
                 "x/blocks.py": b"# mine\n", "x/model.py": b"# forged\n", "x/plot.png": b"p",
                 "x/.ipynb_checkpoints/work-checkpoint.ipynb": b"{}"}  # fmt: skip
        folder = opened(write_folder(tmp_path / "ada", files))
        packed = opened(write_zip(tmp_path / "ada.zip", files))
        assert folder.files["weights.safetensors"] == b"w"
        assert folder.files["blocks.py"] == b"# mine\n"
        assert "model.py" not in folder.files
        assert b"return margin" in folder.files["contrastive.py"]
        assert folder.sha256 == packed.sha256
        assert folder.ignored == ("x/plot.png", "x/model.py")

    def test_the_modules_count_where_there_are_any(self, tmp_path: Path) -> None:
        files = {"threshold.py": b"# mine\n", "work.ipynb": notebook(DEFINES),
                 "walkthrough.ipynb": b"any bytes"}  # fmt: skip
        taken = opened(write_folder(tmp_path / "ada", files))
        assert taken.files == {"threshold.py": b"# mine\n"}
        assert taken.ignored == ("work.ipynb",)
        assert "modules count" in taken.reasons["work.ipynb"]

    def test_two_notebooks_are_refused_by_name(self, tmp_path: Path) -> None:
        files = {"a.ipynb": notebook(DEFINES), "deep/b.ipynb": notebook(DEFINES)}
        line = refusal(write_folder(tmp_path / "ada", files))
        assert line == (
            "it holds several notebooks, a.ipynb and deep/b.ipynb among them, and no modules; "
            "hand in one"
        )

    def test_notebook_beside_an_archive_is_refused(self, tmp_path: Path) -> None:
        files = {"a.ipynb": notebook(DEFINES), "b.zip": b"PK"}
        line = refusal(write_folder(tmp_path / "ada", files))
        assert "a notebook and an archive, a.ipynb and b.zip" in line

    def test_given_tour_is_nobodys_work_beside_another(self, tmp_path: Path) -> None:
        files = {"walkthrough.ipynb": notebook("x = 1"), "work.ipynb": notebook(DEFINES)}
        assert "contrastive.py" in opened(write_folder(tmp_path / "ada", files)).files

    def test_large_notebook_does_not_harm_the_modules(self, tmp_path: Path) -> None:
        files = {
            "threshold.py": b"#\n",
            "big.ipynb": random.Random(0).randbytes(limits.MAX_NOTEBOOK + 1),
        }
        taken = opened(write_zip(tmp_path / "ada.zip", files))
        assert list(taken.files) == ["threshold.py"]
        assert "clear its outputs" in taken.reasons["big.ipynb"]
        del files["threshold.py"]
        assert "clear its outputs" in refusal(write_zip(tmp_path / "bob.zip", files))
        assert "clear its outputs" in refusal(write_folder(tmp_path / "b", files) / "big.ipynb")

    def test_link_in_a_folder_is_not_followed(self, tmp_path: Path) -> None:
        other = tmp_path / "other.ipynb"
        other.write_bytes(notebook(DEFINES))
        (tmp_path / "ada").mkdir()
        (tmp_path / "ada" / "work.ipynb").symlink_to(other)
        assert "a link, which is not followed" in refusal(tmp_path / "ada")

    def test_memory_of_the_largest(self, tmp_path: Path) -> None:
        """As many values as there may be, and as many bytes."""
        values = json.dumps([[]] * (limits.MAX_VALUES // 2 - 50))
        path = tmp_path / "work.ipynb"
        cell = code(DEFINES) | {"outputs": [0]}
        content = notebook(cell).replace(b"[0]", values.encode())
        path.write_bytes(content.ljust(limits.MAX_NOTEBOOK))
        seen = watched(path)
        assert "contrastive.py" in seen.said
        assert seen.megabytes < 256


def test_no_folder_of_modules_waits_for_nbformat(tmp_path: Path) -> None:
    write_folder(tmp_path, {"threshold.py": b"#\n"})
    script = (
        "import sys; from pathlib import Path; from grader.submission import open_submission;"
        "open_submission(Path(sys.argv[1]), {}); print('nbformat' in sys.modules)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_missing_notebook(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no such file"):
        opened(tmp_path / "none.ipynb")

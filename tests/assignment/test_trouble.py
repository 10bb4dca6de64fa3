"""One line for what went wrong in a student's code."""

from __future__ import annotations

from pathlib import Path

import pytest

from assignment.trouble import describe, is_open_task


def caught(file, source, name="f"):
    """The exception that calling `name` from a file raises."""
    file.write_text(source)
    names = {}
    exec(compile(source, str(file), "exec"), names)
    with pytest.raises(BaseException) as error:  # noqa: PT011
        names[name]()
    return error.value


def test_the_place_is_the_innermost_line_of_the_students_own(tmp_path):
    error = caught(
        tmp_path / "classifier.py",
        "import json\n\ndef f():\n    g()\n\ndef g():\n    json.loads('[1,\\n')\n",
    )
    line = describe(error, tmp_path)
    assert line.startswith(f"{tmp_path.name}/classifier.py, line 7: JSONDecodeError: Expecting")
    assert "\n" not in line


def test_a_helper_file_is_named_where_none_of_the_five_is(tmp_path):
    error = caught(tmp_path / "my_layers.py", "def f():\n    raise KeyError('a')\n")
    assert describe(error, tmp_path) == f"{tmp_path.name}/my_layers.py, line 2: KeyError: 'a'"


def test_an_error_from_elsewhere_has_no_place():
    assert describe(ValueError("a\n  b"), Path("/nowhere")) == "ValueError: a b"
    assert describe(ValueError(), Path("/nowhere")) == "ValueError: no message"


def test_a_syntax_error_has_its_own_place(tmp_path):
    file = tmp_path / "threshold.py"
    with pytest.raises(SyntaxError) as error:
        compile("x = 1\ny = (\n", str(file), "exec")
    assert describe(error.value, tmp_path).startswith(f"{tmp_path.name}/threshold.py, line 2: ")


def test_an_open_task_is_told_from_an_operation_that_torch_lacks():
    assert is_open_task(NotImplementedError("task 1, autoencoder: build"))
    assert not is_open_task(NotImplementedError("'aten::x' is not there for MPS"))
    assert not is_open_task(ValueError("task 1"))

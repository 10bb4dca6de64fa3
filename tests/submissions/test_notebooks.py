"""Submissions handed in as notebooks lose and keep the checks that they do as folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.submission import MODULES
from tests.grader.notebooks import notebook
from tests.submissions.grading import checks_of, grade_code
from tests.submissions.patches import Patch, names, read_patches, write_submission

WRONG = read_patches("wrong")[::8]
# Some have helper modules, a demo under `__main__`, or a base class that two tasks share.
CORRECT = [*read_patches("correct")[::12], *(
    patch for patch in read_patches("correct")
    if patch.name in ("helper_modules_beside", "networks_share_a_base_class",
                      "prints_seeds_and_a_demo", "threshold_named_tuple_statistics")
)]  # fmt: skip


def statuses(path: Path, tasks: tuple[str, ...]) -> dict[str, str]:
    return {name: check.status for name, check in checks_of(grade_code(path, tasks)).items()}


@pytest.mark.slow
@pytest.mark.parametrize("patch", [*WRONG, *CORRECT], ids=names([*WRONG, *CORRECT]))
def test_plain_and_written_cells(patch: Patch, tmp_path: Path) -> None:
    folder = write_submission(patch, tmp_path / "folder")
    texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.py"))}
    texts.pop("__init__.py", None)
    modules = {f"{module}.py" for module in MODULES}
    written = {name: f"%%writefile {name}\n{text}" for name, text in texts.items()}
    plain = {name: texts[name] if name in modules else written[name] for name in texts}
    tasks = tuple(sorted({check.partition(".")[0] for check in patch.fails})) or (
        *(name.removesuffix(".py") for name in patch.touched if name in modules),
    )
    expected = statuses(folder, tasks)
    assert {c: s for c, s in expected.items() if s != "passed"} == patch.fails
    for kind, cells in (("plain", plain), ("written", written)):
        path = tmp_path / f"{kind}.ipynb"
        path.write_bytes(notebook(*cells.values()))
        assert statuses(path, tasks) == expected, kind

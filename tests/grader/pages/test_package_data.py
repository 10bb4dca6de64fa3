"""What a page reads at run time is installed with the code."""

import fnmatch
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("folder", ["pages", "report"])
def test_templates_styles_and_scripts_are_package_data(folder):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["grader"]
    found = [
        path.relative_to(ROOT / "grader").as_posix()
        for path in (ROOT / "grader" / folder).iterdir()
        if path.suffix in (".j2", ".css", ".js")
    ]
    assert found
    for name in found:
        assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns), name

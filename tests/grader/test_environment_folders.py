"""Which folders of packages a worker is told of."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.sandbox.environment import installed_packages


def test_a_linked_environment_is_named_by_where_it_really_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "real" / "lib" / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    linked = tmp_path / "link" / "lib" / "site-packages"
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(linked), str(packages)])
    assert installed_packages() == [str(packages.resolve())]

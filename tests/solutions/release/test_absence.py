"""Whatever must not be released is found, wherever it was planted, and nothing is written then."""

from __future__ import annotations

import base64
import gzip
import io
import json
import marshal
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.hidden import HIDDEN_FONTS
from solutions.errors import UserError
from solutions.regions import find_regions
from solutions.release.search import search
from solutions.release.secrets import binary_secrets, solution_secrets
from solutions.stubs import MODULES, REFERENCE
from tests.grader.tiny import write_tiny_bundle

from .conftest import Release, git

SECRETS = solution_secrets(REFERENCE)
LINE = "return errors.mean() + z * errors.std(correction=1)"


def solution_lines() -> list[tuple[str, int, str]]:
    """Module, number and text of each line inside a region, found anew."""
    found = []
    for number, module in enumerate(MODULES, start=1):
        source = (REFERENCE / f"{module}.py").read_text("utf-8")
        lines = source.split("\n")
        for region in find_regions(source, module, f"task {number}, {module}"):
            found += [(module, n, lines[n - 1]) for n in range(region.begin + 1, region.end)]
    return [(module, n, line) for module, n, line in found if line.strip()]


LINES = solution_lines()


def test_each_line_of_the_solution_is_in_a_piece_that_is_searched_for() -> None:
    """Alone where it has four words, else with those around it."""
    searched = {piece.what.rpartition("/")[2] for piece in SECRETS.pieces}
    told = [(module, n) for module, n, _ in LINES if f"{module}.py:{n}" in searched]
    # Only what ends a region and says next to nothing begins no piece: `return latent`, `)`.
    rest = [line.strip() for module, n, line in LINES if (module, n) not in told]
    assert len(told) > 60
    assert all(len(line.split()) <= 3 for line in rest), rest


@given(st.sampled_from(range(len(LINES) - 3)), st.sampled_from(["", "    ", "\t\t"]))
def test_three_lines_of_the_solution_are_found_anywhere(start: int, indent: str) -> None:
    taken = LINES[start : start + 3]
    if len({module for module, _, _ in taken}) > 1 or taken[2][1] - taken[0][1] > 2:
        return  # not of one region
    text = "# notes\n\n" + "\n".join(f"{indent}{line.strip()}" for _, _, line in taken) + "\n"
    words = {word for _, _, line in taken for word in line.split("#")[0].split()}
    if len(words) < 5:
        return
    assert search({"grader/notes.py": text.encode()}, SECRETS)


def in_zip(text: str) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", text)
    return "datasets/extra.zip", buffer.getvalue()


def in_tar(text: str) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("b.txt")
        info.size = len(text.encode())
        archive.addfile(info, io.BytesIO(text.encode()))
    return "datasets/extra.tgz", buffer.getvalue()


def in_zip_in_zip(text: str) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inner.zip", in_zip(text)[1])
    return "datasets/extra.zip", buffer.getvalue()


def notebook(cell: dict[str, object]) -> bytes:
    return json.dumps({"cells": [cell], "nbformat": 4, "nbformat_minor": 5}).encode()


def compiled(text: str) -> tuple[str, bytes]:
    code = compile(f"def f(errors, z):\n    {text}\n", "x.py", "exec")
    return "grader/x.cpython-311.pyc", b"\xa7\r\r\n" + bytes(12) + marshal.dumps(code)


HIDING: dict[str, Callable[[str], tuple[str, bytes]]] = {
    "code": lambda text: ("grader/x.py", f"def f(errors, z):\n    {text}\n".encode()),
    "comment": lambda text: ("grader/x.py", f"# as in {text}\n".encode()),
    "without its return": lambda text: (
        "grader/x.py",
        f"t = {text.removeprefix('return ')}\n".encode(),
    ),
    "wrapped": lambda text: ("grader/x.py", text.replace(" ", "\n        ").encode()),
    "page": lambda text: ("assignment/notes.md", f"Try `{text}`.\n".encode()),
    "json": lambda text: ("grader/x.json", json.dumps({"answer": [text + "\n"]}).encode()),
    "workflow": lambda text: (".github/workflows/x.yml", f"run: |\n  {text}\n".encode()),
    "zip": in_zip,
    "zip in a zip": in_zip_in_zip,
    "tar": in_tar,
    "gzip": lambda text: ("grader/x.gz", gzip.compress(text.encode())),
    "notebook": lambda text: (
        "assignment/walkthrough.ipynb",
        notebook({"source": ["x = 1\n", text[:20], text[20:]], "outputs": []}),
    ),
    "output of a notebook": lambda text: (
        "assignment/walkthrough.ipynb",
        notebook({"source": [], "outputs": [{"data": {"text/plain": [text]}}]}),
    ),
    "base64": lambda text: ("grader/x.txt", base64.encodebytes((" " * 60 + text).encode())),
    "compiled": compiled,
    "another encoding": lambda text: ("grader/x.txt", text.encode("utf-16")),
}


@pytest.mark.parametrize("hide", HIDING.values(), ids=list(HIDING))
def test_one_line_is_found(hide: Callable[[str], tuple[str, bytes]]) -> None:
    name, content = hide(LINE)
    findings = search({"README.md": b"fine\n", name: content}, SECRETS)
    assert findings
    assert all(finding.place.startswith(name) for finding in findings)


def test_place_is_file_and_line() -> None:
    text = f"\n\ndef f(errors, z):\n    {LINE}\n"
    (finding,) = search({"grader/x.py": text.encode()}, SECRETS)
    assert finding.place == "grader/x.py:4"
    assert (
        finding.what.endswith("solutions/reference/threshold.py:51")
        or "threshold.py:" in finding.what
    )


def test_what_stands_in_every_program_is_no_leak() -> None:
    common = b"try:\n    return latent\nfinally:\n    model.eval()\n    super().__init__()\n)\n"
    assert search({"grader/x.py": common}, SECRETS) == []


@pytest.mark.parametrize("hide", HIDING.values(), ids=list(HIDING))
def test_release_with_a_leak_is_not_written(
    make: Release, checkout: Path, tmp_path: Path, hide: Callable[[str], tuple[str, bytes]]
) -> None:
    name, content = hide(LINE)
    if not name.startswith(("grader/", "datasets/", "assignment/")):
        pytest.skip("the workflow is a template's, not the checkout's")
    (checkout / name).write_bytes(content)
    git(checkout, "add", "-f", name)
    with pytest.raises(UserError, match=r"^nothing was written") as caught:
        make(tmp_path / "out", tmp_path / "out.zip")
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["checkout"]


def test_solution_moved_into_a_stub_outside_its_region_is_found(
    make: Release, checkout: Path, tmp_path: Path
) -> None:
    """The given files come from `assignment/` as they are: a solution pasted there would go out."""
    model = checkout / "assignment/model.py"
    model.write_text(model.read_text("utf-8") + f"\n\ndef _try(errors, z):\n    {LINE}\n", "utf-8")
    lines = model.read_text("utf-8").count("\n")
    with pytest.raises(
        UserError, match=rf"assignment/model\.py:{lines}: it shows .*threshold\.py:"
    ):
        make(tmp_path / "out")


class TestHiddenData:
    """Bundles, their hashes and what makes them."""

    @pytest.fixture
    def bundle(self, tmp_path: Path) -> Path:
        return write_tiny_bundle(tmp_path / "mine.npz")

    @pytest.mark.parametrize("under", ["datasets/extra.npz", "grader/notes.txt"])
    def test_bundle_under_any_name(
        self, make: Release, checkout: Path, tmp_path: Path, bundle: Path, under: str
    ) -> None:
        (checkout / under).write_bytes(bundle.read_bytes())
        git(checkout, "add", "-f", under)
        with pytest.raises(UserError, match=under):
            make(tmp_path / "out", None, bundle)

    def test_hash_in_a_page(self, make: Release, checkout: Path, tmp_path: Path, bundle) -> None:
        secrets = binary_secrets(bundle)
        (whole,) = secrets.files
        sheet = checkout / "assignment/README.md"
        sheet.write_text(sheet.read_text("utf-8") + f"\nThe bundle is {whole}.\n", "utf-8")
        with pytest.raises(UserError, match=r"assignment/README\.md:\d+: it shows the SHA-256 of"):
            make(tmp_path / "out", None, bundle)

    def test_bundle_that_lies_ignored_in_the_checkout_is_searched_for_unasked(
        self, make: Release, checkout: Path, tmp_path: Path, bundle: Path
    ) -> None:
        (checkout / "hidden.npz").write_bytes(bundle.read_bytes())
        (checkout / ".gitignore").write_text("*.npz\n", "utf-8")
        text = base64.b64encode(bundle.read_bytes()).decode()
        (checkout / "grader/blob.py").write_text(f'BLOB = "{text}"\n', "utf-8")
        git(checkout, "add", "grader/blob.py")
        with pytest.raises(UserError, match=r"grader/blob\.py"):
            make(tmp_path / "out")

    def test_a_line_of_what_makes_a_bundle(self, make, checkout: Path, tmp_path: Path) -> None:
        font = next(font for font in HIDDEN_FONTS if "Serif" in font)
        source = checkout / "datasets/hidden.py"
        assert f'"{font}": 0,' in source.read_text("utf-8")
        letters = checkout / "datasets/letters.py"
        copied = "    pool = left_over if len(left_over) >= count else order\n"
        assert copied in source.read_text("utf-8")
        letters.write_text(letters.read_text("utf-8") + "def f(order, count):\n" + copied, "utf-8")
        with pytest.raises(UserError, match=r"datasets/letters\.py:\d+: it shows .*hidden\.py"):
            make(tmp_path / "out")

    def test_checks_of_the_instructors_own(self, make, checkout: Path, tmp_path: Path) -> None:
        own = tmp_path / "own"
        own.mkdir()
        (own / "secret_check.py").write_text(
            "def test_it(student):\n    assert student.ink(3) == 7\n", "utf-8"
        )
        make(tmp_path / "out", None, own)
        check = checkout / "grader/checks/threshold.py"
        check.write_text(check.read_text("utf-8") + "    assert student.ink(3) == 7\n", "utf-8")
        with pytest.raises(
            UserError, match=r"grader/checks/threshold\.py:\d+: it shows .*secret_check"
        ):
            make(tmp_path / "out", None, own)

    def test_checks_of_the_instructors_own_that_git_does_not_track(
        self, make: Release, checkout: Path, tmp_path: Path
    ) -> None:
        own = checkout / "grader/checks/hidden"
        own.mkdir()
        (own / "more.py").write_text("def test_it(s):\n    assert s.ink(3) == 7\n", "utf-8")
        check = checkout / "grader/checks/threshold.py"
        check.write_text(check.read_text("utf-8") + "    assert s.ink(3) == 7\n", "utf-8")
        with pytest.raises(UserError, match=r"checks/threshold\.py:\d+: it shows .*more\.py"):
            make(tmp_path / "out")

    def test_secret_that_is_not_there(self, make: Release, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="no such file or folder"):
            make(tmp_path / "out", None, tmp_path / "gone.npz")


def test_test_of_the_maintainers_under_another_name(make, checkout: Path, tmp_path: Path) -> None:
    content = (checkout / "tests/conftest.py").read_bytes()
    (checkout / "grader/conftest.py").write_bytes(content)
    git(checkout, "add", "-A")
    with pytest.raises(UserError, match=r"grader/conftest\.py: it is tests/conftest\.py"):
        make(tmp_path / "out")

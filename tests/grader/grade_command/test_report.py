"""`--report`: a page beside the grade, with pictures where there is a model to look at."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import numpy as np
import pytest
from PIL import Image

import datasets
from grader.emit.student_copy import FAULT
from grader.gallery.gather import PARTIAL, PLAIN_HIDDEN
from grader.sandbox import choose_sandbox
from grader.text import printable
from tests.grader.grade_command.endings import Run
from tests.grader.report.html import Element, read_page
from tests.grader.tiny import TINY, ZEROS, write_tiny_bundle

ACCURACY = ("--task", "accuracy", "--train", "never")
Copy = Callable[..., Path]


def report(run: Run, folder: Path, *options: str | Path) -> tuple[Element, dict[str, Any]]:
    """The page and the record of one grading."""
    place = folder.parent / "made" / "pages"
    path = folder.parent / "record.json"
    result = run(folder, "--data", "digits", "--report", place, "--json", path, *options)
    assert result.exit_code == 0, result.output
    assert f"Report: {place / 'report.html'}" in result.stdout
    assert [page.name for page in place.iterdir()] == ["report.html"]
    page = read_page((place / "report.html").read_text(encoding="utf-8"))
    return page, json.loads(path.read_text(encoding="utf-8"))


def tiles(page: Element) -> np.ndarray:
    """Every picture in the sprite, (N, 28, 28)."""
    data = page.one("image").attributes["href"].removeprefix("data:image/png;base64,")
    sprite = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L")).astype(int)
    rows = [
        np.split(row, row.shape[1] // 28, axis=1) for row in np.split(sprite, len(sprite) // 28)
    ]
    return np.stack([tile for row in rows for tile in row])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_bundle(tmp_path_factory.mktemp("hidden") / "hidden.npz")


def test_a_page_with_pictures(run: Run, copy_reference: Copy) -> None:
    folder = copy_reference(weights=ZEROS, **TINY)
    page, record = report(run, folder, *ACCURACY)
    counts = [[int(cell.text() or 0) for cell in row.all("td")[:-1]]
              for row in page.one("table", class_="confusion").all("tr")[1:]]  # fmt: skip
    known = sum(counts[n][n] for n in range(10)) / sum(map(sum, counts[:10]))
    assert known == pytest.approx(record["metrics"]["known_accuracy"])
    assert f"{100 * known:.2f} %" in page.text()
    titles = [chart.one("title").text() for chart in page.all("svg", class_="plot")]
    assert len(titles) == 4
    assert "no finite threshold" in page.text()
    public = datasets.load_test("digits")
    images = np.concatenate([part.images for part in (public[0], *public[1])]).astype(int)
    shown = tiles(page)
    for tile in shown[: len(shown) // 2]:
        assert (np.abs(images - tile).max(axis=(1, 2)) <= 19).any()
    assert np.ptp(shown[len(shown) // 2 :]) == 0  # this model draws grey


@pytest.mark.parametrize(
    ("module", "old", "new", "said"),
    [
        ("autoencoder", "return images * self.scale,", "return images / self.scale,", "scores"),
        ("classifier", "images.flatten(1)[:, :64]", "images * float('inf')", "embedding"),
    ],
)
def test_numbers_that_cannot_be_drawn_cost_nothing(
    run: Run, copy_reference: Copy, module: str, old: str, new: str, said: str
) -> None:
    """The same marks as without a report, and the page says what is not shown."""
    folder = copy_reference(weights=ZEROS, **{**TINY, module: TINY[module].replace(old, new)})
    page, record = report(run, folder, *ACCURACY)
    path = folder.parent / "plain.json"
    run(folder, "--data", "digits", *ACCURACY, "--json", path)
    plain = json.loads(path.read_text(encoding="utf-8"))
    marks = [[(c["id"], c["status"], c["score"]) for t in r["tasks"] for c in t["checks"]]
             for r in (plain, record)]  # fmt: skip
    assert marks[0] == marks[1]
    reasons = [p.text() for p in page.all("p") if p.text().startswith("Not shown")]
    assert any(said in reason for reason in reasons)


def test_no_picture_holds_a_hidden_image(run: Run, copy_reference: Copy, bundle: Path) -> None:
    """The autoencoder draws the first image that the worker was ever shown."""
    remember = """
        global FIRST
        FIRST = images[:1].clone() if FIRST is None else FIRST
        return FIRST.expand_as(images) + 0 * self.scale, images.flatten(1)[:, :32]
    """
    old = "return images * self.scale, images.flatten(1)[:, :32]"
    assert old in TINY["autoencoder"]
    text = TINY["autoencoder"].replace(old, indent(dedent(remember), 8 * " ").strip())
    folder = copy_reference(weights=ZEROS, **{**TINY, "autoencoder": f"FIRST = None\n{text}"})
    page, record = report(run, folder, *ACCURACY, "--hidden", bundle)
    assert record["tier"] == "hidden"
    assert record["metrics"]["per_family"]
    assert page.all("table", class_="families") == []
    assert "known accuracy" not in page.text()
    if choose_sandbox("auto")[0].level != "bwrap":
        assert PLAIN_HIDDEN in page.text()
        return
    shown = tiles(page)
    assert np.ptp(shown[len(shown) // 2 :], axis=0).max() == 0  # it draws one image only
    read = datasets.read_bundle(bundle)
    hidden = np.concatenate([part.images for part in (read.known, *read.unknowns)]).astype(int)
    public = datasets.load_test("digits")
    images = np.concatenate([part.images for part in (public[0], *public[1])]).astype(int)
    for tile in shown:
        assert (np.abs(hidden - tile).max(axis=(1, 2)) > 9).all()
        assert (np.abs(images - tile).max(axis=(1, 2)) <= 19).any()


def test_a_part_of_a_grade_has_no_pictures(run: Run, copy_reference: Copy) -> None:
    page, record = report(run, copy_reference(), "--task", "evaluation")
    assert PARTIAL in page.text()
    assert page.all("image") == []
    for check in record["tasks"][0]["checks"]:
        assert check["title"] in page.one("li", id=check["id"]).text()
    assert "Not run here: autoencoder, classifier" in page.text()


def test_what_student_code_says_is_text(run: Run, copy_reference: Copy) -> None:
    words = "</p></style><script>alert('\"1\"')</script>\u202e\x1b[31m" + "w" * 300
    folder = copy_reference(evaluation=f"raise ValueError({words!r})\n")
    page, record = report(run, folder, "--task", "evaluation")
    message = record["tasks"][0]["checks"][0]["message"]
    assert "<script>" in message
    assert printable(message)[:200] in page.text()
    assert len(page.all("script")) == 1
    assert FAULT not in page.text()


def test_places_that_cannot_hold_a_page(run: Run, copy_reference: Copy, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for place in (file, file / "inside", Path("/proc/nowhere")):
        result = run(copy_reference() if not (tmp_path / "submission").exists()
                     else tmp_path / "submission", "--report", place)  # fmt: skip
        assert result.exit_code == 2
        assert re.search(rf"--report {re.escape(str(place))}: it (is no|cannot)", result.output)
        assert len(result.output.strip().splitlines()) == 1
    assert file.read_text() == "mine"


def test_a_later_page_takes_the_place_of_an_earlier_one(run: Run, copy_reference: Copy) -> None:
    folder = copy_reference()
    report(run, folder, "--task", "evaluation")
    page, _ = report(run, folder, "--task", "threshold")
    assert page.all("section", class_="task")[0].attributes["aria-labelledby"] == "task-threshold"

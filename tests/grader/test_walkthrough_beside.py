"""The walkthrough lies beside the modules of whoever hands in their folder: no note on it."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest

from grader.file_notes import file_notes
from tests.grader.packing import FILES, Pack, opened, packers

ROOT = Path(__file__).parents[2]
GIVEN = (ROOT / "assignment" / "walkthrough.ipynb").read_bytes()


def executed(size: int) -> bytes:
    """As Jupyter leaves it: counts, pictures of so many bytes, a cell of the student's own."""
    made = json.loads(GIVEN)
    picture = base64.b64encode(random.Random(0).randbytes(size)).decode()
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}
    cells = [cell for cell in made["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(cells, start=1):
        cell["execution_count"] = count
    cells[3]["outputs"] = [output]
    own = {**cells[0], "id": "own", "source": "def reject(labels, errors):\n    return labels"}
    made["cells"].append(own)
    return json.dumps(made).encode()


@packers
@pytest.mark.parametrize("size", [0, 2 << 20])  # a whole run leaves 1.4 MB
def test_walkthrough_beside_the_modules_is_not_worth_a_note(
    tmp_path: Path, pack: Pack, size: int
) -> None:
    content = executed(size) if size else GIVEN
    taken = opened(pack(tmp_path, {**FILES, "walkthrough.ipynb": content}))
    assert taken.files == FILES  # the modules count, whatever the notebook defines
    assert file_notes(taken) == ()

"""Notebooks that students hand in: as JSON, and as cells."""

from __future__ import annotations

import ast
import json
import warnings
from random import Random
from typing import Any

from grader.errors import UsageError
from grader.submission import MODULES, open_submission
from grader.text import one_line
from tests.fuzz.mutation import ODD_VALUES, mutate_bytes, mutate_json
from tests.fuzz.scratch import scratch
from tests.fuzz.target import Target

CODE = (
    "%matplotlib inline\n!pip install \\\n  torch\nimport torch, numpy as np\nfrom math import *\n",
    "from __future__ import annotations\nZ = 3.0; print(Z)\nfiles = !ls\nfiles?\n",
    "def reject(labels, errors, threshold, unknown_label=10):\n    return helper(labels) + Z\n",
    "@torch.no_grad()\ndef helper(x: 'int' = Z):\n    %time\n    return [y for y in x if y]\n",
    "class Autoencoder(Base):\n    '''% é\n!no magic?'''\n    size = Z\n    def f(s): return e\n",
    "Autoencoder.forward = lambda self, x: x\nBase = object\ntry:\n    import q\nexcept E: q = 1\n",
    "%%writefile assignment/threshold.py\nfrom . import q\ndef reject(): pass\n",
    "%%writefile -a threshold.py\nx = (\n",
    "\n\n%%time\nif __name__ == '__main__':\n    eval_model = 3\nfor i in x:\n    eval_model()\n",
    "%%bash\nrm -rf /\n",
    "contrastive_loss: object = torch.f; del torch\nwith x as Classifier: pass\n",
    "%%writefile ../../x.py\n",
)
LINES = [line for cell in CODE for line in cell.split("\n")]
WORDS = ("(", ")", '"""', "'", "\\", "\n", "\r", "\x0c", "\0", "\ud800", "é", "  ", "%", "!", "?",
         "def ", "class ", ":", "=", ";", "@", "lambda:", "-" * 300, "[" * 250, "x." * 400,
         "\ufeff", "%%writefile ", "evaluation.py", "\N{COMBINING ACUTE ACCENT}", "f'{", "0x",
         "async ", "nonlocal x", "return", "global x\n", "\u2028")  # fmt: skip


def _notebook(cells: list[Any]) -> dict[str, Any]:
    return {
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "language": "python"},
            "language_info": {"name": "python"},
            "nbconvert": {"template": "../../evil", "preprocessors": ["os.system"]},
        },
        "cells": cells,
    }  # fmt: skip


def _cell(source: Any, kind: str = "code") -> dict[str, Any]:
    outputs = [{"output_type": "display_data", "data": {"text/html": "<script>x</script>"}}]
    return {"cell_type": kind, "id": "a", "metadata": {}, "source": source, "outputs": outputs}


MODERN = _notebook([*map(_cell, CODE), _cell(CODE[2].splitlines(keepends=True)), _cell("#", "raw")])
OLD = {
    "nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"},
    "worksheets": [
        {"cells": [{"cell_type": "code", "language": "python", "input": text} for text in CODE]},
        {"cells": [{"cell_type": "heading", "source": ["a"], "level": 1}]},
    ],
}  # fmt: skip
EXAMPLES = [json.dumps(each).encode() for each in (MODERN, OLD)]


def make_notebook(rng: Random) -> bytes:
    """A notebook with bytes, values or the text of its cells changed."""
    kind = rng.random()
    if kind < 0.25:
        return mutate_bytes(rng, EXAMPLES)
    if kind < 0.55:
        text = json.dumps(mutate_json(rng, rng.choice((MODERN, OLD))))
        if rng.random() < 0.03:
            text = text.replace('"', "[" * rng.choice((900, 5000, 100_000)), 1)
        return text.encode()
    cells: list[Any] = [_cell(_source(rng)) for _ in range(rng.randint(1, 5))]
    if rng.random() < 0.1:
        cells[0]["source"] = [rng.choice(ODD_VALUES), cells[0]["source"]]
    return json.dumps(_notebook(cells)).encode()


def _source(rng: Random) -> str:
    """The text of a cell: lines of several, a few of them changed."""
    lines = rng.choice(CODE).split("\n")
    for _ in range(rng.choice((0, 1, 2, 5))):
        place = rng.randrange(len(lines))
        match rng.randrange(4):
            case 0:
                lines.insert(place, rng.choice(LINES))
            case 1:
                lines[place] = rng.choice(LINES)
            case 2:
                at = rng.randint(0, len(lines[place]))
                lines[place] = lines[place][:at] + rng.choice(WORDS) + lines[place][at:]
            case _ if len(lines) > 1:
                del lines[place]
    return "\n".join(lines)


def read_notebook(data: bytes) -> None:
    """Open it as a submission."""
    path = scratch() / "case.ipynb"
    path.write_bytes(data)
    taken = open_submission(path, {"model.py": b""})
    assert {f"{module}.py" for module in MODULES} <= set(taken.files)
    assert all(one_line(note, 300) == note for note in taken.notes)
    if data[-1:] == b"}" and len(data) % 10 == 0:
        assert taken.sha256 == open_submission(path, {"model.py": b""}).sha256
    for name, content in taken.files.items():
        # A file that a cell wrote is taken as it is; what was made of plain cells is Python.
        if not any(f", {name}: it cannot be parsed" in note for note in taken.notes):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(content.decode())


TARGETS = [Target("notebook", 100, make_notebook, read_notebook, (UsageError,))]

"""The measured numbers as files: one a problem, each cell kept as soon as it is finished."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datasets.files import write_whole
from solutions.errors import UserError
from solutions.measure import RESULTS, machine
from solutions.zoo.method import Spec
from solutions.zoo.tables.fingerprint import fingerprint
from solutions.zoo.tables.measuring import Cell
from solutions.zoo.training import Budget

SCHEMA = "osr-zoo/1"


class Results:
    """The cells of one problem, in a file.

    Args:
        problem: Its name.
        folder: Where the file is, `zoo-PROBLEM.json`, or will be.

    Raises:
        UserError: The file is there and is none of ours.
    """

    def __init__(self, problem: str, folder: Path = RESULTS) -> None:
        self.path = folder / f"zoo-{problem}.json"
        self.problem = problem
        document = _read(self.path) if self.path.exists() else {}
        self.cells: list[Cell] = document.get("cells", [])
        self._stale: dict[str, bool] = {}  # by method

    def has(self, spec: Spec, seed: int, budget: Budget) -> bool:
        """Whether there is a cell for this, measured with the method as it is now."""
        now = fingerprint(spec, budget)
        return any(
            cell["fingerprint"] == now
            for cell in self.cells
            if (cell["method"], cell["seed"], cell["budget"]) == (spec.name, seed, budget)
        )

    def add(self, cells: Iterable[Cell]) -> None:
        """Put cells in, in place of older ones of the same method, seed and budget; write.

        Each is stamped with the day and the machine, for cells of several may stand in one file.
        """
        stamp = {"measured_at": datetime.date.today().isoformat(), "machine": machine()}
        new = {_key(cell): {**cell, **stamp} for cell in cells}
        self.cells = [cell for cell in self.cells if _key(cell) not in new] + list(new.values())
        self.cells.sort(key=_key)
        self._stale.clear()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        header = {
            "schema": SCHEMA,
            "problem": self.problem,
            "command": "python -m solutions zoo reproduce",
        }
        text = json.dumps(header, indent=1).removesuffix("\n}")
        lines = ",\n".join(json.dumps(cell, allow_nan=False) for cell in self.cells)
        whole = f'{text},\n "cells": [\n{lines}\n ]\n}}\n'  # a cell a line: a diff shows which
        write_whole(self.path, lambda file: file.write(whole.encode()))

    def stale(self, spec: Spec) -> bool:
        """Whether a cell of the method was measured with other code or settings than today's."""
        if spec.name not in self._stale:  # asked for in every table, and some files have to be read
            now = {cell["budget"]: fingerprint(spec, cell["budget"]) for cell in self.of(spec.name)}
            self._stale[spec.name] = any(
                cell["fingerprint"] != now[cell["budget"]] for cell in self.of(spec.name)
            )
        return self._stale[spec.name]

    def only(self, budget: Budget) -> Results:
        """The same with the cells of one budget alone, to be looked at."""
        one = copy.copy(self)
        one._stale = {}
        one.cells = [cell for cell in self.cells if cell["budget"] == budget]
        return one

    def of(self, method: str) -> list[Cell]:
        """The cells of one method."""
        return [cell for cell in self.cells if cell["method"] == method]


def _key(cell: Cell) -> tuple[str, str, int]:
    return (cell["method"], cell["budget"], cell["seed"])


def _read(path: Path) -> dict[str, Any]:
    repair = "move it away, or take it from the repository again"
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as results ({error}); {repair}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UserError(f"{path}: is no file of results of the schema {SCHEMA}; {repair}")
    return document

"""Attacking the grader: each hostile submission alone, watched from outside, and judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.submissions import watch
from tests.submissions.attacks import Attack, write_attack
from tests.submissions.canaries import ROOT, VARIABLE, planted

TIME_LIMIT_S = 180.0
LOOK_S = 0.2
GRADER_MB = 1500  # the grader's own memory: two bodies of a frame, and what it needs anyway
Result = dict[str, Any]
Run = Callable[[dict[str, Any], Path, dict[str, str]], "subprocess.Popen[bytes]"]


@dataclass(frozen=True)
class Row:
    """One attack, and what came of it.

    Attributes:
        unheld: why the level is known not to hold it; "" where it has to.
        faults: what the attack reached, or broke.
    """

    name: str
    aim: str
    why: str
    honest: float
    score: float
    duration_s: float
    outcome: str
    unheld: str
    faults: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """One word."""
        if not self.faults:
            return "held"
        return "known" if self.unheld else "NOT HELD"

    @property
    def is_fault(self) -> bool:
        """Whether the grader has failed here."""
        return bool(self.faults) and not self.unheld


def besiege(attack: Attack, level: str, *, warm: bool = False) -> Row:
    """Let one attack be graded at a level, by a worker that is forked or not, and look around."""
    with tempfile.TemporaryDirectory(prefix="osr-siege-") as folder:
        field = Path(folder)
        field.chmod(0o700)
        for name in ("tmp", "out"):
            (field / name).mkdir()
        submission = write_attack(attack, field / "work")
        with planted(field) as canaries:
            job = {
                "submission": str(submission),
                "level": level,
                "warm": warm,
                "canaries": canaries.texts,
                "result": str(field / "out" / "result.json"),
            }
            (field / "out" / "job.json").write_text(json.dumps(job), encoding="utf-8")
            secrets = (canaries.texts["command line"], canaries.texts["environment"])
            return _watch(attack, level, field, secrets)


def _watch(attack: Attack, level: str, field: Path, secrets: tuple[str, str]) -> Row:
    """Run the attempt, with everything looked at before and after."""
    places = [field / "work", field / "hidden", ROOT]
    before = [watch.listing(place) for place in places]
    family = watch.Descendants()
    started = time.monotonic()
    faults = _run(field, secrets, family)
    duration_s = time.monotonic() - started
    faults += [f"process left: {name}" for name in family.left_behind()]
    for place, earlier in zip(places, before, strict=True):
        changed = watch.differences(earlier, watch.listing(place))
        faults += [f"file changed: {name}" for name in changed]
    faults += [f"left in the temporary folder: {file.name}" for file in (field / "tmp").iterdir()]
    for file in watch.marked_files():
        faults.append(f"file left: {file}")
        watch.remove(file)
    result = _read(field / "out" / "result.json")
    return judge(attack, level, result, faults, duration_s)


def _run(field: Path, secrets: tuple[str, str], family: watch.Descendants) -> list[str]:
    """Run the attempt to its end or its time limit; says how it failed."""
    command = [sys.executable, "-m", "tests.submissions.attempt"]
    environment = {**os.environ, VARIABLE: secrets[1], "TMPDIR": str(field / "tmp")}
    with (field / "out" / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [*command, str(field / "out" / "job.json"), secrets[0]],
            cwd=ROOT, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
        try:
            end = time.monotonic() + TIME_LIMIT_S
            while process.poll() is None and time.monotonic() < end:
                family.look()
                time.sleep(LOOK_S)
            if process.poll() is None:
                return [f"the grading did not end within {TIME_LIMIT_S:g} s"]
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        lines = (field / "out" / "said.txt").read_text(errors="replace").strip().splitlines()
        said = lines[-1][:200] if lines else "it said nothing"
        return [f"the grader ended with code {process.returncode}: {said}"]
    return []


def _read(path: Path) -> Result | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def judge(
    attack: Attack, level: str, result: Result | None, faults: list[str], duration_s: float
) -> Row:
    """What an attempt's result says, with the faults that were seen from outside.

    Args:
        attack: what was graded.
        level: "bwrap" or "plain".
        result: what the attempt wrote; None where it wrote nothing.
        faults: what is known already.
        duration_s: how long it took.
    """
    faults = [*faults, *_faults_of(attack, level, result)]
    return Row(
        name=attack.name,
        aim=attack.aim,
        why=attack.patch.why,
        honest=attack.honest,
        score=result.get("score", 0.0) if result else 0.0,
        duration_s=round(duration_s, 1),
        outcome=result["outcome"] if result else "no record",
        unheld=attack.unheld if level == "plain" else "",
        faults=tuple(faults),
    )


def _faults_of(attack: Attack, level: str, result: Result | None) -> list[str]:
    if result is None:
        return ["the grader wrote no record"]
    faults = [f"the box sent what is secret: {place}" for place in result["leaked"]]
    faults += [f"it got hold of: {loot}" for loot in result["loot"]]
    faults += [f"a worker was not forked: {reason}" for reason in result["cold"]]
    if result["peak_mb"] > GRADER_MB:
        faults.append(f"the grader needed {result['peak_mb']} MB")
    if result["outcome"] == "grader error":
        faults.append(f"the grader failed: {result['message']}")
    if result["outcome"] == "graded":
        faults += _faults_of_record(attack, level, result)
    return [*faults, *_faults_of_next(result["next"])]


def _faults_of_record(attack: Attack, level: str, result: Result) -> list[str]:
    faults = []
    if result["score"] > attack.honest:
        faults.append(f"it scored {result['score']:g}, its code earns {attack.honest:g}")
    if result["record"]["level"] != level:
        faults.append(f"it was graded at {result['record']['level']}")
    faults += [
        f"{name} is blamed on the grader: {check['message']}"
        for name, check in result["record"]["checks"].items()
        if check["status"] == "grader_error"
    ]
    return faults


def _faults_of_next(following: Result) -> list[str]:
    """The reference, graded by the same process afterwards, passes every check."""
    if following["outcome"] != "graded":
        return [f"the next submission: {following['message']}"]
    return [
        f"the next submission: {name} is {check['status']} ({check['message']})"
        for name, check in following["record"]["checks"].items()
        if check["status"] != "passed"
    ]

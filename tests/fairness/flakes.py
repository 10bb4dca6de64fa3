"""How often a right submission loses a check by the luck of its seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import grader
from tests.fairness.jobs import Graded, Job, touched_tasks
from tests.submissions.patches import REFERENCE, read_patches

FILE = Path(__file__).with_name("flakes.json")
SCHEMA = "osr-flakes/1"


def flake_jobs(reference: int, rounds: int) -> list[Job]:
    """The reference with every seed, then the correct submissions, round by round.

    A round grades each correct submission with one seed, on the tasks that are its own.
    """
    correct = read_patches("correct")
    return [
        *(Job(None, seed) for seed in range(reference)),
        *(
            Job(patch, seed, tasks=touched_tasks(patch))
            for seed in range(rounds)
            for patch in correct
        ),
    ]


def sources_sha256() -> str:
    """Of the code that figures were measured with: the grader's, the reference's."""
    digest = hashlib.sha256()
    for folder in (Path(grader.__file__).parent, REFERENCE):
        for file in sorted((*folder.rglob("*.py"), *folder.rglob("*.toml"))):
            digest.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()


def fingerprint(job: Job, sources: str) -> str:
    """Of everything that a result depends on."""
    whole = repr((sources, job.seed, job.condition, job.tasks, job.patch))
    return hashlib.sha256(whole.encode()).hexdigest()


def entry_of(result: Graded, sources: str) -> dict[str, Any]:
    """One line of the journal."""
    return {
        "fingerprint": fingerprint(result.job, sources),
        "submission": result.job.submission,
        "seed": result.job.seed,
        "lost": result.lost,
        "ratios": {
            check: float(f"{max(deviation.ratio for deviation in deviations):.3g}")
            for check, deviations in result.deviations.items()
            if deviations
        },
    }


def read_journal(path: Path) -> dict[str, dict[str, Any]]:
    """What earlier runs have done, by fingerprint; a line that was cut off does not count."""
    entries: dict[str, dict[str, Any]] = {}
    if not path.exists():
        return entries
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        entries[entry["fingerprint"]] = entry
    return entries


def summarise(entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Counts and seeds of what was run, everything that was lost, and the tolerances' use."""
    done = sorted(entries, key=lambda entry: (entry["submission"], entry["seed"]))
    counts: dict[str, list[int]] = {}
    widest: dict[str, float] = {}
    for entry in done:
        counts.setdefault(entry["submission"], []).append(entry["seed"])
        for check, ratio in entry["ratios"].items():
            widest[check] = max(ratio, widest.get(check, 0.0))
    return {
        "gradings": len(done),
        "flaky_gradings": sum(bool(entry["lost"]) for entry in done),
        "lost": [found for entry in done for found in entry["lost"]],
        "seeds": {name: _spans(seeds) for name, seeds in counts.items()},
        "gradings_of": {name: len(seeds) for name, seeds in counts.items()},
        "widest_ratios": dict(sorted(widest.items())),
    }


def sentence(summary: dict[str, Any]) -> str:
    """The figures in a sentence, for the README."""
    counts = dict(summary["gradings_of"])
    reference = counts.pop("reference")
    fewest, most = min(counts.values()), max(counts.values())
    seeds = f"{fewest}" if fewest == most else f"{fewest} or {most}"
    return (
        f"{summary['gradings']} gradings of {summary['gradings_asked']} asked for: the reference "
        f"with {reference} seeds, each of {len(counts)} correct submissions with {seeds}. "
        f"{summary['flaky_gradings']} of them lost a check."
    )


def read_flakes(path: Path = FILE) -> dict[str, Any]:
    """The committed figures."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def _spans(seeds: list[int]) -> str:
    """Sorted numbers as text: "0-3, 7"."""
    spans: list[list[int]] = []
    for seed in seeds:
        if spans and seed == spans[-1][1] + 1:
            spans[-1][1] = seed
        else:
            spans.append([seed, seed])
    return ", ".join(f"{a}-{b}" if a < b else str(a) for a, b in spans)

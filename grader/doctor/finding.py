"""What a look at the machine has found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

SCHEMA = "osr-doctor/1"
OK, NOTE, WARNING, BROKEN = "ok", "note", "warning", "broken"
ORDER = (OK, NOTE, WARNING, BROKEN)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what it is.
        status: `ok`; `note`, something optional is not there; `warning`, grading works but for
            something; `broken`, nothing can be graded.
        text: what was found, one line.
        advice: what to do about it, one line; "" where there is nothing to do.
    """

    name: str
    status: str
    text: str
    advice: str = ""


Look = Callable[[], Iterable[Finding]]


def guarded(name: str, look: Look) -> list[Finding]:
    """What a look finds; one that fails is a finding too, since a broken machine breaks looks."""
    try:
        return list(look())
    except Exception as error:
        text = f"it cannot be looked at ({type(error).__name__}: {error})"
        advice = "install the project: pip install -c constraints.txt -e ."
        return [Finding(name, BROKEN, " ".join(text.split()), advice)]


def worst(findings: Iterable[Finding]) -> str:
    """The worst status among the findings."""
    return max((finding.status for finding in findings), key=ORDER.index, default=OK)


def to_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """All of it as data."""
    found = list(findings)
    return {
        "schema": SCHEMA,
        "status": worst(found),
        "findings": [asdict(finding) for finding in found],
    }

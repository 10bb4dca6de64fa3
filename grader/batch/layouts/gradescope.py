"""Gradescope's export: folders `submission_123456`, and who they are of in one YAML file.

Students who handed in together get the same grade each. The id is the student's number (`sid`),
else the e-mail address.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import UsageError
from ..candidates import entries, inside, shown
from ..work import Found, Refused, Work, plain_text

METADATA = "submission_metadata.yml"
MAX_METADATA = 64 << 20  # it holds every test's output


def knows(root: Path) -> bool:
    """Whether a folder is such an export."""
    return (root / METADATA).is_file()


def read(root: Path) -> Found:
    """Every student's hand-in, by the time it was made.

    Raises:
        UsageError: the YAML file cannot be read.
    """
    about = _read_metadata(root / METADATA)
    dated: list[tuple[str, Work]] = []
    refused = []
    for folder, entry in about.items():
        path = root / folder
        people = _people(_field(entry, "submitters"))
        if Path(folder).name != folder or not path.is_dir():
            refused.append(Refused(plain_text(folder), f"{METADATA} names it, and it is not there"))
            continue
        if not people or not all(student for student, _ in people):
            refused.append(Refused(plain_text(folder), f"{METADATA} has no id for whose it is"))
            continue
        opened = inside(path)
        when = plain_text(str(_field(entry, "created_at") or ""))
        dated += [
            (when, Work(student, name, when, shown(opened, root), opened))
            for student, name in people
        ]
    skipped = [plain_text(p.name) for p in entries(root) if p.name not in {METADATA, *about}]
    counts: dict[str, int] = {}
    for _, work in dated:
        counts[work.student] = counts.get(work.student, 0) + 1
    works = [_alone(work) if counts[work.student] == 1 else work for _, work in _sorted(dated)]
    return Found(tuple(works), tuple(refused), tuple(skipped))


def _sorted(dated: list[tuple[str, Work]]) -> list[tuple[str, Work]]:
    return sorted(dated, key=lambda pair: (pair[1].student, pair[0], pair[1].source))


def _alone(work: Work) -> Work:
    return Work(work.student, work.name, "", work.source, work.path)


def _read_metadata(path: Path) -> dict[str, Any]:
    import yaml

    try:
        if path.stat().st_size > MAX_METADATA:
            raise UsageError(f"{path}: larger than {MAX_METADATA >> 20} MB")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        about = yaml.load(path.read_bytes(), loader)  # noqa: S506 (both are safe loaders)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{path}: it is not the YAML that Gradescope writes ({reason})") from None
    except OSError as error:
        raise UsageError(f"{path}: it cannot be read ({error.strerror})") from None
    if not isinstance(about, dict) or not all(isinstance(key, str) for key in about):
        raise UsageError(f"{path}: it is not the list of submissions that Gradescope writes")
    return about


def _field(entry: object, name: str) -> object:
    """Gradescope writes Ruby's symbols, `:name`; whoever edits the file may leave out the colon."""
    if not isinstance(entry, dict):
        return None
    return entry.get(f":{name}", entry.get(name))


def _people(submitters: object) -> list[tuple[str, str]]:
    return [_person(person) for person in submitters] if isinstance(submitters, list) else []


def _person(person: object) -> tuple[str, str]:
    ids = (_field(person, "sid"), _field(person, "email"))
    student = next((plain_text(str(given)) for given in ids if given not in (None, "")), "")
    return student, plain_text(str(_field(person, "name") or ""))

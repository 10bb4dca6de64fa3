"""What is to be said of files and cells of a submission that were not taken."""

from __future__ import annotations

from .submission import Submission

CODE_OR_WEIGHTS = (".py", ".pyc", ".so", ".ipynb", ".safetensors", ".pt", ".pth", ".pkl", ".ckpt")
NOT_TAKEN, ADVICE = "not taken from the submission: ", "left out for its name: "
NOTEBOOK = "notebook: "


def file_notes(submission: Submission) -> tuple[str, ...]:
    """What is to be said of files and cells that were not taken: no part of the work's hash."""
    # Notes and plots beside the modules are no surprise; code and weights left out are.
    why = submission.reasons
    ignored = [
        f"{name} ({why[name]})" if name in why else name
        for name in submission.ignored
        if name in why or name.lower().endswith(CODE_OR_WEIGHTS)
    ]
    notes = [f"{NOTEBOOK}{note}" for note in submission.notes]
    if ignored:
        names = ", ".join(ignored[:5])
        more = f" and {len(ignored) - 5} more" if len(ignored) > 5 else ""
        notes.append(f"{NOT_TAKEN}{names}{more}")
    if submission.advice:
        more = f"; and {len(submission.advice) - 5} more" if len(submission.advice) > 5 else ""
        notes.append(f"{ADVICE}{'; '.join(submission.advice[:5])}{more}")
    return tuple(notes)


def is_file_note(note: str) -> bool:
    """Whether a note is one of `file_notes`."""
    return note.startswith((NOT_TAKEN, ADVICE, NOTEBOOK))

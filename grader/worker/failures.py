"""What went wrong in the student's code, as data for the other side."""

from __future__ import annotations

import linecache
import re
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

ALLOCATION = re.compile(r"can't allocate memory|not enough memory|out of memory", re.IGNORECASE)
# Above each piece of a module that was taken out of a notebook (`grader/intake/extract.py`).
MARK = re.compile(r"# %% cell (\d{1,6}), line (\d{1,6}) of the notebook")
MAX_TEXT = 2000
MAX_FRAMES = 6


def describe_failure(error: BaseException, package: Path) -> dict[str, Any]:
    """Describe an exception: its kind, message, and the student's own lines it came through.

    Args:
        error: what was raised.
        package: the folder of the student's modules; other frames are left out.
    """
    frames = student_frames(error.__traceback__, package)
    return {
        "kind": _kind(error, package),
        "type": type(error).__name__,
        "message": _text(error) + _advice(error, package),
        "frames": frames[-MAX_FRAMES:] or _syntax_frame(error, package),
    }


def student_frames(trace: TracebackType | None, package: Path) -> list[dict[str, Any]]:
    """The frames of `trace` that are in the student's files, outermost first."""
    return [
        {
            "file": Path(frame.filename).name,
            "line": frame.lineno,
            "function": frame.name,
            "code": linecache.getline(frame.filename, frame.lineno or 0).strip()[:200],
        }
        | _place(frame.filename, frame.lineno or 0)
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).parent == package
    ]


def _kind(error: BaseException, package: Path) -> str:
    if isinstance(error, MemoryError) or ALLOCATION.search(_text(error)):
        return "out_of_memory"
    if isinstance(error, NotImplementedError) and _raised_in(error, package):
        return "not_implemented"
    return "error"


def _raised_in(error: BaseException, package: Path) -> bool:
    """Whether the student's own code raised it: torch raises NotImplementedError too."""
    trace = traceback.extract_tb(error.__traceback__)
    return bool(trace) and Path(trace[-1].filename).parent == package


def _advice(error: BaseException, package: Path) -> str:
    """What to do about an exception whose own text does not tell a student."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        module = error.name.split(".")[0]
        if (package / f"{module}.py").exists():
            return f"; {module}.py is beside it: write 'from .{module} import ...'"
        if module != package.name:
            return "; PyTorch, NumPy and what comes with Python are enough"
    if isinstance(error, SyntaxError | ValueError) and "null bytes" in str(error):
        return "; save the file as UTF-8"
    if isinstance(error, SystemExit):
        return ": the code ends the whole process; remove exit() or sys.exit()"
    if isinstance(error, AttributeError) and "before Module.__init__() call" in str(error):
        return "; call super().__init__() before you assign the first layer"
    if isinstance(error, FileNotFoundError):
        return "; your code is graded away from your other files: read none"
    if _is_debugging(error):
        return "; nobody can debug here: remove breakpoint()"
    if isinstance(error, EOFError):
        return "; there is no keyboard here: remove input()"
    return ""


def _is_debugging(error: BaseException) -> bool:
    """Whether it came through Python's debugger, which the guard stops at its first step."""
    frames = traceback.extract_tb(error.__traceback__)
    return any(Path(frame.filename).name in ("pdb.py", "bdb.py") for frame in frames)


def _syntax_frame(error: BaseException, package: Path) -> list[dict[str, Any]]:
    """A syntax error has no frame in the file that it is about."""
    if not isinstance(error, SyntaxError) or not error.filename:
        return []
    if Path(error.filename).parent != package:
        return []
    code = (error.text or "").strip()[:200]
    frame = {"file": Path(error.filename).name, "line": error.lineno, "function": "", "code": code}
    return [frame | _place(error.filename, error.lineno or 0)]


def _place(filename: str, line: int) -> dict[str, str]:
    """Where a line stood in the notebook that it came from; nothing where it came from none."""
    for number, text in enumerate(reversed(linecache.getlines(filename)[:line])):
        if mark := MARK.fullmatch(text.strip()):
            return {"place": f"cell {mark[1]}, line {int(mark[2]) + number - 1}"}
    return {}


def _text(error: BaseException) -> str:
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # a student's own __str__ may raise
        text = "(its message could not be read)"
    return str(text)[:MAX_TEXT]

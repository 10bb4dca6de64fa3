"""Do what a student does first: run the README's two commands in a clean environment."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from grader.sandbox.environment import installed_packages
from grader.text import one_line
from solutions.errors import UserError
from solutions.release.build import PAGES
from solutions.release.order import Verify
from solutions.release.place import write_folder

# What a student's machine would not have from us: paths into this checkout, data, settings of make.
LEFT_OUT = ("PYTHON", "PYTEST", "MAKE", "MFLAGS", "OSR_", "VIRTUAL_ENV", "VENV", "GITHUB_")
QUICK_S, FULL_S = 600, 3600
GRACE_S = 10
ZERO = "assignment: 0 / 100 "
TO_DO = "still to do: "


def verify(files: dict[str, bytes], how: Verify) -> None:
    """Run the two commands on a copy of the release: the stubs earn 0 of 100, and nothing trains.

    `quick` uses the packages that are installed here, in an environment that holds nothing else:
    neither this checkout nor the solution can be imported. `full` installs everything anew.

    Raises:
        UserError: a command does something else than a student is told.
    """
    if how is Verify.none:
        return
    with tempfile.TemporaryDirectory(prefix="osr-release-") as name:
        folder = Path(name) / "assignment-repository"
        write_folder(files, folder)
        environment = clean_environment()
        if how is Verify.quick:
            environment["VENV"] = str(borrow_packages(Path(name) / "venv"))
        limit = FULL_S if how is Verify.full else QUICK_S
        grade, train = readme_commands(files)
        _check_grade(grade, *_run(grade, folder, environment, limit))
        _check_train(train, *_run(train, folder, environment, limit))


def readme_commands(files: dict[str, bytes]) -> tuple[str, str]:
    """The commands in the first block of the release's README: to grade, and to train."""
    page = PAGES["README.md.j2"]
    block = re.search(r"```sh\n(.*?)```", files[page].decode("utf-8"), re.DOTALL)
    lines = block[1].splitlines() if block else []
    commands = [command for line in lines if (command := line.partition("#")[0].strip())]
    if len(commands) != 2:
        raise UserError(f"{page}: its first block must hold two commands, not {len(commands)}")
    return commands[0], commands[1]


def _check_grade(command: str, code: int, output: str) -> None:
    total = next((line for line in output.splitlines() if ZERO in line), "")
    marks = {line.strip()[:1] for line in output.splitlines() if line.startswith("  ")}
    if code or not total.startswith(ZERO) or marks & set("✓~✗!"):
        raise _wrong(command, f"exit code 0 and '{ZERO.strip()}'", code, output)


def _check_train(command: str, code: int, output: str) -> None:
    if code == 0 or TO_DO not in output:
        raise _wrong(command, f"a line '{TO_DO}…' that names the first task", code, output)


def _wrong(command: str, expected: str, code: int, output: str) -> UserError:
    last = one_line("\n".join(output.strip().splitlines()[-3:]), 400)
    return UserError(
        f"the release does not work, nothing was written: {command} should give {expected}, "
        f"but gave exit code {code} and: {last}"
    )


def _run(command: str, folder: Path, environment: dict[str, str], limit: int) -> tuple[int, str]:
    """Exit code and all output of a command line; however it ends, no process of it is left."""
    try:
        process = subprocess.Popen(  # noqa: S603 (our own README's)
            command.split(),
            cwd=folder, env=environment, start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except OSError as error:
        raise UserError(
            f"{command}: cannot be started ({error.strerror}); --verify none skips this"
        ) from None
    with process:
        try:
            output, _ = process.communicate(timeout=limit)
        except BaseException as error:
            _end(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise UserError(
                    f"{command}: not done after {limit} s; --verify none skips this"
                ) from None
            raise
    return process.returncode, output


def _end(process: subprocess.Popen[str]) -> None:
    """End what a command has started, too: make would leave the grader running."""
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)  # the grader tidies up then
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def clean_environment() -> dict[str, str]:
    """The variables of this process without those that lead back into this checkout."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(LEFT_OUT)}
    return kept | {"PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"}


def borrow_packages(folder: Path) -> Path:
    """Make a virtual environment of the packages installed here and nothing of this checkout.

    A `.pth` file names their folder; `.pth` files *in* that folder, such as that of an editable
    install, are not read then.
    """
    venv.create(folder, symlinks=os.name != "nt")
    site = next(folder.glob("[Ll]ib/**/site-packages"))
    (site / "borrowed.pth").write_text("\n".join(installed_packages()) + "\n", encoding="utf-8")
    (folder / ".ok").touch()  # what make looks at
    return folder

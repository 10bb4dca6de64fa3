"""What git tracks in the checkout: the only list that uncommitted files are not on."""

from __future__ import annotations

import subprocess
from pathlib import Path

from solutions.errors import UserError

BINARY = ("*.npz", "*.safetensors")


def tracked_files(root: Path) -> list[str]:
    """Paths of the tracked files, relative to `root`, with forward slashes, sorted.

    Raises:
        UserError: `root` is no git checkout, or git is not there.
    """
    found = sorted(_git(root, "ls-files", "-z"))
    if not found:
        raise UserError(f"{root}: git tracks no file here; commit them first")
    return found


def modified_files(root: Path) -> list[str]:
    """Tracked files that differ from the last commit, or were added since."""
    return sorted({line[3:] for line in _git(root, "status", "-z", "-uno", "--no-renames")})


def untracked_files(root: Path) -> list[str]:
    """Files that git neither tracks nor ignores, whole folders as one with a slash at its end."""
    return sorted(_git(root, "ls-files", "-z", "--others", "--exclude-standard", "--directory"))


def untracked_binaries(root: Path) -> list[Path]:
    """Bundles and weights that lie untracked in the checkout, installed packages' not among them.

    They are what must not be released; a release searches for their bytes and hashes.
    """
    patterns = [f"--exclude={pattern}" for pattern in BINARY]
    found = _git(root, "ls-files", "-z", "--others", "--ignored", *patterns)
    return [root / name for name in sorted(found) if not _is_installed(name)]


def _is_installed(name: str) -> bool:
    return any(part.startswith(".") or part == "site-packages" for part in name.split("/"))


def _git(root: Path, *arguments: str) -> list[str]:
    # The checkout may belong to another user (a container's), and may name a program to ask.
    command = ["git", "-c", f"safe.directory={root}", "-c", "core.fsmonitor=false"]
    try:
        done = subprocess.run(  # noqa: S603 (no shell, and no argument of a stranger's)
            [*command, "-C", str(root), *arguments], capture_output=True, check=False
        )
    except OSError as error:
        raise UserError(
            f"git cannot be started ({error.strerror}); a release is made of what git tracks"
        ) from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UserError(
            f"{root}: a release is made of what git tracks, and git says: {reason}"
            " (git init, git add and git commit make a checkout of a copy)"
        )
    return [name.decode("utf-8", "surrogateescape") for name in done.stdout.split(b"\0") if name]

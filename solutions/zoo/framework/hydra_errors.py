"""Hydra's complaints about a command line, each made one line that names the nearest option."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from solutions.errors import UserError

CONF = Path(__file__).parent / "conf"


def one_line(error: BaseException) -> str:
    """What is wrong and what there is instead.

    Args:
        error: From Hydra or OmegaConf.

    Returns:
        One line.
    """
    from hydra.errors import MissingConfigException

    if isinstance(error.__cause__, UserError):  # of a resolver of ours
        return str(error.__cause__)
    if isinstance(error, MissingConfigException) and error.options is not None:
        return _unknown_choice(error.missing_cfg_file or "", list(error.options))
    unknown = re.search(r"Could not override '([^']+)'", str(error))
    if unknown:
        return _unknown_option(unknown[1])
    causes = [error, *([error.__cause__] if error.__cause__ else [])]
    lines = [
        line.strip()
        for each in causes
        for line in str(each).splitlines()
        # Where in which of Hydra's own objects it happened helps nobody who typed a command.
        if line.strip() and not line.strip().startswith(("full_key:", "object_type=", "See http"))
    ]
    return "; ".join(dict.fromkeys(line.rstrip(".") for line in lines)) or type(error).__name__


def _unknown_choice(missing: str, options: list[str]) -> str:
    group, _, name = missing.rpartition("/")
    near = difflib.get_close_matches(name, options, 1)
    hint = f"did you mean {near[0]}? There are" if near else "there are"
    return f"no {group or 'configuration'} {name!r}: {hint} {', '.join(sorted(options))}"


def _unknown_option(path: str) -> str:
    """What to say of an override of something that is not in the configuration."""
    above, _, name = path.rpartition(".")
    folder = CONF / above.partition(".")[0]
    files = folder.glob("*.yaml") if above and folder.is_dir() else [CONF / "config.yaml"]
    keys = {file.stem: _keys(file) for file in sorted(files)}
    having = [choice for choice in keys if name in keys[choice]]
    near = difflib.get_close_matches(name, sorted(set().union(*keys.values()), reverse=True), 1)
    hint = f"did you mean {near[0]}? " if near else ""
    if having:  # of another choice: the same name is no help
        hint = f"only {', '.join(having)} {'have' if len(having) > 1 else 'has'} it "
    return f"no option {path!r}: {hint}(--cfg job shows them all; +{path}=... adds one)"


def _keys(file: Path) -> set[str]:
    """Every key in a file of configuration."""
    text = file.read_text(encoding="utf-8")
    return set(re.findall(r"^ *(?:- )?(\w+):", text, re.MULTILINE))

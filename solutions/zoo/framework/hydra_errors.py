"""Hydra's complaints about a command line, each made one line that names the nearest option."""

from __future__ import annotations

import difflib


def one_line(error: BaseException) -> str:
    """What is wrong and what there is instead.

    Args:
        error: From Hydra or OmegaConf.

    Returns:
        One line.
    """
    from hydra.errors import MissingConfigException

    if isinstance(error, MissingConfigException) and error.options is not None:
        return _unknown_choice(error.missing_cfg_file or "", list(error.options))
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

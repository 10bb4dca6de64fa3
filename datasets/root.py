"""Where image sets lie on this machine."""

import os
from pathlib import Path


def data_root() -> Path:
    """The folder named by `OSR_DATA`, else `cache/` inside this package; it need not exist."""
    named = os.environ.get("OSR_DATA")
    return Path(named).expanduser() if named else Path(__file__).parent / "cache"

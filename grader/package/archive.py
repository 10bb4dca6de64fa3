"""A zip that is the same, byte for byte, each time it is made from the same files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
LEVEL = 6
UNIX = 3


def make_zip(files: Mapping[str, bytes], executable: frozenset[str]) -> bytes:
    """The archive's bytes.

    Args:
        files: contents by name, with forward slashes.
        executable: those that are run.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, LEVEL)
    return made.getvalue()

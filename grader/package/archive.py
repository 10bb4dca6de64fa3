"""A zip that is the same, byte for byte, each time it is made from the same files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
UNIX = 3


def make_zip(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """The archive's bytes.

    Not compressed: what a compressor makes of the same bytes differs from one version to the next.

    Args:
        files: contents by name, with forward slashes.
        executable: those that are run.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            entry.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(entry, content)
    return made.getvalue()

"""Nothing of the British Geological Survey's figures: its terms allow non-commercial research, not redistribution.

Users fetch the file themselves and add it to a snapshot folder of their own (docs/sources/bgs_wms.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.snapshot.build.snapshot_file import Written


def take(folder: Path) -> Iterator[Written]:  # noqa: ARG001 -- every taking has one shape
    """No file."""
    yield from ()

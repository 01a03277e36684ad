"""What could be wrong with an installation or a warehouse, and the remedy.

Belongs here: looking. Does not belong here: mending.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from warehouse.landing import Landing
from warehouse.release import current_release, database
from warehouse.settings import Settings

_WANTED_GB = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    found: str


def examine(settings: Settings) -> list[Finding]:
    """Look at Python, disk, manifest, landing and release."""
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("Python 3.11 to 3.13", (3, 11) <= sys.version_info[:2] <= (3, 13), sys.version.split()[0])
    yield Finding(
        "dbt manifest",
        settings.manifest.exists(),
        str(settings.manifest) if settings.manifest.exists() else "run make setup",
    )
    nearest = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    yield Finding(f"{_WANTED_GB} GB free", free > _WANTED_GB, f"{free:.1f} GB free under {nearest}")
    yield _landing(settings)
    yield _release(settings)


def _landing(settings: Settings) -> Finding:
    landed = Landing(settings.landing).landed()
    spoilt = [
        item.artifact.name
        for item in landed
        if not item.artifact.path.exists()
        or hashlib.sha256(item.artifact.path.read_bytes()).hexdigest() != item.artifact.sha256
    ]
    found = f"{len(landed)} artifacts, {sum(item.bytes for item in landed):,} bytes"
    if spoilt:
        found = f"{len(spoilt)} damaged: {', '.join(spoilt[:5])}. Restore them from a backup, or land them again."
    return Finding("landed bytes have their hashes", not spoilt, found)


def _release(settings: Settings) -> Finding:
    current = current_release(settings)
    if current is None:
        return Finding("a release is published", False, "none yet: run make warehouse")
    try:
        with duckdb.connect(str(database(settings)), read_only=True) as con:
            rows = con.execute("select count(*) from core.trade_best").fetchall()[0][0]
    except (LookupError, duckdb.Error) as error:
        return Finding("the release can be read", False, f"{error}; go back with ree rollback")
    return Finding("the release can be read", True, f"{current.version}, {rows:,} flows in core.trade_best")

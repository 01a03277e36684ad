"""Checks of an installation and a warehouse, each with its remedy. Nothing is repaired here."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from sources.model.artifact import SourceError
from warehouse.ingest.own_labels import read_own_labels
from warehouse.read.query import run_query
from warehouse.release.store import current_release, damage
from warehouse.settings import Settings
from warehouse.storage.landing import Landing

_WANTED_GB = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    found: str


def examine(settings: Settings) -> list[Finding]:
    """Look at Python, dbt project, disk, landing and release."""
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("Python 3.11 to 3.13", (3, 11) <= sys.version_info[:2] <= (3, 13), sys.version.split()[0])
    has_models = (settings.dbt_project / "dbt_project.yml").is_file()
    found = str(settings.dbt_project) if has_models else f"not in {settings.dbt_project}: install the project again"
    yield Finding("dbt project", has_models, found)
    nearest = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    yield Finding(f"{_WANTED_GB} GB free", free > _WANTED_GB, f"{free:.1f} GB free under {nearest}")
    if settings.own_labels:
        yield _own_labels(settings)
    yield _landing(settings)
    yield _release(settings)


def _own_labels(settings: Settings) -> Finding:
    what = "own labels (REE_OWN_LABELS) can be read"
    try:
        labels = read_own_labels(settings)
    except SourceError as error:
        return Finding(what, ok=False, found=str(error))
    count = sum(map(len, labels.entries.values()))
    return Finding(what, ok=True, found=f"{count} labels in {settings.own_labels}")


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
    what = "the release is as published"
    current = current_release(settings)
    if current is None:
        return Finding("a release is published", ok=False, found="none yet: run ree build")
    found = damage(settings, current)
    if found:
        return Finding(what, ok=False, found=f"{found}. Publish it again with ree build, or go back with ree rollback")
    flows = run_query(settings, "select count(*) from core.trade_preferred_all_levels").rows[0][0]
    return Finding(what, ok=True, found=f"{current.version}, {flows:,} flows in core.trade_preferred_all_levels")

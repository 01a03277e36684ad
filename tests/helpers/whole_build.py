"""A home as a whole build leaves it, made of a few small files: what decides whether the next build is a run."""

from __future__ import annotations

from pathlib import Path

from sources.snapshot.provenance import PROVENANCE
from tests.helpers.small_releases import add_release
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances
from warehouse.storage.landing import Landing
from warehouse.storage.last_build import end_build, start_build

BUILD = "b1"
VERSION = "2026.11.24.1"


def settings_in(folder: Path) -> Settings:
    """The settings of the home in a folder, also of a copy of it."""
    labels = folder / "labels.csv"
    return Settings(
        home=folder / "home",
        snapshot=folder / "snapshot",
        own_files=folder / "own",
        own_labels=labels,
        lock_timeout_s=0,
    )


def home_of_a_whole_build(folder: Path) -> Settings:
    """Outside the home one publisher's file and the user's own; in it the same as landed, a work file, a release."""
    snapshot, own = folder / "snapshot", folder / "own"
    for files in (snapshot, own):
        (files / "usgs_mcs").mkdir(parents=True)
        (files / PROVENANCE).write_text(f"rows of {files.name}")
        (files / "usgs_mcs" / "mcs.csv").write_text(f"figures of {files.name}")
    (folder / "labels.csv").write_text("own labels")
    settings = settings_in(folder)
    landing = Landing(settings.landing)
    inbox = settings.inbox / "china_customs"
    for path, text in {
        landing.path_of("ab" * 32): "figures",
        landing.ledger.path: "a line",
        Acceptances(settings.landing).path: "a line",
        settings.work_file: "rows",
        inbox / "README.txt": "drop files here",
        inbox / "done" / "2026-11-24-1.csv": "figures",
        inbox / "failed" / "2026-11-24-2.csv": "no figures",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    add_release(settings, VERSION)
    start_build(settings, BUILD)
    end_build(settings, BUILD, "published", VERSION)
    return settings

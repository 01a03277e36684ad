"""`ree doctor`: checks of an installation and a warehouse, each with its remedy, and the safe repairs."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Callable, Iterator

from sources.model.artifact import SourceError, shortened
from warehouse.ingest.own_labels import read_own_labels
from warehouse.read.checks import landing, leftovers, state
from warehouse.read.checks.finding import Context, Finding
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances, AcceptancesError
from warehouse.storage.lock import active_writer

log = logging.getLogger("ree.doctor")

_WANTED_GB = 2
Check = Callable[[Context], Iterator[Finding]]


def examine(settings: Settings, *, holds_lock: bool = False) -> list[Finding]:
    """Look at Python, dbt project, disk, landing, work file, journal and releases. Nothing is written or locked.

    A check that fails itself is a finding. `holds_lock` says that the caller is the writer.
    """
    context = Context(settings, None if holds_lock else active_writer(settings), holds_lock=holds_lock)
    return [finding for name, check in _CHECKS.items() for finding in _run(name, check, context)]


def repair(settings: Settings) -> list[str]:
    """Repair what can be repaired safely; return what was done. The caller holds the writer's lock.

    Leftovers of killed runs are removed, a broken work file is deleted, the link `published` is restored. No landed
    bytes, ledger line or recorded release is touched.
    """
    done = []
    for finding in examine(settings, holds_lock=True):
        if finding.fix is None:
            continue
        try:
            done.append(finding.fix())
        except OSError as error:
            done.append(f"not repaired: {finding.found}: {error}")
    return done


def _run(name: str, check: Check, context: Context) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check(context))
    except Exception as error:  # whatever it is, it is a finding
        log.debug("%s could not be checked", name, exc_info=error)
        text = shortened(" ".join(f"{type(error).__name__}: {error}".split()), 300)
        found.append(Finding(name, "wrong", f"could not be checked: {text}", "look at what it names."))
    return found


def _python(_: Context) -> Iterator[Finding]:
    is_known = (3, 11) <= sys.version_info[:2] <= (3, 13)
    remedy = "" if is_known else "install one of these versions."
    yield Finding("Python 3.11 to 3.13", "ok" if is_known else "wrong", sys.version.split()[0], remedy)


def _dbt_project(context: Context) -> Iterator[Finding]:
    folder = context.settings.dbt_project
    if (folder / "dbt_project.yml").is_file():
        yield Finding("dbt project", "ok", str(folder))
    else:
        yield Finding("dbt project", "wrong", f"not in {folder}", "install the project again.")


def _disk(context: Context) -> Iterator[Finding]:
    home = context.settings.home
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free / 1e9
    is_enough = free > _WANTED_GB
    remedy = "" if is_enough else "free some space, or set REE_HOME to a folder of another disk."
    yield Finding(f"{_WANTED_GB} GB free", "ok" if is_enough else "wrong", f"{free:.1f} GB under {nearest}", remedy)


def _own_labels(context: Context) -> Iterator[Finding]:
    settings = context.settings
    if settings.own_labels is None:
        return
    what = "own labels (REE_OWN_LABELS) can be read"
    try:
        labels = read_own_labels(settings)
    except SourceError as error:
        yield Finding(what, "wrong", str(error), "correct the rows it names.")
    else:
        count = sum(map(len, labels.entries.values()))
        yield Finding(what, "ok", f"{count} labels in {settings.own_labels}")


def _acceptances(context: Context) -> Iterator[Finding]:
    what = "acceptances can be read"
    try:
        found = Acceptances(context.settings.landing).all
    except AcceptancesError as error:
        yield Finding(what, "wrong", str(error))
    else:
        yield Finding(what, "ok", f"{len(found)} files accepted")


_CHECKS: dict[str, Check] = {
    "Python": _python,
    "the dbt project": _dbt_project,
    "the disk": _disk,
    "own labels": _own_labels,
    "acceptances": _acceptances,
    "the work file": state.work_file,
    "the ledger of the landing": landing.ledger,
    "lost statements": landing.losses,
    "landed bytes": landing.bytes_,
    "files without a ledger line": landing.orphans,
    "refused artifacts": landing.readable,
    "bytes set aside": landing.set_aside,
    "the journal": state.journal,
    "the published release": state.published,
    "the site": state.site,
    "releases on disk": state.orphan_releases,
    "leftovers": leftovers.leftovers,
}

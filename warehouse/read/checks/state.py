"""Checks of the state that is not the landing: work file, journal, releases."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import duckdb

from sources.model.artifact import shortened
from warehouse.read.checks.finding import FIX_IT, Context, Finding
from warehouse.read.checks.leftovers import remover
from warehouse.read.query import QueryError, run_query
from warehouse.release.site.fault import site_fault
from warehouse.release.store import Release, current_release, damage, orphans, releases, remedy, roll_back
from warehouse.settings import Settings
from warehouse.storage.database import FileHeldError
from warehouse.storage.journal import REMEDY as RESTORE_JOURNAL
from warehouse.storage.work import read_work


def work_file(context: Context) -> Iterator[Finding]:
    """Whether the work file can be read to its last block."""
    what = "the work file can be read"
    settings = context.settings
    if not settings.work_file.exists():
        yield Finding(what, "ok", "there is none; ree build makes it")
        return
    if context.writer is not None:
        yield Finding(what, "note", f"not checked while {settings.home} is being written by {context.writer}")
        return
    try:
        with read_work(settings) as con:
            tables = con.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
            ).fetchall()
            for schema, table in tables:
                con.execute(f'select bit_xor(hash(t)) from "{schema}"."{table}" as t').fetchall()
    except FileHeldError as error:
        yield Finding(what, "wrong", str(error), "close it in that process, or end that process.")
    except duckdb.Error as error:
        found = shortened(" ".join(str(error).partition("Remedy:")[0].split()), 400)
        remedy = f"delete {settings.work_file}, or run {FIX_IT} The next ree build fills a new one from the landing."
        yield Finding(what, "wrong", found, remedy, lambda: _delete_work_file(settings))
    else:
        yield Finding(what, "ok", f"{len(tables)} tables, {settings.work_file.stat().st_size:,} bytes")


def _delete_work_file(settings: Settings) -> str:
    for path in (settings.work_file, settings.work_file.with_name(f"{settings.work_file.name}.wal")):
        path.unlink(missing_ok=True)
    return f"deleted {settings.work_file}; ree build fills a new one from the landing"


def journal(context: Context) -> Iterator[Finding]:
    """Whether the journal of fetch runs is whole."""
    what = "the journal of fetch runs is whole"
    file = context.settings.journal_file
    if not file.exists():
        yield Finding(what, "ok", "there is none; the first fetch run makes it")
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            problem = str(db.execute("pragma quick_check(1)").fetchone()[0])
            events = db.execute("select count(*) from events").fetchone()[0]
            texts = db.execute("select details from events union all select cursor from tasks").fetchall()
            texts += db.execute("select catalogue from catalogues").fetchall()
        for (text,) in texts:
            json.loads(text)
    except (sqlite3.Error, ValueError, TypeError) as error:
        problem = str(error)
    if problem == "ok":
        yield Finding(what, "ok", f"{events:,} events")
    else:
        yield Finding(what, "wrong", f"{file}: {shortened(problem, 300)}", RESTORE_JOURNAL)


def published(context: Context) -> Iterator[Finding]:
    """Whether readers find a release, and whether it is as it was published."""
    settings = context.settings
    link = settings.published
    if not os.path.lexists(link) and not settings.releases.exists():
        yield Finding("a release is published", "wrong", "none yet", "run ree build.")
        return
    if os.path.lexists(link) and not link.is_symlink():
        found = f"{link} is no link"
        yield Finding("a release is published", "wrong", found, "move it away, then run ree doctor --fix.")
        return
    current = current_release(settings)
    if current is None:
        points_to = f"{link} points to {link.readlink()}, which is no release" if link.is_symlink() else f"no {link}"
        fix = f"{FIX_IT} It points readers to the newest release that is whole, as ree rollback VERSION would."
        yield Finding("a release is published", "wrong", points_to, fix, lambda: _publish_newest(settings))
        return
    yield _as_published(settings, current)


def site(context: Context) -> Iterator[Finding]:
    """Whether the site of the published release could be built."""
    current = current_release(context.settings)
    if current is None:
        return
    what = "the release has a site"
    if fault := site_fault(current.folder):
        yield Finding(what, "wrong", fault, "report it, and run ree build after an upgrade. The figures are complete.")
    elif (current.folder / "site").is_dir():
        yield Finding(what, "ok", str(current.folder / "site" / "index.html"))


def _as_published(settings: Settings, current: Release) -> Finding:
    what = "the release is as published"
    found = damage(settings, current)
    if found:
        return Finding(what, "wrong", found, remedy(settings))
    try:
        flows = run_query(settings, "select count(*) from core.trade_preferred_all_levels").rows[0][0]
    except QueryError as error:
        return Finding(what, "wrong", shortened(str(error), 400), remedy(settings))
    found = f"{current.version}, {flows:,} flows in core.trade_preferred_all_levels"
    content_hash = current.about.get("content_hash")
    return Finding(what, "ok", f"{found}\ncontent hash {content_hash}" if content_hash else found)


def _publish_newest(settings: Settings) -> str:
    for release in reversed(releases(settings)):
        if damage(settings, release) is None:
            roll_back(settings, release.version)
            return f"{settings.published} points to release {release.version} again"
    return f"{settings.published} still points to no release: none on disk is whole; run ree build"


def orphan_releases(context: Context) -> Iterator[Finding]:
    """Folders among the releases that were never published: a build was killed before it could."""
    settings = context.settings
    if context.writer is not None or not settings.releases.is_dir():
        return
    what = "every release on disk was published"
    found = orphans(settings)
    for folder in found:
        yield Finding(what, "wrong", f"{folder}: its build was killed, and no reader saw it", FIX_IT, remover(folder))
    if not found:
        yield Finding(what, "ok", f"{len(releases(settings))} on disk")

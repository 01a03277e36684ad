"""Write, audit, publish: a candidate becomes a release whole, or not at all.

A release is a folder (database, Parquet, data package, reports) under `releases/<version>`. `published` is a symbolic
link to one of them; replacing that link is the whole act of publishing, so readers see the old release or the new
one, and never half of either.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.code_version import code_version
from warehouse.quality.expectations.suites import gate_two
from warehouse.quality.gates import stopping, stored_results
from warehouse.release.catalogue import datapackage, described_tables, write_comments, write_dictionary
from warehouse.release.content import content_hash, table_hashes
from warehouse.release.diff import TableDiff, diff_releases
from warehouse.release.report import changes_page, validation_page
from warehouse.settings import DATABASE_FILE, Settings
from warehouse.storage.landing import sync_folder
from warehouse.storage.literals import literal
from warehouse.storage.work import as_of_day, open_database, open_work

log = logging.getLogger("ree.release")

SCHEMA_VERSION = "1.3.0"
_LEDGER_TABLES = {
    "artifacts": "select * from work.ledger.artifacts",
    "loads": "select load_id, build_id, source_code, table_name, partition, year, edition, release, known_from,"
    " known_basis, artifact_sha256, layout, status, rows_parsed, rows_loaded, rows_quarantined,"
    " nullif(array_to_string(corrections, chr(10)), '') as corrections, loaded_at from work.ledger.loads",
    "validation_results": "select * from work.ledger.validation_results"
    " where build_id = getvariable('build_id')"
    " or (gate = 1 and build_id in (select build_id from work.ledger.loads))",
    "quarantine": "select source_code, table_name, reason_code, detail, row_json, artifact_sha256, artifact_row,"
    " is_expected from work.quarantine.rejects",
}


class RefusedError(Exception):
    """The candidate may not be published; the last release stays up."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release on disk."""

    version: str
    folder: Path
    is_current: bool
    about: dict[str, Any]


def export_parquet(settings: Settings, schemas: tuple[str, ...]) -> Path:
    """Write the candidate's tables and views of these schemas as Parquet; return the folder."""
    target = settings.candidate / "parquet"
    with open_database(settings.candidate_file, settings, read_only=True) as con:
        names = con.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_catalog = current_database() and list_contains(?::varchar[], table_schema) order by all",
            [list(schemas)],
        ).fetchall()
        for schema, table in names:
            (target / schema).mkdir(parents=True, exist_ok=True)
            file = target / schema / f"{table}.parquet"
            con.execute(f"copy (from {schema}.{table}) to {literal(file)} (format parquet, compression zstd)")
    return target


def publish(settings: Settings, build_id: str) -> tuple[Release, bool]:
    """Publish this build's candidate, if its own stored results allow it; say whether it is a new release.

    A candidate that says just what the current release says, built by the same code, is not published again.

    Raises:
        RefusedError: a critical rule of this build failed or could not be evaluated, or gate 2 was not held. A page
            with every result is left under `refused/<build_id>`.
    """
    audit(settings, build_id)
    before = current_release(settings)
    with open_database(settings.candidate_file, settings, read_only=True) as con:
        hashes = table_hashes(con)
    about = _about(settings, build_id, before) | {
        "content_hash": content_hash(hashes),
        "as_of_day": as_of_day(settings),
    }
    if before and _says_the_same(before.about, about) and damage(settings, before) is None:
        log.info("nothing changed: release %s stays current", before.version)
        shutil.rmtree(settings.candidate)
        _end_build(settings, build_id, "unchanged", before.version)
        return before, False
    _write_meta(settings, build_id, about)
    export_parquet(settings, ("meta",))
    diffs = diff_releases(before.folder, settings.candidate) if before else []
    with open_work(settings) as con:
        results = stored_results(con, build_id, with_loads=True)
        pages = {
            "validation.html": validation_page(con, build_id, results, about["version"]),
            "CHANGES.md": changes_page(con, about, diffs, before.about["built_at"] if before else None),
        }
    for name, text in pages.items():
        (settings.candidate / name).write_text(text, encoding="utf-8")
    with open_database(settings.candidate_file, settings, read_only=True) as con:
        package = datapackage(settings.candidate, con, described_tables(settings), about, hashes)
    package_file = settings.candidate / "datapackage.json"
    package_file.write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    release = _swap(settings, about)
    _end_build(settings, build_id, "published", about["version"])
    _prune(settings)
    log.info("release %s published", release.version)
    return release, True


def damage(settings: Settings, release: Release) -> str | None:
    """What is wrong with a release's database: it cannot be read, or was changed since it was published; else None.

    Releases of versions that recorded no content hash are only opened.
    """
    path = release.folder / DATABASE_FILE
    if not path.is_file():
        return f"{path} is missing"
    try:
        with open_database(path, settings, read_only=True) as con:
            found = content_hash(table_hashes(con))
    except duckdb.Error as error:
        return str(error)
    recorded = release.about.get("content_hash")
    return None if recorded in {None, found} else f"changed since it was published: its content hash is {found}"


def _says_the_same(before: dict[str, Any], about: dict[str, Any]) -> bool:
    """Whether a candidate has the figures of a release and was built by the same code."""
    return all(before.get(part) == about[part] for part in ("content_hash", "code_version"))


def audit(settings: Settings, build_id: str) -> None:
    """Re-read the stored results of this build; refuse on any that stops it, or on a gate that was not held.

    Raises:
        RefusedError: says which rules, and where the page with every result is.
    """
    with open_work(settings) as con:
        results = stored_results(con, build_id)
    judged = {(result.table_name, result.rule) for result in results if result.gate == 2}
    owed = {(table, rule.name) for table, suite in gate_two().items() for rule in suite.rules}
    why = [f"{r.table_name}: {r.rule}" + (f" ({r.partition})" if r.partition else "") for r in stopping(results)]
    why += [f"{table}: {rule} was not judged at gate 2" for table, rule in sorted(owed - judged)]
    if why:
        page = refuse(settings, build_id, "\n".join(why))
        kept = current_release(settings)
        stays = f"release {kept.version} stays up" if kept else "nothing is published yet"
        msg = f"not published, {stays}:\n" + "\n".join(f"- {w}" for w in why) + f"\nEvery result: {page}"
        raise RefusedError(msg)


def refuse(settings: Settings, build_id: str, why: str) -> Path:
    """Record that a build was refused; return the page with every result it had."""
    with open_work(settings) as con:
        folder = settings.refused / build_id
        folder.mkdir(parents=True, exist_ok=True)
        page = folder / "validation.html"
        page.write_text(validation_page(con, build_id, stored_results(con, build_id), None, why), encoding="utf-8")
        _record_end(con, build_id, "refused", why)
    return page


def _about(settings: Settings, build_id: str, before: Release | None) -> dict[str, Any]:
    built_at = datetime.now(UTC)
    today = built_at.strftime("%Y.%m.%d")
    numbers = [
        int(folder.name.rpartition(".")[2]) for folder in settings.releases.glob(f"{today}.*") if folder.is_dir()
    ]
    return {
        "version": f"{today}.{max(numbers, default=0) + 1}",
        "schema_version": SCHEMA_VERSION,
        "built_at": built_at,
        "code_version": code_version(),
        "build_id": build_id,
        "previous_version": before.version if before else None,
        "accepted_drift": settings.accept_drift or None,
    }


def _write_meta(settings: Settings, build_id: str, about: dict[str, Any]) -> None:
    """Copy the ledger into the candidate, describe every column, and close the file checkpointed."""
    with open_database(settings.candidate_file, settings) as con:
        con.execute(f"attach {literal(settings.work_file)} as work (read_only)")
        con.execute("set variable build_id = ?", [build_id])
        con.execute("create schema if not exists meta")
        for name, query in _LEDGER_TABLES.items():
            con.execute(f"create or replace table meta.{name} as {query}")
        con.execute(
            "create table meta.release (version varchar, schema_version varchar, built_at timestamptz,"
            " code_version varchar, build_id varchar, previous_version varchar,"
            " accepted_drift varchar, content_hash varchar, as_of_day date)"
        )
        con.execute(f"insert into meta.release values ({', '.join('?' * len(about))})", list(about.values()))
        con.execute("detach work")
        tables = described_tables(settings)
        write_dictionary(con, tables)
        write_comments(con, tables)
        con.execute("checkpoint")


def _swap(settings: Settings, about: dict[str, Any]) -> Release:
    """Make the candidate durable, give it its place, and turn the link to it in one rename."""
    for path in settings.candidate.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
    place = settings.releases / about["version"]
    settings.releases.mkdir(parents=True, exist_ok=True)
    settings.candidate.rename(place)
    sync_folder(settings.releases)
    _point_to(settings, place)
    return Release(about["version"], place, is_current=True, about=about)


def _point_to(settings: Settings, place: Path) -> None:
    link = settings.home / f".published.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(place.relative_to(settings.home))
    link.replace(settings.published)
    sync_folder(settings.home)


def _prune(settings: Settings) -> None:
    """Keep the last releases, and the current one in any case."""
    kept = releases(settings)
    for release in kept[: -settings.keep_releases]:
        if not release.is_current:
            shutil.rmtree(release.folder)


def releases(settings: Settings) -> list[Release]:
    """Every whole release on disk, oldest first."""
    current = settings.published.resolve() if settings.published.is_symlink() else None
    found = [
        Release(folder.name, folder, is_current=folder.resolve() == current, about=_read_about(folder))
        for folder in settings.releases.glob("*")
        if (folder / "datapackage.json").exists()
    ]
    return sorted(found, key=lambda release: release.about["built_at"])


def _read_about(folder: Path) -> dict[str, Any]:
    with duckdb.connect() as con:
        cursor = con.execute(f"from read_parquet({literal(folder / 'parquet' / 'meta' / 'release.parquet')})")
        names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchall()[0], strict=True))


def current_release(settings: Settings) -> Release | None:
    """The release that readers see."""
    return next((release for release in releases(settings) if release.is_current), None)


def roll_back(settings: Settings, to: str | None = None) -> Release:
    """Point readers to an earlier release: the one before the current, or the version named.

    Raises:
        LookupError: there is no such release on disk.
    """
    kept = releases(settings)
    current = next((index for index, release in enumerate(kept) if release.is_current), None)
    if to is not None:
        chosen = next((release for release in kept if release.version == to), None)
    else:
        chosen = kept[current - 1] if current else None
    if chosen is None:
        msg = f"no release {to or 'before the current one'}; on disk are {[release.version for release in kept]}"
        raise LookupError(msg)
    _point_to(settings, chosen.folder)
    log.info("release %s is current again", chosen.version)
    return chosen


def compare(settings: Settings, before: str | None, after: str | None) -> list[TableDiff]:
    """Compare two releases; by default the current one with the one before it.

    `before` is a version on disk, or the folder of somebody else's release with its `parquet` folder.

    Raises:
        LookupError: a version that is not on disk, or fewer than two releases.
    """
    kept = {release.version: release for release in releases(settings)}
    versions = list(kept)
    folder = Path(before).expanduser() if before else None
    if before and folder and (folder / "parquet" / "meta" / "data_dictionary.parquet").exists():
        kept[before] = Release(before, folder.resolve(), is_current=False, about={})
    elif folder and before not in kept and len(folder.parts) > 1:
        msg = (
            f"{folder} is not a release: it has no parquet/meta/data_dictionary.parquet. Name the folder that holds it"
        )
        raise LookupError(msg)
    current = current_release(settings)
    new = after or (current.version if current else None)
    old = before or (versions[versions.index(new) - 1] if new in versions and versions.index(new) > 0 else None)
    if new not in kept or old not in kept:
        msg = f"need two releases to compare; on disk are {versions}"
        raise LookupError(msg)
    return diff_releases(kept[old].folder, kept[new].folder)


def start_build(settings: Settings, build_id: str) -> None:
    """Record that a build began."""
    with open_work(settings) as con:
        con.execute("update ledger.builds set outcome = 'interrupted' where outcome = 'running'")
        con.execute("delete from ledger.builds where build_id = ?", [build_id])
        con.execute("insert into ledger.builds values (?, ?, null, 'running', null)", [build_id, datetime.now(UTC)])


def _end_build(settings: Settings, build_id: str, outcome: str, detail: str) -> None:
    with open_work(settings) as con:
        _record_end(con, build_id, outcome, detail)


def _record_end(con: duckdb.DuckDBPyConnection, build_id: str, outcome: str, detail: str) -> None:
    con.execute(
        "update ledger.builds set ended_at = ?, outcome = ?, detail = ? where build_id = ?",
        [datetime.now(UTC), outcome, detail, build_id],
    )


def database(settings: Settings) -> Path:
    """The published database file.

    Raises:
        LookupError: nothing is published yet.
    """
    path = settings.published / DATABASE_FILE
    if not path.exists():
        msg = f"nothing is published under {settings.home} yet: run `make warehouse` or `ree build`"
        raise LookupError(msg)
    return path

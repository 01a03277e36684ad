"""Write, audit, publish: a candidate becomes a release completely or not at all."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from warehouse.code_version import code_version
from warehouse.quality.expectations.suites import gate_two
from warehouse.quality.gates import stopping, stored_results
from warehouse.release.basis import kept, published, sums_of_rows
from warehouse.release.catalogue import (
    PUBLISHED_SCHEMAS,
    datapackage,
    described_tables,
    write_comments,
    write_dictionary,
)
from warehouse.release.content import content_hash, table_hashes
from warehouse.release.diff import TableDiff, diff_releases
from warehouse.release.downloads import write_downloads
from warehouse.release.inputs import inputs_hash
from warehouse.release.llms import llms_full_txt, llms_txt
from warehouse.release.parquet import export_parquet, exported_for, next_version
from warehouse.release.report import changes_page, validation_page
from warehouse.release.site.build import build_site
from warehouse.release.site.fault import page_of_fault
from warehouse.release.store import (
    Release,
    current_release,
    damage,
    last_intact,
    prune,
    resources,
    swap_in,
)
from warehouse.settings import Settings
from warehouse.storage.database import limits, open_database
from warehouse.storage.landing import Landing
from warehouse.storage.last_build import end_build
from warehouse.storage.literals import literal
from warehouse.storage.parquet_files import table_of_file
from warehouse.storage.work import as_of_day, open_work

log = logging.getLogger("ree.release")

_REFUSED_KEPT = 20
"""Pages of refused builds that are kept, the newest."""

SCHEMA_VERSION = "4.1.0"
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
    """The candidate may not be published; the previous release stays current."""


class Publication(NamedTuple):
    """The release that is current after a build, whether this build published it, and what it changed.

    `changes` has every table of core, marts and bi that two releases can be compared in; it is empty where nothing new
    was published, or where there is no release to compare with.
    """

    release: Release
    is_new: bool
    changes: tuple[TableDiff, ...]


def last_core(settings: Settings) -> Path | None:
    """The folder of the current release's facts as Parquet, or of its nearest predecessor that is not damaged.

    None before the first release of this schema: facts of another major version have other columns and keys, so nothing
    can be compared with them.
    """
    release = last_intact(settings)
    if release is None or release.about["schema_version"].split(".")[0] != SCHEMA_VERSION.split(".", maxsplit=1)[0]:
        return None
    return release.folder / "parquet" / "core"


def publish(settings: Settings, build_id: str) -> Publication:
    """Publish this build's candidate if its stored results allow it.

    A candidate with the content hash and the code version of the current release is not published again, unless the
    files of that release are damaged.

    Raises:
        RefusedError: a critical rule of this build failed or could not be evaluated, or was not judged at gate 2. A
            page with every result is written to `refused/<build_id>`.
    """
    audit(settings, build_id)
    before = current_release(settings)
    with open_database(settings.candidate_file, settings, read_only=True) as con:
        sums = sums_of_rows(settings, con, described_tables(settings).values())
        hashes = table_hashes(con, sums)
    about = _about(settings, build_id, before) | {
        "content_hash": content_hash(hashes),
        "as_of_day": as_of_day(settings),
        "inputs_hash": inputs_hash(settings),
    }
    harm = damage(settings, before) if before else None
    if before and harm:
        log.warning("release %s is damaged, so a fresh one is published. %s", before.version, harm)
    elif before and _is_unchanged(before.about, about):
        shutil.rmtree(settings.candidate)
        kept(settings)
        return keep(settings, build_id, before)
    _write_meta(settings, build_id, about)
    is_stale = exported_for(settings.candidate) != about["version"]
    export_parquet(settings, PUBLISHED_SCHEMAS if is_stale else ("meta",), about["version"])
    _write_downloads(settings, about)
    site_fault = _write_site(settings)
    past = last_intact(settings)
    changes = _changes(settings, past, hashes) if past else ()
    _write_pages(settings, build_id, about, past, changes, harm, site_fault)
    _write_pages_of_assistants(settings, about)
    _write_datapackage(settings, about, hashes)
    release = swap_in(settings, about)
    published(settings, release.version, sums)
    end_build(settings, build_id, "published", about["version"])
    prune(settings)
    log.info("release %s published", release.version)
    return Publication(release, is_new=True, changes=changes)


def _changes(settings: Settings, past: Release, hashes: Mapping[str, str]) -> tuple[TableDiff, ...]:
    """How the candidate's tables differ from a release's. Those whose content hash stayed are not read again.

    The hash of a view is that of its text, so views are compared.
    """
    then = {
        table_of_file(Path(path).relative_to("parquet")): resource.get("content_hash")
        for path, resource in resources(past.folder).items()
        if path.startswith("parquet/")
    }
    views = {name for name, table in described_tables(settings).items() if table.is_view}
    same = {name for name, digest in hashes.items() if then.get(name) == f"sha256:{digest}" and name not in views}
    return tuple(diff_releases(past.folder, settings.candidate, limits=limits(settings), same=same))


def keep(settings: Settings, build_id: str, release: Release) -> Publication:
    """End a build that changes nothing: the release stays current."""
    log.info("nothing changed: release %s stays current", release.version)
    end_build(settings, build_id, "unchanged", release.version)
    return Publication(release, is_new=False, changes=())


def _write_site(settings: Settings) -> str | None:
    """Build the site of the candidate; return what went wrong, or None.

    Figures are published without a site rather than not at all: the site only shows them, and every gate has passed
    them. The fault is not silent: it is logged as an error, `site/index.html` and `CHANGES.md` state it, and
    `ree doctor` reports it until a release has a site again.
    """
    folder = settings.candidate / "site"
    try:
        build_site(settings.candidate_file, folder, settings.drawn_charts)
    except Exception as error:  # whatever the fault of a page is, it must not hold back figures
        log.exception("the site of this release could not be built; the figures are published without it")
        fault = f"{type(error).__name__}: {error}"
        page_of_fault(folder, fault)
        return fault
    return None


def _write_pages_of_assistants(settings: Settings, about: dict[str, Any]) -> None:
    """Write `llms.txt` and `llms-full.txt` into the site of the candidate."""
    tables = described_tables(settings)
    for name, text in {"llms.txt": llms_txt(tables, about), "llms-full.txt": llms_full_txt(tables, about)}.items():
        (settings.candidate / "site" / name).write_text(text, encoding="utf-8")


def _write_pages(
    settings: Settings,
    build_id: str,
    about: dict[str, Any],
    before: Release | None,
    changes: Sequence[TableDiff],
    harm: str | None,
    site_fault: str | None,
) -> None:
    """Write `validation.html` and `CHANGES.md` into the candidate.

    `changes` are those since the release `before`, `harm` is the damage of the current one, `site_fault` what kept the
    site from being built.
    """
    set_aside = Landing(settings.landing).all_set_aside()
    with open_work(settings) as con:
        results = stored_results(con, build_id, with_loads=True)
        pages = {
            "validation.html": validation_page(con, build_id, results, about["version"]),
            "CHANGES.md": changes_page(con, about, changes, before, harm, set_aside, site_fault),
        }
    for name, text in pages.items():
        (settings.candidate / name).write_text(text, encoding="utf-8")


def _write_downloads(settings: Settings, about: dict[str, Any]) -> None:
    """Write the CSV files and the workbook of the views of `bi` into the candidate."""
    with open_database(settings.candidate_file, settings, read_only=True) as con:
        write_downloads(settings.candidate, con, described_tables(settings), about)


def _write_datapackage(settings: Settings, about: dict[str, Any], hashes: dict[str, str]) -> None:
    """Write `datapackage.json`, which describes every other file: it comes last."""
    with open_database(settings.candidate_file, settings, read_only=True) as con:
        package = datapackage(settings.candidate, con, described_tables(settings), about, hashes)
    file = settings.candidate / "datapackage.json"
    file.write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _is_unchanged(before: dict[str, Any], about: dict[str, Any]) -> bool:
    """Whether a candidate has the same figures as a release and was built by the same code."""
    return all(before.get(part) == about[part] for part in ("content_hash", "code_version"))


def audit(settings: Settings, build_id: str) -> None:
    """Read the stored results of this build again; refuse it if a critical one failed or one of gate 2 is missing.

    Raises:
        RefusedError: names the rules, and the page with every result.
    """
    with open_work(settings) as con:
        results = stored_results(con, build_id)
    judged = {(result.table_name, result.rule) for result in results if result.gate == 2}
    required = {(table, rule.name) for table, suite in gate_two().items() for rule in suite.rules}
    why = [f"{r.table_name}: {r.rule}" + (f" ({r.partition})" if r.partition else "") for r in stopping(results)]
    why += [f"{table}: {rule} was not judged at gate 2" for table, rule in sorted(required - judged)]
    if why:
        page = refuse(settings, build_id, "\n".join(why))
        current = current_release(settings)
        stays = f"release {current.version} stays current" if current else "nothing is published yet"
        msg = f"not published, {stays}:\n" + "\n".join(f"- {w}" for w in why) + f"\nEvery result: {page}"
        raise RefusedError(msg)


def refuse(settings: Settings, build_id: str, why: str) -> Path:
    """Record that a build was refused; write and return the page with every result of it. The newest 20 are kept."""
    end_build(settings, build_id, "refused", why)
    page = settings.refused / build_id / "validation.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    for old in sorted(settings.refused.iterdir(), key=lambda folder: folder.stat().st_mtime)[:-_REFUSED_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    with open_work(settings) as con:
        page.write_text(validation_page(con, build_id, stored_results(con, build_id), None, why), encoding="utf-8")
    return page


def _about(settings: Settings, build_id: str, before: Release | None) -> dict[str, Any]:
    return {
        "version": next_version(settings),
        "schema_version": SCHEMA_VERSION,
        "built_at": datetime.now(UTC),
        "code_version": code_version(),
        "build_id": build_id,
        "previous_version": before.version if before else None,
        "accepted_drift": settings.accept_drift or None,
    }


def _write_meta(settings: Settings, build_id: str, about: dict[str, Any]) -> None:
    """Copy the ledger into the candidate, describe every column, and checkpoint the file."""
    with open_database(settings.candidate_file, settings) as con:
        con.execute(f"attach {literal(settings.work_file)} as work (read_only)")
        con.execute("set variable build_id = ?", [build_id])
        con.execute("create schema if not exists meta")
        for name, query in _LEDGER_TABLES.items():
            con.execute(f"create or replace table meta.{name} as {query}")
        con.execute(
            "create or replace table meta.release (version varchar, schema_version varchar, built_at timestamptz,"
            " code_version varchar, build_id varchar, previous_version varchar,"
            " accepted_drift varchar, content_hash varchar, as_of_day date, inputs_hash varchar)"
        )
        con.execute(f"insert into meta.release values ({', '.join('?' * len(about))})", list(about.values()))
        con.execute("detach work")
        tables = described_tables(settings)
        write_dictionary(con, tables)
        write_comments(con, tables)
        con.execute("checkpoint")

"""Renders validation.html and CHANGES.md of a release from stored results."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, select_autoescape

from warehouse.quality.expectations.runner import Result
from warehouse.release.diff import TableDiff
from warehouse.release.store import Release
from warehouse.storage.landing import SetAside
from warehouse.storage.literals import read_parquet


def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html.j2"]),
        keep_trailing_newline=True,
    )


def _records(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _sample_rows(sample: str) -> list[dict[str, Any]]:
    """A stored sample as rows; bare values get a column of their own."""
    return [row if isinstance(row, dict) else {"value": row} for row in json.loads(sample)]


def validation_page(
    con: duckdb.DuckDBPyConnection,
    build_id: str,
    results: Sequence[Result],
    version: str | None,
    refused_because: str | None = None,
) -> str:
    """Render one self-contained page: no script, no font, no address outside itself.

    `con` is open on the work file; `version` is null for a refused build, which has a reason instead.
    """
    ordered = sorted(results, key=lambda r: (r.gate, r.table_name, r.partition or "", r.success, r.rule))
    groups = [(gate, table, list(of)) for (gate, table), of in groupby(ordered, lambda r: (r.gate, r.table_name))]
    quarantine = _records(
        con.execute(
            "select source_code, reason_code, any_value(detail) as detail, is_expected, count(*) as records"
            " from quarantine.rejects group by source_code, reason_code, is_expected order by all"
        )
    )
    stops = [r for r in ordered if r.stops]
    return (
        _templates()
        .get_template("validation.html.j2")
        .render(
            headline="Refused: not published" if refused_because else "Every critical rule passed",
            refused_because=refused_because,
            build_id=build_id,
            version=version,
            written_at=datetime.now(UTC).isoformat(sep=" ", timespec="minutes").removesuffix("+00:00"),
            results=ordered,
            sample_rows=_sample_rows,
            passed=sum(r.success for r in ordered),
            stops=stops,
            warnings=[r for r in ordered if not r.success and not r.stops],
            quarantine=quarantine,
            quarantined=sum(q["records"] for q in quarantine),
            groups=groups,
        )
    )


NOT_LOADED_IN = (
    " and not exists (from {file} as before where before.status = 'loaded'"
    " and before.artifact_sha256 = loads.artifact_sha256 and before.table_name = loads.table_name"
    " and before.partition = loads.partition and before.release = loads.release)"
)


def changes_page(
    con: duckdb.DuckDBPyConnection,
    release: dict[str, Any],
    diffs: Sequence[TableDiff],
    compared: Release | None,
    harm: str | None = None,
    set_aside: Sequence[SetAside] = (),
    site_fault: str | None = None,
) -> str:
    """Render what is new in a release: what was loaded since another one, what differs from it, what is left out.

    `compared` is the release before, or the nearest intact one if that is damaged; `harm` is the damage;
    `site_fault` is what kept the site of this release from being built. A load is new
    if the other release has none of the same file for the same table and partition, whatever the clock says.
    """
    known = (
        NOT_LOADED_IN.format(file=read_parquet(compared.folder / "parquet" / "meta" / "loads.parquet"))
        if compared
        else ""
    )
    loads = _records(
        con.execute(
            "select source_code, partition, release, known_from, rows_loaded, rows_quarantined from ledger.loads"
            f" where status = 'loaded'{known} order by source_code, known_from, partition"
        )
    )
    return (
        _templates()
        .get_template("CHANGES.md.j2")
        .render(
            version=release["version"],
            built_at=release["built_at"].isoformat(sep=" ", timespec="minutes").removesuffix("+00:00"),
            code_version=release["code_version"],
            previous=release["previous_version"],
            compared=compared.version if compared else None,
            harm=harm,
            site_fault=site_fault,
            accepted_drift=release["accepted_drift"],
            loads=loads,
            set_aside=set_aside,
            diffs=[diff for diff in diffs if not diff.is_empty],
        )
    )

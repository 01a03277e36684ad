"""Releases of a few rows, as a build leaves them: database, Parquet, data package, changes, a site of one page."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from warehouse.release import store
from warehouse.settings import Settings

FIRST_BUILT_AT = datetime(2026, 11, 1, tzinfo=UTC)
KEY = ("country_code", "year", "release")
MINED = {2023: 240_000.0, 2024: 270_000.0}


def add_release(settings: Settings, version: str, mined: dict[int, float] | None = None, barred: bool = False) -> Path:
    """Make a release after the current one and make it current; return its folder.

    Each figure comes from the statement `release`, so that a later release's differing figure is a revision.
    `barred` adds a publisher's statement whose terms forbid redistribution.
    """
    current = store.current_release(settings)
    number = len(store.releases(settings)) + 1
    folder = settings.releases / version
    known = date(2026, 1, number)
    rows = [
        {"country_code": "CHN", "year": year, "release": str(number), "known_from": known, "is_latest": True, "t": t}
        for year, t in (mined or MINED).items()
    ]
    about = {
        "version": version, "schema_version": "3.0.0", "built_at": FIRST_BUILT_AT + timedelta(days=number),
        "code_version": "0", "build_id": version, "previous_version": current.version if current else None,
        "content_hash": hashlib.sha256(repr(rows).encode()).hexdigest(), "as_of_day": known,
    }  # fmt: skip
    loads = [
        {
            "source_code": code, "table_name": f"{code}__t", "partition": "all", "release": str(number),
            "known_from": known, "artifact_sha256": f"{code}{number}", "status": "loaded", "rows_loaded": len(rows),
            "rows_quarantined": 0,
        }
        for code in ("usgs_mcs", *(["bgs_wms"] if barred else []))
    ]  # fmt: skip
    tables = {
        "core/fct_production": pl.DataFrame(rows),
        "core/dim_source": pl.DataFrame(
            {"source_code": ["usgs_mcs", "bgs_wms"], "redistribution": ["allowed", "not allowed: each user fetches"]}
        ),
        "meta/release": pl.DataFrame([about], schema_overrides={"previous_version": pl.String}),
        "meta/loads": pl.DataFrame(loads),
    }
    tables["meta/data_dictionary"] = _dictionary(tables)
    for name, frame in tables.items():
        (folder / "parquet" / name).parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(folder / "parquet" / f"{name}.parquet")
    _write_database(folder, list(tables))
    (folder / "CHANGES.md").write_text(f"# Release {version}\n", encoding="utf-8")
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text(f"<title>{version}</title>", encoding="utf-8")
    _write_package(folder, tables)
    store._point_to(settings, folder)
    return folder


def _dictionary(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "schema_name": name.split("/")[0], "table_name": name.split("/")[1], "column_name": column,
                "column_position": position, "is_key": column in KEY,
            }
            for name, frame in tables.items()
            for position, column in enumerate(frame.columns, 1)
        ]
    )  # fmt: skip


def _write_database(folder: Path, tables: list[str]) -> None:
    with duckdb.connect() as con:
        con.execute(f"attach '{folder}/rare_earths.duckdb' as made (storage_version 'v1.2.0', block_size 16384)")
        for name in tables:
            schema, table = name.split("/")
            con.execute(f"create schema if not exists made.{schema}")
            con.execute(f"create table made.{schema}.{table} as from '{folder}/parquet/{name}.parquet'")


def _write_package(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    resources = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        resource: dict[str, object] = {"path": name, "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"}
        if path.suffix == ".parquet":
            frame = tables[name.removeprefix("parquet/").removesuffix(".parquet")]
            resource["title"] = f"What {path.stem} is."
            resource["schema"] = {"fields": [{"name": c, "description": f"The {c}."} for c in frame.columns]}
        resources.append(resource)
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}), encoding="utf-8")

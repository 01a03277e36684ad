"""Writes parsed frames to raw tables: whole artifacts, some hundred in one transaction, idempotent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Self

import duckdb
import polars as pl

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable, Source, TableSpec
from sources.parser_version import parser_version
from sources.reading.corrections import apply_corrections, read_corrections
from warehouse.quality.neighbours.compare import TO_COMPARE
from warehouse.storage.landing import Landed


@dataclass(frozen=True, slots=True)
class Loaded:
    """Counts of one artifact's rows for one table: `rows_parsed` = `rows_loaded` + `rows_quarantined`."""

    partition: str
    table_name: str
    rows_parsed: int
    rows_loaded: int
    rows_quarantined: int


def statement_of(artifact: Artifact) -> str:
    """Hash of the metadata of the bytes, 16 hexadecimal digits. A corrected release date gives another hash."""
    metadata = [artifact.layout, artifact.edition, artifact.release, str(artifact.known_from), artifact.known_basis]
    return hashlib.sha256(json.dumps(metadata).encode()).hexdigest()[:16]


def load_id_of(table: str, landed: Landed) -> str:
    """Id of the load of one landed statement into one table."""
    artifact = landed.artifact
    identity = f"{table}|{artifact.partition}|{artifact.sha256}|{statement_of(artifact)}|{landed.sequence}"
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def delete_stale_loads(con: duckdb.DuckDBPyConnection, source: Source, landed: list[Landed]) -> int:
    """Delete loads that are no longer in the landing, as when a date was corrected; return how many."""
    active = [load_id_of(spec.name, item) for spec in source.tables for item in landed]
    stale = con.execute(
        "select load_id from ledger.loads where source_code = ? and not list_contains(?::varchar[], load_id)",
        [source.code, active],
    ).fetchall()
    con.begin()
    for (load_id,) in stale:
        for table in (*(f"raw.{spec.name}" for spec in source.tables), "quarantine.rejects", "ledger.loads"):
            con.execute(f"delete from {table} where load_id = ?", [load_id])
    con.execute(
        "delete from ledger.artifacts where source_code = ? and not list_contains(?::varchar[],"
        " concat_ws('|', sha256, partition, known_from))",
        [source.code, [_statement_key(item) for item in landed]],
    )
    con.commit()
    return len(stale)


def is_past(source: Source, item: Landed, landed: list[Landed]) -> bool:
    """Whether newer bytes have landed for the same partition of a table, so that a failure of these no longer matters.

    An edition may come as one file per table, all of one partition: a file does not supersede that of another table.
    """
    filled = set(source.tables_of(item.artifact))
    return any(
        other.artifact.partition == item.artifact.partition
        and other.sequence > item.sequence
        and filled.intersection(source.tables_of(other.artifact))
        for other in landed
    )


def still_to_load(con: duckdb.DuckDBPyConnection, source: Source, landed: list[Landed]) -> list[Landed]:
    """The landed artifacts whose rows are not in raw yet as this parser reads them.

    An artifact that this parser refused is tried again, so that the failure stays visible, until newer bytes of the
    partition have landed.
    """
    tried = dict(
        con.execute(
            "select load_id, status from ledger.loads where source_code = ? and parser_version = ?",
            [source.code, parser_version(source)],
        ).fetchall()
    )

    def is_done(item: Landed) -> bool:
        statuses = {tried.get(load_id_of(spec.name, item)) for spec in source.tables_of(item.artifact)}
        return None not in statuses and ("refused" not in statuses or is_past(source, item, landed))

    return [item for item in landed if not is_done(item)]


def stated_partitions(con: duckdb.DuckDBPyConnection, source: Source) -> set[tuple[str, str]]:
    """Tables and partitions of a publisher with a statement in raw."""
    found = con.execute(
        "select distinct table_name, partition from ledger.loads where source_code = ? and status <> 'refused'",
        [source.code],
    ).fetchall()
    return {(table, partition) for table, partition in found}


def row_counts(con: duckdb.DuckDBPyConnection, source: Source) -> dict[str, int]:
    """Rows in raw of each table of a publisher, every release of them: `{"usgs_mcs__world": 1042}`."""
    return {spec.name: con.execute(f"select count(*) from raw.{spec.name}").fetchall()[0][0] for spec in source.tables}


def rows_before(con: duckdb.DuckDBPyConnection, spec: TableSpec, item: Landed) -> pl.DataFrame | None:
    """The rows in raw of the statement before this one in its partition; None where no earlier one is loaded."""
    found = con.execute(
        "select load_id from ledger.loads where table_name = ? and partition = ? and status <> 'refused'"
        " and (known_from, landing_sequence) < (?, ?) order by known_from desc, landing_sequence desc limit 1",
        [spec.name, item.artifact.partition, item.artifact.known_from, item.sequence],
    ).fetchone()
    if found is None:
        return None
    return _rows(con, spec, found[0])


def rows_of(
    con: duckdb.DuckDBPyConnection, spec: TableSpec, partitions: Sequence[str]
) -> list[tuple[pl.DataFrame, int]]:
    """The rows in raw of the newest statement of each of these partitions, and the number of its records set aside."""
    newest = con.execute(
        "select load_id, rows_quarantined from ledger.loads where table_name = ? and status <> 'refused'"
        " and list_contains(?::varchar[], partition)"
        " qualify row_number() over (partition by partition order by known_from desc, landing_sequence desc) = 1"
        " order by partition",
        [spec.name, list(partitions)],
    ).fetchall()
    return [(_rows(con, spec, load_id), n_rejected) for load_id, n_rejected in newest]


def _rows(con: duckdb.DuckDBPyConnection, spec: TableSpec, load_id: str) -> pl.DataFrame:
    return con.execute(f"select * exclude (load_id) from raw.{spec.name} where load_id = ?", [load_id]).pl()


def correct(source: Source, artifact: Artifact, parsed: ParsedTable) -> tuple[ParsedTable, list[str]]:
    """Apply the publisher's recorded corrections to the rows.

    Raises:
        StaleCorrectionError: the publisher corrected what the correction was written for.
    """
    corrections = read_corrections(source.package / "corrections.toml")
    frame, done = apply_corrections(artifact, parsed.spec.name, parsed.frame, corrections)
    return replace(parsed, frame=frame), done


@dataclass(frozen=True, slots=True)
class Loadable:
    """One table of an artifact as it was read: corrected, with its corrections and the hash of its content."""

    landed: Landed
    parsed: ParsedTable
    corrections: list[str]
    content_sha256: str

    @classmethod
    def of(cls, landed: Landed, parsed: ParsedTable, corrections: list[str]) -> Self:
        """Hash the content too."""
        return cls(landed, parsed, corrections, parsed.content_sha256())

    @property
    def load_id(self) -> str:
        """Id of its load."""
        return load_id_of(self.parsed.spec.name, self.landed)


def load_all(con: duckdb.DuckDBPyConnection, build_id: str, source: Source, batch: Sequence[Loadable]) -> list[Loaded]:
    """Write rows, rejects and ledger rows of several artifacts in one transaction.

    Rows that an older parser loaded from an artifact are replaced. A body with the same content as the previous one is
    loaded too; models recognise by its content hash that it is no revision (`stg_ledger__loads`). A load waits to be
    compared with its neighbours (`warehouse/ingest/comparison.py`); models do not read it before.
    """
    con.begin()
    try:
        _clear(con, {one.parsed.spec.name for one in batch}, [one.load_id for one in batch])
        _insert_rows(con, batch)
        _insert_rejects(con, batch)
        _record(con, [_ledger_row(build_id, source, one) for one in batch])
        _record_artifacts(con, [one.landed for one in batch])
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return [
        Loaded(
            partition=one.landed.artifact.partition,
            table_name=one.parsed.spec.name,
            rows_parsed=one.parsed.rows_parsed,
            rows_loaded=one.parsed.frame.height,
            rows_quarantined=one.parsed.rejects.height,
        )
        for one in batch
    ]


def record_refusal(con: duckdb.DuckDBPyConnection, build_id: str, source: Source, landed: Landed) -> None:
    """Record that this parser refused an artifact and delete its rows from raw."""
    con.begin()
    tables = [spec.name for spec in source.tables_of(landed.artifact)]
    _clear(con, set(tables), [load_id_of(table, landed) for table in tables])
    rows = [_row_of(build_id, source, landed, table, "refused", (0, 0, 0), "", []) for table in tables]
    _record(con, rows)
    _record_artifacts(con, [landed])
    con.commit()


def refuse_loaded(con: duckdb.DuckDBPyConnection, source_code: str, partition: str, landing_sequence: int) -> None:
    """Refuse an artifact that was loaded already: its rows leave raw, and its loads are recorded as refused."""
    found = con.execute(
        "select table_name, load_id from ledger.loads where source_code = ? and partition = ? and landing_sequence = ?",
        [source_code, partition, landing_sequence],
    ).fetchall()
    con.begin()
    for table, load_id in found:
        con.execute(f"delete from raw.{table} where load_id = ?", [load_id])
        con.execute("delete from quarantine.rejects where load_id = ?", [load_id])
        con.execute(
            "update ledger.loads set status = 'refused', content_sha256 = '', rows_parsed = 0, rows_loaded = 0,"
            " rows_quarantined = 0 where load_id = ?",
            [load_id],
        )
    con.commit()


def _clear(con: duckdb.DuckDBPyConnection, tables: Collection[str], load_ids: Sequence[str]) -> None:
    """Delete earlier rows of these loads. Most loads are new, and then nothing is deleted."""
    known = con.execute(
        "select load_id from ledger.loads where list_contains(?::varchar[], load_id)", [list(load_ids)]
    ).fetchall()
    for filled in (*(f"raw.{table}" for table in tables), "quarantine.rejects", "ledger.loads") if known else ():
        con.execute(
            f"delete from {filled} where list_contains(?::varchar[], load_id)", [[load_id for (load_id,) in known]]
        )


def _ledger_row(build_id: str, source: Source, one: Loadable) -> list[object]:
    parsed = one.parsed
    counts = (parsed.rows_parsed, parsed.frame.height, parsed.rejects.height)
    return _row_of(
        build_id, source, one.landed, parsed.spec.name, TO_COMPARE, counts, one.content_sha256, one.corrections
    )


def _row_of(  # noqa: PLR0913, PLR0917 - a ledger row is what it is
    build_id: str,
    source: Source,
    landed: Landed,
    table: str,
    status: str,
    counts: tuple[int, int, int],
    content: str,
    corrections: list[str],
) -> list[object]:
    artifact = landed.artifact
    return [
        load_id_of(table, landed), build_id, source.code, table, artifact.partition, artifact.year,
        artifact.edition, artifact.release, artifact.known_from, artifact.known_basis, artifact.sha256,
        artifact.layout, landed.sequence, statement_of(artifact), parser_version(source), content, status,
        *counts, corrections, datetime.now(UTC),
    ]  # fmt: skip


def _record(con: duckdb.DuckDBPyConnection, rows: list[list[object]]) -> None:
    con.executemany(f"insert into ledger.loads values ({', '.join('?' * 22)})", rows)


def _insert_rows(con: duckdb.DuckDBPyConnection, batch: Sequence[Loadable]) -> None:
    """One insert for each table."""
    for table in sorted({one.parsed.spec.name for one in batch}):
        frames = [
            one.parsed.frame.with_columns(pl.lit(one.load_id).alias("load_id"))
            for one in batch
            if one.parsed.spec.name == table
        ]
        con.register("arriving", pl.concat(frames).to_arrow())
        con.execute(f"insert into raw.{table} by name select * from arriving")
        con.unregister("arriving")


def _insert_rejects(con: duckdb.DuckDBPyConnection, batch: Sequence[Loadable]) -> None:
    frames = [
        one.parsed.rejects.with_columns(
            pl.lit(one.load_id).alias("load_id"),
            pl.lit(one.landed.artifact.source_code).alias("source_code"),
            pl.lit(one.parsed.spec.name).alias("table_name"),
            pl.lit(one.landed.artifact.sha256).alias("artifact_sha256"),
            pl.col("reason_code").is_in(sorted(one.parsed.spec.expected_rejects)).alias("is_expected"),
        )
        for one in batch
        if not one.parsed.rejects.is_empty()
    ]
    if not frames:
        return
    con.register("rejected", pl.concat(frames).to_arrow())
    con.execute("insert into quarantine.rejects by name select * from rejected")
    con.unregister("rejected")


def _record_artifacts(con: duckdb.DuckDBPyConnection, batch: Sequence[Landed]) -> None:
    rows = {_statement_key(landed): landed for landed in batch}
    con.execute(
        "delete from ledger.artifacts where list_contains(?::varchar[], concat_ws('|', sha256, partition, known_from))",
        [list(rows)],
    )
    con.executemany(
        f"insert into ledger.artifacts values ({', '.join('?' * 14)})",
        [
            [
                artifact.sha256, artifact.original_sha256, artifact.source_code, artifact.name, artifact.layout,
                artifact.partition, artifact.edition, artifact.release, artifact.known_from, artifact.known_basis,
                artifact.transcription, artifact.url, landed.landed_at, landed.bytes,
            ]
            for landed in rows.values()
            for artifact in [landed.artifact]
        ],
    )  # fmt: skip


def _statement_key(landed: Landed) -> str:
    return f"{landed.artifact.sha256}|{landed.artifact.partition}|{landed.artifact.known_from}"

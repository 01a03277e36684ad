"""Statements that were loaded or published, and that no line of the landing's ledger accounts for any more.

The ledger is compared with the loads of the work file and with the artifacts of the current release. A statement whose
line was lost would otherwise vanish from the next release without a word.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import duckdb
import polars as pl

from warehouse.release.store import current_release
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.storage.ledger import REMEDY, LedgerError, Statement, damage_in_words
from warehouse.storage.work import read_work

log = logging.getLogger("ree.landing")

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lost:
    """A statement without a line: the file's name, and where it is remembered."""

    statement: Statement
    name: str
    remembered_in: str


def lost_statements(settings: Settings, *, with_work_file: bool = True) -> list[Lost]:
    """What was loaded, or is in the current release, and is not in the ledger, by publisher and partition.

    Reads the work file and the release, and writes nothing. A damaged release is left out.

    Raises:
        FileHeldError: another process has the work file open for writing.
        UnreadableFileError: the work file is damaged.
    """
    known = Landing(settings.landing).ledger.statements()
    found = _in_release(settings) | (_in_work_file(settings) if with_work_file else {})
    return [found[statement] for statement in sorted(found) if statement not in known]


def require_no_loss(settings: Settings) -> None:
    """Stop a build whose landing lost something.

    Raises:
        LedgerError: a line of the ledger is damaged or missing, or a statement that was loaded has no line; by name.
    """
    ledger = Landing(settings.landing).ledger
    problems = ledger.problems()
    lost = lost_statements(settings)
    if problems or lost:
        words = damage_in_words(ledger.path, problems).removesuffix(REMEDY) if problems else ""
        raise LedgerError(words + in_words(settings, lost) + REMEDY)


def in_words(settings: Settings, lost: list[Lost]) -> str:
    """The first lost statements, each with its bytes; empty where nothing is lost."""
    if not lost:
        return ""
    landing = Landing(settings.landing)
    lines = [f"{landing.ledger.path} has no line for {len(lost)} statement(s) that were loaded:"]
    lines += [f"- {one_in_words(landing, item)}" for item in lost[:_SHOWN]]
    if len(lost) > _SHOWN:
        lines.append(f"- and {len(lost) - _SHOWN} more; `ree doctor` lists them.")
    return "\n".join(lines) + "\n"


def one_in_words(landing: Landing, lost: Lost) -> str:
    """A lost statement: which, where it is remembered, and whether its bytes are still stored."""
    code, partition, sha256 = lost.statement
    path = landing.path_of(sha256)
    where = f"its bytes are still at {path}" if path.is_file() else f"its bytes ({sha256[:12]}…) are gone too"
    return f"{code}: {partition} ({lost.name}), in {lost.remembered_in}; {where}."


def _in_work_file(settings: Settings) -> dict[Statement, Lost]:
    if not settings.work_file.exists():
        return {}
    with read_work(settings) as con:
        if not con.execute(
            "select 1 from duckdb_tables() where schema_name = 'ledger' and table_name = 'loads'"
        ).fetchall():
            return {}
        rows = con.execute(
            "select distinct loads.source_code, loads.partition, loads.artifact_sha256, coalesce(artifacts.name, '?')"
            " from ledger.loads left join ledger.artifacts on artifacts.sha256 = loads.artifact_sha256"
            " and artifacts.partition = loads.partition where loads.status <> 'refused'"
        ).fetchall()
    return {Statement(*row[:3]): Lost(Statement(*row[:3]), row[3], "the work file") for row in rows}


def _in_release(settings: Settings) -> dict[Statement, Lost]:
    try:
        current = current_release(settings)
        if current is None:
            return {}
        artifacts = pl.read_parquet(current.folder / "parquet" / "meta" / "artifacts.parquet", glob=False)
        rows = artifacts.select("source_code", "partition", "sha256", "name").rows()
    except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
        log.warning("the landing is not compared with the current release, which cannot be read: %s", error)
        return {}
    found = [Lost(Statement(*row[:3]), row[3], f"release {current.version}") for row in rows]
    return {lost.statement: lost for lost in found}

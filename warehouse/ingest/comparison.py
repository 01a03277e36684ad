"""Compares what was loaded with its neighbours, once everything of a build is loaded and before models read it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import duckdb

from warehouse.ingest import load
from warehouse.quality.expectations.runner import Result
from warehouse.quality.gates import store_results
from warehouse.quality.neighbours.compare import LOADED, TO_COMPARE, Misfit, misfits_of, result_of
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances
from warehouse.storage.work import open_work

log = logging.getLogger("ree.ingest")


class ComparisonError(Exception):
    """Some partitions read better otherwise; they were not loaded."""


@dataclass(slots=True)
class Compared:
    """Result of the comparison: how many loads were compared, and what was refused, by publisher."""

    loads: int = 0
    results: list[Result] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    stops_on_failure: bool = True

    def raise_failures(self) -> None:
        """Raise if a partition was refused and `stops_on_failure` is set.

        Raises:
            ComparisonError: names each partition, what does not fit, and the remedy.
        """
        if self.failures and self.stops_on_failure:
            msg = f"{len(self.failures)} partition(s) do not fit their neighbours:\n" + "\n".join(self.failures)
            raise ComparisonError(msg)


@dataclass(frozen=True, slots=True)
class _Load:
    load_id: str
    source_code: str
    table: str
    partition: str
    sha256: str
    landing_sequence: int
    is_past: bool


def compare(settings: Settings, build_id: str) -> Compared:
    """Compare the loads that wait for it; those that fit are loaded, those that read better otherwise are refused.

    A refused load leaves raw, and the statement before it stays active. A load that a person accepted stays, with a
    warning. A failure of a live publisher stops no release.
    """
    done = Compared(stops_on_failure=settings.sources != "live")
    acceptances = Acceptances(settings.landing)
    with open_work(settings) as con:
        waiting = _waiting(con)
        done.loads = len(waiting)
        by_load: dict[str, list[Misfit]] = {}
        for misfit in misfits_of(con) if waiting else []:
            by_load.setdefault(misfit.load_id, []).append(misfit)
        for load_id, misfits in by_load.items():
            one = waiting[load_id]
            accepted = acceptances.reason(one.sha256)
            _judge(con, done, one, misfits, accepted)
        con.execute("update ledger.loads set status = ? where status = ?", [LOADED, TO_COMPARE])
        store_results(con, build_id, done.results)
    if waiting:
        log.info("%d loads compared with their neighbours, %d refused", done.loads, len(done.failures))
    return done


def _waiting(con: duckdb.DuckDBPyConnection) -> dict[str, _Load]:
    rows = con.execute(
        "select load_id, source_code, table_name, partition, artifact_sha256, landing_sequence,"
        " landing_sequence < max(landing_sequence) over (partition by source_code, table_name, partition)"
        f" from ledger.loads where status <> 'refused' qualify status = '{TO_COMPARE}'"
    ).fetchall()
    return {row[0]: _Load(*row) for row in rows}


def _judge(con: duckdb.DuckDBPyConnection, done: Compared, one: _Load, misfits: list[Misfit], accepted: str) -> None:
    strongest = max(misfits, key=lambda misfit: misfit.strength)
    stops = not accepted and not one.is_past and done.stops_on_failure
    why = strongest.reading
    done.results.append(result_of(strongest, one.table, one.partition, accepted, stops=stops))
    if accepted:
        done.accepted.append(f"- {one.source_code} {one.partition}: accepted ({accepted}): {why}")
        log.warning("%s: %s is accepted (%s): %s", one.source_code, one.partition, accepted, why)
        return
    load.refuse_loaded(con, one.source_code, one.partition, one.landing_sequence)
    if one.is_past:
        log.warning("%s: %s has newer bytes; these were not loaded: %s", one.source_code, one.partition, why)
        return
    remedy = f"if the figures are right: ree landing accept {one.sha256[:12]} REASON"
    done.failures.append(f"- {one.source_code} {one.partition}: {why}. Look at the file; {remedy}.")
    log.error("%s: %s not loaded: %s", one.source_code, one.partition, why)
    if not done.stops_on_failure:
        done.refused.setdefault(one.source_code, []).append(one.partition)

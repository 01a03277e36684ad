"""Lands and loads one publisher: each artifact is parsed, judged at gate 1, and loaded whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb

from sources.model.artifact import Artifact, SourceError
from sources.model.source import ParsedTable, Source
from sources.reading.tables import forget_added_fields
from sources.reading.vocabulary import use_own_labels
from sources.snapshot.reader import Snapshot
from warehouse import clock
from warehouse.ingest import load
from warehouse.ingest.days import require_possible_days
from warehouse.ingest.own_labels import read_own_labels
from warehouse.ingest.reading import CORRECT_IT, Outcome, read_all
from warehouse.ingest.unforeseen import UNFORESEEN, refusal_of
from warehouse.quality.beside import prints_total, years_beside
from warehouse.quality.expectations.runner import Result
from warehouse.quality.gates import in_words, judge_load, stopping, store_results, unreadable
from warehouse.quality.whole import judge_whole, not_whole
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances
from warehouse.storage.journal import Journal
from warehouse.storage.landing import Landed, Landing, is_stored
from warehouse.storage.work import open_work

log = logging.getLogger("ree.ingest")


Readable = tuple[Landed, list[load.Loadable]]
"""An artifact that could be read, and its tables."""


_JUDGE_IT = "look at the sample: the file or the rule is wrong. A fetched file is requested again in the next run."
_FEW = 20
"""Up to this many loads are logged one by one, more as a total."""
_ROWS_AT_ONCE = 200_000
"""Rows from which the artifacts read so far are judged and loaded, before the next is read."""

_BATCH = 100
"""Artifacts loaded in one transaction: a commit and an insert each cost as much as the rows of a small one."""


class IngestError(Exception):
    """Some artifacts of a publisher could not be loaded; the others were."""


@dataclass(slots=True)
class Ingested:
    """Result of loading one publisher."""

    source_code: str
    acceptances: Acceptances
    landed: list[Landed] = field(default_factory=list)
    loaded: list[load.Loaded] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    already_loaded: int = 0
    refused: list[str] = field(default_factory=list)
    stops_on_failure: bool = True
    is_few: bool = True
    rows_in_raw: dict[str, int] = field(default_factory=dict)

    @property
    def bytes_landed(self) -> int:
        """Bytes of everything that has landed of the publisher."""
        return sum(item.bytes for item in self.landed)

    @property
    def rows_loaded(self) -> int:
        """Rows written to raw."""
        return sum(item.rows_loaded for item in self.loaded)

    @property
    def rows_quarantined(self) -> int:
        """Rows in quarantine, each with a reason."""
        return sum(item.rows_quarantined for item in self.loaded)

    def raise_failures(self) -> None:
        """Raise if an artifact failed and `stops_on_failure` is set.

        Raises:
            IngestError: names each artifact and the reason.
        """
        if self.failures and self.stops_on_failure:
            msg = f"{self.source_code}: {len(self.failures)} artifact(s) not loaded:\n" + "\n".join(self.failures)
            raise IngestError(msg)


def land(settings: Settings, source: Source, years: Collection[int] | None = None) -> tuple[int, int]:
    """Land the files of the snapshot and of the user's own folder; return how many are new, and how many there are.

    With `REE_SOURCES=landing` nothing new lands. With `live`, a file of the snapshot lands unless its partition was
    fetched before and holds a statement that is as new: what was fetched stays current.

    Raises:
        SourceError: a file differs from its provenance.
    """
    if settings.sources == "landing":
        return 0, 0
    landing = Landing(settings.landing)
    newest = _newest_of_fetched(settings, source, landing) if settings.sources == "live" else {}
    bundled = [
        artifact
        for artifact in Snapshot(settings.snapshot).offers(source.code)
        if artifact.partition not in newest or artifact.known_from < newest[artifact.partition]
    ]
    own = Snapshot(settings.own_files).offers(source.code) if settings.own_files else []
    offered = [*bundled, *own]
    for artifact in offered:
        require_possible_days(artifact, clock.today())
    offers = [artifact for artifact in offered if years is None or artifact.year in years]
    new = landing.land(offers)
    log.info("%s: %d artifacts offered, %d new", source.code, len(offers), new)
    return new, len(offers)


def fetched_partitions(settings: Settings, source: Source, landing: Landing) -> set[str]:
    """The partitions that fetch runs have fetched, also where they found what had landed before."""
    return Journal(settings.journal_file, source.code).partitions() | landing.fetched_partitions(source.code)


def _newest_of_fetched(settings: Settings, source: Source, landing: Landing) -> dict[str, date]:
    """Of each partition that was fetched, the day since when its newest statement is known."""
    fetched = fetched_partitions(settings, source, landing)
    landed = (item.artifact for item in landing.landed(source.code))  # by the day they became known
    return {artifact.partition: artifact.known_from for artifact in landed if artifact.partition in fetched}


def ingest(settings: Settings, build_id: str, source: Source) -> Ingested:
    """Load what has landed of one publisher and is not in raw yet.

    Each artifact is parsed, corrected, judged at gate 1 and loaded separately. Nothing of an artifact that fails is
    loaded, whatever the exception; the others are. Failures are returned, so that the caller can show the results
    before it stops. A failure of a live publisher stops no release: earlier rows of its partition stay active.

    Raises:
        OwnLabelsError: the file of own labels is wrong.
    """
    try:
        with use_own_labels(read_own_labels(settings)):
            return _ingest(settings, build_id, source)
    finally:
        forget_added_fields(source.code)


def _ingest(settings: Settings, build_id: str, source: Source) -> Ingested:
    done = Ingested(source.code, Acceptances(settings.landing), stops_on_failure=settings.sources != "live")
    with open_work(settings) as con:
        landed = Landing(settings.landing).landed(source.code)
        load.delete_stale_loads(con, source, landed)
        done.landed = landed
        missing = _report_missing_bytes(landed, done)
        waiting = [item for item in load.still_to_load(con, source, landed) if item not in missing]
        done.already_loaded = len(landed) - len(waiting)
        done.is_few = len(waiting) <= _FEW
        if not waiting:
            log.info("%s: nothing new, %d artifacts already loaded", source.code, done.already_loaded)
        outcomes = read_all(source, waiting, settings.workers_for(len(waiting)))
        for readable in _portions(con, build_id, source, outcomes, done):
            _load_whole(con, build_id, source, _judge(con, build_id, source, readable, done), done)
        done.rows_in_raw = load.row_counts(con, source)
    if waiting:
        log.info(
            "%s: %d of %d artifacts loaded, %d rows, %d in quarantine",
            source.code, len(waiting) - len(done.failures), len(waiting), done.rows_loaded, done.rows_quarantined,
        )  # fmt: skip
    return done


def _report_missing_bytes(landed: list[Landed], done: Ingested) -> list[Landed]:
    """The artifacts whose bytes are gone or cut off. Each is a failure; what was loaded of it stays loaded."""
    missing = [item for item in landed if not is_stored(item)]
    for item in missing:
        why = SourceError(
            item.artifact,
            f"its {item.bytes:,} bytes are not whole at {item.artifact.path}.",
            "restore the file from the backup of landing/, or land it again.",
        )
        _report(item, str(why), done)
    return missing


def _portions(
    con: duckdb.DuckDBPyConnection,
    build_id: str,
    source: Source,
    outcomes: Iterable[tuple[Landed, Outcome]],
    done: Ingested,
) -> Iterator[list[Readable]]:
    """The artifacts that could be read; one that could not is a failure and leaves the others.

    They come in portions of a limited number of rows, so that memory does not grow with their number.
    """
    readable: list[Readable] = []
    rows = 0
    for item, outcome in outcomes:
        if isinstance(outcome, str):
            _refuse(con, build_id, source, done, item, outcome)
            continue
        readable.append((item, outcome))
        rows += sum(one.parsed.frame.height for one in outcome)
        if rows >= _ROWS_AT_ONCE:
            yield readable
            readable, rows = [], 0
    yield readable


def _judge(
    con: duckdb.DuckDBPyConnection, build_id: str, source: Source, readable: list[Readable], done: Ingested
) -> list[Readable]:
    """Judge artifacts together where each is of another partition; return those that passed, in their order."""
    passed = {id(one) for turn in _turns(readable) for one in _judge_turn(con, build_id, source, turn, done)}
    return [one for one in readable if id(one) in passed]


def _turns(readable: list[Readable]) -> list[list[Readable]]:
    """The artifacts in as few groups as leave each table one statement per partition.

    Rules add up a partition, so two releases of it would be judged as one that states everything twice.
    """
    turns: list[tuple[set[tuple[str, str]], list[Readable]]] = []
    for one in readable:
        item, tables = one
        fills = {(table.parsed.spec.name, item.artifact.partition) for table in tables}
        free = next((turn for turn in turns if not turn[0] & fills), None)
        if free is None:
            turns.append((fills, [one]))
        else:
            free[0].update(fills)
            free[1].append(one)
    return [turn for _, turn in turns]


def _judge_turn(
    con: duckdb.DuckDBPyConnection, build_id: str, source: Source, readable: list[Readable], done: Ingested
) -> list[Readable]:
    """Judge artifacts together; if a critical rule fails, judge each alone and refuse only those that fail.

    An artifact that cannot be judged fails too.
    """
    try:
        together = _results_of(readable)
    except UNFORESEEN as error:
        log.debug("%s: not judged together; each artifact is judged alone", source.code, exc_info=error)
        together = None
    if together is not None and not stopping(together):
        store_results(con, build_id, together)
        done.results.extend(together)
        return readable
    passed: list[Readable] = []
    for one in readable:
        try:
            results = _results_of([one])
        except UNFORESEEN as error:
            refusal = refusal_of(one[0].artifact, error, "cannot be judged at gate 1", CORRECT_IT)
            _refuse(con, build_id, source, done, one[0], str(refusal))
            continue
        refusals = stopping(results)
        if refusals:
            why = "; ".join(in_words(refusal) for refusal in refusals)
            text = f"{one[0].artifact.name}: refused at gate 1: {why}. Remedy: {_JUDGE_IT}"
            _fail(con, build_id, source, done, one[0], results, text)
        else:
            store_results(con, build_id, results)
            done.results.extend(results)
            passed.append(one)
    return passed


def _results_of(readable: list[Readable]) -> list[Result]:
    by_table: dict[str, list[tuple[Artifact, ParsedTable]]] = {}
    for item, tables in readable:
        for table in tables:
            by_table.setdefault(table.parsed.spec.name, []).append((item.artifact, table.parsed))
    return [result for parsed in by_table.values() for result in judge_load(parsed)]


def _load_whole(
    con: duckdb.DuckDBPyConnection, build_id: str, source: Source, readable: list[Readable], done: Ingested
) -> None:
    """Load the artifacts that are whole, in batches; a batch ends where the next is compared with one in it."""
    stated = load.stated_partitions(con, source)
    batch: list[Readable] = []
    waiting: set[str] = set()
    for item, tables in readable:
        compared = [_compared_with(table.parsed, item.artifact, stated) for table in tables]
        if len(batch) == _BATCH or waiting.intersection(item.artifact.partition, *compared):
            _load(con, build_id, source, batch, done)
            batch, waiting = [], set()
        if _is_whole(con, build_id, source, item, tables, compared, done):
            batch.append((item, tables))
            waiting.add(item.artifact.partition)
            stated |= {(table.parsed.spec.name, item.artifact.partition) for table in tables}
    _load(con, build_id, source, batch, done)


def _compared_with(parsed: ParsedTable, artifact: Artifact, stated: Collection[tuple[str, str]]) -> list[str]:
    """The partitions in raw that a table of an artifact may be compared with: its own, and those of the years beside.

    One that prints the total of its partners is not compared with other years.
    """
    beside = [] if prints_total(parsed) else years_beside(parsed.spec, artifact)
    return [name for name in (artifact.partition, *beside) if (parsed.spec.name, name) in stated]


def _is_whole(
    con: duckdb.DuckDBPyConnection,
    build_id: str,
    source: Source,
    item: Landed,
    tables: list[load.Loadable],
    compared: list[list[str]],
    done: Ingested,
) -> bool:
    """Whether the artifact keeps enough of the statement before it, or of the years beside it; if not, it fails."""
    results: list[Result] = []
    for parsed, names in zip((table.parsed for table in tables), compared, strict=True):
        before = load.rows_before(con, parsed.spec, item) if item.artifact.partition in names else None
        beside = [name for name in names if name != item.artifact.partition] if before is None else []
        results += judge_whole(item.artifact, parsed, before, load.rows_of(con, parsed.spec, beside) if beside else [])
    if reason := done.acceptances.reason(item.artifact.sha256):
        results = [
            result if result.success else replace(result, severity="warning", why=f"{result.why}; accepted: {reason}")
            for result in results
        ]
    failed = stopping(results)
    if failed:
        _fail(con, build_id, source, done, item, results, str(not_whole(item.artifact, failed)))
        return False
    store_results(con, build_id, results)
    done.results.extend(results)
    return True


def _load(con: duckdb.DuckDBPyConnection, build_id: str, source: Source, batch: list[Readable], done: Ingested) -> None:
    loadable = [table for _, tables in batch for table in tables]
    for loaded in load.load_all(con, build_id, source, loadable) if loadable else []:
        done.loaded.append(loaded)
        log.log(
            logging.INFO if done.is_few else logging.DEBUG,
            "%s: %s loaded: %d rows, %d in quarantine",
            source.code, loaded.partition, loaded.rows_loaded, loaded.rows_quarantined,
        )  # fmt: skip


def _refuse(
    con: duckdb.DuckDBPyConnection, build_id: str, source: Source, done: Ingested, item: Landed, why: str
) -> None:
    """Fail an artifact that could not be read or judged."""
    result = unreadable(item.artifact, source.tables_of(item.artifact)[0].name, why)
    _fail(con, build_id, source, done, item, [result], why)


def _fail(
    con: duckdb.DuckDBPyConnection,
    build_id: str,
    source: Source,
    done: Ingested,
    item: Landed,
    results: list[Result],
    why: str,
) -> None:
    load.record_refusal(con, build_id, source, item)
    is_past = load.is_past(source, item, done.landed)
    if is_past or not done.stops_on_failure:
        results = [replace(result, severity="warning") for result in results]
    if is_past:
        log.warning("%s: %s has newer bytes; these were not loaded: %s", source.code, item.artifact.partition, why)
    else:
        _report(item, why, done)
    store_results(con, build_id, results)
    done.results.extend(results)


def _report(item: Landed, why: str, done: Ingested) -> None:
    """Add a failure, with the way to build without the artifact."""
    artifact = item.artifact
    done.failures.append(
        f"- {artifact.partition}: {why} To build without it: ree landing set-aside {artifact.sha256[:12]} REASON"
    )
    if not done.stops_on_failure:
        done.refused.append(artifact.partition)
    log.error("%s: %s not loaded: %s", artifact.source_code, artifact.partition, why)

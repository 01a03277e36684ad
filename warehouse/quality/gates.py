"""The two gates: which tables are judged against which, and where the results are stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from sources.model.artifact import Artifact
from sources.model.partition import key_frame
from sources.model.source import ParsedTable
from warehouse.quality.expectations.rules import NOT_EMPTY
from warehouse.quality.expectations.runner import Result, judge
from warehouse.quality.expectations.suites import gate_two, suite_of
from warehouse.quality.facts.common import DRIFT_PREFIX
from warehouse.settings import Settings
from warehouse.storage.database import limits
from warehouse.storage.literals import literal
from warehouse.storage.parquet_files import files_of, table_files
from warehouse.wording import example


def judge_load(parsed: Sequence[tuple[Artifact, ParsedTable]]) -> list[Result]:
    """Gate 1: judge the rows of one table, of one artifact or of several, before they enter raw.

    Each partition is judged by itself. Results of a single artifact carry its partition; of several, none.
    """
    table = parsed[0][1].spec.name
    with tempfile.TemporaryDirectory() as folder:
        paths = write_load(parsed, Path(folder))
        return judge(suite_of(table), paths, parsed[0][0].partition if len(parsed) == 1 else None)


def write_load(parsed: Sequence[tuple[Artifact, ParsedTable]], folder: Path) -> dict[str, Path]:
    """Write a load of one table as the Parquet files that its suite sees; return them by the names in its queries.

    The table itself and `rejects` have the column `partition_name` on every row, the table also `known_from` and
    `artifact_sha256`.
    `partitions` has one row per partition: its name, its year, its layout and the parts of its name (`key_frame`).
    `expected_rejects` has the reasons that the table's parser declares.
    """
    spec = parsed[0][1].spec
    frames = {
        spec.name: pl.concat(
            t.frame.with_columns(
                pl.lit(a.partition).alias("partition_name"),
                pl.lit(a.known_from).alias("known_from"),
                pl.lit(a.sha256).alias("artifact_sha256"),
            )
            for a, t in parsed
        ),
        "rejects": pl.concat(t.rejects.with_columns(pl.lit(a.partition).alias("partition_name")) for a, t in parsed),
        "partitions": key_frame(spec.partitions, [a.partition for a, _ in parsed]).with_columns(
            pl.Series("year", [a.year for a, _ in parsed]), pl.Series("layout", [a.layout for a, _ in parsed])
        ),
        "expected_rejects": pl.DataFrame({"reason_code": sorted(spec.expected_rejects)}, {"reason_code": pl.String}),
    }
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in frames}


def unreadable(artifact: Artifact, table: str, problem: str) -> Result:
    """The result of an artifact that could not be parsed or judged."""
    return Result(
        gate=1,
        table_name=table,
        partition=artifact.partition,
        rule="is_readable",
        expectation="parser",
        column_name=None,
        severity="critical",
        success=False,
        raised=False,
        observed=problem,
        unexpected_count=None,
        element_count=None,
        sample=None,
        why="an artifact that cannot be read is not loaded",
        checked_at=datetime.now(UTC),
    )


def judge_candidate(settings: Settings, parquet: Path, last_core: Path | None) -> list[Result]:
    """Gate 2: judge every published fact of the candidate, together with the last release's.

    `parquet` is the folder of the candidate's tables, `last_core` that of the last release's facts; without one, rules
    about change since the last release find nothing to compare.
    """
    tables = {name.rpartition(".")[2]: files for name, files in table_files(parquet).items()}
    with tempfile.TemporaryDirectory() as folder:
        quarantine = Path(folder) / "quarantine.parquet"
        with duckdb.connect(str(settings.work_file), read_only=True) as con:
            con.execute(f"copy quarantine.rejects to {literal(quarantine)} (format parquet)")
        results: list[Result] = []
        for table, suite in gate_two().items():
            last = files_of(last_core.parent, f"core.{table}") if last_core else []
            if not last:
                last = [Path(folder) / f"last_{table}.parquet"]
                pl.scan_parquet(tables[table], glob=False).head(0).collect().write_parquet(last[0])
            at_hand = {**tables, "quarantine": [quarantine], f"last_{table}": last}
            found = judge(suite, at_hand, limits=limits(settings))
            results.extend(_accepted(settings, result) for result in found)
    return results


def _accepted(settings: Settings, result: Result) -> Result:
    """Turn results that may not stop this build into warnings: accepted drift, and gaps of an earlier `as_of_day`.

    A release that ends at an earlier day lacks what became known later: tables, and figures of the last release.
    """
    is_about_gaps = result.rule.startswith(DRIFT_PREFIX) or result.rule == NOT_EMPTY
    if settings.as_of_day and is_about_gaps and not result.raised:
        return replace(result, severity="warning", why=f"{result.why}; the release ends at {settings.as_of_day}")
    if settings.accept_drift and result.rule.startswith(DRIFT_PREFIX) and not result.raised:
        return replace(result, severity="warning", why=f"{result.why}; accepted: {settings.accept_drift}")
    return result


def store_results(con: duckdb.DuckDBPyConnection, build_id: str, results: Sequence[Result]) -> None:
    """Store every result of a build in the ledger, also of a refused build."""
    if not results:
        return
    rows = pl.DataFrame(  # noqa: F841 - read by name
        [{name: getattr(result, name) for name in _COLUMNS} for result in results], infer_schema_length=None
    )
    columns = ", ".join(_COLUMNS)
    con.execute(
        f"insert into ledger.validation_results (build_id, {columns}) select ?, {columns} from rows", [build_id]
    )
    failing = [
        (build_id, result.table_name, result.rule, sha256, row)
        for result in results
        for sha256, row in result.failing_rows
    ]
    if failing:
        con.executemany("insert into ledger.failed_rows values (?, ?, ?, ?, ?)", failing)


_COLUMNS = tuple(field.name for field in fields(Result) if field.name != "failing_rows")


def stored_results(con: duckdb.DuckDBPyConnection, build_id: str, *, with_loads: bool = False) -> list[Result]:
    """Read a build's results from the ledger; `with_loads` adds gate 1 of the builds that made the active loads."""
    columns = ", ".join(_COLUMNS)
    loads = " or (gate = 1 and build_id in (select build_id from ledger.loads))" if with_loads else ""
    rows = con.execute(
        f"select {columns} from ledger.validation_results where build_id = ?{loads}"
        " order by gate, table_name, partition, rule",
        [build_id],
    ).fetchall()
    return [Result(*row) for row in rows]


def in_words(result: Result) -> str:
    """A result in words: `has_at_least_one_row (observed 0)`."""
    if result.raised:
        return f"{result.rule} (could not be evaluated: {result.observed})"
    count = f"{result.unexpected_count} found" if result.unexpected_count is not None else f"observed {result.observed}"
    return f"{result.rule} ({count}, e.g. {example(result.sample)})" if result.sample else f"{result.rule} ({count})"


def stopping(results: Iterable[Result]) -> list[Result]:
    """The results that stop a load or a release."""
    return [result for result in results if result.stops]

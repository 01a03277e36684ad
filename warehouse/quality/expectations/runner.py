"""Runs suites with Great Expectations and turns its results into ours.

Parquet files become views of a temporary DuckDB file, and the suite runs there as SQL. So gates judge exactly what is
loaded or published, and no table has to fit in memory.
"""

from __future__ import annotations

import io
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from sources.model.artifact import shortened
from warehouse.figures import RELATIVE_TOLERANCE
from warehouse.quality.expectations.kinds import configured_once, counted_rows_expectation
from warehouse.quality.expectations.rules import Rule, Severity, Suite, gone, kept, new
from warehouse.storage.database import Config
from warehouse.storage.literals import read_parquet
from warehouse.storage.parquet_files import unshared

_SAMPLED_ROWS = 5
_ROW = ("artifact_sha256", "artifact_row")
"""Columns by which a rule's query names the rows that fail it."""


@dataclass(frozen=True, slots=True)
class Result:
    """Result of one rule. `raised` means that it could not be evaluated, which is not the same as failing."""

    gate: int
    table_name: str
    partition: str | None
    rule: str
    expectation: str
    column_name: str | None
    severity: Severity
    success: bool
    raised: bool
    observed: str | None
    unexpected_count: int | None
    element_count: int | None
    sample: str | None
    why: str
    checked_at: datetime
    failing_rows: tuple[tuple[str, int], ...] = ()
    """Rows of a load that fail a warning, each by its artifact and the number of its record; none where the rule is
    about something else than rows."""

    @property
    def stops(self) -> bool:
        """Whether the result stops the load or the release."""
        return self.severity == "critical" and (self.raised or not self.success)


@cache
def _great_expectations() -> Any:
    """Import Great Expectations, without its analytics and progress bars, and make an ephemeral context."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        from warehouse.quality.expectations import dialect

        dialect.register()
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return gx, context, dialect.url


def _expectation(name: str) -> Any:
    """A kind of expectation by its name; of a query the one that runs it once."""
    if name == "UnexpectedRowsExpectation":
        return counted_rows_expectation()
    gx, _, _ = _great_expectations()
    return configured_once(getattr(gx.expectations, name))


Tables = Mapping[str, Path | Sequence[Path]]
"""Tables by the names that queries have for them, each as its Parquet file or files."""


@contextmanager
def _views(suite: Suite, tables: Tables) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "judge.duckdb"
        with duckdb.connect(str(path)) as con:
            _create_views(con, suite, tables)
        yield path


def _create_views(con: duckdb.DuckDBPyConnection, suite: Suite, tables: Tables) -> None:
    """A view of each table; at gate 2 also of the files by which the table differs from the last release's."""
    for name, files in tables.items():
        _create_view(con, name, files)
    last = f"last_{suite.table}"
    if suite.gate == 2 and last in tables:
        now, then = (
            [files] if isinstance(files, Path) else list(files) for files in (tables[suite.table], tables[last])
        )
        written = unshared(now, then)
        _create_view(con, new(suite.table), written, like=now)
        _create_view(con, kept(suite.table), [file for file in now if file not in written], like=now)
        _create_view(con, gone(suite.table), unshared(then, now), like=then)


def _create_view(
    con: duckdb.DuckDBPyConnection, name: str, files: Path | Sequence[Path], like: Sequence[Path] = ()
) -> None:
    """A view of the rows of files; of none of those of other files, `like`, where there are no files."""
    rows = read_parquet(files) if files else f"{read_parquet(like)} where false"
    con.execute(f'create view "{name}" as select * from {rows}')


def _named(suite: Suite, tables: Tables) -> Tables:
    """The tables that a suite uses: its own, that of the last release, and those its queries name."""
    own = (suite.table, f"last_{suite.table}")
    queries = [str(rule.arguments.get("unexpected_rows_query", "")) for rule in suite.rules]
    return {name: files for name, files in tables.items() if name in own or any(name in q for q in queries)}


def judge(suite: Suite, tables: Tables, partition: str | None = None, limits: Config | None = None) -> list[Result]:
    """Run a suite over `tables[suite.table]`; queries may name the other tables too.

    `limits` are DuckDB's options: the memory and threads it may use, and where it spills what does not fit.

    Every rule yields one result, also when Great Expectations could not evaluate it (`raised`).
    """
    gx, context, url = _great_expectations()
    tables = _named(suite, tables)
    # GX prints a hint for every query that reads more than its batch, as ours do.
    with _views(suite, tables) as path, warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        name = path.parent.name
        source = context.data_sources.add_sql(name, connection_string=url(path, limits), create_temp_table=False)
        try:
            asset = source.add_table_asset(suite.table, table_name=suite.table)
            batch = asset.add_batch_definition_whole_table("whole").get_batch()
            expectations = [
                _expectation(rule.expectation)(**_arguments(rule), meta={"rule": rule.name}) for rule in suite.rules
            ]
            found = batch.validate(gx.ExpectationSuite(name=name, expectations=expectations))
        finally:
            source.get_execution_engine().engine.dispose()
            context.data_sources.delete(name)
    by_rule = {result.expectation_config.meta["rule"]: result for result in found.results}
    found_rows = _found(tables, suite, by_rule, limits or {})
    return [
        _result(suite, rule, by_rule.get(rule.name), found_rows.get(rule.name, _NOTHING_FOUND), partition)
        for rule in suite.rules
    ]


def _arguments(rule: Rule) -> dict[str, Any]:
    """Arguments for Great Expectations. Ranges are widened by the tolerance within which two figures are equal."""
    arguments = dict(rule.arguments)
    if rule.expectation == "ExpectColumnValuesToBeBetween":
        for end, sign in (("min_value", -1), ("max_value", 1)):
            if arguments.get(end) is not None:
                arguments[end] += sign * RELATIVE_TOLERANCE * abs(arguments[end])
    return arguments


@dataclass(frozen=True, slots=True)
class _Found:
    """What a query found: a sample as JSON, and the rows of a load that fail a warning."""

    sample: str | None = None
    failing_rows: tuple[tuple[str, int], ...] = ()


_NOTHING_FOUND = _Found()


def _found(tables: Tables, suite: Suite, by_rule: Mapping[str, Any], limits: Config) -> dict[str, _Found]:
    """Up to five rows of each query that found some, and of a warning every row of the load that it names.

    Great Expectations returns all rows or none, so the query runs once more.
    """
    queries = {
        rule.name: (rule.severity, rule.arguments["unexpected_rows_query"].format(batch=suite.table))
        for rule in suite.rules
        if "unexpected_rows_query" in rule.arguments and _found_rows(by_rule.get(rule.name))
    }
    if not queries:
        return {}
    found: dict[str, _Found] = {}
    with duckdb.connect(config=limits) as con:
        _create_views(con, suite, tables)
        for name, (severity, query) in queries.items():
            cursor = con.execute(f"select * from ({query}) limit {_SAMPLED_ROWS}")
            columns = [column[0] for column in cursor.description or ()]
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            failing: list[tuple[Any, ...]] = []
            if severity == "warning" and set(_ROW) <= set(columns):
                failing = con.execute(f"select distinct {', '.join(_ROW)} from ({query}) order by all").fetchall()
            found[name] = _Found(_shown(rows), tuple((str(sha256), int(row)) for sha256, row in failing))
    return found


def _found_rows(outcome: Any) -> bool:
    """Whether a query was evaluated and found unexpected rows."""
    return outcome is not None and not outcome.success and not _raised(outcome.exception_info)


def _shown(rows: list[Any]) -> str:
    return json.dumps([_brief(row) for row in rows[:_SAMPLED_ROWS]], default=str, ensure_ascii=False)


def _brief(value: Any) -> Any:
    """A row or value whose texts are no longer than a message should quote."""
    if isinstance(value, dict):
        return {name: _brief(cell) for name, cell in value.items()}
    return shortened(value) if isinstance(value, str) else value


def _result(suite: Suite, rule: Rule, outcome: Any, found: _Found, partition: str | None) -> Result:
    raised = outcome is None or _raised(outcome.exception_info)
    detail = (outcome.result or {}) if outcome is not None else {}
    observed = detail.get("observed_value")
    if raised:
        observed = "no result" if outcome is None else _message(outcome.exception_info)
    return Result(
        gate=suite.gate,
        table_name=suite.table,
        partition=partition,
        rule=rule.name,
        expectation=rule.expectation,
        column_name=rule.column,
        severity=rule.severity,
        success=bool(outcome is not None and outcome.success) and not raised,
        raised=raised,
        observed=None if observed is None else str(observed),
        unexpected_count=_unexpected_count(rule, detail),
        element_count=detail.get("element_count"),
        sample=found.sample or _listed_sample(detail),
        why=rule.why,
        checked_at=datetime.now(UTC),
        failing_rows=found.failing_rows,
    )


def _raised(info: Any) -> bool:
    """GX nests exceptions by metric when a metric, not the expectation, raised."""
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(_raised(nested) for nested in info.values() if isinstance(nested, dict))


def _message(info: Any) -> str:
    if "exception_message" in info:
        return str(info["exception_message"])
    return "; ".join(_message(nested) for nested in info.values() if isinstance(nested, dict))


def _unexpected_count(rule: Rule, detail: Mapping[str, Any]) -> int | None:
    if rule.expectation == "UnexpectedRowsExpectation":
        observed = detail.get("observed_value")
        return int(observed) if observed is not None else None
    count = detail.get("unexpected_count")
    return int(count) if count is not None else None


def _listed_sample(detail: Mapping[str, Any]) -> str | None:
    values = detail.get("partial_unexpected_list")
    return _shown(list(values)) if values else None

"""Days that cannot be: statements of the future, periods that are not over, and what is forward by nature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.model.artifact import Artifact, SourceError
from sources.model.feeds import FEED_TIMES, FEEDS
from sources.model.source import ParsedTable
from sources.registry import sources, table_specs
from tests.helpers.artifacts import bundled, parse
from tests.helpers.violators import assert_none
from warehouse import clock
from warehouse.ingest import ingest as ingestion
from warehouse.ingest.days import last_measured_day, require_ended, require_possible_days
from warehouse.quality.expectations.suites import suite_of
from warehouse.quality.gates import judge_load
from warehouse.settings import Settings
from warehouse.storage.landing import Landing

CUSTOMS = bundled()["gacc_exports_ind_284690_2026.csv"]
DAY = timedelta(days=1)
RULE = "measured_periods_have_ended_when_they_are_known"


def test_every_feed_says_when_its_rows_are_and_whether_they_are_forward() -> None:
    assert set(FEED_TIMES) == set(FEEDS)
    assert_none(
        f"{feed}: {column}"
        for feed, time in FEED_TIMES.items()
        for column in (time.first_day, time.last_day)
        if column not in FEEDS[feed]
    )
    assert {feed for feed, time in FEED_TIMES.items() if time.is_forward} == {"quotas", "outlook", "policy_events"}


def test_every_table_of_measured_figures_has_the_rule_and_no_other_does() -> None:
    has_it = {table for table in table_specs() if RULE in [rule.name for rule in suite_of(table).rules]}
    assert has_it == {table for table, spec in table_specs().items() if not FEED_TIMES[spec.feed].is_forward}


def test_a_statement_of_the_future_is_refused_and_one_of_today_is_not() -> None:
    require_possible_days(CUSTOMS, CUSTOMS.known_from)
    with pytest.raises(SourceError, match=r"known from 2026-07-28, after its day of arrival, 2026-07-27"):
        require_possible_days(CUSTOMS, CUSTOMS.known_from - DAY)


@pytest.mark.parametrize("year", [1992, 2027])
def test_a_year_that_no_run_covers_is_refused(year: int) -> None:
    with pytest.raises(SourceError, match=f"belongs to the year {year}; runs cover 1993 to 2026"):
        require_possible_days(replace(CUSTOMS, year=year), date(2026, 11, 26))


def test_figures_of_a_period_that_is_not_over_are_refused() -> None:
    tables = [parse(CUSTOMS)]
    assert last_measured_day(tables) == date(2026, 6, 30)
    require_ended(CUSTOMS, tables, date(2026, 6, 30))
    with pytest.raises(SourceError, match="a period that ends on 2026-06-30; it is 2026-06-29"):
        require_ended(CUSTOMS, tables, date(2026, 6, 29))


def failed_rules(artifact: Artifact, table: ParsedTable) -> list[str]:
    return [result.rule for result in judge_load([(artifact, table)]) if not result.success]


def test_gate_one_refuses_a_month_that_was_not_over_when_it_was_known() -> None:
    table = parse(CUSTOMS)
    assert failed_rules(replace(CUSTOMS, known_from=date(2026, 6, 30)), table) == []
    assert failed_rules(replace(CUSTOMS, known_from=date(2026, 6, 29)), table) == [RULE]


def test_statements_of_one_partition_are_each_judged_by_their_own_day() -> None:
    table = parse(CUSTOMS)
    early = table.frame.filter(pl.col("period_end") <= date(2026, 3, 31))
    first = (replace(CUSTOMS, known_from=date(2026, 4, 1)), replace(table, frame=early))
    results = judge_load([first, (CUSTOMS, table)])
    assert [result.success for result in results if result.rule == RULE] == [True]


def test_a_coming_step_and_a_coming_quota_are_known_before_their_days() -> None:
    events = bundled()["policy_events.csv"]
    table = parse(events)
    coming = table.frame.tail(1).with_columns(
        pl.lit("cn-2030-01-01-coming").alias("event_id"), pl.lit("2030-01-01").alias("date_raw"),
        pl.lit(date(2030, 1, 1)).alias("event_date"), pl.lit(date(2030, 1, 1)).alias("event_date_last"),
        pl.lit("day").alias("date_precision"), pl.lit("CN").alias("actor"),
    )  # fmt: skip
    assert failed_rules(events, replace(table, frame=pl.concat([table.frame, coming]))) == []
    quotas = bundled()["quotas_2010_2024.csv"]
    figures = parse(quotas)
    undated = figures.frame.with_columns(
        pl.lit(None, pl.Date).alias("public_by"), pl.lit(None, pl.String).alias("public_basis")
    )
    assert failed_rules(replace(quotas, known_from=date(2012, 1, 1)), replace(figures, frame=undated)) == []


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A home whose snapshot is read on the day before the customs files were known."""
    monkeypatch.setattr(clock, "today", lambda: CUSTOMS.known_from - DAY)
    return Settings(home=tmp_path / "home")


def test_the_folder_of_files_refuses_a_statement_of_the_future(settings: Settings) -> None:
    with pytest.raises(SourceError, match="after its day of arrival, 2026-07-27"):
        ingestion.land(settings, sources()["china_customs"])
    assert Landing(settings.landing).landed() == []


def test_what_landed_before_its_day_is_not_loaded(tmp_path: Path) -> None:
    """A landing of an older version may hold it: it is judged by the day it landed, not by that of the build."""
    settings, tomorrow = Settings(home=tmp_path), datetime.now(UTC).date() + DAY
    Landing(settings.landing).land([replace(CUSTOMS, known_from=tomorrow)])
    done = ingestion.ingest(settings, "build", sources()["china_customs"])
    assert f"known from {tomorrow}" in done.failures[0]
    with duckdb.connect(str(settings.work_file), read_only=True) as con:
        assert con.execute("select count(*) from raw.china_customs__trade").fetchall() == [(0,)]


def test_a_table_that_no_feed_measures_has_no_last_day() -> None:
    quotas = parse(bundled()["quotas_2010_2024.csv"])
    assert last_measured_day([quotas]) is None

"""Every rule can fail: a table of figures that breaks it is given to it, and it must say so by name.

A rule that cannot fail guards nothing. Each rule has one SQL statement that breaks tables that pass: `t` is the table
judged, the others are beside it under their names. A rule that is a query is tried alone on its own broken table in
DuckDB; Great Expectations then judges as many broken rules at once as do not hide each other.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from sources.registry import sources
from sources.snapshot.reader import Snapshot
from tests.helpers import breaking
from tests.helpers.violators import assert_none
from tests.publishers.bgs_wms.builders import both_lists
from tests.publishers.eurostat_comext.builders import a_month
from tests.publishers.un_comtrade.builders import re_exports
from tests.publishers.us_census.builders import a_year
from warehouse.quality.expectations.rules import Rule, Suite
from warehouse.quality.expectations.runner import Result, judge
from warehouse.quality.expectations.suites import gate_one, gate_two, suite_of
from warehouse.quality.gates import write_load

SUITES = {**gate_one(), **gate_two()}
BUILT = {
    "bgs_wms__production": both_lists,
    "eurostat_comext__trade": a_month,
    "un_comtrade__trade_via": re_exports,
    "us_census__trade": a_year,
}
"""Artifacts of tables of which the snapshot has no row."""


def snapshot_tables(folder: Path, table: str) -> dict[str, Path]:
    """One table of the bundled snapshot as gate 1 sees it: the partitions named here, else all of them."""
    source, spec = next((s, spec) for s in sources().values() for spec in s.tables if spec.name == table)
    named = {
        "usgs_mcs__world": ("MCS 2025",),
        "usgs_myb__world": ("MYB 2022",),
        "usgs_ds140__history": ("DS140 2020",),
        "un_comtrade__trade": ("A/CHN/M/2846/2024",),
        "china_customs__trade": ("GACC/CHN/X/IND/284690/2025",),
        "uk_hmrc__trade": ("HMRC OTS/85051110/2025",),
        "brazil_comexstat__trade": ("COMEX STAT/M/850511/2025",),
        "china_quotas__quotas": ("China quotas",),
        "cepii_baci__flows": (
            "BACI V202601/HS17/850511/2024",
            "BACI V202601/HS02+HS17/280530+284690+850511/2002-2024/world totals",
        ),
        "pib_india__trade": ("PIB 2117701",),
        "pib_india__shares": ("PIB 2151394",),
        "india_amd__resources": ("AMD 2014-11", "AMD 2025-07"),
        "policy_events__events": ("Policy events",),
        "india_tradestat__trade": (
            "MEIDB/2846/partners/2025",
            "MEIDB/2846/totals/2025",
            "MEIDB/2846/lines_kg/2025",
            "MEIDB/2846/calendar_usd/2025",
            "EIDB/exports/lines/2024",
        ),
    }
    offered = [a for a in Snapshot().offers(source.code) if spec in source.tables_of(a)]
    listed = () if table in BUILT else offered
    artifacts = [a for a in listed if a.partition in named.get(table, (a.partition,))] or [BUILT[table](folder)]
    parsed = [(a, next(t for t in source.parse(a) if t.spec == spec)) for a in artifacts]
    return write_load(parsed, folder)


_ONE_EACH = "is_latest and source_code = 'un_comtrade' and flow = 'import' and stated_in = 'usd'"
"""Flows of which each has a key of its own where it is read as a re-export."""


def published_re_exports(empty: Path, flows: Path, folder: Path) -> Path:
    """The table of re-exports, of which the snapshot states none, with invented ones made of flows."""
    path = folder / "fct_trade_via.parquet"
    with duckdb.connect() as con:
        con.execute(f"create table t as from {breaking.read(empty)}")
        con.execute(f"create view flows as from {breaking.read(flows)}")
        invented = {"flow": "'export'", "flow_detail": "'re_export'", "partner_label": "'as printed'"}
        shared = {name: name for name in set(con.table("t").columns) & set(con.table("flows").columns)} | invented
        selected = ", ".join(f"{figure} as {name}" for name, figure in shared.items())
        con.execute(f"insert into t by name select {selected} from flows where is_preferred and {_ONE_EACH}")
        return breaking.write(con, "t", path)


@pytest.fixture(scope="module")
def passing(warehouse, tmp_path_factory) -> Callable[[str], dict[str, Path]]:
    """The tables at hand when a suite judges its own, all as they are when it passes."""
    built: dict[str, dict[str, Path]] = {}

    def tables(table: str) -> dict[str, Path]:
        if table not in built:
            folder = tmp_path_factory.mktemp(table)
            if table in gate_one():
                built[table] = snapshot_tables(folder, table)
            else:
                published = {path.stem: path for path in warehouse.published.resolve().glob("parquet/*/*.parquet")}
                if table == "fct_trade_via":
                    published[table] = published_re_exports(published[table], published["fct_trade_flow"], folder)
                # a copy: in a file that is the last release's, rules about new rows would look for nothing
                last = Path(shutil.copy(published[table], folder / f"last_{table}.parquet"))
                built[table] = {**published, f"last_{table}": last}
        return built[table]

    return tables


def judged(suite: Suite, rules: list[Rule], tables: Mapping[str, Path]) -> dict[str, Result]:
    """Results of Great Expectations for some rules of a suite."""
    return {result.rule: result for result in judge(replace(suite, rules=tuple(rules)), tables)}


def not_failed(results: Mapping[str, Result]) -> Iterator[str]:
    """Each rule that passed or could not be evaluated on a table that breaks it."""
    for name, result in results.items():
        if result.raised or result.success:
            yield f"{name} raised {result.observed}" if result.raised else f"{name} passed"


@pytest.mark.parametrize("table", SUITES)
def test_a_suite_holds_on_the_real_figures_before_they_are_broken(passing, table) -> None:
    """Else a rule that fails on everything would pass the tests below; the last release here is the same figures."""
    results = judge(suite_of(table), passing(table))
    assert_none(f"{r.rule} fails: {r.sample}" for r in results if not r.success and r.severity == "critical")
    assert_none(f"{r.rule} cannot be evaluated: {r.observed}" for r in results if r.raised)


@pytest.mark.parametrize("table", SUITES)
def test_every_query_finds_the_rows_that_its_own_statement_breaks(passing, table) -> None:
    assert_none(breaking.cannot_fail(suite_of(table), passing(table)))


@pytest.mark.parametrize("table", SUITES)
def test_great_expectations_fails_every_query_by_name(passing, tmp_path, table) -> None:
    suite = suite_of(table)
    for together, tables in breaking.batches(suite, passing(table), tmp_path):
        assert_none(not_failed(judged(suite, together, tables)))


@pytest.mark.parametrize("table", SUITES)
def test_a_rule_about_a_column_fails_by_name_on_the_one_row_that_breaks_it(passing, tmp_path, table) -> None:
    suite = suite_of(table)
    found = {}
    for rules in breaking.rounds_on_columns(suite):
        broken = breaking.with_a_row_for_each(suite, passing(table), rules, tmp_path / "t.parquet")
        found |= judged(suite, rules, {table: broken})
    assert_none(not_failed(found))
    assert_none(f"{name} fails on {n} rows" for name, result in found.items() if (n := result.unexpected_count) != 1)


@pytest.mark.parametrize("table", [table for table, suite in SUITES.items() if breaking.row_counts(suite)])
def test_a_rule_about_the_number_of_rows_fails_by_name_on_an_empty_table(passing, tmp_path, table) -> None:
    suite = suite_of(table)
    with breaking.in_memory(suite, passing(table)) as con:
        for rule in breaking.row_counts(suite):
            con.execute(breaking.breaking(table, rule))
        empty = breaking.write(con, "t", tmp_path / "t.parquet")
    assert_none(not_failed(judged(suite, breaking.row_counts(suite), {table: empty})))


def test_every_rule_is_tried_by_one_of_these_tests() -> None:
    for suite in SUITES.values():
        columns = [rule for rules in breaking.rounds_on_columns(suite) for rule in rules]
        tried = [*breaking.queries(suite), *columns, *breaking.row_counts(suite)]
        assert sorted(rule.name for rule in tried) == sorted(rule.name for rule in suite.rules), suite.table


@pytest.mark.parametrize(
    ("statement", "passes"),
    [
        ("update t set value_local = value_usd, currency_code = 'CNY', value_usd = null", False),
        ("update partitions set key_is_in_yuan = true", False),
        (
            "update t set value_local = value_usd, currency_code = 'CNY', value_usd = null;"
            " update partitions set key_is_in_yuan = true",
            True,
        ),
    ],
    ids=["yuan under dollars", "dollars under yuan", "yuan under yuan"],
)
def test_money_of_chinas_customs_is_in_the_currency_of_its_partition(passing, statement, passes) -> None:
    suite = suite_of("china_customs__trade")
    (rule,) = [rule for rule in suite.rules if rule.name == "every_value_is_in_one_currency"]
    with breaking.in_memory(suite, passing(suite.table)) as con:
        con.execute(statement)
        assert (breaking.unexpected(con, rule) == 0) == passes

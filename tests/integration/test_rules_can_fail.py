"""Every rule can fail: a table of figures that breaks it is given to it, and it must say so by name.

A rule that cannot fail guards nothing. Each case is one SQL statement (or two) on tables that pass: `t` is the table
judged, the others stand beside it under their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.registry import sources
from sources.snapshot import Snapshot
from tests.helpers.bgs import both_lists
from tests.helpers.breaking_arrivals import ARRIVALS
from tests.helpers.breaking_facts import DRIFT, DRIFTING, ENDED, FACTS
from warehouse.expectations.runner import judge
from warehouse.expectations.suites import gate_one, gate_two, suite_of

SUITES = {**gate_one(), **gate_two()}
BY_KIND = {
    "ExpectColumnValuesToBeInSet": "update t set {column} = 'no such thing'",
    "ExpectColumnValuesToNotBeNull": "update t set {column} = null",
    "ExpectColumnValuesToBeBetween": "update t set {column} = -1",
    "ExpectTableRowCountToBeBetween": "delete from t",
}
"""What breaks a rule of the plain kinds."""
CASES = [(suite.table, rule.name) for suite in SUITES.values() for rule in suite.rules]


def breaking(table: str, name: str) -> str:
    """The statement that breaks a rule."""
    rule = next(rule for rule in SUITES[table].rules if rule.name == name)
    own = {**ARRIVALS, **FACTS}.get(table, {}) | ENDED
    if name in own:
        return own[name]
    if name in DRIFT:
        return DRIFT[name].format(column=DRIFTING[table])
    return BY_KIND[rule.expectation].format(column=rule.column)


def snapshot_tables(folder: Path, table: str) -> dict[str, Path]:
    """One table of the bundled snapshot as gate 1 sees it."""
    source = next(s for s in sources().values() if any(spec.name == table for spec in s.tables))
    wanted = {
        "usgs_mcs__world": ("MCS 2025",),
        "usgs_myb__world": ("MYB 2022",),
        "usgs_ds140__history": ("DS140 2020",),
        "bgs_wms__production": (),
        "un_comtrade__trade": ("A/CHN/M/2846/2024",),
        "china_customs__trade": ("GACC/CHN/X/IND/284690/2025",),
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
    }[table]
    artifacts = [a for a in Snapshot().offers(source.code) if a.partition in wanted] or [both_lists(folder)]
    parsed = [(a, source.parse(a)[0]) for a in artifacts]
    frames = {
        table: pl.concat(t.frame.with_columns(pl.lit(a.partition).alias("partition_name")) for a, t in parsed),
        "rejects": pl.concat(t.rejects.with_columns(pl.lit(a.partition).alias("partition_name")) for a, t in parsed),
        "partitions": pl.DataFrame(
            {"partition_name": [a.partition for a, _ in parsed], "year": [a.year for a, _ in parsed]}
        ),
        "expected_rejects": pl.DataFrame(
            {"reason_code": sorted(parsed[0][1].spec.expected_rejects)}, {"reason_code": pl.String}
        ),
    }
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in frames}


@pytest.fixture(scope="module")
def passing(warehouse, tmp_path_factory) -> Callable[[str], dict[str, Path]]:
    """The tables at hand when a suite judges its own, all as they are when it passes."""
    made: dict[str, dict[str, Path]] = {}

    def tables(table: str) -> dict[str, Path]:
        if table not in made:
            folder = tmp_path_factory.mktemp(table)
            if table in gate_one():
                made[table] = snapshot_tables(folder, table)
            else:
                published = {path.stem: path for path in warehouse.published.resolve().glob("parquet/*/*.parquet")}
                made[table] = {**published, f"last_{table}": published[table]}
        return made[table]

    return tables


@pytest.fixture
def broken(passing, tmp_path) -> Iterator[Callable[[str, str], dict[str, Path]]]:
    """The tables at hand after a statement on one of them."""

    def tables(table: str, statement: str) -> dict[str, Path]:
        at_hand = dict(passing(table))
        words = statement.split()
        touched = next(word for word in words if word == "t" or word in at_hand)
        name = table if touched == "t" else touched
        with duckdb.connect() as con:
            for beside in set(at_hand) - {touched}:
                con.execute(f"create view {beside} as select * from read_parquet('{at_hand[beside]}')")
            con.execute(f"create table {touched} as select * from read_parquet('{at_hand[name]}')")
            con.execute(statement)
            at_hand[name] = tmp_path / f"{name}.parquet"
            con.execute(f"copy {touched} to '{at_hand[name]}' (format parquet)")
        return at_hand | ({"quarantine": passing_quarantine(tmp_path)} if table in gate_two() else {})

    return tables


def passing_quarantine(folder: Path) -> Path:
    """A quarantine with no record."""
    path = folder / "quarantine.parquet"
    duckdb.sql("select 'x' as reason_code, '{}' as row_json where false").write_parquet(str(path))
    return path


@pytest.mark.parametrize(("table", "name"), CASES, ids=lambda value: value)
def test_a_rule_fails_by_name_on_a_table_that_breaks_it(broken, table, name) -> None:
    suite = suite_of(table)
    alone = replace(suite, rules=tuple(rule for rule in suite.rules if rule.name == name))
    (result,) = judge(alone, broken(table, breaking(table, name)))
    assert not result.raised, result.observed
    assert not result.success


@pytest.mark.parametrize("table", SUITES)
def test_a_suite_holds_on_the_real_figures_before_they_are_broken(passing, table) -> None:
    """Else a rule that fails on everything would pass the test above; the last release here is the same figures."""
    failed = [r.rule for r in judge(suite_of(table), passing(table)) if not r.success and r.severity == "critical"]
    assert failed == []


@pytest.mark.parametrize(
    ("statement", "passes"),
    [
        ("update t set value_cny = value_usd, value_usd = null", False),
        ("update t set partition_name = partition_name || '/cny'", False),
        ("update t set partition_name = partition_name || '/cny', value_cny = value_usd, value_usd = null", True),
    ],
    ids=["yuan under dollars", "dollars under yuan", "yuan under yuan"],
)
def test_money_of_chinas_customs_is_in_the_currency_of_its_partition(broken, statement, passes) -> None:
    suite = suite_of("china_customs__trade")
    alone = replace(suite, rules=tuple(rule for rule in suite.rules if rule.name == "every_value_is_in_one_currency"))
    (result,) = judge(alone, broken(suite.table, statement))
    assert not result.raised, result.observed
    assert result.success == passes

"""The Great Expectations adapter: rules that raise, rules that fail, and the SQL dialect it needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from warehouse.quality.expectations import runner
from warehouse.quality.expectations.kinds import configured_once
from warehouse.quality.expectations.rules import (
    Rule,
    Suite,
    between,
    gone,
    in_set,
    kept,
    new,
    no_rows,
    not_empty,
    not_null,
)
from warehouse.quality.gates import stopping

FRAME = pl.DataFrame({"code": ["CHN", "IND", None], "value": [1.0, 2.0, -3.0]})


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    FRAME.write_parquet(tmp_path / "t.parquet")
    return {"t": tmp_path / "t.parquet"}


def judged(tables: dict[str, Path], *rules: Rule) -> list[runner.Result]:
    return runner.judge(Suite("t", 1, rules), tables, "a partition")


def test_a_rule_that_holds_succeeds_and_does_not_stop(tables) -> None:
    (result,) = judged(tables, not_empty("why"))
    assert (result.success, result.raised, result.stops) == (True, False, False)
    assert (result.gate, result.table_name, result.partition, result.why) == (1, "t", "a partition", "why")


def test_a_rule_that_fails_counts_and_shows_what_broke_it(tables) -> None:
    result = judged(tables, between("value", 0, 10, "why"))[0]
    assert (result.success, result.raised, result.stops) == (False, False, True)
    assert (result.unexpected_count, result.element_count) == (1, 3)
    assert result.sample == "[-3.0]"


def test_a_query_that_finds_rows_shows_them_with_their_columns(tables) -> None:
    result = judged(tables, no_rows("nothing_negative", "select * from {batch} where value < 0", "why"))[0]
    assert (result.success, result.unexpected_count) == (False, 1)
    assert result.sample == '[{"code": null, "value": -3.0}]'


@pytest.mark.parametrize(
    "rule",
    [
        no_rows("a_query_of_no_column", "select * from {batch} where no_such_column > 1", "why"),
        no_rows("a_query_of_no_table", "select * from no_such_table join {batch} on true", "why"),
        not_null("no_such_column", "why"),
        between("no_such_column", 0, 1, "why"),
        in_set("no_such_column", ("a",), "why")[0],
    ],
    ids=lambda rule: rule.name,
)
def test_a_rule_that_cannot_be_evaluated_raised_and_did_not_pass(tables, rule) -> None:
    result = judged(tables, rule)[0]
    assert (result.success, result.raised, result.stops) == (False, True, True)
    assert result.observed, "it says what went wrong"
    assert stopping([result]) == [result]


def test_a_warning_that_fails_or_raises_does_not_stop(tables) -> None:
    found = judged(
        tables,
        no_rows("nothing_negative", "select * from {batch} where value < 0", "why", severity="warning"),
        no_rows("a_query_of_no_column", "select * from {batch} where nothing > 0", "why", severity="warning"),
    )
    assert [(r.success, r.raised) for r in found] == [(False, False), (False, True)]
    assert stopping(found) == []


def test_every_rule_yields_one_result_in_the_order_of_the_suite(tables) -> None:
    rules = (not_empty("why"), *in_set("code", ("CHN", "IND"), "why"), between("value", 0, 1, "why"))
    assert [r.rule for r in judged(tables, *rules)] == [rule.name for rule in rules]


def test_two_rules_of_one_kind_and_column_keep_their_own_results(tables) -> None:
    rules = (
        Rule("value_is_above_minus_ten", "critical", "why", "ExpectColumnValuesToBeBetween",
             {"column": "value", "min_value": -10}),
        Rule("value_is_above_nothing", "critical", "why", "ExpectColumnValuesToBeBetween",
             {"column": "value", "min_value": 0}),
    )  # fmt: skip
    assert [r.success for r in judged(tables, *rules)] == [True, False]


def test_a_closed_list_passes_on_nulls_so_it_is_paired_with_not_null(tables) -> None:
    listed, never_null = judged(tables, *in_set("code", ("CHN", "IND"), "why"))
    assert (listed.success, never_null.success) == (True, False)


def test_a_query_may_use_the_other_tables(tables, tmp_path) -> None:
    pl.DataFrame({"code": ["CHN"]}).write_parquet(tmp_path / "known.parquet")
    query = "select * from {batch} where code not in (select code from known)"
    result = judged(tables | {"known": tmp_path / "known.parquet"}, no_rows("only_known_codes", query, "why"))[0]
    assert result.unexpected_count == 1


def test_judging_prints_nothing_and_leaves_no_file(tables, capfd, tmp_path) -> None:
    before = sorted(tmp_path.rglob("*"))
    judged(tables, not_empty("why"), no_rows("nothing_negative", "select * from {batch} where value < 0", "why"))
    assert capfd.readouterr() == ("", "")
    assert sorted(tmp_path.rglob("*")) == before


def test_great_expectations_still_needs_our_dialect(tables, monkeypatch) -> None:
    """When this fails, Great Expectations reads DuckDB by itself: remove warehouse/quality/expectations/dialect.py."""
    gx, context, address = runner._great_expectations()
    assert address(Path("a.duckdb")).startswith("duckdb+judge:///")
    rule = between("value", -10, 10, "why")
    assert judged(tables, rule)[0].success
    monkeypatch.setattr(runner, "_great_expectations", lambda: (gx, context, "duckdb:///{}".format))
    stock = judged(tables, rule)[0]
    assert not stock.success
    assert stock.raised


def test_rules_judge_as_those_of_great_expectations_do_which_make_their_configuration_for_each_argument(
    tables, monkeypatch
) -> None:
    rules = [
        not_empty("why"),
        between("value", 0, 10, "why"),
        *in_set("code", ["CHN"], "why"),
        no_rows("nothing_negative", "select * from {batch} where value < 0", "why"),
        no_rows("a_query_of_no_column", "select * from {batch} where no_such_column > 1", "why"),
    ]
    once = judged(tables, *rules)
    monkeypatch.setattr(runner, "configured_once", lambda kind: kind)
    for_each_argument = judged(tables, *rules)
    now = for_each_argument[0].checked_at
    assert [replace(r, checked_at=now) for r in once] == [replace(r, checked_at=now) for r in for_each_argument]


def test_a_rule_makes_its_configuration_once_and_again_after_a_change() -> None:
    rule = configured_once(runner._great_expectations()[0].expectations.ExpectColumnValuesToNotBeNull)(column="code")
    assert rule.configuration is rule.configuration
    assert rule.configuration.type == "expect_column_values_to_not_be_null"
    rule.column = "value"
    assert rule.configuration.kwargs["column"] == "value"


def test_great_expectations_sends_nothing_out() -> None:
    import os

    runner._great_expectations()
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


YEARS = {2023: [1.0, 2.0, 3.0, 4.0], 2024: [5.0, -6.0]}


@pytest.fixture
def releases(tmp_path: Path) -> dict[str, list[Path]]:
    """A table of two years, of which the last release has 2023 in the same file and 2024 in another."""
    found: dict[str, list[Path]] = {}
    for name, figures in {"t": YEARS, "last_t": {2023: YEARS[2023], 2024: [-9.0]}}.items():
        (tmp_path / name).mkdir()
        found[name] = [tmp_path / name / f"{year}.parquet" for year in figures]
        for file, (year, values) in zip(found[name], figures.items(), strict=True):
            pl.DataFrame({"year": [year] * len(values), "value": values}).write_parquet(file)
    found["last_t"][0].unlink()
    found["last_t"][0].hardlink_to(found["t"][0])
    return found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (f"{new('t')} where value > 0", 1),
        (f"{kept('t')} where value > 0", 4),
        ("{batch} where value > 0", 5),
        (f"{gone('t')} where value < 0", 1),
        (f"{gone('t')} where value > 0", None),
        ("last_t where value > 0", 4),
    ],
)
def test_rules_of_single_rows_ask_for_the_files_that_the_last_release_does_not_have(releases, rows, found) -> None:
    rule = no_rows("rule", f"select * from {rows}", "why")
    (result,) = runner.judge(Suite("t", 2, (rule,)), releases)
    assert (result.raised, result.success, result.unexpected_count or None) == (False, found is None, found)


def test_where_both_releases_have_all_files_nothing_is_new(releases) -> None:
    rule = no_rows("rule", f"select * from {new('t')} union all select * from {gone('t')}", "why")
    (result,) = runner.judge(Suite("t", 2, (rule,)), {**releases, "last_t": releases["t"]})
    assert (result.raised, result.success) == (False, True)

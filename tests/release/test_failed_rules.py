"""Figures that fail a rule say so: each by itself, and as many as the gates counted."""

from __future__ import annotations

import pytest

from tests.helpers.violators import assert_none
from warehouse.quality.expectations.suites import gate_two


def rows(published, query: str) -> list[tuple[object, ...]]:
    return published.execute(query).fetchall()


def test_gate_two_counts_the_figures_that_fail_a_rule(published) -> None:
    counted = dict(
        rows(
            published,
            "select (table_name, rule), coalesce(unexpected_count, 0) from meta.validation_results"
            " where gate = 2 and build_id = (select build_id from meta.release)",
        )
    )
    named = dict(
        rows(
            published,
            "select (table_name, rule), count(*) from meta.failed_rules inner join marts.mart_why using (fact_id)"
            " group by 1",
        )
    )
    by_figure = [
        (table, rule.name)
        for table, suite in gate_two().items()
        for rule in suite.rules
        if "from failed_rules" in rule.arguments.get("unexpected_rows_query", "")
    ]
    assert len(by_figure) >= 8
    assert sum(named.get(key, 0) for key in by_figure) > 50
    assert_none(
        f"{key}: {counted[key]} counted, {named.get(key, 0)} named"
        for key in by_figure
        if counted[key] != named.get(key, 0)
    )


@pytest.mark.parametrize("table", ["fct_trade_flow", "fct_trade_total", "fct_trade_rollup", "fct_trade_mirror"])
def test_a_fact_names_just_the_rules_that_it_fails(published, table) -> None:
    differing = rows(
        published,
        f"""
        with named as (
            select fact_id, string_agg(distinct rule, '; ' order by rule) as rules from meta.failed_rules group by 1
        )
        select fact_id, failed_rules, rules from core.{table} left join named using (fact_id)
        where failed_rules is distinct from rules
        """,
    )
    assert_none(str(row) for row in differing)


def test_a_warning_marks_the_figures_that_it_is_about_and_no_others(published) -> None:
    """One warning of a file of thousands of records is no warning of each."""
    ((failing, figures),) = rows(published, "select count(failed_rules), count(*) from marts.mart_why")
    assert 100 < failing < figures / 100
    ((tenfold,),) = rows(
        published,
        "select count(*) from core.fct_trade_flow where failed_rules is not null and not is_latest",
    )
    assert tenfold == 0, "a figure that a later one replaced is not judged"


def test_a_roll_up_says_that_a_line_of_it_was_judged_implausible(published) -> None:
    found = rows(
        published,
        "select words from meta.failed_rules inner join core.fct_trade_rollup using (fact_id)"
        " where rule = 'weights_are_plausible_against_values'",
    )
    assert found
    assert all(str(words).startswith("its line CN:") for (words,) in found)

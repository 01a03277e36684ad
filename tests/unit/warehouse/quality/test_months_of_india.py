"""A missing month of India's portal is found, a withdrawn one is not; neither stops a release."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.quality.facts.fct_trade_total import SUITE

RULE = next(rule for rule in SUITE.rules if rule.name == "no_month_of_india_is_missing_between_the_first_and_the_last")


def violators(*months: tuple[str, bool]) -> list[tuple[str, str]]:
    """What the rule finds in these months, each with whether its statement is the latest."""
    with duckdb.connect() as con:
        con.execute("create table batch (period_start date, is_latest boolean)")
        con.executemany("insert into batch values (?, ?)", months)
        con.execute(
            "create view figures as select *, 'IND' as reporter_code, 'india_tradestat' as source_code,"
            " 'month' as period_type, 'HS:2846' as product_key, 'import' as flow from batch"
        )
        return con.execute(RULE.arguments["unexpected_rows_query"].format(batch="figures")).fetchall()


def test_a_month_that_was_never_stated_is_missing() -> None:
    """A page that the portal did not answer must not hold back the months that came."""
    assert RULE.severity == "warning"
    assert violators(("2026-04-01", True), ("2026-06-01", True)) == [("HS:2846", "import")]


@pytest.mark.parametrize("later", [(), (("2026-05-01", True),)], ids=["withdrawn", "revised"])
def test_a_month_that_was_stated_is_not_missing(later: tuple[tuple[str, bool], ...]) -> None:
    assert violators(("2026-04-01", True), ("2026-05-01", False), *later, ("2026-06-01", True)) == []

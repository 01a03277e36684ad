"""The checks of the views of `bi` find each way in which a sum goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from tests.helpers.sums import CHECKS

SUMS = {
    "period": "period_start",
    "period_type": "calendar_year",
    "things": ["country_name"],
    "additive": {"mined_t": ["country_name"]},
    "by_thing": ["price_usd"],
    "figure": "mined_t",
    "totals": [
        {
            "measure": "mined_t",
            "of": "core.total",
            "column": "world_t",
            "where": "is_latest",
            "per": ["period_start"],
            "within": "printed_digits",
        }
    ],
}
RIGHT = """
create schema core; create schema bi;
create table core.dim_period as select * from (values
    ('calendar_year', date '2023-01-01'), ('calendar_year', date '2024-01-01'), ('fiscal_year', date '2023-04-01')
) as periods (period_type, period_start);
create table core.total as select * from (values
    (date '2023-01-01', 120.0, true), (date '2024-01-01', 130.0, true), (date '2024-01-01', 900.0, false)
) as totals (period_start, world_t, is_latest);
create table bi.mines as select * from (values
    (date '2023-01-01', 2023, 'China', 'reported', 100.0, 7.5),
    (date '2023-01-01', 2023, 'India', 'reported', 21.0, null),
    (date '2024-01-01', 2024, 'China', 'reported', 105.0, 8.5),
    (date '2024-01-01', 2024, 'India', 'reported', 22.0, null)
) as mines (period_start, year, country_name, certainty, mined_t, price_usd)
"""


@pytest.fixture
def found() -> Callable[..., set[str]]:
    """The checks that find something in a view after a change."""

    def run(*changes: str) -> set[str]:
        with duckdb.connect() as con:
            for statement in (RIGHT, *changes):
                con.execute(statement)
            return {check.__name__ for check in CHECKS if list(check(con, "bi.mines", SUMS))}

    return run


def test_a_view_whose_sums_are_right_passes(found) -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        ("insert into bi.mines select * from bi.mines where year = 2024", {"repeated_periods", "missed_totals"}),
        ("insert into bi.mines select period_start, year, 'World', certainty, sum(mined_t), null from bi.mines"
         " group by all", {"missed_totals"}),
        ("insert into bi.mines values (date '2023-04-01', 2023, 'India', 'reported', 5, null)",
         {"repeated_periods", "partial_sums"}),
        ("delete from bi.mines where country_name = 'India' and year = 2024", {"partial_sums", "missed_totals"}),
        ("update bi.mines set mined_t = null where country_name = 'India' and year = 2024",
         {"partial_sums", "missed_totals", "unexplained_gaps"}),
        ("update bi.mines set mined_t = mined_t / 1000", {"missed_totals"}),
        ("update core.total set period_start = date '1999-01-01'", {"missed_totals"}),
        ("update bi.mines set certainty = 'not_held' where country_name = 'India'", {"unexplained_gaps"}),
        ("alter table bi.mines add column share double", {"undeclared_numbers"}),
        ("alter table bi.mines drop column price_usd", {"undeclared_numbers"}),
    ],
    ids=["a row twice", "the world among countries", "another kind of period", "a country gone", "a gap without a word",
         "another unit", "nothing to compare with", "a word without a gap", "a number that nobody declared",
         "a declared column that is gone"],
)  # fmt: skip
def test_what_makes_a_sum_wrong_is_found(found, change, checks) -> None:
    assert found(change) == checks


def test_a_sum_may_miss_a_total_by_its_rounding_alone(found) -> None:
    """A printed 130 stands for 125 to 135."""
    assert found("update bi.mines set mined_t = mined_t + 4 where country_name = 'India'") == set()
    assert found("update bi.mines set mined_t = mined_t + 9 where country_name = 'India'") == {"missed_totals"}

"""The views of `bi`: what a BI tool makes of them by adding up their numbers is right.

Figures are as printed: MCS is the U.S. Geological Survey's Mineral Commodity Summaries, chapter "Rare Earths"; MYB its
Minerals Yearbook; TradeStat the export import data bank of India's Department of Commerce.
"""

from __future__ import annotations

import pytest

from tests.helpers.sums import CHECKS, period_of
from tests.helpers.violators import assert_none, assert_same
from warehouse.release.catalogue import Table, described_tables


@pytest.fixture(scope="module")
def views(warehouse) -> dict[str, Table]:
    """The views by `bi.<name>`, as their models describe them."""
    return {name: table for name, table in described_tables(warehouse).items() if table.schema == "bi"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_view_keeps_what_it_declares(published, views, check) -> None:
    assert len(views) == 12
    assert_none(broken for name, table in views.items() for broken in check(published, name, table.sums))


def test_a_view_begins_with_the_day_that_a_chart_has_on_its_axis_and_is_narrow(published, views) -> None:
    def problems(name: str, table: Table):
        columns = [(column, kind) for column, kind, *_ in published.execute(f"describe {name}").fetchall()]
        if columns[0] != (period_of(table.sums), "DATE"):
            yield f"{name} begins with {columns[0]}"
        if len(columns) > 17:
            yield f"{name} has {len(columns)} columns"
        words = {"certainty", "holding_status", "policy_status", "change_kind"} & {column for column, _ in columns}
        if len(words) != 1:
            yield f"{name} says with {words or 'no column'} how to read a row"

    assert_none(problem for name, table in views.items() for problem in problems(name, table))


def test_every_fact_that_a_view_names_is_explained(published, views) -> None:
    def unexplained(name: str, column: str) -> int:
        return published.execute(
            f"select count(*) from {name} where {column} is not null"
            f" and {column} not in (select fact_id from marts.mart_why)"
        ).fetchall()[0][0]

    columns = [
        (name, column) for name, table in views.items() for column in table.columns if column.endswith("fact_id")
    ]
    assert len(columns) >= 9
    assert_none(f"{name}.{column}: {n}" for name, column in columns if (n := unexplained(name, column)))


def test_months_of_a_whole_year_add_up_to_the_year_of_each_report(published) -> None:
    """Reports add up; the reconciled value of a year may rest on reports that no month has."""
    rows = published.execute(
        """
        with months as (
            select year(period_start) as year, direction_name, product_key, sum({report}) as added
            from bi.corridor_month group by all having count({report}) = 12
        )
        select year, direction_name, added, {report} from months
        inner join bi.corridor_year as years
            using (direction_name, product_key)
        where year = year(years.period_start) and years.source_name like '%TradeStat%' and {report} is not null
    """.format(report="flow_importer_cif_usd")
    ).fetchall()
    assert len(rows) >= 6
    assert_none(row for row in rows if abs(row[2] - row[3]) > 12 * 5000)


def test_stages_of_the_balance_are_indias_printed_totals(published) -> None:
    """TradeStat and the ministry print the year of magnets; of compounds the twelve months are printed."""
    rows = published.execute("""
        select bi.period_label, bi.stage_exports_usd, totals.value_usd
        from bi.supply_balance as bi
        inner join core.fct_trade_total as totals
            on bi.period_start = totals.period_start and totals.period_type = 'fiscal_year'
        where bi.stage_code = 'magnet' and totals.product_key = 'IN:85051190' and totals.flow = 'export'
            and totals.is_latest and totals.value_usd is not null
    """).fetchall()
    assert len(rows) == 7
    assert_none(row for row in rows if row[1] != row[2])


GOLDEN = {
    # MCS 2026, mine production of 2025: China 270,000 t, the world 390,000 t; reserves of China 44,000,000 t
    "select production_t_reo from bi.production where country_name = 'China' and year = 2025": 270_000,
    "select round(sum(production_t_reo), -4) from bi.production where year = 2025": 390_000,
    "select sum(reserves_t_reo) from bi.reserves where country_name = 'China'": 44_000_000,
    # MYB 2022, mine production of 2018: the United States 14,000 t
    "select production_t_reo from bi.production where country_code = 'USA' and year = 2018": 14_000,
    # China's ministries: mining 255,000 t in 2023, smelting and separation 254,000 t in 2024
    "select sum(mining_quota_t_reo) from bi.quota where year = 2023": 255_000,
    "select sum(smelting_quota_t_reo) from bi.quota where year = 2024": 254_000,
    # TradeStat, India's imports of 2846 from China in December 2025: 0.25 million US$
    "select sum(china_to_india_usd) from bi.corridor_month where period_label = '2025-12'": 250_000,
    # MCS 2026, dysprosium oxide of 2025: 239 US$ per kg
    "select sum(price_usd_per_kg) from bi.prices where year = 2025 and elements = 'Dy'": 239,
    # MCS 2026 version 1.3: Brazil's reserves of 2025 are 11,000,000 t and were 21,000,000 t
    "select figure_value - previous_value from bi.changes where change_kind = 'revised'"
    " and figure_name = 'reserves_t_reo'": -10_000_000,
}


def test_figures_are_as_printed(published) -> None:
    assert_same(GOLDEN, lambda query: published.execute(query).fetchall()[0][0])


def test_a_year_of_which_a_part_is_missing_has_no_total(published) -> None:
    """Of 2022 magnets are not held, of 2023 compounds are in quarantine, of 2025 only compounds are held."""
    totals = dict(published.execute(
        "select year(period_start), sum(china_to_india_usd) from bi.corridor_year group by all"
    ).fetchall())  # fmt: skip
    assert [year for year in sorted(totals) if totals[year] is not None] == [2018, 2019, 2020, 2021, 2024]
    balance = dict(published.execute(
        "select period_label, sum(imports_usd) from bi.supply_balance group by all"
    ).fetchall())  # fmt: skip
    assert balance["FY2024-25"] == pytest.approx(147_330_000)
    assert balance["FY2025-26"] is None


def test_the_printed_bound_of_the_worlds_reserves_holds_for_their_sum(published) -> None:
    """MCS 2026 version 1.3 prints the world's reserves as > 75,000,000 t."""
    assert published.execute("select sum(reserves_t_reo) > 75000000 from bi.reserves").fetchall()[0][0]

"""The calendar of what is held against the figures of the published file, and the corridor's rows beside it.

Tariff lines: UN Comtrade, China's imports by line of its own tariff and partner, 2023 to 2025.
"""

from __future__ import annotations

from tests.helpers.violators import assert_none

CELL = "reporter_code, partner_code, flow, product_key"


def violators(con, query: str) -> list[str]:
    return [str(row) for row in con.execute(query).fetchall()]


def test_a_year_whose_twelve_months_are_held_is_held(published) -> None:
    query = f"""
        with months as (
            select {CELL}, year_type,
                case year_type
                    when 'calendar_year' then date_trunc('year', period_start)
                    else date_trunc('year', period_start - interval 3 month) + interval 3 month
                end as year_start
            from marts.mart_coverage_calendar
            cross join (values ('calendar_year'), ('fiscal_year')) as years (year_type)
            where period_type = 'month' and holding_status = 'held' and held_basis <> 'not_listed'
        ),
        whole as (
            select * from months group by all having count(*) = 12
        )
        select years.reporter_code, years.partner_code, years.flow, years.product_key, years.period_label
        from marts.mart_coverage_calendar as years
        inner join whole
            on years.reporter_code = whole.reporter_code and years.partner_code = whole.partner_code
            and years.flow = whole.flow and years.product_key = whole.product_key
            and years.period_type = whole.year_type and years.period_start = whole.year_start
        where years.holding_status <> 'held'
    """
    assert_none(violators(published, query))


def test_the_heading_of_compounds_is_held_where_both_of_its_codes_are(published) -> None:
    query = """
        select reporter_code, partner_code, flow, period_label
        from marts.mart_coverage_calendar
        where product_key in ('HS:2846', 'HS:284610', 'HS:284690') and period_type = 'calendar_year'
        group by all
        having count(*) filter (where product_key <> 'HS:2846' and holding_status = 'held' and has_value) = 2
            and count(*) filter (where product_key = 'HS:2846' and holding_status <> 'held') = 1
    """
    assert_none(violators(published, query))


def test_a_held_row_of_the_corridor_has_a_figure_or_a_bound(published) -> None:
    query = """
        select exporter_code, importer_code, product_key, period_label
        from marts.mart_corridor
        where holding_status = 'held' and coalesce(value_usd, value_high_usd, weight_kg, weight_high_kg) is null
    """
    assert_none(violators(published, query))


def test_what_a_whole_listing_leaves_out_is_zero_in_the_corridor_and_in_its_total(published) -> None:
    rows = published.execute(
        "select value_usd, value_low_usd, value_high_usd > 0, value_basis from marts.mart_corridor"
        " where exporter_code = 'IND' and product_key = 'HS:2846' and period_label = '2010'"
    ).fetchall()
    assert rows == [(0, 0, False, "not_listed")]
    total = published.execute(
        "select compound_usd, compound_value_basis from marts.mart_corridor_total"
        " where exporter_code = 'IND' and period_label = '2010'"
    ).fetchall()
    assert total == [(0, "not_listed")]


def test_chinas_compounds_from_india_in_2025_are_its_lines_of_both_codes_1_812_105_dollars(published) -> None:
    """41,887 US$ of 284610 and 1,770,218 US$ of 284690; 97,096 and 381,001 kg."""
    rows = published.execute(
        "select product_key, importer_cif_usd, importer_kg, importer_period_basis from marts.mart_corridor"
        " where exporter_code = 'IND' and period_label = '2025' and product_key like 'HS:2846%' order by product_key"
    ).fetchall()
    assert rows == [
        ("HS:2846", 1_812_105, 478_097, "rolled_up"),
        ("HS:284610", 41_887, 97_096, "rolled_up"),
        ("HS:284690", 1_770_218, 381_001, "rolled_up"),
    ]


def test_china_weighed_501_kg_of_compounds_from_other_asia_in_2024_by_its_lines(published) -> None:
    """The lines' code of "Other Asia, nes" is 158, that of the six-digit codes 490: one area."""
    rows = published.execute(
        "select product_key, m_weight_kg, m_weight_status, importer_weight_period_basis, is_other_asia"
        " from core.fct_trade_mirror where exporter_code = 'TWN' and importer_code = 'CHN'"
        " and product_key in ('HS:2846', 'HS:284690') and period_start = date '2024-01-01' order by product_key"
    ).fetchall()
    assert rows == [
        ("HS:2846", 501, "reported", "rolled_up", True),
        ("HS:284690", 500, "reported", "rolled_up", True),
    ]


def test_a_month_that_the_united_kingdom_lists_without_india_has_a_status_of_its_own(published) -> None:
    rows = published.execute(
        "select flow, count(*) from marts.mart_coverage_calendar where reporter_code = 'GBR' and partner_code = 'IND'"
        " and product_key = 'GB:85051110' and holding_status = 'not_listed' group by flow order by flow"
    ).fetchall()
    assert rows == [("export", 5), ("import", 8)]

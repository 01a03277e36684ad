"""Marts of events and revisions with the bundled figures."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.figures import exceeds
from warehouse.release.store import database


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


EFFECT = "select verdict, reason, n_months_before, n_months_after, effect_log from marts.mart_event_effect"


def test_december_2023_is_undetermined_for_a_stated_reason(published) -> None:
    found = rows(published, f"{EFFECT} where event_date = date '2023-12-21' and reporter_code = 'IND'")
    assert found
    assert {verdict for verdict, *_ in found} == {"insufficient_data"}
    values = rows(
        published,
        f"{EFFECT} where event_date = date '2023-12-21' and source_code = 'india_tradestat'"
        " and effect_measure = 'value' and product_key = 'HS:2846'",
    )
    assert len(values) == 2
    for _, reason, *_ in values:
        assert "10 months of the windows have their partners in quarantine" in reason
        assert "technology, not on goods" in reason


def test_chinas_own_months_before_april_2025_are_three_and_too_few(published) -> None:
    found = rows(
        published,
        f"{EFFECT} where event_date = date '2025-04-04' and reporter_code = 'CHN' and flow = 'export'",
    )
    assert [(verdict, before, effect) for verdict, _, before, _, effect in found] == [
        ("insufficient_data", 3, None)
    ] * 3


def test_indias_imports_around_april_2025_are_not_unusual(published) -> None:
    found = rows(
        published,
        "select verdict, n_months_before, n_months_after, round(effect_ratio, 2), effect_low_log < 0,"
        " effect_high_log > 0, n_placebo_dates, n_placebo_dates_apart from marts.mart_event_effect"
        " where event_date = date '2025-04-04' and source_code = 'india_tradestat' and flow = 'import'"
        " and effect_measure = 'value' and product_key = 'HS:2846'",
    )
    assert found == [("no_evidence", 6, 6, 1.25, True, True, 55, 5)]


def test_no_monthly_date_is_claimed_and_indias_exports_are_no_drop(published) -> None:
    """They ended in August 2025, and a test without a scan said so of July, August, September and October."""
    assert rows(published, "select * from marts.mart_event_effect where verdict in ('drop', 'rise')") == []
    exports = rows(
        published,
        f"{EFFECT} where reporter_code = 'IND' and flow = 'export' and year(event_date) >= 2025"
        " and event_ids not like '%in-2025-06-13%'",
    )
    assert exports
    assert {(verdict, effect) for verdict, *_, effect in exports} == {("insufficient_data", None)}


def test_a_step_bears_on_the_flow_it_restricts_and_on_no_other(published) -> None:
    borne = rows(
        published,
        "select distinct reporter_code, partner_code, flow, product_key from marts.mart_event_effect"
        " where event_date = date '2025-04-04' and does_bear order by all",
    )
    assert borne == [
        ("BRA", "CHN", "import", "HS:850511"),
        ("CHN", "IND", "export", "HS:284690"),
        ("GBR", "CHN", "import", "GB:85051110"),
        ("IND", "CHN", "import", "HS:2846"),
        ("IND", "CHN", "import", "HS:284690"),
    ]


def test_steps_that_were_suspended_before_they_applied_bear_on_nothing(published) -> None:
    found = rows(
        published,
        "select does_bear, reason from marts.mart_event_effect where event_date = date '2025-10-09'"
        " and reporter_code = 'IND' and flow = 'import' and product_key = 'HS:284690'",
    )
    assert found
    assert [row for row in found if row[0] or "suspended on 2025-11-07, before it applied" not in row[1]] == []


def test_the_united_kingdoms_magnets_around_april_2025_are_compared_with_other_partners(published) -> None:
    found = rows(
        published,
        "select verdict, inference_basis, n_placebo_partners >= 4, n_months_before, n_months_after,"
        " round(level_after / level_before, 2), effect_low_log < 0, effect_high_log > 0 from marts.mart_event_effect"
        " where event_date = date '2025-04-04' and source_code = 'uk_hmrc' and effect_measure = 'weight' and does_bear",
    )
    assert found == [("no_evidence", "placebo_partners", True, 6, 6, 0.88, True, True)]


def test_brazils_months_begin_three_before_april_2025(published) -> None:
    found = rows(
        published,
        f"{EFFECT} where event_date = date '2025-04-04' and reporter_code = 'BRA' and flow = 'import'"
        " and effect_measure = 'weight'",
    )
    assert [(row[0], row[2]) for row in found] == [("insufficient_data", 3)]
    assert found[0][1] == "only 3 of the six months before have a figure"


def test_a_verdict_is_corrected_for_all_tests_of_the_table_and_lies_where_the_scan_puts_it(published) -> None:
    for table in ("mart_event_effect", "mart_event_effect_annual"):
        tests = rows(published, f"select count(p_value), min(n_tests), max(n_tests) from marts.{table}")
        assert tests[0][0] > 0
        assert len(set(tests[0])) == 1
        astray = rows(
            published,
            f"select * from marts.{table} where (p_value is null) <> (q_value is null)"
            f" or {exceeds('p_value', 'q_value')} or (verdict in ('drop', 'rise') and q_value > 0.1)",
        )
        assert astray == []
    elsewhere = rows(
        published,
        "select * from marts.mart_event_effect where (p_value is null) <> (scan_break_on is null)"
        " or (verdict in ('drop', 'rise') and scan_distance_months not in (0, 1))",
    )
    assert elsewhere == []


ANNUAL = (
    "select effect_measure, verdict, round(effect_ratio, 2), n_partners, reason from marts.mart_event_effect_annual"
    " where year_before = 2010 and year_after = 2011"
)


def test_2010_is_answered_fewer_compounds_at_a_higher_unit_value_beside_magnets(published) -> None:
    """Comtrade by way of WITS: 23,378 t at 25.7 US$/kg in 2010, 10,867 t at 170 in 2011, with Hong Kong and Macao."""
    found = rows(published, f"{ANNUAL} and product_key = 'HS:284690' and partner_code = 'WLD' order by 1")
    assert [row[:4] for row in found] == [("unit_value", "rise", 2.93, 44), ("weight", "drop", 0.43, 44)]
    levels = rows(
        published,
        "select round(level_before), round(level_after) from marts.mart_event_effect_annual where year_before = 2010"
        " and product_key = 'HS:284690' and partner_code = 'WLD' and effect_measure = 'weight'",
    )
    counted = rows(
        published,
        "select round(sum(net_weight_kg) filter (where year(period_start) = 2010)),"
        " round(sum(net_weight_kg) filter (where year(period_start) = 2011)) from core.fct_trade_flow"
        " where is_latest and reporter_code = 'CHN' and flow = 'export' and product_key = 'HS:284690'"
        " and period_type = 'calendar_year' and partner_code not in ('HKG', 'MAC')",
    )
    assert levels == counted


def test_japan_did_not_move_apart_from_other_buyers_after_the_halt_of_2010(published) -> None:
    found = rows(published, f"{ANNUAL} and product_key = 'HS:284690' and partner_code = 'JPN' order by 1")
    assert [row[:2] for row in found] == [("unit_value", "no_evidence"), ("weight", "no_evidence")]
    assert "the step was over by 2011" in found[1][4]


def test_a_fall_of_metals_that_one_partner_makes_is_not_claimed(published) -> None:
    found = rows(published, f"{ANNUAL} and product_key = 'HS:280530' and partner_code = 'WLD'")
    assert {row[1] for row in found} == {"no_evidence"}
    assert all("one partner has most of the trade" in row[4] for row in found)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2025-07-18", "the step is on technology, not on goods"),
        ("2025-08-01", "the step is information, not a measure"),
        ("2025-08-18", "does not bear on this product: names 850511"),
        ("2025-10-30", "does not bear on this product: names 850511"),
        ("2025-11-26", "does not bear on this product: names 850511"),
    ],
)
def test_a_step_about_other_goods_has_no_verdict_for_a_stated_reason(published, day, reason) -> None:
    found = rows(published, f"{EFFECT} where event_date = date '{day}' and product_key like 'HS:2846%'")
    assert found
    assert {(verdict, effect) for verdict, *_, effect in found} == {("insufficient_data", None)}
    assert [row for row in found if reason not in row[1]] == []


def test_a_drop_or_rise_has_the_direction_of_the_series_itself(published) -> None:
    astray = rows(
        published,
        "select event_date, verdict from marts.mart_event_effect"
        " where (verdict = 'drop' and change_log >= 0) or (verdict = 'rise' and change_log <= 0)",
    )
    assert astray == []


def test_several_instruments_of_a_date_share_one_study(published) -> None:
    ids = rows(
        published, "select distinct event_ids from marts.mart_event_effect where event_date = date '2025-10-09'"
    )  # fmt: skip
    assert len(ids) == 1
    assert ids[0][0].count(";") == 5


def test_a_verdict_has_an_interval_and_its_lack_a_reason(published) -> None:
    astray = rows(
        published,
        "select event_date, verdict from marts.mart_event_effect where (verdict = 'insufficient_data') <>"
        " (effect_log is null) or coalesce(reason, '') = '' or (verdict = 'drop' and effect_high_log >= 0)"
        " or (verdict = 'rise' and effect_low_log <= 0)"
        " or (verdict <> 'insufficient_data' and (n_months_before < 4 or n_months_after < 4))",
    )
    assert astray == []


def test_no_reason_names_a_cause(published) -> None:
    reasons = rows(published, "select distinct reason from marts.mart_event_effect")
    assert [reason for (reason,) in reasons if "because" in reason or "caused" in reason] == []


def test_chinas_output_of_2023_was_raised_by_the_next_edition(published) -> None:
    found = rows(
        published,
        "select edition, figure_value, change_relative, age_days, is_latest from marts.mart_revision_history"
        " where table_name = 'fct_production' and source_code = 'usgs_mcs' and country_code = 'CHN'"
        " and period_start = date '2023-01-01' order by statement_number",
    )
    assert found == [("MCS 2024", 240_000, None, 31, False), ("MCS 2025", 255_000, pytest.approx(0.0625), 425, True)]


def test_first_figures_of_production_are_compared_with_the_last_edition_and_one_edition_counts_once(published) -> None:
    """MCS: 28 of 60 figures of mine production differ from those of the next edition, the last to state them."""
    counted = rows(
        published,
        "with stated as (select * from core.fct_production where source_code = 'usgs_mcs' and production_t_reo is not"
        " null qualify row_number() over (partition by country_code, year, series, edition order by known_from desc)"
        " = 1) select count(*), count(*) filter (where former.production_t_reo <> later.production_t_reo)"
        " from stated as former inner join stated as later on former.country_code = later.country_code"
        " and former.year = later.year and former.series = later.series and former.edition < later.edition",
    )
    sized = rows(
        published,
        "select n_restated, n_revised, age_months, final_after_months from marts.mart_revision_size"
        " where source_code = 'usgs_mcs' and figure_name = 'production_t_reo' and n_restated > 0",
    )
    assert sized == [(*counted[0], 0, 12)] == [(60, 28, 0, 12)]


def test_nine_in_ten_prices_are_final_after_four_years_only_and_the_distance_falls_with_age(published) -> None:
    far = rows(
        published,
        "select p90_deviation from marts.mart_revision_size where table_name = 'fct_price' and is_sufficient"
        " order by age_months",
    )
    assert len(far) == 4
    assert far == sorted(far, reverse=True)
    assert far[-1][0] > 0.01, "the last age that a later edition states is not final yet"


def test_a_restated_and_a_withdrawn_figure_are_in_the_history(revised) -> None:
    settings, outcome = revised
    assert outcome.success
    with duckdb.connect(str(database(settings).resolve()), read_only=True) as con:
        india = rows(
            con,
            "select statement_number, round(change_relative, 6), is_withdrawn from marts.mart_revision_history"
            " where table_name = 'fct_trade_flow' and figure_name = 'value_usd' and country_code = 'CHN'"
            " and partner_code = 'IND' and flow = 'import' and product_key = 'HS:2846'"
            " and period_start = date '2024-01-01' order by statement_number",
        )
        assert india == [(1, None, False), (2, 0.1, False)]
        withdrawn = rows(
            con,
            "select distinct partner_code, known_to::varchar, n_statements from marts.mart_revision_history"
            " where is_withdrawn",
        )
        assert len(withdrawn) == 1
        assert withdrawn[0][1:] == ("2025-12-01", 1)

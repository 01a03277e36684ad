"""Marts of events, warning lights and revisions with the bundled figures."""

from __future__ import annotations

import duckdb
import pytest

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


def test_a_comparison_raised_by_one_shipment_to_india_is_no_drop_of_imports_from_china(published) -> None:
    found = rows(
        published,
        "select verdict, round(level_before), round(level_after), effect_high_log < 0, reason"
        " from marts.mart_event_effect where event_date = date '2025-10-09' and source_code = 'india_tradestat'"
        " and flow = 'import' and effect_measure = 'value' and product_key = 'HS:2846'",
    )
    assert [row[:4] for row in found] == [("no_evidence", 315_000, 343_333, True)]
    assert found[0][4].startswith(
        "the comparison moved, the series itself did not fall; rests on one shipment: JPN 2026-02; 95 % interval"
    )


def test_only_indias_exports_that_ended_are_a_drop_and_one_weight_rises(published) -> None:
    found = rows(
        published,
        "select event_date::varchar, reporter_code, flow, product_key, effect_measure, verdict"
        " from marts.mart_event_effect where verdict in ('drop', 'rise') order by 1",
    )
    assert found == [
        ("2020-12-01", "IND", "import", "HS:284690", "weight", "rise"),
        ("2025-10-09", "IND", "export", "HS:2846", "value", "drop"),
    ]


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


@pytest.mark.parametrize(
    "light", ["seasonal_deviation", "unit_value_outlier", "supplier_concentration", "china_share", "reserve_life"]
)
def test_every_light_is_judged_somewhere_and_cites_its_thresholds(published, light) -> None:
    judged = rows(
        published,
        f"select count(*) filter (where is_evaluable), min(threshold_basis) from marts.mart_warning_light"
        f" where light_code = '{light}'",
    )
    assert judged[0][0] > 0
    assert "watch: " in judged[0][1]
    assert "(source)" in judged[0][1] or "(assumption)" in judged[0][1]


def test_no_light_is_on_where_it_could_not_be_judged(published) -> None:
    wrong = rows(
        published,
        "select * from marts.mart_warning_light where (not is_evaluable and (level <> 'none' or score is not null))"
        " or is_evaluable <> (not_evaluable_reason is null) or (is_evaluable and observed_value is null)",
    )
    assert wrong == []


def test_reserves_over_an_output_estimated_from_chinas_imports_light_nothing(published) -> None:
    """USGS, MCS 2025: Thailand, 13,000 t "based on China's imports" over 4,500 t of reserves."""
    found = rows(
        published,
        "select year(period_start), level, not_evaluable_reason from marts.mart_warning_light"
        " where light_code = 'reserve_life' and reporter_code = 'THA' and observed_value is not null order by 1",
    )
    assert [year for year, _, _ in found] == [2023, 2024]
    assert {row[1:] for row in found} == {("none", "the output is estimated from China's imports")}


def test_a_month_in_quarantine_lights_nothing(published) -> None:
    found = rows(
        published,
        "select distinct level, is_evaluable, not_evaluable_reason from marts.mart_warning_light"
        " where light_code = 'seasonal_deviation' and source_code = 'india_tradestat' and product_key = 'HS:2846'"
        " and period_type = 'month' and period_start between date '2023-04-01' and date '2024-03-01'",
    )
    assert found == [("none", False, "the month's partners are in quarantine")]


def test_indias_exports_to_china_that_stopped_in_2025_are_lit(published) -> None:
    lit = rows(
        published,
        "select count(*) from marts.mart_warning_light where light_code = 'seasonal_deviation' and level = 'watch'"
        " and reporter_code = 'IND' and flow = 'export' and product_key = 'HS:2846' and score < 0"
        " and period_start between date '2025-08-01' and date '2026-01-01'",
    )
    assert lit == [(6,)]


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

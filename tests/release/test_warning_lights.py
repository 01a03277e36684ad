"""Warning lights with the bundled figures: a stated false-alarm rate, and levels that never warn."""

from __future__ import annotations

import pytest


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


WARNINGS = ["seasonal_deviation", "unit_value_outlier", "supplier_concentration_change", "china_share_change"]
LEVELS = ["supplier_concentration", "china_share", "reserve_life"]


@pytest.mark.parametrize("light", [*WARNINGS, *LEVELS])
def test_every_light_is_judged_somewhere_and_cites_its_thresholds(published, light) -> None:
    judged = rows(
        published,
        f"select count(*) filter (where is_evaluable), min(threshold_basis) from marts.mart_warning_light"
        f" where light_code = '{light}'",
    )
    assert judged[0][0] > 0
    assert "watch: " in judged[0][1]
    assert "(source)" in judged[0][1] or "(assumption)" in judged[0][1]


def test_no_more_than_one_in_twenty_figures_of_history_is_lit_and_the_row_says_how_many(published) -> None:
    measured = rows(
        published,
        "select light_code, period_type = 'month', count(*) filter (where is_evaluable),"
        " avg((level <> 'none')::int) filter (where is_evaluable), min(watch_rate_of_history), max(n_history_rows)"
        " from marts.mart_warning_light where is_history and light_kind <> 'level' group by all"
        " having count(*) filter (where is_evaluable) > 0",
    )
    assert {row[0] for row in measured} == set(WARNINGS)
    for light, _, n, lit, stated, n_stated in measured:
        assert 0 < lit <= 0.05, light
        assert stated == pytest.approx(lit), light
        assert n_stated == n >= 20, light


def test_a_level_has_a_band_and_never_warns(published) -> None:
    kinds = rows(published, "select distinct light_code, light_kind = 'level' from marts.mart_warning_light")
    assert dict(kinds) == {**dict.fromkeys(WARNINGS, False), **dict.fromkeys(LEVELS, True)}
    astray = rows(
        published,
        "select * from marts.mart_warning_light where (light_kind = 'level' and level <> 'none')"
        " or (level_band is not null) <> (light_kind = 'level' and is_evaluable)",
    )
    assert astray == []
    bands = rows(
        published,
        "select distinct level_band from marts.mart_warning_light where light_code = 'supplier_concentration'"
        " and is_evaluable order by 1",
    )
    assert ("high",) in bands


def test_a_change_is_that_from_the_same_sources_figure_of_a_year_before(published) -> None:
    """TradeStat: China had 53.2 % of India's imports of 2846 in September 2024, 7.7 % in September 2025."""
    found = rows(
        published,
        "select round(expected_value, 3), round(observed_value, 3), round(score, 3), level"
        " from marts.mart_warning_light where light_code = 'china_share_change' and source_code = 'india_tradestat'"
        " and product_key = 'HS:2846' and figure_basis = 'reported' and period_type = 'month'"
        " and period_start = date '2025-09-01'",
    )
    assert found == [(0.532, 0.077, -0.455, "alert")]


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

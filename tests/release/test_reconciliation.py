"""The mirror of all countries against BACI, and what may never enter it.

BACI: CEPII, BACI V202601 (Gaulier and Zignago 2010), 850511 of 2024. Naive scores are those of the importer's report,
the exporter's report (each with the other side where it is silent) and their mean on the same flows.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import duckdb
import pytest

from warehouse.settings import Settings
from warehouse.storage.literals import literal

FORBIDDEN = ("cepii_baci", "trade_reference", "usgs", "mineral_statistics", "fct_production", "policy", "quotas")
"""Parts of names of what is made of both sides' reports, or of figures estimated from China's imports."""


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


NAIVE = ("importer_report", "exporter_report", "arithmetic_mean", "fixed_weight")


@pytest.fixture(scope="module")
def scores(published) -> dict[tuple[str, str], dict]:
    found = published.execute("from marts.mart_reconciliation_score where hs_code = '850511' and year = 2024").pl()
    return {(row["figure_kind"], row["reconciliation_method"]): row for row in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("method", "share_error", "median_abs_log"),
    [("importer_report", 0.0677, 0.0953), ("exporter_report", 0.1384, 0.2524), ("arithmetic_mean", 0.0647, 0.1007),
     ("fixed_weight", 0.0489, 0.083)],
)  # fmt: skip
def test_naive_values_score_as_they_were_measured_apart_from_this_warehouse(
    scores, method, share_error, median_abs_log
) -> None:
    assert scores["value", method]["supplier_share_error"] == pytest.approx(share_error, abs=0.001)
    assert scores["value", method]["median_abs_log"] == pytest.approx(median_abs_log, abs=0.001)


@pytest.mark.parametrize(
    ("method", "median_abs_log"),
    [("importer_report", 0.081), ("fixed_weight", 0.104), ("arithmetic_mean", 0.159)],
)
def test_naive_weights_score_as_an_audit_measured_them(scores, method, median_abs_log) -> None:
    assert scores["weight", method]["n_two_sided_flows"] == 308
    assert scores["weight", method]["two_sided_median_abs_log"] == pytest.approx(median_abs_log, abs=0.001)


def test_the_reconciled_value_is_nearer_to_baci_than_any_naive_one(scores) -> None:
    ours = scores["value", "reconciled"]
    assert ours["n_importers"] == 70
    assert ours["supplier_share_error"] < 0.048
    assert ours["median_abs_log"] < 0.06
    assert ours["hhi_correlation"] > 0.965
    assert ours["level_ratio"] == pytest.approx(1, abs=0.01)
    assert min(ours["exporter_rank_correlation"], ours["importer_rank_correlation"]) > 0.98
    for method in NAIVE:
        assert ours["supplier_share_error"] < scores["value", method]["supplier_share_error"]
        assert ours["median_abs_log"] < 0.75 * scores["value", method]["median_abs_log"]
        assert ours["two_sided_mean_clipped_abs_log"] < scores["value", method]["two_sided_mean_clipped_abs_log"]


def test_the_reconciled_weight_is_nearer_to_baci_than_any_naive_one(scores) -> None:
    ours = scores["weight", "reconciled"]
    for method in NAIVE:
        for score in ("supplier_share_error", "two_sided_median_abs_log", "two_sided_mean_clipped_abs_log"):
            assert ours[score] < scores["weight", method][score]


@pytest.mark.parametrize("kind", ["value", "weight"])
def test_intervals_are_not_narrowed_to_the_nominal_share_of_baci(scores, kind) -> None:
    """BACI lies between both reports by construction, so it is inside more often than four times in five."""
    ours = scores[kind, "reconciled"]
    assert 0.93 < ours["interval_coverage"] < 0.97
    assert ours["interval_median_width"] > ours["both_reports_median_width"]


def test_no_interval_collapses_where_reports_agree_or_one_side_is_silent(published) -> None:
    for kind, unit in (("value", "usd"), ("weight", "kg")):
        found = rows(
            published,
            f"select min(ln({kind}_high_{unit} / {kind}_low_{unit})) > 0.08, count(*) > 10000"
            f" from core.fct_trade_mirror where {kind}_{unit} > 0 and {kind}_low_{unit} > 0",
        )
        assert found == [(True, True)]


def test_two_reports_of_china_to_hungary_that_agree_leave_a_tenth_open_on_either_side(published) -> None:
    """67.26 and 67.33 million US$: the interval that the gap alone gave was 64.7 to 67.3 million."""
    [(x, m, low, high)] = rows(
        published,
        "select x_fob_usd, m_cif_usd, value_low_usd, value_high_usd from core.fct_trade_mirror"
        " where exporter_code = 'CHN' and importer_code = 'HUN' and product_key = 'HS:850511'"
        " and period_start = date '2024-01-01' and period_type = 'calendar_year'",
    )
    assert abs(x - m) < 100_000
    assert low == pytest.approx(62.5e6, rel=0.01)
    assert high == pytest.approx(72.5e6, rel=0.01)


def test_only_years_of_which_baci_is_complete_are_scored(published) -> None:
    assert rows(published, "select distinct hs_code, year from marts.mart_reconciliation_score") == [("850511", 2024)]


def test_records_rest_on_the_prior_and_on_the_pairs_of_the_panel(published) -> None:
    pairs = "select n_pairs, n_panel_pairs from marts.mart_reporter_reliability where reporter_role = 'exporter'"
    [(n_pairs, n_panel_pairs)] = rows(published, f"{pairs} and reporter_code = 'CHN'")
    assert (n_panel_pairs, n_pairs > 1000) == (113, True)
    panels = rows(
        published,
        "select figure_kind, n_pairs from marts.mart_reliability_panel where spread_basis = 'panel' order by all",
    )
    assert panels[0] == ("value", 1533)
    assert panels[1][1] > 1000


def test_exporters_whose_goods_are_booked_under_other_countries_have_the_worst_records(published) -> None:
    found = rows(
        published,
        "select reporter_code, usual_value_weight from marts.mart_reporter_reliability"
        " where reporter_role = 'exporter' and n_panel_pairs >= 30 order by record desc limit 4",
    )
    assert {code for code, _ in found} == {"CHN", "NLD", "HKG", "TWN"}
    assert max(weight for _, weight in found) < 0.2


def test_every_flow_of_two_reports_is_weighted_and_says_by_whose_records(published) -> None:
    found = rows(
        published,
        "select value_basis, count(*) filter (where w_exporter_value is null or record_basis is null) from"
        " core.fct_trade_mirror where x_fob_usd is not null and m_fob_usd is not null group by 1",
    )
    assert found == [("both_weighted", 0)]


def test_the_version_names_the_panels_years_and_hashes_the_parameters(published) -> None:
    [(version,)] = rows(published, "select distinct method_version from core.fct_trade_mirror")
    assert re.fullmatch(r"weighted_3-2024-[0-9a-f]{8}", version)


def test_taiwan_has_its_own_code_and_keeps_the_reported_name(published) -> None:
    found = rows(
        published,
        "select distinct is_other_asia from core.fct_trade_mirror"
        " where 'TWN' in (exporter_code, importer_code)"
        " and 'un_comtrade' in (exporter_source_code, importer_source_code)"
        " and coalesce(importer_period_basis, 'reported') = 'reported' and product_key like 'HS:%'",
    )
    assert found == [(True,)]
    assert rows(published, "select * from core.fct_trade_mirror where 'S19' in (exporter_code, importer_code)") == []


def test_reports_that_agree_do_so_within_ten_or_twenty_five_per_cent(published) -> None:
    within = "select max(abs(value_log_gap)) from core.fct_trade_mirror where conflict_class = '{}'"
    for name, factor in (("within_10_percent", 1.1), ("within_25_percent", 1.25), ("within_factor_2", 2)):
        assert 0.95 * math.log(factor) < rows(published, within.format(name))[0][0] <= math.log(factor) + 1e-9


def test_a_gap_beyond_two_is_a_hubs_a_units_or_a_sides_and_every_class_is_there(published) -> None:
    classes = dict(rows(published, "select conflict_class, count(*) from core.fct_trade_mirror group by 1"))
    assert set(classes) == {
        None, "within_10_percent", "within_25_percent", "within_factor_2", "exporter_high", "importer_high",
        "hub_leg", "scope_differs", "unit_suspect", "unexplained",
    }  # fmt: skip
    hubs = rows(published, "select distinct exporter_code from core.fct_trade_mirror where conflict_class = 'hub_leg'")
    assert {"HKG", "SGP", "NLD"} <= {code for (code,) in hubs}


def ancestors(manifest: dict, model: str) -> set[str]:
    """Everything a model is made of, by name, sources included."""
    found, waiting = set(), [f"model.rare_earth_warehouse.{model}"]
    while waiting:
        for parent in manifest["parent_map"].get(waiting.pop(), ()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


@pytest.fixture(scope="module")
def manifest(warehouse) -> dict:
    return json.loads((warehouse.home / "dbt" / "manifest.json").read_text(encoding="utf-8"))


MIRROR = (
    "int_mirror__reports", "int_mirror__paired", "int_mirror__panel", "int_mirror__reliability",
    "int_mirror__anomalies", "int_mirror__spreads", "int_mirror__method", "int_mirror__weighted",
    "int_mirror__reconciled", "int_trade__cif_rates", "fct_trade_mirror",
)  # fmt: skip


@pytest.mark.parametrize("model", MIRROR)
def test_neither_baci_nor_usgs_nor_the_mirror_itself_is_behind_the_mirror(manifest, model) -> None:
    behind = ancestors(manifest, model)
    assert any("stg_un_comtrade__trade" in name for name in behind), "the walk finds something"
    assert [name for name in behind if any(part in name for part in FORBIDDEN)] == []
    assert "model.rare_earth_warehouse.fct_trade_mirror" not in behind
    assert not any(".mart_" in name for name in behind)


def test_the_walk_would_see_baci_behind_the_scores(manifest) -> None:
    behind = ancestors(manifest, "mart_reconciliation_score")
    assert any("cepii_baci" in name for name in behind)


def test_no_statement_behind_the_mirror_is_of_a_publisher_that_reconciles(published) -> None:
    artifacts = rows(
        published,
        "select distinct artifacts.source_code from core.fct_trade_mirror as mirror"
        " inner join meta.lineage as lineage using (fact_id)"
        " inner join meta.artifacts as artifacts on lineage.artifact_sha256 = artifacts.sha256",
    )
    customs = {"un_comtrade", "india_tradestat", "china_customs", "pib_india", "uk_hmrc", "brazil_comexstat"}
    assert {code for (code,) in artifacts} <= customs | {"usitc_dataweb"}
    estimated = rows(
        published,
        "select * from core.fct_trade_flow where basis_code = 'derived_from_china_imports' and fact_id in"
        " (select unnest([exporter_fact_id, importer_fact_id]) from core.fct_trade_mirror)",
    )
    assert estimated == []


@pytest.fixture
def corrupted(warehouse: Settings):
    """The reporters named when one's values are ten times too high and its weights are in tonnes, in both roles."""
    compiled = Path(warehouse.home, "dbt", "compiled", "rare_earth_warehouse", "models", "mirror")
    query = (compiled / "int_mirror__anomalies.sql").read_text(encoding="utf-8")
    named = '"work"."intermediate"."int_mirror__panel"'
    assert named in query

    def named_after(reporter: str) -> set[tuple]:
        with duckdb.connect() as con:
            con.execute(f"attach {literal(warehouse.work_file)} as work (read_only)")
            con.execute(
                f"create table panel as with sides as (select *, (exporter_code = '{reporter}')::int"
                f" - (importer_code = '{reporter}')::int as side from {named}) select * replace ("
                "value_log_gap + side * ln(10) as value_log_gap, weight_log_gap - side * ln(1000) as weight_log_gap"
                ") from sides"
            )
            found = f"select * from ({query.replace(named, 'panel')}) where anomaly is not null"
            return {tuple(row) for row in con.execute(f"select {_NAMED} from ({found})").fetchall()}

    return named_after


_NAMED = "reporter_code, reporter_role, figure_kind, anomaly"


@pytest.mark.parametrize("reporter", ["DEU", "CHN", "FRA", "IND", "JPN", "KOR", "NLD"])
def test_only_a_reporter_with_values_times_ten_and_weights_in_tonnes_is_flagged(corrupted, reporter) -> None:
    expected = {
        (reporter, role, kind, anomaly)
        for role in ("exporter", "importer")
        for kind, anomaly in (("value", "values_times_10"), ("weight", "weights_in_tonnes"))
    }
    found = corrupted(reporter)
    assert expected <= found
    assert {row[0] for row in found - expected} <= {"PRT"}, "Portugal trades with few, mostly with Germany"


def test_no_reporters_real_figures_of_2024_look_like_a_unit_error(published) -> None:
    assert rows(published, "select * from marts.mart_reporter_anomaly") == []


def test_a_reporter_with_only_estimated_weights_is_flagged_for_its_values_only(corrupted) -> None:
    """Comtrade estimates the weights of the United States in the panel: they say nothing of its own unit."""
    assert {row[2:] for row in corrupted("USA")} == {("value", "values_times_10")}

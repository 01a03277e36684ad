"""The mirror of all countries against BACI, and what may never enter it.

BACI: CEPII, BACI V202601 (Gaulier and Zignago 2010), 850511 of 2024. Naive scores are those of the importer's report,
the exporter's report (each with the other side where it is silent) and their mean on the same flows.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from warehouse.settings import Settings

FORBIDDEN = ("cepii_baci", "trade_reference", "usgs", "mineral_statistics", "fct_production", "policy", "quotas")
"""Parts of names of what is made of both sides' reports, or of figures estimated from China's imports."""


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def scores(published) -> dict[str, dict]:
    found = published.execute("from marts.mart_reconciliation_score where hs_code = '850511' and year = 2024").pl()
    return {row["reconciliation_method"]: row for row in found.iter_rows(named=True)}


@pytest.mark.parametrize(
    ("method", "share_error", "median_abs_log"),
    [("importer_report", 0.068, 0.092), ("exporter_report", 0.139, 0.252), ("arithmetic_mean", 0.065, 0.103),
     ("fixed_weight", 0.056, 0.096)],
)  # fmt: skip
def test_naive_methods_score_as_they_were_measured_apart_from_this_warehouse(
    scores, method, share_error, median_abs_log
) -> None:
    assert scores[method]["supplier_share_error"] == pytest.approx(share_error, abs=0.001)
    assert scores[method]["median_abs_log"] == pytest.approx(median_abs_log, abs=0.001)


def test_the_reconciled_figure_is_clearly_nearer_to_baci_than_any_naive_one(scores) -> None:
    ours = scores["reconciled"]
    assert ours["n_importers"] == 70
    assert ours["supplier_share_error"] < 0.048
    assert ours["median_abs_log"] < 0.07
    assert ours["hhi_correlation"] > 0.97
    assert ours["level_ratio"] == pytest.approx(1, abs=0.01)
    assert min(ours["exporter_rank_correlation"], ours["importer_rank_correlation"]) > 0.98
    for method in ("importer_report", "exporter_report", "arithmetic_mean"):
        assert ours["supplier_share_error"] < 0.75 * scores[method]["supplier_share_error"]
        assert ours["median_abs_log"] < 0.75 * scores[method]["median_abs_log"]


def test_nine_intervals_in_ten_hold_bacis_value_and_they_are_narrower_than_both_reports(scores) -> None:
    ours = scores["reconciled"]
    assert ours["n_two_sided_flows"] > 600
    assert ours["interval_coverage"] >= 0.9
    assert ours["interval_coverage"] > ours["both_reports_coverage"]
    assert ours["interval_median_width"] < 0.9 * ours["both_reports_median_width"]
    assert ours["interval_mean_width"] < 0.9 * ours["both_reports_mean_width"]


def test_only_years_of_which_baci_is_complete_are_scored(published) -> None:
    assert rows(published, "select distinct hs_code, year from marts.mart_reconciliation_score") == [("850511", 2024)]


def test_the_panel_identifies_reporters_and_counts_their_pairs(published) -> None:
    panels = dict(rows(published, "select figure_kind, n_pairs from marts.mart_reliability_panel where is_identified"))
    assert panels["value"] == 1528
    assert panels["weight"] > 1000
    china = rows(
        published,
        "select figure_kind, reporter_role, n_pairs from marts.mart_reporter_reliability"
        " where reporter_code = 'CHN' order by all",
    )
    assert [row[:2] for row in china] == [
        ("value", "exporter"), ("value", "importer"), ("weight", "exporter"), ("weight", "importer")
    ]  # fmt: skip
    assert china[0][2] == 113


def test_every_weighted_row_has_both_reporters_in_the_panel_and_others_none(published) -> None:
    assert rows(
        published,
        "select value_basis, count(*) > 0 from core.fct_trade_mirror where w_exporter_value is not null group by 1",
    ) == [("both_weighted", True)]
    elsewhere = rows(
        published,
        "select distinct value_basis from core.fct_trade_mirror where product_key <> 'HS:850511'"
        " and x_fob_usd is not null and m_fob_usd is not null",
    )
    assert elsewhere == [("both_unweighted",)], "magnets say nothing of who reports compounds well"


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


def test_a_gap_beyond_two_is_a_hubs_a_units_or_a_sides_and_every_class_is_there(published) -> None:
    classes = dict(rows(published, "select conflict_class, count(*) from core.fct_trade_mirror group by 1"))
    assert set(classes) == {
        None, "agree", "exporter_high", "importer_high", "hub_leg", "scope_differs", "unit_suspect", "unexplained"
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
    "int_mirror__sides", "int_mirror__paired", "int_mirror__panel", "int_mirror__reliability", "int_mirror__anomalies",
    "int_mirror__weighted", "int_mirror__reconciled", "int_trade__cif_rates", "fct_trade_mirror",
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
            con.execute(f"attach '{warehouse.work_file}' as work (read_only)")
            con.execute(
                "create table panel as select * replace ("
                "log_gap + case figure_kind when 'value' then ln(10) else -ln(1000) end"
                f" * ((exporter_code = '{reporter}')::int - (importer_code = '{reporter}')::int) as log_gap"
                f") from {named}"
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

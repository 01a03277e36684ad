"""The published contract: which columns there are, and of which type.

`published_schema.csv` is a file of the repository so that a person looks at each change: when one is meant, copy the
file that the failing test names over it and commit it with the change. A column that goes needs a new major
`SCHEMA_VERSION` in warehouse/release/publish.py, after a release that marks it deprecated.
"""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.violators import assert_none
from warehouse.facts import facts

COLUMNS = ("schema", "table", "column", "type")
EXPECTED = Path(__file__).with_name("published_schema.csv")

ON_EVERY_FACT = "fact_id source_code edition release known_from known_to known_basis is_latest"
ON_EVERY_VALUE = "value_raw value_status basis_code is_revised"
TRADE = (
    f"{ON_EVERY_FACT} {ON_EVERY_VALUE} reporter_code partner_code flow product_key hs_code hs_revision period_type "
    "period_start period_end value_usd value_local currency_code value_rounding_usd net_weight_kg weight_status "
    "quantity quantity_unit valuation partner_basis is_preferred"
)
REQUIRED = {
    "core.dim_area": "area_code area_name area_type iso2_code m49_code valid_from valid_to is_eu_member",
    "core.dim_product": "product_key hs_code code_level code_country description stage_code stage_confidence caveat",
    "core.dim_element": "element_symbol element_name atomic_number element_group oxide_formula metal_to_reo_factor "
    "is_magnet_element",
    "core.dim_period": "period_type period_start period_end period_label",
    "core.dim_source": "source_code publisher licence redistribution citation url cadence",
    "core.fct_production": f"{ON_EVERY_FACT} {ON_EVERY_VALUE} country_code period_type period_start period_end year "
    "series production_t_reo production_t_gross",
    "core.fct_reserves": f"{ON_EVERY_FACT} {ON_EVERY_VALUE} country_code as_of_year reserves_t_reo reason_code "
    "is_current",
    "core.fct_world_total": f"{ON_EVERY_FACT} {ON_EVERY_VALUE} measure year series total_t_reo",
    "core.fct_other_countries_total": f"{ON_EVERY_FACT} {ON_EVERY_VALUE} measure year series total_t_reo",
    "core.fct_trade_flow": TRADE,
    "core.fct_trade_total": TRADE,
    "core.trade_preferred_all_levels": TRADE,
    "core.fct_trade_rollup": TRADE,
    "core.fct_quota": f"{ON_EVERY_FACT} {ON_EVERY_VALUE} country_code quota_type year quota_t_reo",
    "core.fct_resources": f"{ON_EVERY_FACT} {ON_EVERY_VALUE} country_code resource_level substance resources_t_reo",
    "core.fct_published_share": f"{ON_EVERY_FACT} {ON_EVERY_VALUE} share_measure reporter_code partner_code share",
    "core.fct_price": f"{ON_EVERY_FACT} value_raw value_status elements form purity lot price_type price_terms "
    "unit_basis year period_type period_start period_end price_usd_per_kg price_usd_per_kg_low price_usd_per_kg_high "
    "price_unit note",
    "core.fct_salient": f"{ON_EVERY_FACT} value_raw value_status country_code commodity element_symbol "
    "salient_measure salient_material partner_code partner_label period_type period_start period_end salient_value "
    "salient_value_low salient_value_high salient_unit unit_basis note",
    "core.fct_trade_reference": f"{ON_EVERY_FACT} exporter_code importer_code product_key value_usd coverage",
    "core.fct_trade_via": f"{ON_EVERY_FACT} value_raw value_status reporter_code partner_code second_partner_code flow "
    "flow_detail product_key hs_revision period_type period_start period_end value_usd net_weight_kg valuation",
    "core.fct_trade_mirror": "fact_id exporter_code importer_code product_key hs_code period_type period_start "
    "period_end exporter_fact_id importer_fact_id x_fob_usd m_cif_usd cif_ratio m_fob_usd value_usd value_low_usd "
    "value_high_usd value_log_gap value_basis w_exporter_value x_weight_kg m_weight_kg weight_kg weight_low_kg "
    "weight_high_kg weight_log_gap weight_basis w_exporter_weight conflict_class method_version known_from",
    "meta.release": "version schema_version built_at code_version",
    "meta.artifacts": "sha256 original_sha256 source_code layout transcription url fetched_at",
    "meta.loads": "rows_parsed rows_loaded rows_quarantined",
    "meta.validation_results": "build_id gate table_name expectation column_name severity success raised observed "
    "unexpected_count element_count sample checked_at",
    "meta.quarantine": "source_code table_name reason_code detail row_json artifact_sha256 artifact_row",
    "meta.lineage": "fact_id artifact_sha256 artifact_row role",
    "meta.usage_warnings": "table_name warning",
    "meta.data_dictionary": "table_name column_name data_type description",
    "marts.mart_price": "material_name elements form purity lot price_type year price_availability price_usd_per_kg "
    "price_status price_edition unit_value_product_key india_import_usd_per_kg china_export_usd_per_kg",
    "core.fct_outlook": f"{ON_EVERY_FACT} value_raw value_status outlook_measure element_scope scope country_code "
    "magnet_use outlook_scenario year outlook_kt outlook_t is_forward",
    "core.fct_deployment": f"{ON_EVERY_FACT} value_raw value_status country_code magnet_use use_class deployed "
    "deployed_rounding deployed_unit page_url",
    "core.dim_magnet_intensity": "intensity_id magnet_use use_class deployed_unit intensity_kg_low "
    "intensity_kg_central intensity_kg_high citation source_url",
    "marts.mart_india_magnet_demand": "magnet_use use_class deployed deployed_unit intensity_id demand_availability "
    "missing_input magnet_demand_t_low magnet_demand_t_central magnet_demand_t_high",
    "marts.mart_coverage": "source_code reporter_code period_type product_key missing_periods",
}
"""Columns that the documentation names, listed by hand: `published_schema.csv` alone could be copied over."""


@pytest.fixture(scope="module")
def now(published) -> list[tuple[str, ...]]:
    return published.execute(
        "select schema_name, table_name, column_name, lower(data_type) from duckdb_columns()"
        " where database_name = current_database() and schema_name in ('core', 'marts', 'bi', 'meta')"
        " order by schema_name, table_name, column_index"
    ).fetchall()


def test_the_published_columns_are_those_on_record(now, tmp_path) -> None:
    with EXPECTED.open(encoding="utf-8", newline="") as text:
        recorded = [tuple(row) for row in csv.reader(text)][1:]
    written = tmp_path / "published_schema.csv"
    with written.open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, lineterminator="\n").writerows([COLUMNS, *now])
    gained, lost = sorted(set(now) - set(recorded)), sorted(set(recorded) - set(now))
    remedy = f"if that is meant, copy {written} over tests/release/{EXPECTED.name} and commit it"
    assert not gained, f"columns gained: {gained}; {remedy}"
    assert not lost, f"columns lost: {lost}; readers rely on them (see this file's docstring); {remedy}"
    assert now == recorded, f"the order of columns changed; {remedy}"


def test_every_required_column_is_there(now) -> None:
    existing = {(f"{schema}.{name}", column) for schema, name, column, _ in now}
    required = [(table, column) for table, columns in REQUIRED.items() for column in columns.split()]
    assert_none(f"{table} has no {column}" for table, column in required if (table, column) not in existing)


CODES = ("hs_code", "product_key", "m49_code", "code_country", "area_code", "partner_code", "reporter_code")


def test_a_code_is_text_with_its_leading_zeros(now) -> None:
    assert set(CODES) <= {column for _, _, column, _ in now}
    assert_none(
        f"{schema}.{table}.{column} is {kind}"
        for schema, table, column, kind in now
        if column in CODES and kind != "varchar"
    )


def test_one_name_has_one_type_everywhere(now) -> None:
    kinds: dict[str, set[str]] = {}
    for _, _, column, kind in now:
        kinds.setdefault(column, set()).add(kind)
    assert {column: found for column, found in kinds.items() if len(found) > 1} == {}


def test_the_dictionary_describes_every_published_column_and_no_other(published, now) -> None:
    described = published.execute(
        "select schema_name, table_name, column_name, data_type, description from meta.data_dictionary"
    ).fetchall()
    assert {row[:4] for row in described} == set(now)
    assert all(len(row[4]) > 3 for row in described)


def test_every_registered_fact_has_required_columns() -> None:
    assert {f"core.{table}" for table in facts()} <= set(REQUIRED)


PERIOD = ("period_type", "period_start", "period_end")
KNOWN = ("edition", "release", "known_from", "known_to", "known_basis", "is_latest")
COUNTRIES = ("country", "reporter", "partner", "second_partner", "exporter", "importer")
WITHOUT_A_PERIOD = {
    "mart_coverage": "has first_period_start and last_period_start",
    "mart_reliability_panel": "is of the whole panel",
    "mart_reporter_reliability": "is of the whole panel",
    "mart_revision_size": "is of all periods of a data set",
}


@pytest.fixture(scope="module")
def tables(now) -> dict[str, list[str]]:
    """Facts and marts with their columns in order."""
    found: dict[str, list[str]] = {}
    for schema, table, column, _ in now:
        if schema == "marts" or table.startswith(("fct_", "trade_")):
            found.setdefault(table, []).append(column)
    return found


def test_a_fact_or_mart_begins_with_its_id(tables) -> None:
    assert_none(f"{name}: {columns[0]}" for name, columns in tables.items() if "fact_id" in columns[2:])


def test_every_fact_and_mart_has_the_dates_of_its_period(tables) -> None:
    lacking = {name for name, columns in tables.items() if not set(PERIOD) <= set(columns)}
    assert lacking == set(WITHOUT_A_PERIOD)


def test_periods_stand_before_what_was_known_and_that_before_figures(tables, published) -> None:
    kinds = {
        (table, column)
        for table, column in published.execute(
            "select table_name, column_name from duckdb_columns() where data_type = 'DOUBLE'"
        ).fetchall()
    }

    def misplaced(name: str, columns: list[str]) -> bool:
        period = [columns.index(column) for column in PERIOD if column in columns]
        known = [columns.index(column) for column in KNOWN if column in columns]
        figures = [index for index, column in enumerate(columns) if (name, column) in kinds]
        placed = [part for part in (period, known, figures) if part]
        return any(max(before) > min(after) for before, after in pairwise(placed))

    assert_none(f"{name}: {columns}" for name, columns in tables.items() if misplaced(name, columns))


def test_the_name_of_a_country_stands_beside_its_code(tables) -> None:
    assert_none(
        f"{name}: {country}_code"
        for name, columns in tables.items()
        for country in COUNTRIES
        if f"{country}_code" in columns and columns[columns.index(f"{country}_code") + 1 :][:1] != [f"{country}_name"]
    )

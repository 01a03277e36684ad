"""Words about tables: the unit that a column's name states, the first sentence of a description."""

from __future__ import annotations

import pytest

from warehouse.read.tables import first_sentence, unit_of


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("importer_cif_usd", "US$"),
        ("value_high_usd", "US$"),
        ("usd_per_kg", "US$/kg"),
        ("production_t_reo_low", "t REO"),
        ("value_rounding_t", "t"),
        ("magnet_demand_t_low", "t"),
        ("weight_kg", "kg"),
        ("china_share", "share, 0 to 1"),
        ("n_months_after", "months"),
        ("n_files", "count"),
        ("year", ""),
        ("artifact_row", ""),
    ],
)
def test_a_columns_name_states_its_unit(column: str, unit: str) -> None:
    assert unit_of(column) == unit


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("The seventeen rare-earth elements.", "The seventeen rare-earth elements"),
        ("Ships 0.5 t. Not more.", "Ships 0.5 t"),
        ("Do they agree? Some do.", "Do they agree"),
        ("no stop", "no stop"),
        ("", ""),
    ],
)
def test_a_table_is_described_by_its_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first

"""Electric vehicles registered: numbers and lakh, fiscal and calendar years, faults named."""

from __future__ import annotations

from datetime import date

import pytest

from sources.model.artifact import LayoutError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons, table

COLUMNS = ["period", "vehicle_class", "registered", "unit", "page_url"]


def row(**changes: str) -> list[str]:
    usual = {
        "period": "2023-24", "vehicle_class": "all", "registered": "16,81,127", "unit": "number",
        "page_url": "https://example.org/answer",
    }  # fmt: skip
    return list((usual | changes).values())


def page(folder, *rows):
    about = {"source_code": "india_vahan", "layout": "extract_registrations", "partition": "VAHAN 2024-08-02"}
    return parse(artifact(folder, table(COLUMNS, *rows), **about, year=2024))


def one(folder, **changes):
    return page(folder, row(**changes)).frame.row(0, named=True)


def test_a_number_with_indian_commas_is_exact_to_half_a_vehicle(tmp_path):
    got = one(tmp_path)
    assert (got["deployed"], got["deployed_rounding"], got["value_raw"]) == (1_681_127.0, 0.5, "16,81,127")
    assert (got["period_type"], got["period_start"], got["period_end"]) == (
        "fiscal_year", date(2023, 4, 1), date(2024, 3, 31),
    )  # fmt: skip
    assert (got["country_code"], got["magnet_use"], got["deployed_unit"]) == ("IND", "electric_vehicles", "vehicles")


def test_lakh_are_known_to_half_of_the_last_printed_digit(tmp_path):
    got = one(tmp_path, registered="19.68", unit="lakh")
    assert (got["deployed"], got["deployed_rounding"], got["value_raw"]) == (1_968_000.0, 500.0, "19.68 lakh")


def test_a_year_of_four_digits_is_a_calendar_year(tmp_path):
    got = one(tmp_path, period="2022", vehicle_class="two_wheeler")
    assert (got["period_type"], got["period_start"], got["period_end"], got["use_class"]) == (
        "calendar_year", date(2022, 1, 1), date(2022, 12, 31), "two_wheeler",
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [{"registered": "about 5"}, {"registered": ""}, {"registered": "19.681"}, {"period": "2023-25"}, {"page_url": "x"}],
)
def test_what_cannot_be_read_is_set_aside(tmp_path, changes):
    assert reasons(page(tmp_path, row(), row(vehicle_class="two_wheeler", **changes))) == {"unreadable_value": 1}


@pytest.mark.parametrize("changes", [{"vehicle_class": "hovercraft"}, {"unit": "crore"}])
def test_a_class_or_unit_that_is_not_known_stops_the_page(tmp_path, changes):
    with pytest.raises(UnknownLabelError, match=next(iter(changes.values()))):
        page(tmp_path, row(**changes))


def test_a_figure_twice_stops_the_page(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        page(tmp_path, row(), row(registered="5"))

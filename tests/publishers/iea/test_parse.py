"""The explorer's data: figures by country, use, scenario and year, prose set aside, faults named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons

MINERAL = "Rare Earth Elements"


def demand(base: Any, projected: Any) -> dict[str, Any]:
    return {"2024": base, "STEPS": {"2030": projected}}


def whole() -> dict[str, Any]:
    """A body with invented figures, in the shape of the real one."""
    stage = {"countries": {"China": {"2024": 6.0, "2030": 7.5}, "Rest of world": {"2024": 4, "2030": 0.0}}}
    stage |= {"total": {"2024": 10.0, "2030": 7.5}, "top3Share": {"2024": 1.0, "2030": 1.0}}
    return {
        "source": "whoever converted it",
        "supply": {MINERAL: {"mining": json.loads(json.dumps(stage)), "refining": stage}, "Copper": {}},
        "totalDemand": {
            MINERAL: {
                "sectors": {"Wind": demand(1, 2), "Electric vehicles": demand(1, 3)},
                "totalClean": demand(2, 5),
                "otherUses": demand(8, 9),
                "totalDemand": demand(10, 14),
                "cleanShare": demand(0.2, 0.4),
            }
        },
    }


def read(folder, body: Any):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    about = {"source_code": "iea", "layout": "extract_explorer_json", "partition": "IEA critical minerals 2025"}
    return parse(artifact(folder, data, **about, year=2025))


def rows(table, *columns: str, **where: Any) -> list[tuple]:
    frame = table.frame
    for column, value in where.items():
        frame = frame.filter(frame[column] == value)
    return frame.select(columns).rows()


def test_supply_is_of_countries_the_rest_and_the_printed_world(tmp_path):
    columns = ("scope", "country_code", "outlook_scenario", "value_kt", "value_status")
    assert rows(read(tmp_path, whole()), *columns, outlook_measure="refining") == [
        ("country", "CHN", "base_year", 6.0, "reported"),
        ("country", "CHN", "base_case", 7.5, "estimated"),
        ("other_countries", None, "base_year", 4.0, "reported"),
        ("other_countries", None, "base_case", 0.0, "zero"),
        ("world", None, "base_year", 10.0, "reported"),
        ("world", None, "base_case", 7.5, "estimated"),
    ]


def test_demand_is_of_the_world_by_use_and_scenario(tmp_path):
    table = read(tmp_path, whole())
    assert rows(table, "magnet_use", "value_kt", "value_raw", outlook_scenario="STEPS") == [
        ("wind", 2.0, "2"), ("electric_vehicles", 3.0, "3"), ("clean_energy", 5.0, "5"),
        ("other_uses", 9.0, "9"), ("all_uses", 14.0, "14"),
    ]  # fmt: skip
    assert set(rows(table, "scope", "country_label", outlook_measure="demand")) == {("world", None)}
    assert set(table.frame["element_scope"]) == {"magnet_rare_earths"}


def test_prose_among_the_countries_is_set_aside(tmp_path):
    body = whole()
    body["supply"][MINERAL]["mining"]["countries"]["Notes: whatever it says."] = {"2024": None, "2030": None}
    table = read(tmp_path, body)
    assert reasons(table) == {"note": 2}
    assert table.frame.height == read(tmp_path, whole()).frame.height


def test_a_known_country_without_a_figure_is_not_available(tmp_path):
    body = whole()
    body["supply"][MINERAL]["mining"]["countries"]["China"] = {"2024": None, "2030": None}
    table = read(tmp_path, body)
    assert set(rows(table, "value_kt", "value_status", country_code="CHN", outlook_measure="mining")) == {
        (None, "not_available")
    }


@pytest.mark.parametrize("figure", ["12", True, -1.0, [1], {"a": 1}])
def test_a_figure_that_is_no_number_is_set_aside(tmp_path, figure):
    body = whole()
    body["supply"][MINERAL]["mining"]["countries"]["China"]["2024"] = figure
    assert reasons(read(tmp_path, body)) == {"unreadable_value": 1}


def test_a_country_use_or_scenario_that_is_not_known_stops_the_file(tmp_path):
    body = whole()
    body["supply"][MINERAL]["mining"]["countries"]["Atlantis"] = {"2024": 1.0, "2030": 1.0}
    with pytest.raises(UnknownLabelError, match="Atlantis"):
        read(tmp_path, body)
    body = whole()
    body["totalDemand"][MINERAL]["sectors"]["Robots"] = demand(1, 2)
    with pytest.raises(UnknownLabelError, match="Robots"):
        read(tmp_path, body)
    body = whole()
    body["totalDemand"][MINERAL]["totalClean"]["HOPE"] = {"2030": 1}
    with pytest.raises(UnknownLabelError, match="HOPE"):
        read(tmp_path, body)


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (("supply",), "body.supply"),
        (("supply", MINERAL, "refining"), "refining"),
        (("supply", MINERAL, "refining", "total"), "refining.total"),
        (("totalDemand", MINERAL, "otherUses"), "otherUses"),
        (("totalDemand", MINERAL, "sectors", "Wind", "2024"), "Wind.2024"),
    ],
)
def test_a_field_that_is_missing_is_named(tmp_path, way, said):
    body = whole()
    inside = body
    for name in way[:-1]:
        inside = inside[name]
    del inside[way[-1]]
    with pytest.raises(LayoutError, match=said):
        read(tmp_path, body)


@pytest.mark.parametrize("way", [("mining", "countries"), ("mining", "total"), ("refining",)])
@pytest.mark.parametrize("other", [None, [], "text", 5])
def test_a_field_of_another_kind_is_refused_by_name(tmp_path, way, other):
    body = whole()
    inside = body["supply"][MINERAL]
    for name in way[:-1]:
        inside = inside[name]
    inside[way[-1]] = other
    with pytest.raises(LayoutError, match=way[-1]):
        read(tmp_path, body)


@pytest.mark.parametrize("other", [None, [], "text", 5, {"STEPS": 5, "2024": 1}])
def test_demand_of_another_kind_is_refused_by_name(tmp_path, other):
    body = whole()
    body["totalDemand"][MINERAL]["otherUses"] = other
    with pytest.raises(LayoutError, match="otherUses"):
        read(tmp_path, body)


def test_a_year_that_is_none_and_two_base_years_are_refused(tmp_path):
    body = whole()
    body["supply"][MINERAL]["mining"]["total"]["soon"] = 1.0
    with pytest.raises(LayoutError, match="soon"):
        read(tmp_path, body)
    body = whole()
    body["totalDemand"][MINERAL]["totalDemand"]["2023"] = 1.0
    with pytest.raises(LayoutError, match="base years"):
        read(tmp_path, body)


@pytest.mark.parametrize("data", [b"", b"<html>", b"{", b"[]", b"null"])
def test_what_is_no_body_is_refused_by_name(tmp_path, data):
    with pytest.raises((LayoutError, TruncatedError)):
        read(tmp_path, data)

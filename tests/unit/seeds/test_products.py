"""The products the warehouse follows: national lines under their international codes, elements only where named."""

from __future__ import annotations

import csv
import re

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

SEEDS = PROJECT / "dbt_project" / "seeds"
KEY = re.compile(r"(?P<schedule>HS|[A-Z]{2}):(?P<code>\d{4,10})")


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"seed_{name}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


PRODUCTS = {row["product_key"]: row for row in seed("product")}
NATIONAL = {key: row for key, row in PRODUCTS.items() if not key.startswith("HS:")}


def test_keys_are_unique():
    assert len(seed("product")) == len(PRODUCTS)


def test_the_schedules_are_complete():
    held = {country: {key[3:] for key in NATIONAL if key.startswith(f"{country}:")} for country in ("IN", "CN", "GB")}
    assert {country: len(codes) for country, codes in held.items()} == {"IN": 27, "CN": 89, "GB": 2}
    assert {code for code in held["IN"] if code.startswith("2846")} == {
        "28461010", "28461090", "28469010", "28469020", "28469030", "28469090",
    }  # fmt: skip


def test_a_key_is_made_of_schedule_and_code():
    assert_none(key for key in PRODUCTS if not KEY.fullmatch(key))
    assert_none(key for key in PRODUCTS if key.startswith("HS:") and len(key) not in {len("HS:2846"), len("HS:284690")})


def test_a_national_key_begins_with_the_alpha_2_code_of_a_country_whose_schedule_is_listed():
    countries = {row["iso2_code"] for row in seed("area") if row["area_type"] == "country"}
    schedules = {row["code_country"] for row in seed("national_schedule")}
    assert schedules <= countries
    assert {key[:2] for key in NATIONAL} == schedules


def test_a_products_parent_is_the_longest_international_code_it_starts_with():
    """A heading of four digits has no parent."""
    assert_none(
        f"{key} has the parent {row['parent_key']!r}, not {parent_of(row)!r}"
        for key, row in PRODUCTS.items()
        if row["parent_key"] != parent_of(row)
    )


def parent_of(row: dict[str, str]) -> str:
    """The key of the longest international code that a product starts with; None for an international heading."""
    schedule, _, code = row["product_key"].partition(":")
    if schedule == "HS" and len(code) == 4:
        return ""
    others = [key for key in PRODUCTS if key.startswith("HS:") and key != row["product_key"]]
    begins = [key for key in others if code.startswith(key.removeprefix("HS:"))]
    return max(begins, key=len) if begins else "no international code"


def test_every_product_has_a_stage_a_confidence_and_words_of_our_own():
    stages = {stage["stage_code"] for stage in seed("stage")}
    assert_none(
        f"{key}: stage {row['stage_code']!r}, confidence {row['stage_confidence']!r},"
        f" description of {len(row['description'])} and caveat of {len(row['caveat'])} characters"
        for key, row in PRODUCTS.items()
        if row["stage_code"] not in stages
        or row["stage_confidence"] not in {"high", "medium", "low"}
        or not 0 < len(row["description"]) <= 70
        or len(row["caveat"]) > 110
    )


def test_a_line_without_rare_earths_is_marked_and_keeps_its_parents_stage():
    others = [row for row in NATIONAL.values() if row["caveat"].startswith("Not rare earths")]
    assert others
    assert_none(
        f"{row['product_key']}: {row['stage_code']}, {row['stage_confidence']} confidence"
        for row in others
        if (row["stage_confidence"], row["stage_code"]) != ("low", PRODUCTS[row["parent_key"]]["stage_code"])
    )


def test_a_line_of_fuel_is_no_rare_earth_though_its_heading_is_followed():
    """India's 36069010 is a part of 3606.90, whose lines are added up; by itself it holds no rare earth."""
    assert PRODUCTS["IN:36069010"]["caveat"].startswith("Not rare earths: liquid fuel")
    (factor,) = [row for row in seed("reo_factor") if row["product_key"] == "IN:36069010"]
    assert float(factor["factor_high"]) == 0


def test_the_labels_of_a_schedule_name_the_edition_of_the_hs_they_are_from():
    editions = {row["code_country"]: row["label_hs_revision"] for row in seed("national_schedule")}
    assert editions == {"BR": "HS2022", "CN": "HS2012", "GB": "HS2022", "IN": "HS2022"}
    assert "China's schedule on HS 2012" in PRODUCTS["CN:28469019"]["caveat"]


def test_an_element_is_given_where_exactly_one_is_named():
    assert_none(
        f"{key} has {row['element_symbol']!r}, its description names {element_named(row)!r}: {row['description']}"
        for key, row in PRODUCTS.items()
        if row["element_symbol"] != element_named(row)
    )


def element_named(row: dict[str, str]) -> str:
    """The symbol of the one element that the description of a metal or compound names, else nothing."""
    if row["stage_code"] not in {"metal", "compound"}:
        return ""
    names = {element["element_name"].lower(): element["element_symbol"] for element in seed("element")}
    words = re.sub(r"other than (of )?cerium", "", row["description"].lower())
    named = {symbol for name, symbol in names.items() if name in re.findall(r"[a-z]+", words)}
    return named.pop() if len(named) == 1 else ""


@pytest.mark.parametrize(
    ("code", "india", "china"),
    [
        ("85051110", "Ferrite cores", "Permanent magnets of rare-earth metals"),
        ("72029911", "Ferro-phosphorus", "NdFeB strip-cast flakes"),
        ("28469020", "Rare-earth fluorides", None),
    ],
)
def test_the_same_digits_are_other_goods_in_india_and_in_china(code, india, china):
    assert PRODUCTS[f"IN:{code}"]["description"] == india
    assert (PRODUCTS[f"CN:{code}"]["description"] if china else None) == china
    if china:
        assert code in PRODUCTS[f"IN:{code}"]["caveat"]
        assert code in PRODUCTS[f"CN:{code}"]["caveat"]


def test_ores_of_rare_earths_have_other_lines_in_india_and_in_china():
    ores = {key for key, row in NATIONAL.items() if (row["stage_code"], row["stage_confidence"]) == ("ore", "high")}
    assert ores == {"IN:25309040", "CN:25309020"}
    assert "CN:25309040" not in PRODUCTS
    assert "IN:25309020" not in PRODUCTS


@pytest.mark.parametrize(
    ("code", "symbol"), [("28053011", "Nd"), ("28053017", "Y"), ("28469011", "Y"), ("28469021", "Tb"), ("28461", "Ce")]
)
def test_chinas_lines_name_elements(code, symbol):
    assert PRODUCTS[f"CN:{code}"]["element_symbol"] == symbol


def test_cerium_is_the_one_element_an_international_code_names():
    named = {key: row["element_symbol"] for key, row in PRODUCTS.items() if key.startswith("HS:")}
    assert {key: symbol for key, symbol in named.items() if symbol} == {"HS:284610": "Ce"}


def test_every_row_of_chinas_schedule_names_its_hs_edition():
    assert all("HS 2012" in row["caveat"] for key, row in NATIONAL.items() if key.startswith("CN:"))

"""Codes through the editions of the HS: scopes, conversions and the years they are in force."""

from __future__ import annotations

import csv
from itertools import pairwise

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

SEEDS = PROJECT / "dbt_project" / "seeds"
REVISIONS = ["HS1992", "HS1996", "HS2002", "HS2007", "HS2012", "HS2017", "HS2022"]
STEPS = list(pairwise(REVISIONS))
UNCHANGED = ["280530", "284610", "284690", "261220", "261790", "360690", "720299"]


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"seed_{name}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


ROWS = seed("hs_correlation")
PRODUCTS = {row["product_key"]: row for row in seed("product")}
FOLLOWED = sorted(key[3:] for key in PRODUCTS if key.startswith("HS:") and len(key) == len("HS:284690"))


def of(code: str, step: tuple[str, str]) -> list[dict[str, str]]:
    return [row for row in ROWS if row["to_code"] == code and (row["from_revision"], row["to_revision"]) == step]


def test_every_followed_code_is_traced_through_every_edition():
    assert FOLLOWED
    assert_none(
        f"{code} leads to itself nowhere from {step[0]} to {step[1]}"
        for code in FOLLOWED
        for step in STEPS
        if code not in {row["from_code"] for row in of(code, step)}
    )


def test_these_codes_kept_their_scope_from_1992_to_2022():
    found = {
        (code, step): [(row["from_code"], row["relation_type"], row["weight"]) for row in of(code, step)]
        for code in UNCHANGED
        for step in STEPS
    }
    assert_none(
        f"{code} from {step[0]} to {step[1]}: {relations}"
        for (code, step), relations in found.items()
        if relations != [(code, "1:1", "1")]
    )


@pytest.mark.parametrize("code", ["850511", "850519"])
def test_magnets_kept_their_scope_until_their_waste_left_with_hs_2022(code):
    assert {row["relation_type"] for step in STEPS[:-1] for row in of(code, step)} == {"1:1"}
    last = [row for row in ROWS if row["from_code"] == code and row["to_revision"] == "HS2022"]
    assert {row["to_code"]: (row["relation_type"], row["weight"]) for row in last} == {
        code: ("1:n", ""),
        "8549": ("n:n", ""),
    }


def test_the_waste_of_8548_moved_to_8549_and_its_other_parts_stayed():
    moved = {row["to_code"]: (row["relation_type"], row["weight"]) for row in ROWS if row["from_code"] == "8548"}
    assert moved == {"8548": ("1:n", ""), "8549": ("n:n", "")}


def test_no_relation_cites_tables_that_were_not_read():
    """The World Customs Organization's correlation tables are not available here."""
    assert {row["relation_basis"] for row in ROWS} == {"second_hand", "code_lists", "assumption"}
    named = [row for row in ROWS if "World Customs Organization" in row["citation"]]
    assert named
    assert all(row["citation"].endswith("were not read") for row in named)


def test_other_minerals_took_in_three_codes_before_2002_and_have_kept_their_scope_since():
    """UN Statistics Division, code lists: 253030 is in HS 1992 only, 253040 and 252700 until HS 1996."""
    merged = {(row["from_revision"], row["from_code"]) for row in ROWS if row["to_code"] == "253090"}
    assert merged >= {("HS1992", "253030"), ("HS1996", "253040"), ("HS1996", "252700")}
    types = [{row["relation_type"] for row in of("253090", step)} for step in STEPS]
    assert types == [{"n:1"}, {"n:1"}, {"1:1"}, {"1:1"}, {"1:1"}, {"1:1"}]


def test_a_relation_is_what_its_neighbours_make_it():
    """n on the left: several codes lead to the new one; n on the right: the old one leads to several."""
    assert_none(
        f"{name_of(row)} is {row['relation_type']} but {relation(row)} by its neighbours"
        for row in ROWS
        if row["relation_type"] != relation(row)
    )


def relation(row: dict[str, str]) -> str:
    """The type of a relation, counted from the rows of its step."""
    step = (row["from_revision"], row["to_revision"])
    sources = {other["from_code"] for other in of(row["to_code"], step)}
    targets = {other["to_code"] for other in ROWS if other["from_code"] == row["from_code"]
               and (other["from_revision"], other["to_revision"]) == step}  # fmt: skip
    return f"{'n' if len(sources) > 1 else '1'}:{'n' if len(targets) > 1 else '1'}"


def name_of(row: dict[str, str]) -> str:
    return f"{row['from_revision']} {row['from_code']} to {row['to_revision']} {row['to_code']}"


def test_a_relation_spans_one_edition_and_has_a_source_or_a_caveat():
    assert_none(name_of(row) for row in ROWS if (row["from_revision"], row["to_revision"]) not in STEPS)
    assert_none(name_of(row) for row in ROWS if not row["citation"])
    plain = [row for row in ROWS if row["relation_type"] == "1:1" and row["relation_basis"] == "second_hand"]
    assert_none(name_of(row) for row in ROWS if not row["caveat"] and row not in plain)


def test_the_weights_of_a_stated_conversion_add_up_to_1():
    added: dict[tuple[str, str], list[str]] = {}
    for row in ROWS:
        added.setdefault((row["from_revision"], row["from_code"]), []).append(row["weight"])
    for weights in added.values():
        assert all(weights) or not any(weights)
        assert sum(float(weight or 0) for weight in weights) in (0, 1)


def test_every_international_code_has_a_first_year_in_force():
    held = {row["product_key"]: row for row in seed("product_validity")}
    assert set(held) == {key for key in PRODUCTS if key.startswith("HS:")}
    assert held["HS:8549"]["valid_from"] == "2022-01-01"
    assert {row["valid_from"] for key, row in held.items() if key != "HS:8549"} == {"1988-01-01"}

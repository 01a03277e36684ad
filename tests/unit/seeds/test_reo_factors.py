"""Factors of rare-earth oxide: those that rest on a formula are worked out here from atomic masses.

Masses: IUPAC standard atomic weights 2021 (Prohaska and others, Pure Appl. Chem. 94 (2022) 573–600,
doi:10.1515/pac-2019-0603).
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds"
MASSES = {
    "H": 1.008, "C": 12.011, "O": 15.999, "F": 18.998403162, "P": 30.973761998, "Cl": 35.45, "B": 10.81,
    "Fe": 55.845, "Co": 58.933194, "Sc": 44.955907, "Y": 88.905838, "La": 138.90547, "Ce": 140.116, "Pr": 140.90766,
    "Nd": 144.242, "Sm": 150.36, "Eu": 151.964, "Gd": 157.25, "Tb": 158.925354, "Dy": 162.500, "Ho": 164.930329,
    "Er": 167.259, "Tm": 168.934219, "Yb": 173.045, "Lu": 174.9668,
}  # fmt: skip


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"seed_{name}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


OXIDES = {row["element_symbol"]: row["oxide_formula"] for row in seed("element") if row["element_symbol"] in MASSES}
PRODUCTS = {row["product_key"]: row for row in seed("product")}
FACTORS = {row["reo_factor_id"]: row for row in seed("reo_factor")}
WITH_FORMULA = [
    pytest.param(row, side, id=f"{row['reo_factor_id']}-{side}")
    for row in FACTORS.values()
    for side in ("low", "high")
    if row[f"{side}_formula"]
]


def atoms(formula: str) -> dict[str, int]:
    """Atoms of a formula such as La2(CO3)3·8H2O."""
    found: dict[str, int] = {}
    for part in formula.split("·"):
        times, rest = re.fullmatch(r"(\d*)(.*)", part).groups()
        rest = re.sub(
            r"\(([A-Za-z0-9]+)\)(\d*)",
            lambda group: "".join(f"{el}{n * int(group[2] or 1)}" for el, n in atoms(group[1]).items()),
            rest,
        )
        for element, count in re.findall(r"([A-Z][a-z]?)(\d*)", rest):
            found[element] = found.get(element, 0) + int(count or 1) * int(times or 1)
    return found


def mass(formula: str) -> float:
    return sum(MASSES[element] * count for element, count in atoms(formula).items())


def oxide_per_tonne(formula: str) -> float:
    """Tonnes of the oxide in which trade counts the element, per tonne of the compound or metal."""
    ((element, count),) = [(el, n) for el, n in atoms(formula).items() if el in OXIDES]
    oxide = OXIDES[element]
    return count * mass(oxide) / atoms(oxide)[element] / mass(formula)


def test_a_formula_with_brackets_and_water_is_read_whole():
    assert atoms("La2(CO3)3·8H2O") == {"La": 2, "C": 3, "O": 17, "H": 16}
    assert atoms("CeCl3·7H2O") == {"Ce": 1, "Cl": 3, "H": 14, "O": 7}
    assert mass("H2O") == pytest.approx(18.015)


@pytest.mark.parametrize(("row", "side"), WITH_FORMULA)
def test_a_bound_that_names_a_formula_is_its_fraction_of_oxide(row, side):
    assert float(row[f"factor_{side}"]) == pytest.approx(oxide_per_tonne(row[f"{side}_formula"]), abs=0.000_051)


@pytest.mark.parametrize("element", OXIDES)
def test_a_metals_factor_in_the_list_of_elements_is_that_of_its_masses(element):
    (row,) = [row for row in seed("element") if row["element_symbol"] == element]
    assert float(row["metal_to_reo_factor"]) == pytest.approx(oxide_per_tonne(element), abs=0.000_051)


PUBLISHED = [
    ("La", "LaCl3", 0.664), ("La", "LaCl3·6H2O", 0.461), ("Nd", "Nd2(CO3)3", 0.718), ("Nd", "NdF3", 0.836),
    ("Ce", "CeF3", 0.873), ("Pr", "Pr2(CO3)3", 0.737), ("Tb", "TbCl3·6H2O", 0.501), ("Y", "YF3", 0.774),
    ("Sc", "ScCl3", 0.456), ("Dy", "DyCl3", 0.694), ("Lu", "Lu2(CO3)3", 0.751), ("Sm", "SmCo5", 0.39),
    ("Sm", "Sm2Co17", 0.27),
]  # fmt: skip


@pytest.mark.parametrize(("element", "formula", "fraction"), PUBLISHED)
def test_fractions_agree_with_figures_gathered_by_others(element, formula, fraction):
    digits = len(str(fraction).split(".")[1])
    assert element in atoms(formula)
    assert round(oxide_per_tonne(formula), digits) == fraction


def test_every_product_has_one_factor_and_no_factor_a_product_of_none():
    held = [row["product_key"] for row in FACTORS.values() if row["applies_to"] == "product"]
    assert sorted(held) == sorted(PRODUCTS)
    assert all(FACTORS[key]["product_key"] == key for key in held)


@pytest.mark.parametrize("key", FACTORS)
def test_a_factor_says_what_it_rests_on_and_its_centre_lies_between_its_bounds(key):
    row = FACTORS[key]
    assert row["factor_basis"] in {"stoichiometric", "source", "assumption"}
    assert row["note"]
    assert row["citation"] or row["factor_basis"] == "assumption" or row["applies_to"] == "roll_up"
    if row["applies_to"] == "roll_up":
        assert not row["factor_low"]
        return
    low, high = float(row["factor_low"]), float(row["factor_high"])
    assert 0 <= low <= float(row["factor_central"] or low) <= high <= 1.5338


BASKETS = [
    "HS:850511", "HS:850519", "HS:284690", "HS:284610", "HS:720299", "HS:360690", "HS:253090", "HS:261220",
    "HS:261790", "HS:280530", "HS:2846", "HS:8505",
]  # fmt: skip


@pytest.mark.parametrize("key", BASKETS)
def test_a_basket_has_wide_bounds_and_no_centre(key):
    row = FACTORS[key]
    assert row["factor_central"] == ""
    assert float(row["factor_high"]) > 1.3 * float(row["factor_low"])


@pytest.mark.parametrize("key", ["HS:850511", "HS:850519", "HS:253090", "HS:261220", "HS:720299", "HS:360690"])
def test_a_basket_that_can_hold_no_rare_earth_begins_at_nought(key):
    assert FACTORS[key]["factor_low"] == "0"


def test_only_oxides_and_publishers_own_oxide_are_taken_one_to_one():
    ones = {key for key, row in FACTORS.items() if row["factor_low"] == row["factor_high"] == "1"}
    oxides = {key for key, row in PRODUCTS.items() if re.search(r"\boxides?\b", row["description"])}
    assert ones - {"publisher_reo"} == oxides - {"IN:28461090"}


@pytest.mark.parametrize("key", PRODUCTS)
def test_a_product_is_called_no_rare_earths_where_its_factor_is_nought_and_nowhere_else(key):
    called = re.match(r"Not rare earths(:|;|$)", PRODUCTS[key]["caveat"]) is not None
    assert called == (float(FACTORS[key]["factor_high"]) == 0)


NAMED = [
    key
    for key, row in PRODUCTS.items()
    if row["code_country"] == "CN" and row["element_symbol"] and row["code_level"] == "HS8"
]


@pytest.mark.parametrize("key", NAMED)
def test_a_line_that_names_an_element_has_the_factor_of_the_compound_it_names(key):
    row, described = FACTORS[key], PRODUCTS[key]["description"].lower()
    element = PRODUCTS[key]["element_symbol"]
    assert row["elements"] == element
    kinds = {"metal": r"", "oxide": r"O", "chloride": r"Cl3", "fluoride": r"F3", "carbonate": r"\(CO3\)3"}
    kind = next((kind for kind in kinds if re.search(rf"\b{kind}\b", described)), None)
    if kind:
        assert row["factor_basis"] == "stoichiometric"
        assert re.match(rf"{element}\d*{kinds[kind]}", row["high_formula"]), row["high_formula"]


def test_factors_of_mixed_goods_are_those_of_their_sources():
    """Monazite: Department of Atomic Energy in Mint, 2023-08-11; chloride: the same, Rajya Sabha, 2015-03-12."""
    monazite, chloride = FACTORS["material:monazite"], FACTORS["material:mixed_rare_earth_chloride"]
    assert (monazite["factor_low"], monazite["factor_central"], monazite["factor_high"]) == ("0.55", "", "0.6")
    assert float(chloride["factor_central"]) == pytest.approx(5_000 / 11_000, abs=0.000_051)
    magnet = FACTORS["material:ndfeb_magnet"]
    assert float(magnet["factor_low"]) == pytest.approx(0.29 * oxide_per_tonne("Nd"), abs=0.005)
    assert float(magnet["factor_high"]) == pytest.approx(0.325 * oxide_per_tonne("Nd"), abs=0.005)
    mischmetal = 0.65 * oxide_per_tonne("Ce") + 0.35 * oxide_per_tonne("La")
    assert float(FACTORS["material:mischmetal"]["factor_central"]) == pytest.approx(mischmetal, abs=0.000_051)

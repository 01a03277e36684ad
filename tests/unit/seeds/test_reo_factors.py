"""Factors of rare-earth oxide: those that rest on a formula are worked out here from atomic masses.

Masses: IUPAC standard atomic weights 2021 (Prohaska and others, Pure Appl. Chem. 94 (2022) 573–600,
doi:10.1515/pac-2019-0603).
"""

from __future__ import annotations

import csv
import re

import pytest

from tests.helpers.project import PROJECT
from tests.helpers.violators import assert_none

SEEDS = PROJECT / "dbt_project" / "seeds"
MASSES = {
    "H": 1.008, "C": 12.011, "O": 15.999, "F": 18.998403162, "P": 30.973761998, "Cl": 35.45, "B": 10.81,
    "Fe": 55.845, "Co": 58.933194, "Sc": 44.955907, "Y": 88.905838, "La": 138.90547, "Ce": 140.116, "Pr": 140.90766,
    "Nd": 144.242, "Sm": 150.36, "Eu": 151.964, "Gd": 157.25, "Tb": 158.925354, "Dy": 162.500, "Ho": 164.930329,
    "Er": 167.259, "Tm": 168.934219, "Yb": 173.045, "Lu": 174.9668,
}  # fmt: skip
PRINTED = 0.000_051
"""Factors are written with four digits."""


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"seed_{name}.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


OXIDES = {row["element_symbol"]: row["oxide_formula"] for row in seed("element") if row["element_symbol"] in MASSES}
PRODUCTS = {row["product_key"]: row for row in seed("product")}
FACTORS = {row["reo_factor_id"]: row for row in seed("reo_factor")}
WITH_FORMULA = [(row, side) for row in FACTORS.values() for side in ("low", "high") if row[f"{side}_formula"]]


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


def test_a_formula_with_brackets_and_water_is_read_completely():
    assert atoms("La2(CO3)3·8H2O") == {"La": 2, "C": 3, "O": 17, "H": 16}
    assert atoms("CeCl3·7H2O") == {"Ce": 1, "Cl": 3, "H": 14, "O": 7}
    assert mass("H2O") == pytest.approx(18.015)


def test_a_bound_that_names_a_formula_is_its_fraction_of_oxide():
    assert WITH_FORMULA
    assert_none(
        f"{row['reo_factor_id']}: {side} is {row[f'factor_{side}']}, {formula} holds {oxide_per_tonne(formula):.6f}"
        for row, side in WITH_FORMULA
        if float(row[f"factor_{side}"])
        != pytest.approx(oxide_per_tonne(formula := row[f"{side}_formula"]), abs=PRINTED)
    )


def test_a_metals_factor_in_the_list_of_elements_is_that_of_its_masses():
    listed = {
        row["element_symbol"]: float(row["metal_to_reo_factor"])
        for row in seed("element")
        if row["element_symbol"] in OXIDES
    }
    assert listed
    assert_none(
        f"{element}: {listed[element]} is listed, its masses give {oxide_per_tonne(element):.6f}"
        for element in listed
        if listed[element] != pytest.approx(oxide_per_tonne(element), abs=PRINTED)
    )


PUBLISHED = [
    ("La", "LaCl3", 0.664), ("La", "LaCl3·6H2O", 0.461), ("Nd", "Nd2(CO3)3", 0.718), ("Nd", "NdF3", 0.836),
    ("Ce", "CeF3", 0.873), ("Pr", "Pr2(CO3)3", 0.737), ("Tb", "TbCl3·6H2O", 0.501), ("Y", "YF3", 0.774),
    ("Sc", "ScCl3", 0.456), ("Dy", "DyCl3", 0.694), ("Lu", "Lu2(CO3)3", 0.751), ("Sm", "SmCo5", 0.39),
    ("Sm", "Sm2Co17", 0.27),
]  # fmt: skip


def test_fractions_agree_with_figures_gathered_by_others():
    assert_none(
        f"{formula}: others have {fraction}, we {oxide_per_tonne(formula):.6f} of {element}"
        for element, formula, fraction in PUBLISHED
        if element not in atoms(formula) or round(oxide_per_tonne(formula), len(str(fraction)) - 2) != fraction
    )


def test_every_product_has_one_factor_and_no_factor_a_product_of_none():
    keys = [row["product_key"] for row in FACTORS.values() if row["applies_to"] == "product"]
    assert sorted(keys) == sorted(PRODUCTS)
    assert all(FACTORS[key]["product_key"] == key for key in keys)


def test_a_factor_has_a_basis():
    assert_none(
        f"{key}: basis {row['factor_basis']!r}, note {row['note']!r}, citation {row['citation']!r}"
        for key, row in FACTORS.items()
        if row["factor_basis"] not in {"stoichiometric", "source", "assumption"}
        or not row["note"]
        or not (row["citation"] or row["factor_basis"] == "assumption" or row["applies_to"] == "roll_up")
    )


def test_a_centre_lies_between_its_bounds_and_a_roll_up_has_none():
    """1.5338 is the oxide of pure scandium, the lightest: no factor exceeds it."""
    bounded = {key: row for key, row in FACTORS.items() if row["applies_to"] != "roll_up"}
    assert bounded
    assert_none(key for key, row in FACTORS.items() if key not in bounded and row["factor_low"])
    assert_none(
        f"{key}: {row['factor_low']} ≤ {row['factor_central']} ≤ {row['factor_high']}"
        for key, row in bounded.items()
        if not 0 <= (low := float(row["factor_low"])) <= float(row["factor_central"] or low)
        or not float(row["factor_central"] or low) <= float(row["factor_high"]) <= 1.5338
    )


BASKETS = [
    "HS:850511", "HS:850519", "HS:284690", "HS:284610", "HS:720299", "HS:360690", "HS:253090", "HS:261220",
    "HS:261790", "HS:280530", "HS:2846", "HS:8505",
]  # fmt: skip
NOT_ALWAYS_RARE_EARTHS = ["HS:850511", "HS:850519", "HS:253090", "HS:261220", "HS:720299", "HS:360690"]


def test_a_basket_has_wide_bounds_and_no_centre():
    assert_none(
        f"{key}: {row['factor_low']} to {row['factor_high']}, centre {row['factor_central']!r}"
        for key, row in ((key, FACTORS[key]) for key in BASKETS)
        if row["factor_central"] or float(row["factor_high"]) <= 1.3 * float(row["factor_low"])
    )


def test_a_basket_that_may_contain_no_rare_earth_has_a_low_of_zero():
    lows = {key: FACTORS[key]["factor_low"] for key in NOT_ALWAYS_RARE_EARTHS}
    assert lows == dict.fromkeys(NOT_ALWAYS_RARE_EARTHS, "0")


def test_only_oxides_and_publishers_own_oxide_have_a_factor_of_1():
    ones = {key for key, row in FACTORS.items() if row["factor_low"] == row["factor_high"] == "1"}
    oxides = {key for key, row in PRODUCTS.items() if re.search(r"\boxides?\b", row["description"])}
    assert ones - {"publisher_reo"} == oxides - {"IN:28461090"}


def test_a_product_is_called_no_rare_earths_where_its_factor_is_zero_and_nowhere_else():
    called = {key for key, row in PRODUCTS.items() if re.match(r"Not rare earths(:|;|$)", row["caveat"])}
    without = {key for key in PRODUCTS if float(FACTORS[key]["factor_high"]) == 0}
    assert without
    assert_none(f"{key} is called so, its factor is not zero" for key in sorted(called - without))
    assert_none(f"{key} has a factor of zero and is not called so" for key in sorted(without - called))


NAMED = [
    key
    for key, row in PRODUCTS.items()
    if row["element_symbol"] and key.startswith("CN:") and len(key) == len("CN:28469011")
]
COMPOUNDS = {"metal": r"", "oxide": r"O", "chloride": r"Cl3", "fluoride": r"F3", "carbonate": r"\(CO3\)3"}


def test_a_line_that_names_an_element_has_the_factor_of_the_compound_it_names():
    assert NAMED
    assert_none(
        f"{key} names {PRODUCTS[key]['element_symbol']}, its factor is of {FACTORS[key]['elements']}"
        for key in NAMED
        if FACTORS[key]["elements"] != PRODUCTS[key]["element_symbol"]
    )
    assert_none(
        f"{key} ({PRODUCTS[key]['description']}): {FACTORS[key]['factor_basis']} of {FACTORS[key]['high_formula']}"
        for key in NAMED
        if (formula := formula_named(key))
        and not (FACTORS[key]["factor_basis"] == "stoichiometric" and re.match(formula, FACTORS[key]["high_formula"]))
    )


def formula_named(key: str) -> str:
    """Start of the formula of the compound in a line's description; None if it names none."""
    row = PRODUCTS[key]
    for compound, rest in COMPOUNDS.items():
        if re.search(rf"\b{compound}\b", row["description"].lower()):
            return rf"{row['element_symbol']}\d*{rest}"
    return ""


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

"""Annual studies: a change from one year to the next is claimed only where it is more than years and partners show."""

from __future__ import annotations

import math

import polars as pl
import pytest

from warehouse.statistics.annual_study import annual_effects

YEARS = range(2010, 2025)
PARTNERS = ["DEU", "FRA", "ITA", "JPN", "KOR", "NLD", "THA", "USA"]


def exports(product: str, factor, *, price: float = 20.0, shares: dict[str, float] | None = None) -> pl.DataFrame:
    """Exports of 1,000 kg to each partner and year, with a little wobble, times `factor(partner, year)`."""
    rows = []
    for number, partner in enumerate(PARTNERS):
        for year in YEARS:
            wobble = 1 + 0.05 * math.sin(7 * number + 3 * year + int(product[-2:]))
            weight = 1000.0 * (shares or {}).get(partner, 1.0) * wobble * factor(partner, year)
            rows.append((product, year, partner, weight * price, weight))
    return pl.DataFrame(
        rows, schema=["product_key", "year", "partner_code", "value_usd", "net_weight_kg"], orient="row"
    )


def studied(figures: pl.DataFrame, *, target: str | None = None, years=(2010, 2011), **changed) -> dict[str, object]:
    study = {
        "product_key": "HS:284690", "target_code": target,
        "comparison_product_key": None if target else "HS:850511", "year_before": years[0], "year_after": years[1],
        **changed,
    }  # fmt: skip
    frame = pl.DataFrame([study], schema_overrides={"target_code": pl.String, "comparison_product_key": pl.String})
    return annual_effects(figures, frame).filter(pl.col("effect_measure") == "weight").row(0, named=True)


def unchanged(partner: str, year: int) -> float:
    return 1.0


def halved_from_2011(partner: str, year: int) -> float:
    return 0.5 if year >= 2011 else 1.0


MAGNETS = exports("HS:850511", unchanged)


def test_a_fall_of_one_code_to_every_partner_is_a_drop() -> None:
    row = studied(pl.concat([exports("HS:284690", halved_from_2011), MAGNETS]))
    assert row["verdict"] == "drop"
    assert row["difference_log"] == pytest.approx(math.log(0.5), abs=0.1)
    assert row["n_partners"] == len(PARTNERS)
    assert row["scan_year_before"] == 2010


def test_the_same_years_without_a_fall_are_no_evidence() -> None:
    assert studied(pl.concat([exports("HS:284690", unchanged), MAGNETS]))["verdict"] == "no_evidence"


def test_a_fall_that_the_compared_code_shares_is_no_evidence() -> None:
    figures = pl.concat([exports("HS:284690", halved_from_2011), exports("HS:850511", halved_from_2011)])
    assert studied(figures)["verdict"] == "no_evidence"


def test_a_fall_of_the_years_beside_is_not_claimed_for_these() -> None:
    figures = pl.concat([exports("HS:284690", lambda _, year: 0.5 if year >= 2012 else 1.0), MAGNETS])
    row = studied(figures)
    assert (row["verdict"], row["scan_year_before"]) == ("no_evidence", 2011)
    assert studied(figures, years=(2011, 2012))["verdict"] == "drop"


def test_a_fall_is_claimed_for_the_years_in_which_it_was_largest_only() -> None:
    steps = {2010: 1.0, 2011: 0.6}
    row = studied(pl.concat([exports("HS:284690", lambda _, year: steps.get(year, 0.1)), MAGNETS]))
    assert row["q_value"] < 0.05
    assert (row["verdict"], row["scan_year_before"]) == ("no_evidence", 2011)


def test_a_fall_that_one_partner_makes_is_not_one_of_all_partners() -> None:
    shares = {"JPN": 50.0}
    fall = exports("HS:284690", lambda code, year: 0.5 if year >= 2011 and code == "JPN" else 1.0, shares=shares)
    row = studied(pl.concat([fall, MAGNETS]))
    assert row["p_value"] < 0.05
    assert row["verdict"] == "no_evidence"


def test_a_fall_of_the_target_alone_is_a_drop_against_the_other_partners() -> None:
    figures = exports("HS:284690", lambda code, year: 0.5 if year >= 2011 and code == "JPN" else 1.0)
    row = studied(figures, target="JPN")
    assert row["verdict"] == "drop"
    assert row["comparison_level_before"] == pytest.approx(7 * 1000, rel=0.05)


def test_a_rise_of_all_others_is_no_fall_of_the_target() -> None:
    figures = exports("HS:284690", lambda code, year: 2.0 if year >= 2011 and code != "JPN" else 1.1 ** (year - 2010))
    assert studied(figures, target="JPN")["verdict"] == "no_evidence"


def test_a_year_with_estimated_weights_has_no_weight_and_a_parcel_without_one_does_not_matter() -> None:
    figures = pl.concat([exports("HS:284690", halved_from_2011), MAGNETS])
    is_first = (pl.col("year") == 2010) & (pl.col("product_key") == "HS:284690") & (pl.col("partner_code") == "USA")
    lost = figures.with_columns(pl.when(~is_first).then("net_weight_kg").alias("net_weight_kg"))
    assert (studied(lost)["verdict"], studied(lost)["level_before"]) == ("insufficient_data", None)
    parcel = lost.with_columns(pl.when(is_first).then(1.0).otherwise("value_usd").alias("value_usd"))
    assert studied(parcel)["verdict"] == "drop"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"comparison_product_key": None}, id="no code without the step"),
        pytest.param({"year_before": 2024, "year_after": 2026}, id="a year that is not held"),
        pytest.param({"year_before": 2016, "year_after": 2021}, id="too few pairs of years that share none"),
    ],
)
def test_without_years_or_a_comparison_there_is_no_verdict(changed) -> None:
    row = studied(pl.concat([exports("HS:284690", halved_from_2011), MAGNETS]), **changed)
    assert (row["verdict"], row["p_value"]) == ("insufficient_data", None)

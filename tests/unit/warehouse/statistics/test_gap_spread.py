"""Spread of gaps and the intervals made of it: coverage of a truth that is known because it was simulated."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from warehouse.statistics.gap_effects import EFFECT_SCHEMA, FLOW_SCHEMA, REFERENCE_USD
from warehouse.statistics.gap_spread import (
    CIF_MARGIN,
    SPREAD_SCHEMA,
    UNKNOWN_PRODUCT,
    both_sides,
    sole_report,
    spreads,
    variance,
    with_prior,
    with_spread,
)

NOMINAL = 0.8
X, M = pl.col("x"), pl.col("m")


def reports(weight: float, spread: float, n: int = 20_000, seed: int = 0) -> pl.DataFrame:
    """Two reports of a truth of 1: normal log errors whose common variance is unknown, with one degree of freedom."""
    random = np.random.default_rng(seed)
    sigma = np.sqrt(spread / random.chisquare(1, n))
    x = random.normal(0, 1, n) * sigma * np.sqrt(1 - weight)
    m = random.normal(0, 1, n) * sigma * np.sqrt(weight)
    return pl.DataFrame({"x": np.exp(np.clip(x, -300, 300)), "m": np.exp(np.clip(m, -300, 300))})


def coverage(pairs: pl.DataFrame, bounds) -> float:
    return pairs.select(pl.lit(1.0).is_between(bounds.low, bounds.high).mean()).item()


def width(x: float, m: float, weight: float, spread: float) -> float:
    bounds = both_sides(pl.lit(x), pl.lit(m), pl.lit(weight), pl.lit(spread))
    return pl.select((bounds.high / bounds.low).log()).item()


def test_intervals_of_two_reports_hold_the_truth_about_as_often_as_they_say():
    for weight in (0.2, 0.5):
        pairs = reports(weight, 0.09)
        bounds = both_sides(X, M, pl.lit(weight), pl.lit(0.09))
        assert NOMINAL - 0.01 < coverage(pairs, bounds) < NOMINAL + 0.05


def test_intervals_of_a_sole_report_hold_the_truth_as_often_as_they_say():
    pairs = reports(0.3, 0.09)
    assert coverage(pairs, sole_report(X, pl.lit(0.7), pl.lit(0.09))) == pytest.approx(NOMINAL, abs=0.01)
    assert coverage(pairs, sole_report(M, pl.lit(0.3), pl.lit(0.09))) == pytest.approx(NOMINAL, abs=0.01)


def test_reports_that_agree_leave_the_interval_its_usual_width():
    assert width(100.0, 100.0, 0.3, 0.04) == pytest.approx(2 * 4 / 3 * np.sqrt(0.3 * 0.7 * 0.04))


def test_an_interval_widens_with_the_gap_and_with_the_spread():
    assert width(100.0, 100.0, 0.3, 0.04) < width(110.0, 100.0, 0.3, 0.04) < width(200.0, 100.0, 0.3, 0.04)
    assert width(110.0, 100.0, 0.3, 0.04) < width(110.0, 100.0, 0.3, 0.16)


def test_an_interval_holds_the_weighted_mean_of_both_reports():
    bounds = both_sides(pl.lit(1e6), pl.lit(1.0), pl.lit(0.9), pl.lit(0.01))
    low, high = pl.select(low=bounds.low, high=bounds.high).row(0)
    assert low <= 0.9e6 + 0.1 <= high


def test_an_importers_value_may_include_freight():
    plain, cif = (sole_report(pl.lit(100.0), pl.lit(0.3), pl.lit(0.04), margin) for margin in (1.0, CIF_MARGIN))
    low, cif_low, high, cif_high = pl.select(a=plain.low, b=cif.low, c=plain.high, d=cif.high).row(0)
    assert cif_low == pytest.approx(low / CIF_MARGIN)
    assert cif_high == high


def flows(scale: float, slope: float, product="HS:850511", seed=3) -> pl.DataFrame:
    """Forty countries whose gaps are Cauchy; ln S² falls with size by the slope."""
    random = np.random.default_rng(seed)
    codes = [f"{number:03d}" for number in range(40)]
    pairs = [(x, m) for x in codes for m in codes if x != m]
    size = random.lognormal(np.log(REFERENCE_USD) + 2, 1.5, len(pairs))
    gap = random.standard_cauchy(len(pairs)) * scale * (size / REFERENCE_USD) ** (slope / 2)
    gap = np.clip(gap, -20, 20)
    rows = [
        (x, m, product, date(2024, 1, 1), value * np.exp(d / 2), value * np.exp(-d / 2), None, None)
        for (x, m), value, d in zip(pairs, size, gap, strict=True)
    ]
    return pl.DataFrame(rows, schema=FLOW_SCHEMA, orient="row")


def test_the_spread_of_cauchy_gaps_is_found():
    panel = pl.concat(
        [flows(2.0, -0.5, seed=seed).with_columns(product_key=pl.lit(f"HS:28{seed:04d}")) for seed in range(5)]
    )
    found = spreads(panel).row(by_predicate=pl.col("family") == "28", named=True)
    assert found["log_variance"] == pytest.approx(2 * np.log(2.0), abs=0.2)
    assert found["size_slope"] == pytest.approx(-0.5, abs=0.1)


def test_a_kind_of_figure_without_pairs_has_no_spread():
    assert spreads(flows(0.8, -0.3))["figure_kind"].unique().to_list() == ["value"]


def spread(*rows: tuple[str, float]) -> pl.DataFrame:
    found = [("value", family, 100, level, -0.3) for family, level in rows]
    return pl.DataFrame(found, schema=SPREAD_SCHEMA, orient="row")


def test_a_products_level_comes_before_the_wider_ones_of_its_chapter_and_of_all():
    asked = pl.DataFrame({"product_key": ["HS:850511", "HS:284690", "HS:280530", "HS:360690"]})
    loaded = spread(("HS:850511", 1.0))
    expected = [1.0, 2.0, 3.0 + UNKNOWN_PRODUCT, 4.0 + UNKNOWN_PRODUCT]
    prior = spread(("HS:850511", 9.0), ("HS:284690", 2.0), ("28", 3.0), ("all", 4.0))
    assert with_spread(asked, "value", loaded, prior)["log_variance"].to_list() == expected
    assert with_spread(asked, "weight", loaded, prior)["log_variance"].null_count() == asked.height


def test_the_variance_of_a_flow_adds_level_size_and_both_reporters():
    pair = pl.DataFrame({"log_variance": [-1.0], "size_slope": [-0.5], "a": [0.3], "b": [None]}).cast({"b": pl.Float64})
    found = pair.select(variance(pl.lit(REFERENCE_USD * np.e**2), pl.col("a"), pl.col("b"))).item()
    assert np.log(found) == pytest.approx(-1.0 - 1.0 + 0.3)


def test_a_loaded_panel_gives_the_levels_of_its_products_and_the_prior_those_of_chapters():
    no_measures, levels = pl.DataFrame(schema=EFFECT_SCHEMA), spread(("28", 3.0), ("all", 4.0))
    found = with_prior(flows(0.8, -0.3), no_measures, levels)
    assert found.select("family", "spread_basis").rows() == [
        ("28", "prior"), ("HS:850511", "panel"), ("all", "prior")
    ]  # fmt: skip
    assert with_prior(flows(0.8, -0.3).clear(), no_measures, levels).drop("spread_basis").equals(levels)

"""Reliability of reporters: panels made with known errors, and panels too thin to tell."""

import math
from datetime import date

import numpy as np
import polars as pl
import pytest

from warehouse.statistics import mixed_effects, reliability
from warehouse.statistics.reliability import PANEL_SCHEMA, SCHEMA, Reliability, estimate
from warehouse.statistics.reliability_panel import ANOMALY_SCHEMA, GAP_FLOOR, PAIR_SCHEMA, usable

CODES = [f"{number:03d}" for number in range(40)]
IS_WEIGHT = pl.col("figure_kind") == "weight"


def panel(
    seed=0,
    bad_exporter=0.2,
    bad_importer=0.2,
    exporters_bias=0.0,
    importers_bias=0.0,
    codes=CODES,
    codes_of_importers=None,
    *,
    weights=False,
) -> pl.DataFrame:
    """Forty countries that trade with each other; reports err by σ = 0.2, of one exporter and one importer by more."""
    random = np.random.default_rng(seed)
    importers = codes_of_importers or codes
    bias_x = dict(zip(codes, random.normal(0, exporters_bias, len(codes)), strict=True))
    bias_m = dict(zip(importers, random.normal(0, importers_bias, len(importers)), strict=True))
    rows = []
    for exporter in codes:
        for importer in importers:
            if exporter == importer:
                continue
            value = random.lognormal(13, 1.5)
            x_error = bias_x[exporter] + random.normal(0, bad_exporter if exporter == "003" else 0.2)
            m_error = bias_m[importer] + random.normal(0, bad_importer if importer == "007" else 0.2)
            x, m = value * np.exp(x_error), value * np.exp(m_error)
            flow = (exporter, importer, "HS:850511", date(2024, 1, 1))
            rows.append((*flow, "value", x, m))
            if weights:
                rows.append((*flow, "weight", x / 20, m / 20))
    return pl.DataFrame(rows, schema=PAIR_SCHEMA, orient="row")


def about(found: Reliability, kind: str = "value") -> dict:
    return found.panels.row(by_predicate=pl.col("figure_kind") == kind, named=True)


def of(found: Reliability, role: str, kind: str = "value") -> pl.DataFrame:
    return found.reporters.filter((pl.col("figure_kind") == kind) & (pl.col("reporter_role") == role))


def sigma(found: Reliability, role: str, code: str) -> float:
    return of(found, role).row(by_predicate=pl.col("reporter_code") == code, named=True)["sigma"]


@pytest.mark.parametrize("seed", range(4))
def test_one_bad_exporter_and_one_bad_importer_are_found_with_about_their_sigma(seed) -> None:
    found = estimate(panel(seed, bad_exporter=1.5, bad_importer=1.5))
    assert sigma(found, "exporter", "003") == pytest.approx(1.5, rel=0.25)
    assert sigma(found, "importer", "007") == pytest.approx(1.5, rel=0.25)
    for role, bad in (("exporter", "003"), ("importer", "007")):
        others = of(found, role).filter(pl.col("reporter_code") != bad)["sigma"]
        assert others.median() == pytest.approx(0.2, abs=0.07)
        assert others.max() < 0.5
    # and each only in its own role
    assert sigma(found, "importer", "003") < 0.5
    assert sigma(found, "exporter", "007") < 0.5


def test_a_bad_reporter_has_little_weight_and_its_partner_has_the_rest() -> None:
    found = estimate(panel(bad_exporter=1.5))
    share = dict(of(found, "exporter").select("reporter_code", "variance_share").iter_rows())
    importers_share = of(found, "importer")["variance_share"].median()
    assert importers_share / (share["003"] + importers_share) < 0.25
    assert importers_share / (share["004"] + importers_share) == pytest.approx(0.5, abs=0.2)


def test_roles_without_lasting_gaps_count_alike() -> None:
    found = about(estimate(panel()))
    assert found["common_weight_basis"] == "equal"
    assert found["common_exporter_weight"] == pytest.approx(0.5)


def test_roles_count_alike_where_their_variances_have_not_converged(monkeypatch) -> None:
    given = panel(exporters_bias=0.6, importers_bias=0.2)
    assert about(estimate(given))["common_weight_basis"] == "bias_variances"
    monkeypatch.setattr(mixed_effects, "MAX_ROUNDS", 2)
    assert about(estimate(given))["common_weight_basis"] == "equal"


def test_of_equal_errors_the_greater_shrinkage_is_taken(monkeypatch) -> None:
    def all_alike(*_: object):
        return ((rows, columns, 0.1) for rows in reliability.KAPPAS for columns in reliability.KAPPAS)

    monkeypatch.setattr(reliability, "held_out_errors", all_alike)
    found = about(estimate(panel()))
    assert (found["kappa_exporter"], found["kappa_importer"]) == (1000, 1000)


def test_the_role_with_the_smaller_lasting_gaps_has_the_greater_weight() -> None:
    """Variances 0.36 and 0.04: the exporter's weight is 0.04 / 0.40."""
    found = about(estimate(panel(exporters_bias=0.6, importers_bias=0.2)))
    assert found["common_weight_basis"] == "bias_variances"
    assert found["common_exporter_weight"] == pytest.approx(0.1, abs=0.1)
    turned = about(estimate(panel(exporters_bias=0.2, importers_bias=0.6)))
    assert turned["common_exporter_weight"] == pytest.approx(0.9, abs=0.1)


def test_sigma_is_floored_and_the_relative_one_tells_the_unreliable_from_the_usual() -> None:
    found = estimate(panel(bad_exporter=1.5))
    for role in ("exporter", "importer"):
        assert of(found, role)["sigma"].min() >= GAP_FLOOR
    relative = dict(of(found, "exporter").select("reporter_code", "sigma_relative").iter_rows())
    bad = max(relative, key=lambda code: relative[code])
    others = [of_one for code, of_one in relative.items() if code != bad]
    assert relative[bad] > 2.0
    assert 0.8 < math.exp(sum(math.log(of_one) for of_one in others) / len(others)) < 1.0


def test_every_estimate_says_on_how_many_pairs_it_rests() -> None:
    found = estimate(panel().filter((pl.col("exporter_code") != "003") | (pl.col("importer_code") < "005")))
    pairs = dict(of(found, "exporter").select("reporter_code", "n_pairs").iter_rows())
    kept = dict(of(found, "exporter").select("reporter_code", "shrinkage").iter_rows())
    assert (pairs["003"], pairs["004"]) == (4, 39)
    assert kept["003"] < kept["004"] < 1


def test_neither_the_order_of_rows_nor_the_unit_of_weights_matters() -> None:
    given = panel(exporters_bias=0.5, importers_bias=0.3, weights=True)
    first = estimate(given)
    turned = estimate(given.sample(fraction=1, shuffle=True, seed=3))
    unit = pl.when(IS_WEIGHT).then(1000).otherwise(1)
    in_tonnes = estimate(given.with_columns(pl.col("x_figure") / unit, pl.col("m_figure") / unit))
    assert turned.reporters.equals(first.reporters)
    assert turned.panels.equals(first.panels)
    for column in ("effect", "sigma", "variance_share"):
        assert in_tonnes.reporters[column].to_list() == pytest.approx(first.reporters[column].to_list(), rel=1e-6)


def test_pairs_stand_in_the_order_of_their_keys_before_anything_is_added_up() -> None:
    """Settled figures alone hide the order only as a rule."""
    keys = ["group", "exporter_code", "importer_code"]
    given = pl.concat([panel(), panel(1).with_columns(period_start=date(2023, 1, 1))])
    of_any_order = usable(given.sample(fraction=1, shuffle=True, seed=3)).select(keys)
    assert of_any_order.equals(usable(given).select(keys))
    assert of_any_order.equals(of_any_order.sort(keys))


def test_cross_validation_chooses_the_same_twice_and_shrinks_wholly_where_all_are_alike() -> None:
    assert estimate(panel(5)).panels.equals(estimate(panel(5)).panels)
    alike = about(estimate(panel(5)))
    apart = about(estimate(panel(5, bad_exporter=1.5, bad_importer=1.5)))
    assert apart["kappa_exporter"] < alike["kappa_exporter"]
    assert apart["cv_error"] < apart["cv_error_all_alike"]


def test_values_and_weights_are_apart() -> None:
    given = panel(bad_exporter=1.5, weights=True).with_columns(
        x_figure=pl.when(IS_WEIGHT).then(pl.col("m_figure") * 1.1).otherwise("x_figure")
    )
    found = estimate(given)
    in_weight = of(found, "exporter", "weight").filter(pl.col("reporter_code") == "003")["sigma"].item()
    assert sigma(found, "exporter", "003") > 1
    assert in_weight < 0.3


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        (panel(codes=CODES[:8]), "too_few_pairs"),
        (panel(codes=CODES[:2], codes_of_importers=CODES), "too_few_pairs"),
        (panel(codes=CODES[:5], codes_of_importers=CODES), "too_few_reporters"),
        (
            pl.concat(
                [
                    panel(codes=CODES[:20]),
                    panel(codes=CODES[20:]),
                ]
            ),
            "disconnected",
        ),
        (panel().with_columns(m_figure="x_figure"), "no_gaps"),
        (panel().head(0), "too_few_pairs"),
    ],
    ids=["56 pairs", "78 pairs", "five exporters", "two islands", "all agree", "nothing"],
)
def test_a_thin_or_torn_panel_says_that_it_identifies_nothing_and_why(pairs, reason) -> None:
    found = estimate(pairs)
    panel = about(found)
    assert panel["is_identified"] is False
    assert panel["not_identified_reason"].startswith(reason)
    assert of(found, "exporter").is_empty()


def test_two_countries_alone_identify_nothing() -> None:
    pair = panel().filter(pl.col("exporter_code").is_in(["000", "001"]) & pl.col("importer_code").is_in(["000", "001"]))
    assert about(estimate(pair))["is_identified"] is False


def test_products_of_few_pairs_stay_out_of_the_panel() -> None:
    few = panel(2).head(19).with_columns(product_key=pl.lit("HS:284690"))
    assert about(estimate(pl.concat([panel(), few])))["n_pairs"] == about(estimate(panel()))["n_pairs"]


def test_a_second_year_adds_its_pairs_with_a_level_of_its_own() -> None:
    later = panel(1, bad_exporter=1.5).with_columns(period_start=date(2023, 1, 1))
    earlier = panel(bad_exporter=1.5)
    both = estimate(pl.concat([earlier, later]))
    assert about(both)["n_product_years"] == 2
    assert about(both)["n_pairs"] == about(estimate(earlier))["n_pairs"] + about(estimate(later))["n_pairs"]
    assert sigma(both, "exporter", "003") == pytest.approx(1.5, rel=0.2)


def test_a_reporter_named_for_a_mistake_of_unit_has_no_say_in_how_the_roles_are_divided() -> None:
    given = panel(exporters_bias=0.3, importers_bias=0.3)
    times_ten = given.with_columns(
        m_figure=pl.when(pl.col("importer_code") == "007").then(pl.col("m_figure") * 10).otherwise("m_figure")
    )
    named = pl.DataFrame(
        [("value", "importer", "007", "HS:850511", date(2024, 1, 1), "values_times_10")], ANOMALY_SCHEMA, orient="row"
    )
    untouched, misled, warned = (about(estimate(*given)) for given in ((given,), (times_ten,), (times_ten, named)))
    assert misled["common_exporter_weight"] > untouched["common_exporter_weight"] + 0.1
    assert warned["common_exporter_weight"] == pytest.approx(untouched["common_exporter_weight"], abs=0.05)
    assert sigma(estimate(times_ten, named), "importer", "007") > 1.5, "and yet it is judged"


def test_frames_have_their_schema_also_when_nothing_is_identified() -> None:
    for found in (estimate(panel()), estimate(panel().head(0))):
        assert dict(found.reporters.schema) == SCHEMA
        assert dict(found.panels.schema) == PANEL_SCHEMA

"""Records of reporters and the weights they give: panels made with known faults, and priors that panels update."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from warehouse.statistics.gap_effects import EFFECT_SCHEMA, FLOW_SCHEMA, KAPPA, observations
from warehouse.statistics.reporter_record import GAIN, LOGIT, MEASURES, exporter_weight, measures, records, reliability

CODES = [f"{number:03d}" for number in range(30)]
YEAR = date(2024, 1, 1)


def panel(seed=0, sigma=0.2, bad_exporter=None, bad_importer=None, product="HS:850511") -> pl.DataFrame:
    """Thirty countries that trade with each other; one exporter and one importer may err by more than the others."""
    random = np.random.default_rng(seed)
    rows = []
    for exporter in CODES:
        for importer in CODES:
            if exporter == importer:
                continue
            value = random.lognormal(13, 1.5)
            x = value * np.exp(random.normal(0, 1.5 if exporter == bad_exporter else sigma))
            m = value * np.exp(random.normal(0, 1.5 if importer == bad_importer else sigma))
            rows.append((exporter, importer, product, YEAR, x, m, x / 20, m / 20))
    return pl.DataFrame(rows, schema=FLOW_SCHEMA, orient="row")


def record(found: pl.DataFrame, role: str, code: str) -> float:
    return records(found).row(by_predicate=(pl.col("reporter_role") == role) & (pl.col("reporter_code") == code))[3]


def measure(found: pl.DataFrame, role: str, code: str, name: str) -> tuple[int, float]:
    is_it = (pl.col("reporter_role") == role) & (pl.col("reporter_code") == code) & (pl.col("measure") == name)
    return found.row(by_predicate=is_it)[3:]


def weight(x: float | None, m: float | None, kind: str = "value") -> float:
    pair = pl.DataFrame({"x": [x], "m": [m]}, schema={"x": pl.Float64, "m": pl.Float64})
    return pair.select(exporter_weight(pl.col("x"), pl.col("m"), kind)).item()


def test_the_reporter_that_errs_most_has_the_worst_record_in_its_role():
    found = records(measures(panel(bad_exporter="003", bad_importer="007")))
    worst = found.sort("record", descending=True).unique("reporter_role", keep="first", maintain_order=True)
    assert dict(worst.select("reporter_role", "reporter_code").iter_rows()) == {"exporter": "003", "importer": "007"}


def test_a_worse_record_takes_weight_from_its_own_report():
    usual = weight(0.0, 0.0)
    assert weight(1.0, 0.0) < usual < weight(0.0, 1.0)
    assert weight(1.0, 1.0) == pytest.approx(usual)


@pytest.mark.parametrize("kind", ["value", "weight"])
def test_the_logit_of_the_weight_is_the_common_one_and_the_difference_of_the_records(kind):
    assert np.log(weight(0.3, 1.1, kind) / (1 - weight(0.3, 1.1, kind))) == pytest.approx(
        LOGIT[kind] + GAIN[kind] * 0.8
    )


def test_a_reporter_without_a_record_counts_as_the_usual_one():
    assert weight(None, None) == pytest.approx(weight(0.0, 0.0))
    assert weight(None, 0.7) == pytest.approx(weight(0.0, 0.7))


def test_what_one_side_omits_counts_against_it_and_for_no_other_reporter():
    is_omitted = (pl.col("importer_code") == "005") & pl.col("exporter_code").is_in(CODES[10:25])
    m_value = pl.when(~is_omitted).then("m_value")
    found = measures(panel().with_columns(m_value=m_value))
    omitted = found.filter(pl.col("measure") == "omitted").sort("effect", descending=True)
    assert omitted.row(0)[:2] == ("importer", "005")
    assert record(found, "importer", "005") > record(measures(panel()), "importer", "005")


def test_a_country_that_reports_nothing_of_a_product_and_year_omits_nothing():
    silent = panel().with_columns(m_value=pl.when(pl.col("importer_code") != "005").then("m_value"))
    observed = observations(silent).filter(pl.col("importer_code") == "005")
    assert observed["is_m_missing"].to_list() == [None] * observed.height != []


def test_a_parcel_is_in_no_panel():
    parcels = panel().with_columns(x_value=pl.lit(6_000.0), m_value=pl.lit(3_900.0))
    assert measures(parcels).is_empty()


def test_a_gap_that_value_and_weight_share_counts_more_against_an_exporter_than_one_of_prices():
    random = np.random.default_rng(5)
    factor = np.exp(random.normal(0, 1.5, panel().height))
    is_third = pl.col("exporter_code") == "003"
    gaps = panel().with_columns(factor=pl.Series(factor))
    value = pl.when(is_third).then(pl.col("x_value") * pl.col("factor")).otherwise("x_value")
    weight_too = pl.when(is_third).then(pl.col("x_weight") * pl.col("factor")).otherwise("x_weight")
    priced = measures(gaps.with_columns(x_value=value))
    rerouted = measures(gaps.with_columns(x_value=value, x_weight=weight_too))
    assert record(rerouted, "exporter", "003") > record(priced, "exporter", "003") + 0.5


def test_a_prior_stands_where_the_panel_is_silent():
    prior = pl.DataFrame([("exporter", "ZZZ", "value_gap", 50, 0.6)], schema=EFFECT_SCHEMA, orient="row")
    assert measure(measures(panel(), prior), "exporter", "ZZZ", "value_gap") == (50, 0.6)
    assert measures(panel().clear(), prior).equals(prior)


def test_a_panel_moves_a_prior_by_its_share_of_the_observations():
    prior = measures(panel(seed=1))
    found = measures(panel(seed=2, bad_exporter="003"), prior)
    alone = measures(panel(seed=2, bad_exporter="003"))
    n, effect = measure(found, "exporter", "003", "value_gap")
    before, without = (measure(one, "exporter", "003", "value_gap") for one in (prior, alone))
    assert n == before[0] + without[0] == 2 * (len(CODES) - 1)
    assert before[1] < effect < without[1]
    kept = (before[0] + KAPPA) / (n + KAPPA)
    unshrunk = without[1] * (without[0] + KAPPA) / without[0]
    assert effect == pytest.approx(kept * before[1] + (1 - kept) * unshrunk, abs=0.1)


def test_the_order_of_the_rows_does_not_matter():
    flows = panel(bad_exporter="003")
    assert measures(flows).equals(measures(flows.sample(fraction=1.0, shuffle=True, seed=4)))


def test_a_reporter_in_one_role_only_has_a_record_in_both():
    flows = panel().filter(pl.col("importer_code") != "011")
    found = records(measures(flows)).filter(pl.col("reporter_code") == "011")
    assert found["reporter_role"].to_list() == ["exporter", "importer"]
    assert found["n_pairs"].to_list() == [len(CODES) - 1, 0]


def test_reliability_has_each_measure_beside_the_record_and_tells_the_panels_pairs_from_the_priors():
    prior = measures(panel(seed=1))
    found = reliability(panel(seed=2, bad_exporter="003"), prior)
    worst = found.sort("record", descending=True).row(0, named=True)
    assert (worst["reporter_role"], worst["reporter_code"]) == ("exporter", "003")
    assert (worst["n_pairs"], worst["n_panel_pairs"]) == (2 * (len(CODES) - 1), len(CODES) - 1)
    updated = measures(panel(seed=2, bad_exporter="003"), prior)
    assert [worst[name] for name in MEASURES] == [measure(updated, "exporter", "003", name)[1] for name in MEASURES]


def test_without_a_panel_reliability_is_the_priors():
    prior = measures(panel(seed=1))
    found = reliability(panel().clear(), prior)
    assert found["n_panel_pairs"].to_list() == [0] * found.height != []
    assert found.select("reporter_role", "reporter_code", "n_pairs", "record").equals(records(prior))

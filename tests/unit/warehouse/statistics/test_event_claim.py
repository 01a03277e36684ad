"""A date is claimed only if it is unusual among all tests, and a scan puts the break at it."""

from __future__ import annotations

import math
import random
from datetime import date

import polars as pl
import pytest

from tests.unit.warehouse.statistics.test_event_study import EVENT, day, frame, shipped, simulated, studies
from warehouse.statistics.event_claim import MAX_LAG, claimed, q_values
from warehouse.statistics.event_partners import among_partners
from warehouse.statistics.event_study import effects
from warehouse.statistics.event_verdict import upheld


def steady(first_low: int, seed: int = 1, left: float = 0.1) -> pl.DataFrame:
    """Ninety calm months, of which those from `first_low` on are at a tenth; the comparison stays as it is."""
    chance = random.Random(seed)  # noqa: S311
    values = [100 * math.exp(chance.gauss(0, 0.15)) * (left if month >= first_low else 1) for month in range(90)]
    return frame("a", values, [500 * math.exp(chance.gauss(0, 0.15)) for _ in range(90)])


def asked(months: pl.DataFrame, dates: list[int]) -> pl.DataFrame:
    """What is found at these months of series a, in one family."""
    found = claimed(effects(months, pl.concat(studies(["a"], month=month) for month in dates)), months)
    return found.filter(pl.col("effect_measure") == "value").sort("event_date")


@pytest.mark.parametrize("first_low", [60, 70, 83])
def test_a_planted_break_is_claimed_at_its_date_and_at_no_other_that_is_asked(first_low) -> None:
    dates = list(range(first_low - 7, min(first_low + 6, 86)))
    found = asked(steady(first_low), dates)
    assert found.filter(pl.col("verdict") == "drop")["event_date"].to_list() == [day(first_low)]
    assert set(found["verdict"]) == {"drop", "no_evidence"}


def test_the_neighbours_of_a_break_look_unusual_by_themselves_and_say_where_it_is() -> None:
    """The fault of a test without a scan: India's exports fell from August and were a drop at four dates."""
    dates = [68, 69, 70, 71, 72]
    by_interval = effects(steady(70), pl.concat(studies(["a"], month=month) for month in dates))
    by_interval = by_interval.filter(pl.col("effect_measure") == "value")
    assert set(by_interval["verdict"]) == {"drop"}
    found = asked(steady(70), dates)
    assert found["scan_break_on"].unique().to_list() == [day(70)]
    assert found["scan_distance_months"].to_list() == [2, 1, 0, -1, -2]


def test_a_date_asked_alone_is_claimed_where_the_break_is_in_its_month_or_the_next() -> None:
    alone = {month: asked(steady(70), [month])["verdict"].item() for month in range(66, 75)}
    assert [month for month, verdict in alone.items() if verdict == "drop"] == [70 - MAX_LAG, 70]


def test_a_break_that_two_dates_share_is_that_of_the_nearer() -> None:
    found = asked(steady(70), [69, 70])
    assert found["verdict"].to_list() == ["no_evidence", "drop"]
    assert found["nearest_date"].unique().to_list() == [day(70)]


def test_a_test_that_is_unusual_alone_is_not_among_many() -> None:
    """One break of borderline size beside forty series in which nothing happened."""
    borderline = steady(EVENT, seed=2, left=0.76)
    alone = claimed(effects(borderline, studies(["a"])), borderline).filter(pl.col("effect_measure") == "value")
    assert alone["verdict"].item() == "drop"
    assert 0.01 < alone["p_value"].item() < 0.05
    quiet = [f"r{seed}" for seed in range(40)]
    months = pl.concat([borderline, *(simulated(seed) for seed in range(40))])
    found = claimed(effects(months, studies(["a", *quiet])), months)
    row = found.filter(pl.col("reporter_code") == "a", pl.col("effect_measure") == "value")
    assert row["n_tests"].item() == 41
    assert (row["verdict"].item(), row["q_value"].item() > 0.1) == ("no_evidence", True)


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    """The fifteen p-values of their 1995 paper (section 3.2): four are rejected at 5 %."""
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528,
                0.7590, 1.0]  # fmt: skip
    found = q_values([*reversed(p_values), None])
    assert found[-1] is None
    assert sum(q <= 0.05 for q in found[:-1]) == 4
    assert found[-2] == pytest.approx(0.0015)
    assert q_values([0.04, 0.02]) == [0.04, 0.04]


def test_a_row_without_an_estimate_has_no_scan_and_is_in_no_family() -> None:
    months = steady(70)
    found = claimed(effects(months, studies(["a"], month=70, does_bear=False)), months)
    assert found["q_value"].null_count() == found["scan_break_on"].null_count() == len(found)
    assert found["n_tests"].unique().to_list() == [0]


@pytest.mark.thorough
def test_of_a_hundred_dates_at_which_nothing_happened_one_verdict_is_false_at_most() -> None:
    months, dates = simulated(11, spread=0.8, zeros=0.1), list(range(7, 82))
    found = effects(months, pl.concat(studies(["r11"], month=month) for month in dates))
    parts = shipped(11, spread=0.8, zeros=0.1)
    found = claimed(upheld(among_partners(found, parts), parts), months)
    verdicts = found.filter(pl.col("effect_measure") == "value")["verdict"]
    assert (verdicts != "no_evidence").sum() <= 1


PARTNERS = 6


def short(others: list[float], after: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Twenty-five months, of which the last twelve are at `after`; each other partner's at its factor."""
    factors = {"CHN": after, **{f"p{number}": factor for number, factor in enumerate(others)}}
    levels = {
        name: [100.0 * (factor if month >= 12 else 1) * (1 + 0.01 * (month % 3)) for month in range(25)]
        for name, factor in factors.items()
    }
    months = frame("a", levels["CHN"], [sum(levels[f"p{n}"][month] for n in range(len(others))) for month in range(25)])
    parts = pl.concat(
        pl.DataFrame(
            {
                "source_code": "s", "reporter_code": "a", "partner_code": "CHN", "flow": "import",
                "product_key": "HS:2846", "shipped_month": [day(month) for month in range(25)],
                "is_comparison": name != "CHN", "is_whole_month": name == "CHN", "shipper_code": name,
                "shipped_usd": of_months,
            }
        )
        for name, of_months in levels.items()
    ).with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in ("shipped_kg", "shipped_weighed_usd", "shipped_weighed_kg")
    )  # fmt: skip
    return months, parts


def of_partners(others: list[float], after: float) -> dict[str, object]:
    months, parts = short(others, after)
    found = claimed(upheld(among_partners(effects(months, studies(["a"], month=12)), parts), parts), months)
    return found.filter(pl.col("effect_measure") == "value").row(0, named=True)


def test_a_series_too_short_for_placebo_dates_is_compared_with_what_other_partners_did() -> None:
    row = of_partners([1.2, 0.9, 1.1, 0.8, 1.0, 1.3], after=0.1)
    assert (row["inference_basis"], row["n_placebo_partners"], row["verdict"]) == ("placebo_partners", PARTNERS, "drop")
    assert row["scan_break_on"] == date(2019, 1, 1)
    logs = [math.log(factor) for factor in (1.2, 0.9, 1.1, 0.8, 1.0, 1.3)]
    assert row["effect_log"] == pytest.approx(math.log(0.1) - sum(logs) / PARTNERS, abs=0.01)


def test_partners_that_vary_as_much_make_the_same_fall_no_evidence() -> None:
    assert of_partners([0.05, 8.0, 0.3, 4.0, 1.0, 0.1], after=0.1)["verdict"] == "no_evidence"


def test_three_partners_are_too_few_to_tell() -> None:
    row = of_partners([1.2, 0.9, 1.1], after=0.1)
    assert (row["inference_basis"], row["verdict"], row["effect_log"]) == ("none", "insufficient_data", None)

"""Event studies: they find a drop that is there, and seldom one that is not; they never guess."""

from __future__ import annotations

import math
import random
from datetime import date
from itertools import permutations

import polars as pl
import pytest

from warehouse.statistics.event_study import contrasts, effects, estimate, months_apart, student_cdf, student_quantile
from warehouse.statistics.event_verdict import upheld

EVENT = 83
"""The event's month among the 90 of a simulated series, counted from zero."""
NOTHING = dict.fromkeys(
    ("net_weight_kg", "weighed_usd", "weighed_kg", "placebo_net_weight_kg", "placebo_weighed_usd", "placebo_weighed_kg")
)


def day(month: int) -> date:
    return date(2018 + month // 12, month % 12 + 1, 1)


def frame(name: str, values: list[float | None], comparison: list[float | None], **changed: object) -> pl.DataFrame:
    """A series named by its reporter, with only values."""
    given = {
        "source_code": "s", "reporter_code": name, "partner_code": "CHN", "flow": "import", "product_key": "HS:2846",
        "month": [day(month) for month in range(len(values))], "value_usd": values, "placebo_value_usd": comparison,
        "n_placebo_series": 5, "rounding_usd": 0.5, "rounding_kg": 0.5, **NOTHING, **changed,
    }  # fmt: skip
    return pl.DataFrame(given, schema_overrides=dict.fromkeys([*NOTHING, "value_usd", "placebo_value_usd"], pl.Float64))


def studies(names: list[str], month: int = EVENT, *, has_unaffected=True, does_bear=True) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "event_date": [day(month)] * len(names), "source_code": "s", "reporter_code": names, "partner_code": "CHN",
            "flow": "import", "product_key": "HS:2846", "has_unaffected": has_unaffected, "does_bear": does_bear,
        }
    )  # fmt: skip


def flows(seed: int, *, memory: float = 0.3, spread: float = 0.5, left: float = 1.0, zeros: float = 0.0):
    """Ninety months of a lumpy flow, and of five others; after the event `left` of the first remains."""
    chance = random.Random(seed)  # noqa: S311

    def flow(scale: float) -> list[float]:
        state, found = 0.0, []
        for _ in range(90):
            state = memory * state + math.sqrt(1 - memory**2) * chance.gauss(0, spread)
            found.append(0.0 if chance.random() < zeros else scale * math.exp(state))
        return found

    values = [value * (left if month > EVENT else 1) for month, value in enumerate(flow(100))]
    return values, [flow(50) for _ in range(5)]


def simulated(seed: int, **how: float) -> pl.DataFrame:
    values, others = flows(seed, **how)
    return frame(f"r{seed}", values, [sum(month) for month in zip(*others, strict=True)])


def shipped(seed: int, **how: float) -> pl.DataFrame:
    """What the simulated months are added up from."""
    values, others = flows(seed, **how)
    named = {"CHN": values, **{f"p{number}": other for number, other in enumerate(others)}}
    return pl.concat(
        pl.DataFrame(
            {
                "source_code": "s", "reporter_code": f"r{seed}", "partner_code": "CHN", "flow": "import",
                "product_key": "HS:2846", "shipped_month": [day(month) for month in range(90)],
                "is_comparison": name != "CHN", "is_whole_month": name == "CHN",
                "shipper_code": name, "shipped_usd": of_months,
            }
        )
        for name, of_months in named.items()
    ).with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in ("shipped_kg", "shipped_weighed_usd", "shipped_weighed_kg")
    )  # fmt: skip


def verdicts(n: int, **how: float) -> pl.Series:
    found = effects(pl.concat(simulated(seed, **how) for seed in range(n)), studies([f"r{seed}" for seed in range(n)]))
    found = upheld(found, pl.concat(shipped(seed, **how) for seed in range(n)))
    return found.filter(pl.col("effect_measure") == "value")["verdict"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"memory": 0.0}, id="independent months"),
        pytest.param({"memory": 0.8}, id="months that follow each other"),
        pytest.param({"spread": 1.0, "zeros": 0.2}, id="lumpy, a fifth of the months zero"),
    ],
)
def test_where_nothing_happened_a_verdict_is_no_more_frequent_than_one_in_twenty(how) -> None:
    found = verdicts(120, **how)
    assert (found != "no_evidence").mean() <= 0.05
    assert "insufficient_data" not in found


@pytest.mark.thorough
def test_a_fall_to_a_fifth_is_found_as_a_rule_and_never_called_a_rise() -> None:
    found = verdicts(60, left=0.2)
    assert (found == "drop").mean() >= 0.75
    assert "rise" not in found


@pytest.mark.thorough
def test_a_rise_to_fivefold_is_found_as_a_rule() -> None:
    assert (verdicts(60, left=5.0) == "rise").mean() >= 0.75


def test_a_fall_that_the_comparison_shares_is_no_effect() -> None:
    chance = random.Random(1)  # noqa: S311
    values = [100 * math.exp(chance.gauss(0, 0.2)) * (0.2 if month > EVENT else 1) for month in range(90)]
    shared = [500 * math.exp(chance.gauss(0, 0.2)) * (0.2 if month > EVENT else 1) for month in range(90)]
    found = (
        effects(frame("a", values, shared), studies(["a"]))
        .filter(pl.col("effect_measure") == "value")
        .row(0, named=True)
    )
    assert found["verdict"] == "no_evidence"
    assert abs(found["did_log"]) < 0.5


def test_the_difference_in_differences_is_that_of_the_windows_by_hand() -> None:
    values = [10.0] * 6 + [999.0] + [20.0] * 6
    comparison = [100.0] * 6 + [1.0] + [50.0] * 6
    found = contrasts(frame("a", values, comparison)).filter(
        pl.col("effect_measure") == "value", pl.col("month") == day(6)
    )  # fmt: skip
    row = found.row(0, named=True)
    assert (row["level_before"], row["level_after"]) == pytest.approx((10, 20)), (
        "the event's month is in neither window"
    )
    assert row["did_log"] == pytest.approx(math.log(2) - math.log(0.5))


def test_a_unit_value_is_the_windows_value_over_its_weight_and_not_a_mean_of_ratios() -> None:
    months = frame(
        "a", [1.0] * 13, [1.0] * 13, weighed_usd=[10.0, 90.0] * 6 + [10.0], weighed_kg=[1.0, 3.0] * 6 + [1.0],
        placebo_weighed_usd=[8.0] * 13, placebo_weighed_kg=[2.0] * 13,
    )  # fmt: skip
    row = (
        contrasts(months).filter(pl.col("effect_measure") == "unit_value", pl.col("month") == day(6)).row(0, named=True)
    )
    assert row["level_before"] == pytest.approx(300 / 12)
    assert row["placebo_level_before"] == pytest.approx(4)


def test_trade_that_stops_is_a_fall_to_the_floor_and_not_to_minus_infinity() -> None:
    values = [100.0] * 7 + [0.0] * 6
    row = contrasts(frame("a", values, [1.0] * 13)).filter(
        pl.col("effect_measure") == "value", pl.col("month") == day(6)
    ).row(0, named=True)  # fmt: skip
    mean = 700 / 13
    assert row["target_log"] == pytest.approx(math.log(0.01 * mean / 100))


def test_nothing_traded_in_either_window_is_no_change_of_anything() -> None:
    values = [0.0] * 13 + [1e6] * 20
    row = contrasts(frame("a", values, [1.0] * 33)).filter(
        pl.col("effect_measure") == "value", pl.col("month") == day(6)
    )
    assert row["target_log"].to_list() == [None]


def test_with_three_months_before_there_is_no_verdict() -> None:
    months = frame("a", [None] * 80 + [100.0] * 10, [500.0] * 90)
    found = effects(months, studies(["a"])).filter(pl.col("effect_measure") == "value").row(0, named=True)
    assert found["n_before"] == 3
    assert found["verdict"] == "insufficient_data"
    assert found["effect_log"] is None


@pytest.mark.parametrize(
    ("changed", "of_study"),
    [
        pytest.param({"n_placebo_series": 2}, {}, id="two others"),
        pytest.param({"placebo_value_usd": [None] * 90}, {}, id="no other"),
        pytest.param({}, {"has_unaffected": False}, id="all partners hit alike"),
        pytest.param({}, {"does_bear": False}, id="a step on something else"),
    ],
)
def test_without_a_comparison_or_a_step_that_bears_on_the_series_there_is_no_verdict(changed, of_study) -> None:
    months = simulated(3).with_columns(
        **{name: pl.Series(v) if isinstance(v, list) else v for name, v in changed.items()}
    )
    months = months.with_columns(
        pl.col("placebo_value_usd").cast(pl.Float64), pl.col("n_placebo_series").cast(pl.Int32)
    )
    found = effects(months, studies(["r3"], **of_study)).filter(pl.col("effect_measure") == "value")
    assert found["verdict"].to_list() == ["insufficient_data"]
    assert found["effect_log"].to_list() == [None]


def test_with_fewer_than_four_placebo_dates_of_their_own_the_spread_is_not_guessed() -> None:
    close = [(month, 0.1 * (month % 3)) for month in range(39)]
    assert months_apart([month for month, _ in close], 13) == 3
    assert estimate(9.0, close).effect_log is None
    apart = [*close, (39, 0.1)]
    assert estimate(9.0, apart).effect_log is not None


def test_placebo_dates_that_all_show_the_same_have_no_spread_but_noise() -> None:
    same = [(month, 0.1 + month % 2 * 2e-16) for month in range(53)]
    assert estimate(9.0, same).effect_log is None


def test_a_level_at_its_floor_is_not_traded_whatever_the_order_of_its_sum() -> None:
    """Six tenths that make 1.2, or 1.2000000000000002 in half of their orders, which is more than 0.2 a month."""
    orders = sorted(set(permutations([0.1, 0.1, 0.1, 0.1, 0.2, 0.6])))
    months = pl.concat(
        frame(str(number), [*values, *[0.0] * 7], [1.0] * 13, rounding_usd=0.2) for number, values in enumerate(orders)
    )
    found = contrasts(months).filter(pl.col("effect_measure") == "value", pl.col("month") == day(6))
    assert found["target_log"].to_list() == [None] * len(orders)


def test_placebo_dates_share_no_month_with_the_event() -> None:
    found = effects(simulated(5), studies(["r5"], month=40)).filter(pl.col("effect_measure") == "value")
    with_windows, touching = 90 - 2 * 4, 2 * 12 + 1
    assert found["n_placebo_dates"].to_list() == [with_windows - touching]


@pytest.mark.parametrize(
    ("df", "quantile"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042)]
)
def test_students_t_is_that_of_the_printed_tables(df, quantile) -> None:
    assert student_quantile(0.975, df) == pytest.approx(quantile, abs=6e-4)
    assert student_cdf(-quantile, df) == pytest.approx(0.025, abs=1e-4)


def test_the_same_months_give_the_same_answer_in_any_order() -> None:
    months = simulated(7)
    assert effects(months, studies(["r7"])).equals(effects(months.reverse(), studies(["r7"])))

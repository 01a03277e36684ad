"""A verdict holds if the series itself moved that way and no single shipment makes it."""

from __future__ import annotations

import math
from datetime import date

import polars as pl
import pytest

from warehouse.figures import settled
from warehouse.statistics.event_study import SERIES
from warehouse.statistics.event_verdict import upheld

KEY = dict(zip(SERIES, ("s", "IND", "CHN", "import", "HS:2846"), strict=True))
FLOOR = 0.1
FIGURES = ["shipped_usd", "shipped_kg", "shipped_weighed_usd", "shipped_weighed_kg"]


def shipment(shipper: str, month: int, usd: float, weighed: tuple[float, float] | None = None) -> dict[str, object]:
    """One shipment in a month of 2025; July is the event's."""
    value, weight = weighed or (None, None)
    return {
        **KEY, "shipped_month": date(2025, month, 1), "is_comparison": shipper != "CHN",
        "is_whole_month": shipper == "CHN", "shipper_code": shipper, "shipped_usd": usd, "shipped_kg": None,
        "shipped_weighed_usd": value, "shipped_weighed_kg": weight,
    }  # fmt: skip


def steady(shipper: str, before: float, after: float) -> list[dict[str, object]]:
    return [shipment(shipper, month, before if month < 7 else after) for month in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12)]


def shipments(rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(FIGURES, pl.Float64), infer_schema_length=None)


def claim(rows: list[dict[str, object]], reach: float = 1.0, measure: str = "value", **changed: object) -> pl.DataFrame:
    """What `effects` finds of these shipments around July 2025, where other dates show no drift and this reach."""
    found: dict[str, object] = {
        **KEY, "event_date": date(2025, 7, 4), "month": date(2025, 7, 1), "effect_measure": measure,
        "placebo_mean_log": 0.0,
    }  # fmt: skip
    logs = {}
    for side in ("", "placebo_"):
        level = {}
        for when in ("before", "after"):
            of_window = [
                row
                for row in rows
                if row["is_comparison"] == bool(side) and row["shipped_month"].month != 7  # type: ignore[attr-defined]
                and (row["shipped_month"].month < 7) == (when == "before")  # type: ignore[attr-defined]
            ]  # fmt: skip
            name = "shipped_usd" if measure == "value" else "shipped_weighed_usd"
            top = sum(row[name] for row in of_window)  # type: ignore[misc]
            bottom = 6.0 if measure == "value" else sum(row["shipped_weighed_kg"] for row in of_window)  # type: ignore[misc]
            found |= {f"{side}top_{when}": float(top), f"{side}bottom_{when}": float(bottom)}
            level[when] = max(top / bottom, FLOOR)
            found |= {f"{side}n_{when}": 6, f"{side}level_{when}": top / bottom}
        found[f"{side}floor"] = FLOOR
        logs[side] = math.log(level["after"] / level["before"])
    effect = logs[""] - logs["placebo_"]
    verdict = "drop" if effect + reach < 0 else "rise" if effect - reach > 0 else "no_evidence"
    found |= {
        "target_log": logs[""], "placebo_log": logs["placebo_"], "effect_log": effect, "effect_low_log": effect - reach,
        "effect_high_log": effect + reach, "verdict": verdict, **changed,
    }  # fmt: skip
    return pl.DataFrame(found)


def judged(rows: list[dict[str, object]], **how: object) -> tuple[object, ...]:
    found = claim(rows, **how)  # type: ignore[arg-type]
    assert found["verdict"].item() in {"drop", "rise"}, "the interval alone gives a verdict"
    row = upheld(found, shipments(rows)).row(0, named=True)
    return (
        row["verdict"], row["has_moved_itself"], row["rests_on_shipper"],
        row["rests_on_month"] and row["rests_on_month"].month,
    )  # fmt: skip


def test_a_fall_of_the_series_itself_that_every_month_bears_out_stands() -> None:
    assert judged([*steady("CHN", 100, 10), *steady("JPN", 50, 50)]) == ("drop", True, None, None)


def test_a_rise_of_the_series_itself_that_every_month_bears_out_stands() -> None:
    assert judged([*steady("CHN", 10, 100), *steady("JPN", 50, 50)]) == ("rise", True, None, None)


def test_where_only_the_comparison_rose_there_is_no_drop() -> None:
    rows = [*steady("CHN", 100, 122), *steady("JPN", 50, 500), *steady("USA", 50, 500)]
    assert judged(rows) == ("no_evidence", False, None, None)


def test_where_only_the_comparison_fell_there_is_no_rise() -> None:
    rows = [*steady("CHN", 100, 100), *steady("JPN", 500, 50), *steady("USA", 500, 50)]
    assert judged(rows)[:2] == ("no_evidence", False)


def test_a_drop_that_one_shipment_of_another_partner_makes_rests_on_it() -> None:
    rows = [*steady("CHN", 100, 80), *steady("JPN", 50, 50), *steady("USA", 50, 50), shipment("KOR", 9, 3000)]
    assert judged(rows) == ("no_evidence", True, "KOR", 9)


def test_a_drop_from_one_shipment_of_the_series_itself_rests_on_it() -> None:
    rows = [*steady("CHN", 50, 50), shipment("CHN", 3, 3000), *steady("JPN", 50, 50)]
    assert judged(rows) == ("no_evidence", True, "CHN", 3)


def test_of_two_shipments_that_a_verdict_cannot_do_without_the_greater_is_named() -> None:
    rows = [*steady("CHN", 100, 80), *steady("JPN", 50, 50), shipment("KOR", 9, 500), shipment("USA", 8, 600)]
    assert judged(rows, reach=1.35) == ("no_evidence", True, "USA", 8)


def test_a_shipment_in_the_events_month_or_outside_the_windows_makes_no_difference() -> None:
    rows = [*steady("CHN", 100, 10), *steady("JPN", 50, 50)]
    elsewhere = [shipment("KOR", 7, 1e9), {**shipment("KOR", 1, 1e9), "shipped_month": date(2024, 12, 1)}]
    assert upheld(claim(rows), shipments([*rows, *elsewhere])).equals(upheld(claim(rows), shipments(rows)))


def test_a_month_left_out_of_a_steady_series_changes_nothing() -> None:
    rows = [*steady("CHN", 100, 30), *(row for n in range(8) for row in steady(f"P{n}", 50, 50))]
    assert judged(rows, reach=1.15) == ("drop", True, None, None)


def test_a_unit_value_loses_the_shipments_value_and_its_weight() -> None:
    cheap = [shipment("CHN", month, 0, (100.0, 10.0)) for month in (1, 2, 3, 4, 8, 9, 10, 11)]
    dear = shipment("CHN", 2, 0, (9900.0, 10.0))
    other = [shipment("JPN", month, 0, (100.0, 10.0)) for month in (1, 2, 3, 4, 8, 9, 10, 11)]
    assert judged([*cheap, dear, *other], measure="unit_value") == ("no_evidence", True, "CHN", 2)


def test_without_the_only_shipment_of_a_window_nothing_can_be_told() -> None:
    own = [shipment("CHN", 2, 0, (1000.0, 10.0)), *(shipment("CHN", month, 0, (10.0, 10.0)) for month in (8, 9))]
    other = [shipment("JPN", month, 0, (100.0, 10.0)) for month in (1, 2, 8, 9)]
    assert judged([*own, *other], measure="unit_value") == ("no_evidence", True, "CHN", 2)


def test_a_sum_less_its_only_shipment_is_nothing_although_sums_are_settled_and_shipments_are_not() -> None:
    own = [shipment("CHN", 2, 0, (1000.0000051, 10.0987654921)), *(shipment("CHN", m, 0, (10.0, 10.0)) for m in (8, 9))]
    other = [shipment("JPN", month, 0, (100.0, 10.0)) for month in (1, 2, 8, 9)]
    found = settled(claim([*own, *other], measure="unit_value"))
    assert (found["top_before"].item(), found["bottom_before"].item()) == (1000.00001, 10.0987655)
    row = upheld(found, shipments([*own, *other])).row(0, named=True)
    assert (row["verdict"], row["rests_on_shipper"], row["rests_on_month"]) == ("no_evidence", "CHN", date(2025, 2, 1))


@pytest.mark.parametrize("verdict", ["no_evidence", "insufficient_data"])
def test_what_was_no_verdict_stays_none(verdict) -> None:
    rows = [*steady("CHN", 100, 10), *steady("JPN", 50, 50)]
    row = upheld(claim(rows, verdict=verdict), shipments(rows)).row(0, named=True)
    assert row["verdict"] == verdict
    assert (row["has_moved_itself"], row["rests_on_shipper"], row["rests_on_month"]) == (None, None, None)


def test_the_order_of_shipments_does_not_matter() -> None:
    rows = [*steady("CHN", 100, 80), *steady("JPN", 50, 50), shipment("KOR", 9, 3000), shipment("USA", 9, 3000)]
    assert upheld(claim(rows), shipments(rows)).equals(upheld(claim(rows), shipments(rows[::-1])))

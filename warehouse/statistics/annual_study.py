"""Annual event studies: China's exports by partner from the year before a step to the year after it.

A step on every partner is compared with a code that it does not touch, summed over partners. A step on one partner is
compared with the other partners together. Both are differences in differences of logs. A verdict needs five things:

- other pairs of years, whose figures it does not share, show less: p at most 0.05, and q over all tests at most MAX_Q;
- no other pair of years differs by more (scan);
- it does not rest on one partner: an interval by leaving out one partner at a time excludes 0;
- what is studied moved that way itself, not only its comparison.

Value is weight times unit value and is not tested by itself.
"""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from warehouse.figures import settle_difference, settled
from warehouse.statistics.event_claim import MAX_Q, q_values
from warehouse.statistics.event_study import CONFIDENCE, MIN_APART, direction, months_apart, predicted
from warehouse.statistics.student import student_quantile

MAX_UNWEIGHED = 0.001
"""Largest share of a year's value whose weight may be missing; more, and the year has no weight."""
MEASURES = ("weight", "unit_value")

_FOUND = {
    "n_partners": pl.Int32(),
    "difference_log": pl.Float64(),
    "difference_low_log": pl.Float64(),
    "difference_high_log": pl.Float64(),
    "n_pairs": pl.Int32(),
    "n_pairs_apart": pl.Int32(),
    "usual_low_log": pl.Float64(),
    "usual_high_log": pl.Float64(),
    "p_value": pl.Float64(),
    "scan_year_before": pl.Int32(),
    "level_before": pl.Float64(),
    "level_after": pl.Float64(),
    "comparison_level_before": pl.Float64(),
    "comparison_level_after": pl.Float64(),
    "verdict": pl.String(),
}


class _Flows:
    """Exports by product, year and partner: (value, weight)."""

    def __init__(self, figures: pl.DataFrame) -> None:
        self.of: dict[tuple[str, int], dict[str, tuple[float, float | None]]] = {}
        for row in figures.sort("product_key", "year", "partner_code").iter_rows(named=True):
            partners = self.of.setdefault((row["product_key"], row["year"]), {})
            partners[row["partner_code"]] = (row["value_usd"], row["net_weight_kg"])

    def levels(
        self, study: dict[str, Any], measure: str, year: int, *, without: str | None = None
    ) -> tuple[float | None, float | None]:
        """Level (kg, or US$ per kg) of a year, of what is studied and of its comparison; null where it is not held."""
        product, target = study["product_key"], study["target_code"]
        held = self.of.get((product, year), {})
        if target:
            own = {code: pair for code, pair in held.items() if code == target}
            other = {code: pair for code, pair in held.items() if code != target}
        else:
            own, other = held, self.of.get((study["comparison_product_key"], year), {})
        return _level(own, measure, without), _level(other, measure, without)

    def difference(
        self, study: dict[str, Any], measure: str, pair: tuple[int, int], *, without: str | None = None
    ) -> float | None:
        """Difference in differences of logs from one year to the other; null where a level is missing or 0."""
        levels = [level for year in pair for level in self.levels(study, measure, year, without=without)]
        if any(level is None or level <= 0 for level in levels):
            return None
        own_before, other_before, own_after, other_after = (math.log(level) for level in levels if level is not None)
        return own_after - own_before - (other_after - other_before)


def _level(partners: dict[str, tuple[float, float | None]], measure: str, without: str | None) -> float | None:
    """Weight, or value over weight, summed over partners; null where weights of more than MAX_UNWEIGHED are missing."""
    pairs = [pair for code, pair in partners.items() if code != without]
    weighed = [(value, weight) for value, weight in pairs if weight is not None]
    value, total = (math.fsum(value for value, _ in rows) for rows in (weighed, pairs))
    weight = math.fsum(weight for _, weight in weighed)
    if not pairs or value < (1 - MAX_UNWEIGHED) * total:
        return None
    if measure == "weight":
        return weight
    return value / weight if weight > 0 else None


def annual_effects(figures: pl.DataFrame, studies: pl.DataFrame) -> pl.DataFrame:
    """Study every step of every product.

    Args:
        figures: exports by `product_key`, `year` and `partner_code`: `value_usd`, `net_weight_kg` (null where it is
            estimated or not reported).
        studies: `product_key`, `target_code` (null for a step on every partner), `comparison_product_key` (null where
            no code is untouched), `year_before`, `year_after`.

    Returns:
        One row a study and measure with the columns of `_FOUND`, `q_value` and `n_tests`.
    """
    flows = _Flows(figures)
    rows = studies.join(pl.DataFrame({"effect_measure": list(MEASURES)}), how="cross").sort(
        "year_before", "year_after", "product_key", "target_code", "effect_measure", nulls_last=False
    )
    found = [_studied(flows, row) for row in rows.iter_rows(named=True)]
    table = rows.hstack(pl.DataFrame(found, schema=_FOUND, orient="row"))
    table = table.with_columns(
        pl.Series("q_value", q_values(table["p_value"].to_list()), pl.Float64),
        pl.col("p_value").count().cast(pl.Int32).alias("n_tests"),
    )
    moved = (pl.col("level_after") / pl.col("level_before")).log()
    is_claimed = (
        (pl.col("q_value") <= MAX_Q)
        & (pl.col("scan_year_before") == pl.col("year_before"))
        & (pl.col("difference_low_log") * pl.col("difference_high_log") > 0)
        & (moved * pl.col("difference_log") > 0)
    ).fill_null(value=False)
    is_verdict = pl.col("verdict").is_in(["drop", "rise"])
    return settled(
        table.with_columns(
            pl.when(is_verdict & ~is_claimed).then(pl.lit("no_evidence")).otherwise("verdict").alias("verdict")
        )
    )


def _studied(flows: _Flows, row: dict[str, Any]) -> tuple[Any, ...]:
    """The columns of _FOUND of one study and measure."""
    measure, pair = row["effect_measure"], (row["year_before"], row["year_after"])
    (own_before, other_before), (own_after, other_after) = (flows.levels(row, measure, year) for year in pair)
    levels = (own_before, own_after, other_before, other_after)
    difference = flows.difference(row, measure, pair)
    pairs = _other_pairs(flows, row, measure)
    outside = {years: change for years, change in pairs.items() if years[1] < pair[0] or years[0] > pair[1]}
    span = pair[1] - pair[0]
    apart = months_apart([before for before, _ in outside], span + 1)
    among_years = predicted(difference, list(outside.values()), apart, MIN_APART)
    if difference is None or among_years.effect_log is None or among_years.low_log is None:
        return None, difference, None, None, len(outside), apart, *[None] * 4, *levels, "insufficient_data"
    n_partners, low, high = _without_each_partner(flows, row, measure, difference)
    mean = difference - among_years.effect_log
    reach = among_years.effect_log - among_years.low_log
    scanned = {**pairs, pair: difference}
    largest = max(scanned, key=lambda years: (settle_difference(abs(scanned[years] - mean)), -years[0]))
    return (
        n_partners, difference, low, high, len(outside), apart, mean - reach, mean + reach, among_years.p_value,
        largest[0], *levels, direction(among_years),
    )  # fmt: skip


def _other_pairs(flows: _Flows, row: dict[str, Any], measure: str) -> dict[tuple[int, int], float]:
    """The difference of every other pair of years as far apart, ascending."""
    span = row["year_after"] - row["year_before"]
    years = sorted({year for product, year in flows.of if product == row["product_key"]})
    pairs = [(year, year + span) for year in years if year != row["year_before"]]
    found = {pair: flows.difference(row, measure, pair) for pair in pairs}
    return {pair: change for pair, change in found.items() if change is not None}


def _without_each_partner(
    flows: _Flows, row: dict[str, Any], measure: str, difference: float
) -> tuple[int, float | None, float | None]:
    """Partners, and an interval of the difference by leaving out one of them at a time (jackknife).

    The degrees of freedom are those of as many partners of equal size (1 / Σ share², before), less one: where one
    partner has half of the trade, forty partners are not forty observations. No interval where that is less than one.
    """
    pair = (row["year_before"], row["year_after"])
    before, after = (flows.of[row["product_key"], year] for year in pair)
    partners = sorted({*before, *after} - {row["target_code"]})
    left = [flows.difference(row, measure, pair, without=code) for code in partners]
    changes = [change for change in left if change is not None]
    values = [before[code][0] for code in partners if code in before]
    squares = math.fsum(value**2 for value in values)
    n_equal = int(math.fsum(values) ** 2 / squares) if squares > 0 else 0
    n = len(changes)
    if min(n, n_equal) <= 1:
        return n, None, None
    mean = math.fsum(changes) / n
    error = math.sqrt((n - 1) / n * math.fsum((change - mean) ** 2 for change in changes))
    reach = student_quantile((1 + CONFIDENCE) / 2, n_equal - 1) * error
    return n, settle_difference(difference - reach), settle_difference(difference + reach)

"""From Comtrade's figures to rows of `TRADE`: the steps that every one of its layouts shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact
from sources.reading.columns import by_closed_list, with_areas
from sources.reading.layouts import declared
from sources.reading.partners import set_aside_small
from sources.reading.tables import rejects_from
from sources.reading.vocabulary import load_vocabulary

HERE = Path(__file__).parents[1]
_SHARED_BY = 5
_FLOW = ["reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start"]
OTHER_FLOW = "other_flow"
"""The reason under which re-exports, re-imports and the like of an extract are set aside."""


def with_area(artifact: Artifact, frame: pl.DataFrame, vocabulary: str, column: str, prefix: str) -> pl.DataFrame:
    """Add `<prefix>_kind` and `<prefix>_code` for the labels in `column`; an unknown label stops the load."""
    return with_areas(artifact, frame, HERE, vocabulary, column, prefix)


def of_the_flows(
    artifact: Artifact, records: pl.DataFrame, column: str, flows: dict[str, str], raw: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part imports and exports, the words `flows` in `column`, from the other flows that the publisher has.

    Returns the rows of `flows` and a reject for each of the others, with reason `other_flow`.

    Raises:
        UnknownLabelError: a flow that is in neither list.
    """
    kept, others = split_flows(artifact, records, column, flows)
    details = {word: detail for word, (_, detail) in other_flows().items()}
    detail = pl.format("{}: not loaded from an extract", pl.col(column).replace_strict(details, return_dtype=pl.String))
    return kept, rejects_from(others, OTHER_FLOW, detail, raw)


def other_flows() -> dict[str, tuple[str, str]]:
    """Flows beside imports and exports, by the publisher's word: `{"RX": ("export", "re_export"), …}`."""
    return {word: (flow, detail) for word, (flow, detail) in declared(HERE)["other_flow"].items()}


def split_flows(
    artifact: Artifact, records: pl.DataFrame, column: str, flows: dict[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the words `flows` in `column`, and those of the other flows that the publisher has.

    Raises:
        UnknownLabelError: a flow that is in neither list.
    """
    others = other_flows()
    by_closed_list(artifact, records, column, [*flows, *others])
    is_other = pl.col(column).is_in(list(others))
    return records.filter(~is_other), records.filter(is_other)


def partners_of(
    artifact: Artifact,
    records: pl.DataFrame,
    vocabulary: str,
    column: str,
    *,
    flow: list[str],
    value: str,
    raw: list[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add `partner_kind` and `partner_code` for the labels in `column`; small unknown partners are rejects.

    Raises:
        UnknownLabelError: an unknown partner that is not small; see `set_aside_small`.
    """
    words = load_vocabulary(HERE / "labels.csv", vocabulary)
    kept, unknown = set_aside_small(artifact, records, words, column, flow=flow, value=value, raw=raw)
    return with_area(artifact, kept, vocabulary, column, "partner"), unknown


def as_trade(frame: pl.DataFrame, layout: dict[str, Any]) -> pl.DataFrame:
    """Fill what the layout does not say by the reporter's practice.

    Two labels of one area in one flow (US Misc. Pacific Islands and US Minor Outlying Islands) are parts of it, each
    with its label in `part_label`.
    """
    practice = pl.DataFrame(declared(HERE)["practice"]).rename(
        {"reporter": "reporter_code", "valuation": "usual_valuation", "partner_basis": "usual_basis"}
    )
    frame = frame if "valuation" in frame.columns else frame.with_columns(pl.lit(None, pl.String).alias("valuation"))
    return frame.join(practice, on=["reporter_code", "flow"], how="left", maintain_order="left").with_columns(
        pl.coalesce("valuation", "usual_valuation", pl.lit("unknown")).alias("valuation"),
        pl.coalesce("usual_basis", pl.lit("unknown")).alias("partner_basis"),
        pl.lit(layout["rank"]).alias("layout_rank"),
        (pl.col("partner_kind") == "world").alias("is_partner_world"),
        pl.lit(value=False).alias("is_revised"),
        pl.when(pl.col("partner_label").n_unique().over(_FLOW) > 1).then("partner_label").alias("part_label"),
    )


def mark_shared_unit_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark weights as estimated where one unit value serves five partners or more.

    Comtrade fills in missing weights from a standard unit value, the same for all partners of a reporter, flow, code
    and year (China's magnets of 2016: 45.57 US$/kg for most partners, India's "770,461 kg" among them). Extracts lose
    the flag that says so; the unit value shared by most, within a thousandth and what rounding explains, gives it back.
    """
    unit_value = pl.col("value_usd") / pl.col("net_weight_kg")
    magnitude = 10.0 ** (unit_value.log10().floor() - 3)
    flow = ["reporter_code", "flow", "hs_code", "period_start"]
    weighed = frame.filter((pl.col("weight_status") == "reported") & (pl.col("value_usd") > 0))
    shared = (
        weighed.select(*flow, (unit_value / magnitude).round(0) * magnitude)
        .group_by(*flow, pl.col("value_usd").alias("shared_unit_value"))
        .len("n_partners")
        .filter(pl.col("n_partners") >= _SHARED_BY)
        .sort("n_partners", "shared_unit_value", descending=True)
        .unique(flow, keep="first", maintain_order=True)
    )
    rounding = pl.col("value_rounding_usd") / pl.col("value_usd") + pl.col("weight_rounding_kg") / pl.col(
        "net_weight_kg"
    )
    is_shared = (unit_value / pl.col("shared_unit_value") - 1).abs() <= 1e-3 + rounding
    marked = frame.join(shared, on=flow, how="left", maintain_order="left").with_columns(
        pl.when(is_shared & (pl.col("weight_status") == "reported"))
        .then(pl.lit("estimated"))
        .otherwise(pl.col("weight_status"))
        .alias("weight_status")
    )
    return marked.select(frame.columns)

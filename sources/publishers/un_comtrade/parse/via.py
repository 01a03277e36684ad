"""Rows of `TRADE_VIA`: re-exports and other parts of flows, and flows by second partner."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact, LayoutError
from sources.model.partition import ALL, key_of
from sources.model.source import TableSpec
from sources.publishers.un_comtrade.parse.records import FLOW_CODES
from sources.publishers.un_comtrade.parse.shaping import other_flows, with_area
from sources.publishers.un_comtrade.partition import Partition
from sources.reading.layouts import declared
from sources.reading.partners import UNKNOWN_PARTNER
from sources.reading.tables import rejects_from
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parents[1]
_AMBIGUOUS = "ambiguous_row"
_TOTAL = "0"
"""Comtrade's code of all second partners together."""

VIA_LAYOUT = "comtrade_via"
"""The layout of bodies that have flows by second partner only."""

VIA_TABLE = TableSpec(
    name="un_comtrade__trade_via",
    feed="trade_via",
    key=(
        *("reporter_code", "partner_label", "second_partner_label", "flow_detail"),
        *("hs_code", "period_type", "period_start"),
    ),
    expected_rejects=frozenset({UNKNOWN_PARTNER, _AMBIGUOUS, "breakdown_row"}),
    layouts=frozenset(row["id"] for row in declared(_HERE)["layout"] if not row["extract"]),
    partitions=(Partition,),
    may_be_empty=True,
)


def labelled(artifact: Artifact, records: pl.DataFrame, raw: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add the codes of both partners, `flow` and `flow_detail` to records in Comtrade's fields, their codes as text.

    Returns the rows to load, and a reject for each record with a partner or second partner that is not known, whatever
    its size, or that is one of several of the same part of a flow: such records are in no sum, and must not cost the
    imports and exports of the same body.
    """
    words = load_vocabulary(_HERE / "labels.csv", "m49")
    partners = ("partnerCode", "partner2Code")
    is_known = ~pl.any_horizontal(pl.col(name).is_in(words.unknown(records[name].unique())) for name in partners)
    part = ["reporterCode", "partnerCode", "partner2Code", "flowCode", "cmdCode", "period"]
    is_single = pl.len().over(part) == 1
    known = records.filter(is_known & is_single)
    known = with_area(artifact, known, "m49", "partnerCode", "partner")
    known = with_area(artifact, known, "m49", "partner2Code", "second_partner")
    flows = {**{word: (flow, flow) for word, flow in FLOW_CODES.items()}, **other_flows()}
    has_second = pl.col("partner2Code") != _TOTAL
    frame = known.with_columns(
        pl.when(has_second).then("partner2Code").alias("second_partner_label"),
        pl.when(has_second).then("second_partner_code").alias("second_partner_code"),
        _mapped("flowCode", {word: flow for word, (flow, _) in flows.items()}).alias("flow"),
        _mapped("flowCode", {word: detail for word, (_, detail) in flows.items()}).alias("flow_detail"),
    )
    detail = pl.format(
        "partner {} or second partner {} is not in the vocabulary 'm49'; to load it, add the unknown one to the file"
        " that REE_OWN_LABELS names",
        *partners,
    )
    ambiguous = records.filter(is_known & ~is_single)
    unknown = rejects_from(records.filter(~is_known), UNKNOWN_PARTNER, detail, raw)
    several = rejects_from(ambiguous, _AMBIGUOUS, "several records state the same part of a flow: none is loaded", raw)
    return frame, pl.concat([unknown, several])


def require_agreeing_layout(artifact: Artifact) -> None:
    """Check that a partition by second partner has the layout of one, and no other partition has it.

    Raises:
        LayoutError: it has not. Its rows would fill the wrong table.
    """
    key = key_of((Partition,), artifact.partition)
    if (artifact.layout == VIA_LAYOUT) != (isinstance(key, Partition) and key.via is not None):
        raise LayoutError(
            artifact,
            f"has layout {artifact.layout!r} and partition {artifact.partition!r}.",
            f"flows by second partner alone have layout {VIA_LAYOUT!r} and a partition that ends in /via/….",
        )


def require_second_partners(artifact: Artifact, records: pl.DataFrame) -> None:
    """Check that every record is by one of the second partners of the artifact's partition; codes are text.

    Raises:
        LayoutError: one is of all second partners together, so it belongs to trade, or of another one.
    """
    via = Partition.of(artifact).via or ALL
    second = pl.col("partner2Code")
    other = records.filter((second == _TOTAL) | (pl.lit(via != ALL) & ~second.is_in(via.split("+"))))
    if other.height:
        row, code = other.select("artifact_row", "partner2Code").row(0)
        raise LayoutError(
            artifact,
            f"record {row} has partner2Code {code!r} in the partition {artifact.partition!r}.",
            f"ask for partner2Code={via.replace('+', ',')}, and drop it unchanged.",
        )


def _mapped(column: str, words: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(words, return_dtype=pl.String)

"""Read customs trade from Comtrade's API bodies, bulk files and published extracts of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.model.products import HS_CODES
from sources.model.source import REJECTS, ParsedTable, TableSpec, conform
from sources.publishers.un_comtrade.parse.extracts import read_monthly, read_panel, read_partners, read_wits
from sources.publishers.un_comtrade.parse.records import (
    FLOW_CODES,
    HS_REVISIONS,
    read_api_body,
    read_body,
    read_bulk,
    require_no_record,
)
from sources.publishers.un_comtrade.parse.shaping import OTHER_FLOW, as_trade, partners_of, split_flows, with_area
from sources.publishers.un_comtrade.parse.via import (
    VIA_LAYOUT,
    VIA_TABLE,
    labelled,
    require_agreeing_layout,
    require_second_partners,
)
from sources.publishers.un_comtrade.partition import Partition
from sources.reading.columns import by_closed_list, exact_value, known_weight
from sources.reading.layouts import declared, layout_of
from sources.reading.partners import UNKNOWN_PARTNER
from sources.reading.tables import rejects_from, to_feed_schema
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parents[1]

TRADE_TABLE = TableSpec(
    name="un_comtrade__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_type", "period_start", "part_label"),
    expected_rejects=frozenset({"breakdown_row", "not_yet_published", OTHER_FLOW, UNKNOWN_PARTNER, "withdrawn"}),
    withdrawals=frozenset({"withdrawn"}),
    layouts=frozenset(row["id"] for row in declared(_HERE)["layout"] if row["id"] != VIA_LAYOUT),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE, VIA_TABLE)


_QUANTITY_FLAG, _WEIGHT_FLAG = 2, 4
"""Bits of `legacyEstimationFlag`: 6 says that quantity and weight are both estimated."""
_KG = 8
_WHOLE_YEAR = 52
_AGREE = 0.01
_PERIOD = {"A": r"^(?:19|20)[0-9]{2}$", "M": r"^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])$"}
_BREAKDOWN = (pl.col("motCode") != 0) | (pl.col("customsCode") != "C00")


def _from_records(artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame) -> tuple[ParsedTable, ...]:
    """Flows with all second partners as trade; other flows, and flows of one second partner, as trade by way of."""
    whole, rejects, raw = _whole(artifact, records)
    flows, other_flows = split_flows(artifact, whole, "flowCode", FLOW_CODES)
    is_total = pl.col("partner2Code") == "0"
    flow = ["reporterCode", "flowCode", "cmdCode", "period"]
    kept, unknown = partners_of(
        artifact, flows.filter(is_total), "m49", "partnerCode", flow=flow, value="primaryValue", raw=raw
    )
    kept = kept.with_columns(by_closed_list(artifact, kept, "flowCode", FLOW_CODES).alias("flow"))
    via, unknown_of_via = labelled(artifact, pl.concat([flows.filter(~is_total), other_flows]), raw)
    return (
        _table(TRADE_TABLE, artifact, layout, kept, pl.concat([rejects, unknown])),
        _table(VIA_TABLE, artifact, layout, via, unknown_of_via),
    )


def _from_second_partners(artifact: Artifact, layout: dict[str, Any]) -> tuple[ParsedTable, ...]:
    """Flows of second partners alone, as trade by way of; no row where the body has no record."""
    artifact.check_bytes()
    if not read_body(artifact):
        return (ParsedTable(VIA_TABLE, pl.DataFrame(schema=VIA_TABLE.schema), pl.DataFrame(schema=REJECTS)),)
    whole, rejects, raw = _whole(artifact, read_api_body(artifact, None))
    require_second_partners(artifact, whole)
    split_flows(artifact, whole, "flowCode", FLOW_CODES)
    via, unknown = labelled(artifact, whole, raw)
    return (_table(VIA_TABLE, artifact, layout, via, pl.concat([rejects, unknown])),)


def _whole(artifact: Artifact, records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """The partition's records with their reporter and period, rejects of its breakdown rows, and the raw columns."""
    _require_consistent(artifact, records)
    _require_agreeing_values(artifact, records)
    records = _of_the_partition(artifact, records)
    _require_breakdown_codes(artifact, records)
    raw = [name for name in records.columns if name != "artifact_row"]
    rejects = rejects_from(
        records.filter(_BREAKDOWN),
        "breakdown_row",
        "a transport mode or customs procedure: its total row is loaded instead",
        raw,
    )
    whole = _with_period(artifact, records.filter(~_BREAKDOWN)).with_columns(
        pl.col("reporterCode", "partnerCode", "partner2Code").cast(pl.String)
    )
    return with_area(artifact, whole, "m49", "reporterCode", "reporter"), rejects, raw


def _table(
    spec: TableSpec, artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame, rejects: pl.DataFrame
) -> ParsedTable:
    """Records with their areas, flow and period as rows of a table."""
    estimated = _is_estimated("isNetWgtEstimated", _WEIGHT_FLAG)
    frame = records.with_columns(
        pl.col("partnerCode").alias("partner_label"),
        pl.col("cmdCode").alias("hs_code"),
        by_closed_list(artifact, records, "classificationCode", HS_REVISIONS).alias("hs_revision"),
        *exact_value("primaryValue"),
        *known_weight(pl.col("netWgt"), estimated),
        pl.col("netWgt").cast(pl.String).alias("weight_raw"),
        pl.lit(0.0).alias("weight_rounding_kg"),
        _quantity(estimated),
        _unit().alias("quantity_unit"),
        pl.when(pl.col("cifvalue") > 0)
        .then(pl.lit("CIF"))
        .when(pl.col("fobvalue") > 0)
        .then(pl.lit("FOB"))
        .alias("valuation"),
    )
    return conform(spec, artifact, to_feed_schema(spec, as_trade(frame, layout)), rejects)


def _is_estimated(field: str, flag: int) -> pl.Expr:
    """Whether Comtrade estimated a figure, by the field of its own or by its bit of `legacyEstimationFlag`."""
    by_flag = (pl.col("legacyEstimationFlag") // flag) % 2 == 1
    return pl.col(field).fill_null(value=False) | by_flag.fill_null(value=False)


def _quantity(is_weight_estimated: pl.Expr) -> pl.Expr:
    """The quantity, if it has a unit, unless it is an estimate that nothing would mark as one.

    A feed has no status of quantities. An estimated one is published only where it is the estimated weight itself,
    whose status marks it: in kg, and equal to `netWgt`.
    """
    estimated = _is_estimated("isQtyEstimated", _QUANTITY_FLAG)
    is_weight = (pl.col("qtyUnitCode") == _KG) & (pl.col("qty") == pl.col("netWgt"))
    is_marked = (is_weight & is_weight_estimated).fill_null(value=False)
    is_known = (pl.col("qty") > 0) & _unit().is_not_null() & (~estimated | is_marked)
    return pl.when(is_known).then(pl.col("qty")).alias("quantity")


def _require_consistent(artifact: Artifact, records: pl.DataFrame) -> None:
    """Trade in goods, and periods that are stated twice and agree."""
    year, month = pl.col("period").str.slice(0, 4), pl.col("period").str.slice(4)
    printed_month = pl.col("refMonth").cast(pl.String).str.zfill(2)
    checks = {
        "typeCode": pl.col("typeCode") == "C",
        "refYear": pl.col("refYear").cast(pl.String) == year,
        "refMonth": pl.when(month == "").then(pl.col("refMonth") == _WHOLE_YEAR).otherwise(printed_month == month),
        "refPeriodId": pl.col("refPeriodId").cast(pl.String).str.slice(0, 4) == year,
    }
    for name, agrees in checks.items():
        other = records.filter(~agrees.fill_null(value=False))
        if other.height:
            row, period, found = other.select("artifact_row", "period", name).row(0)
            raise LayoutError(
                artifact,
                f"record {row} has {name} {found!r} beside period {period!r}; "
                f"goods are typeCode 'C', and refMonth is {_WHOLE_YEAR} for a whole year.",
                "fetch it again.",
            )


def _require_agreeing_values(artifact: Artifact, records: pl.DataFrame) -> None:
    """`primaryValue` is the record's CIF or its FOB value, where it has either."""
    value = pl.col("primaryValue")
    stated = [pl.col(name) > 0 for name in ("cifvalue", "fobvalue")]
    agrees = [((pl.col(name) - value).abs() <= _AGREE * value) for name in ("cifvalue", "fobvalue")]
    is_stated = pl.any_horizontal(stated).fill_null(value=False) & value.is_not_null()
    other = records.filter(is_stated & ~pl.any_horizontal(agrees).fill_null(value=False))
    if other.height:
        row, value_usd, cif, fob = other.select("artifact_row", "primaryValue", "cifvalue", "fobvalue").row(0)
        raise LayoutError(
            artifact,
            f"record {row} has primaryValue {value_usd} beside cifvalue {cif} and fobvalue {fob}.",
            "one of them is in another unit; fetch it again.",
        )


def _unit() -> pl.Expr:
    """The unit of the quantity; null where there is none, and "unit 21" for a code that is not listed."""
    code = pl.col("qtyUnitCode").cast(pl.String)
    unit = code.replace_strict(declared(_HERE)["quantity_unit"], default=pl.format("unit {}", code))
    return pl.when(unit != "").then(unit)


def _of_the_partition(artifact: Artifact, records: pl.DataFrame) -> pl.DataFrame:
    """The records of the artifact's own reporter, frequency and period, where it is a partition of all codes.

    An extract may hold a year of months (`month` of its partition is None).
    """
    partition = Partition.of(artifact)
    if partition.codes:
        return records
    words = load_vocabulary(_HERE / "labels.csv", "m49").entries
    codes = [int(label) for label, (_, area) in words.items() if area == partition.reporter]
    own = records.filter(
        pl.col("freqCode") == partition.series,
        pl.col("reporterCode").is_in(codes),
        pl.col("period").str.starts_with(partition.period),
    )
    if own.is_empty():
        raise TruncatedError(
            artifact, f"holds no record of {artifact.partition}.", "not published yet, or a cut body; not zero trade."
        )
    return own


def _require_breakdown_codes(artifact: Artifact, records: pl.DataFrame) -> None:
    """Without its breakdown codes a record may be a total or a part of one."""
    unclear = records.filter(pl.any_horizontal(pl.col("partner2Code", "motCode", "customsCode").is_null()))
    if unclear.height:
        raise LayoutError(
            artifact,
            f"record {unclear['artifact_row'][0]} lacks partner2Code, motCode or customsCode.",
            "ask for partner2Code=0, motCode=0 and customsCode=C00.",
        )


def _with_period(artifact: Artifact, records: pl.DataFrame) -> pl.DataFrame:
    kind = by_closed_list(artifact, records, "freqCode", {"A": "calendar_year", "M": "month"})
    is_year = pl.col("freqCode") == "A"
    period = pl.col("period")
    text = (
        pl.when(is_year & period.str.contains(_PERIOD["A"]))
        .then(period + "0101")
        .when(~is_year & period.str.contains(_PERIOD["M"]))
        .then(period + "01")
    )
    start = text.str.to_date("%Y%m%d", strict=False)
    dated = records.with_columns(
        kind.alias("period_type"),
        start.alias("period_start"),
        pl.when(is_year)
        .then(start.dt.offset_by("1y").dt.offset_by("-1d"))
        .otherwise(start.dt.month_end())
        .alias("period_end"),
    )
    undated = dated.filter(pl.col("period_start").is_null())
    if undated.height:
        raise LayoutError(
            artifact,
            f"record {undated['artifact_row'][0]} says period {undated['period'][0]!r}.",
            "a period is YYYY, or YYYYMM for months.",
        )
    return dated


def _withdrawn(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """No row, and one reject that says so: earlier statements of the partition end."""
    require_no_record(artifact)
    reject = {"artifact_row": 0, "reason_code": "withdrawn", "detail": "the publisher lists it no longer"}
    rejects = pl.DataFrame([reject | {"row_json": "{}"}], schema=REJECTS)
    return (
        ParsedTable(TRADE_TABLE, pl.DataFrame(schema=TRADE_TABLE.schema), rejects),
        ParsedTable(VIA_TABLE, pl.DataFrame(schema=VIA_TABLE.schema), pl.DataFrame(schema=REJECTS)),
    )


_EXTRACTS: dict[str, Callable[[Artifact, dict[str, Any]], tuple[pl.DataFrame, pl.DataFrame]]] = {
    "panel": read_panel,
    "wits": read_wits,
    "partners": read_partners,
    "monthly": read_monthly,
}


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one artifact in any declared layout.

    Returns rows of `TRADE` in US$ and kg and, of Comtrade's own records, rows of `TRADE_VIA`: re-exports and the like,
    and flows of one second partner; a body of second partners alone has only the latter table. Rows of a transport mode
    or customs procedure are set aside as `breakdown_row` (they repeat their total row), re-exports and the like of an
    extract as `other_flow`, small partners that are not known as `unknown_partner` (in `TRADE_VIA` whatever their
    size), months not yet published as `not_yet_published`, cells that are no number as `unreadable_value`. A data set
    that the publisher withdrew has no row and one reject, `withdrawn`.

    Raises:
        LayoutError: fields or columns lost, an undeclared layout, two rows of one flow.
        TruncatedError: a cut body, a page of exactly the cap, an empty answer.
        UnknownLabelError: a reporter, partner, flow or classification that is not known.
    """
    layout = layout_of(artifact, _HERE)
    require_agreeing_layout(artifact)
    if layout["reader"] == "via":
        return _from_second_partners(artifact, layout)
    if layout["reader"] == "withdrawn":
        return _withdrawn(artifact)
    if layout["reader"] == "api":
        return _from_records(artifact, layout, read_api_body(artifact, layout.get("cap")))
    if layout["reader"] == "bulk":
        return _from_records(artifact, layout, read_bulk(artifact, layout, HS_CODES))
    frame, rejects = _EXTRACTS[layout["reader"]](artifact, layout)
    return (conform(TRADE_TABLE, artifact, to_feed_schema(TRADE_TABLE, frame), rejects),)

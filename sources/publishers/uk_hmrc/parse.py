"""Read the United Kingdom's monthly trade from records of HMRC's Overseas Trade Statistics (OTS)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.uk_hmrc.partition import Partition
from sources.reading.columns import by_closed_list, in_month, printed_local_value, printed_weight, with_areas
from sources.reading.delimited import read_records
from sources.reading.json_text import as_cell, read_json
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.partners import UNKNOWN_PARTNER, set_aside_small
from sources.reading.tables import check_columns, log_added_fields, rejects_from, to_feed_schema, unreadable
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_MONTH = r"^(19|20)[0-9][0-9](0[1-9]|1[0-2])$"
_LINE_DIGITS = 8
_NO_LETTERS = "no ISO code"
"""The partner of a record without a country's letters, by which HMRC suppresses it; its name is in the part's label."""
_RECORD = ["MonthId", "flow", "CommodityId", "country", "kind", "Value", "NetMass"]

TRADE_TABLE = TableSpec(
    name="uk_hmrc__trade",
    feed="trade",
    key=("reporter_code", "partner_code", "flow", "hs_code", "period_start", "part_label"),
    expected_rejects=frozenset({UNKNOWN_PARTNER}),
    partitions=(Partition,),
)
TABLES = (TRADE_TABLE,)


def _of_interface(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    """Records of the OData interface as text, all pages in one body.

    `kind` is the flow type and port of a record, and the name of a partner without letters.

    Raises:
        TruncatedError: no body of the interface, one page of several, or no record.
        LayoutError: a field is lost.
    """
    body = read_json(artifact, "a body of HMRC's interface")
    records = body.get("value") if isinstance(body, dict) else None
    if not isinstance(records, list) or not records or not all(isinstance(record, dict) for record in records):
        raise TruncatedError(artifact, "holds no records under 'value'.", "an error page or an empty query.")
    if "@odata.nextLink" in body:
        raise TruncatedError(artifact, "is one page of several.", "join the records of all pages in one body.")
    columns = layout["columns"]
    names = {name for record in records for name in record}
    if set(columns) - names:
        check_columns(artifact, sorted(names - set(layout["beside"])), columns)
    log_added_fields(artifact, names - set(columns) - set(layout["beside"]))
    rows = [
        [
            as_cell(record.get("MonthId")),
            as_cell(record.get("FlowTypeId")),
            as_cell(record.get("CommodityId")),
            *_partner_and_kind(record),
            as_cell(record.get("Value")),
            as_cell(record.get("NetMass")),
        ]
        for record in records
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(_RECORD, pl.String), orient="row")
    flows = by_closed_list(artifact, frame, "flow", declared(_HERE)["flow_types"])
    return frame.with_columns(flows.alias("flow")).with_row_index("artifact_row", offset=1)


def _of_extract(artifact: Artifact, layout: dict[str, Any]) -> pl.DataFrame:
    """Records of an extract, which lacks the port: `kind` is the same of all."""
    frame = read_records(artifact, layout["columns"])
    flows = by_closed_list(artifact, frame, "flow", list(declared(_HERE)["flows"]))
    return frame.with_columns(flows.alias("flow"), pl.lit("record").alias("kind"))


_READERS: dict[str, Callable[[Artifact, dict[str, Any]], pl.DataFrame]] = {
    "odata": _of_interface,
    "extract": _of_extract,
}


def _partner_and_kind(record: dict[str, Any]) -> tuple[str, str]:
    """A partner's two letters, or `_NO_LETTERS`; and of which kind a record is: "type 3, port 120"."""
    country = record.get("Country")
    known = country if isinstance(country, dict) else {}
    letters, name = (as_cell(known.get(field)) for field in ("CountryCodeAlpha", "CountryName"))
    kind = f"type {as_cell(record.get('FlowTypeId'))}, port {as_cell(record.get('PortId'))}"
    return (letters, kind) if letters else (_NO_LETTERS, f"{kind}, {name or as_cell(record.get('CountryId'))}")


def _require_lines(artifact: Artifact, records: pl.DataFrame, code: str) -> None:
    line = pl.col("CommodityId")
    others = records.filter(~line.str.contains(rf"^[0-9]{{{_LINE_DIGITS}}}$") | ~line.str.starts_with(code))
    if others.height:
        raise LayoutError(
            artifact,
            f"record {others['artifact_row'][0]} is of {others['CommodityId'][0][:40]!r}, no line under {code}.",
            f"name its partition {Partition.FORM} after the code that was asked for.",
        )


def _with_parts(records: pl.DataFrame) -> pl.DataFrame:
    """`part_label` of each record, its kind and a number: the largest record of a flow is the first of its kind."""
    flow = ["MonthId", "flow", "CommodityId", "country", "kind"]
    ordered = records.sort([*flow, "pounds", "kg", "artifact_row"], descending=[False] * 5 + [True, True, False])
    number = pl.int_range(1, pl.len() + 1).over(flow)
    return ordered.with_columns(pl.format("{} {}", "kind", number).alias("part_label"))


def _shape(layout: dict[str, Any], records: pl.DataFrame, code: str) -> pl.DataFrame:
    """Rows of the feed: pounds as `value_local`, kg. A record without money is one that HMRC suppresses."""
    flows = declared(_HERE)["flows"]
    pounds = pl.col("pounds")
    status = (
        pl.when(pounds.is_null())
        .then(pl.lit("withheld"))
        .when(pounds == 0)
        .then(pl.lit("at_most"))
        .otherwise(pl.lit("reported"))
    )
    frame = records.with_columns(
        pl.lit(layout["rank"]).alias("layout_rank"),
        pl.lit("GBR").alias("reporter_code"),
        pl.col("country").alias("partner_label"),
        pl.lit(value=False).alias("is_partner_world"),
        pl.col("CommodityId").alias("hs_code"),
        pl.lit("GBR").alias("code_country"),
        pl.lit(code if len(code) < _LINE_DIGITS else None, pl.String).alias("scope_code"),
        *in_month("MonthId", "%Y%m"),
        *printed_local_value(pounds, "GBP", 1.0, decimals=0),
        pl.col("Value").alias("value_raw"),
        status.alias("value_status"),
        pl.lit(value=False).alias("is_revised"),
        *printed_weight(pl.col("kg"), 0.5),
        pl.col("NetMass").alias("weight_raw"),
        *(
            pl.col("flow").replace_strict({flow: about[name] for flow, about in flows.items()}).alias(name)
            for name in ("valuation", "partner_basis")
        ),
    )
    return to_feed_schema(TRADE_TABLE, frame)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one year of one code.

    Returns one table of `TRADE` rows by month, the United Kingdom as reporter, in whole pounds (`value_local`,
    `currency_code` GBP) and whole kg. HMRC states no US$. A row is one record and a part of its flow (`part_label`):
    the records of a month, flow, line and partner add up to it.

    Raises:
        LayoutError: fields or columns lost, another line than the partition names, two rows of one part.
        TruncatedError: an error page, one page of several, a record cut short, none at all.
        UnknownLabelError: a flow type that is not known, or a partner that is neither known nor small.
    """
    layout, code = layout_of(artifact, _HERE), Partition.of(artifact).code
    records = _READERS[layout["reader"]](artifact, layout)
    _require_lines(artifact, records, code)
    raw = [
        name for name in ("MonthId", "flow", "CommodityId", "country", "Value", "NetMass") if name in records.columns
    ]
    numbers = records.with_columns(printed_number("Value", 0).alias("pounds"), printed_number("NetMass", 0).alias("kg"))
    cells = {
        "MonthId": pl.col("MonthId").str.contains(_MONTH),
        "Value": pl.col("pounds").is_not_null() | (pl.col("Value") == ""),
        "NetMass": pl.col("kg").is_not_null() | (pl.col("NetMass") == ""),
    }
    readable = pl.all_horizontal(*cells.values())
    rejects = rejects_from(numbers.filter(~readable), "unreadable_value", unreadable(cells), raw)
    words = load_vocabulary(_HERE / "labels.csv", "country")
    flow = ["MonthId", "flow", "CommodityId"]
    kept, unknown = set_aside_small(
        artifact, numbers.filter(readable), words, "country", flow=flow, value="pounds", raw=raw
    )
    rows = with_areas(artifact, _with_parts(kept), _HERE, "country", "country", "partner")
    rejects = pl.concat([rejects, unknown])
    return (conform(TRADE_TABLE, artifact, _shape(layout, rows, code), rejects),)

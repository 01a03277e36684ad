"""Read BACI's reconciled trade from its yearly files and from published extracts of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError
from sources.model.products import HS_CODES
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.cepii_baci.partition import Partition
from sources.publishers.cepii_baci.yearly import read_yearly
from sources.reading.columns import by_closed_list, in_year, printed_value, with_areas
from sources.reading.delimited import read_records
from sources.reading.layouts import declared, layout_of
from sources.reading.numbers import printed_number
from sources.reading.partners import UNKNOWN_PARTNER, set_aside_small
from sources.reading.tables import rejects_from, to_feed_schema, unreadable
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_NO_WEIGHT = ("", "NA")

FLOWS_TABLE = TableSpec(
    name="cepii_baci__flows",
    feed="trade_reference",
    key=("exporter_code", "importer_code", "hs_code", "period_start"),
    expected_rejects=frozenset({UNKNOWN_PARTNER}),
    partitions=(Partition,),
)
TABLES = (FLOWS_TABLE,)


def _with_revision(artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame) -> pl.DataFrame:
    """Add `hs_revision`; every row is of the partition's release and of one of its revisions."""
    partition = Partition.of(artifact)
    release, revisions = partition.release, partition.revisions
    if not layout["revision"]:
        if len(revisions) > 1:
            raise LayoutError(
                artifact,
                f"its partition names {list(revisions)} and its rows none.",
                "give each revision its own partition.",
            )
        printed = pl.lit(revisions[0])
    else:
        known = {text: revision for revision in revisions for text in (revision, f"{revision} {release}")}
        printed = by_closed_list(artifact, records, layout["revision"], known)
    return records.with_columns(printed.replace_strict(declared(_HERE)["revisions"]).alias("hs_revision"))


def _with_both_areas(artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame) -> pl.DataFrame:
    if not layout["areas"]:
        world = {f"{side}_label": "world" for side in ("exporter", "importer")}
        world |= {f"{side}_code": "WLD" for side in ("exporter", "importer")}
        return records.with_columns(pl.lit(value).alias(name) for name, value in world.items())
    for side in ("exporter", "importer"):
        label = f"{side}_label"
        records = records.with_columns(pl.col(layout[side]).alias(label))
        records = with_areas(artifact, records, _HERE, layout["areas"], label, side)
    return records


def _without_small_unknown(
    artifact: Artifact, layout: dict[str, Any], records: pl.DataFrame, raw: list[str]
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The records without those of small unknown exporters or importers, which are rejects."""
    unknown: list[pl.DataFrame] = []
    if layout["areas"]:
        words = load_vocabulary(_HERE / "labels.csv", layout["areas"])
        flow = [layout["code"], layout["year"]]
        for side in ("exporter", "importer"):
            records, rejects = set_aside_small(
                artifact, records, words, layout[side], flow=flow, value="number", raw=raw
            )
            unknown.append(rejects)
    return records, unknown


def _weight(weight: dict[str, Any]) -> list[pl.Expr]:
    """Tonnes as kg. A printed 0 is less than half the last digit; empty or NA is not available."""
    kg = pl.col("tonnes") * weight["unit"]
    return [
        pl.when(pl.col("tonnes") > 0).then(kg.round(3)).alias("net_weight_kg"),
        pl.when(pl.col("tonnes").is_not_null())
        .then(pl.lit(weight["unit"] * 0.5 * 10.0 ** -weight["decimals"]))
        .alias("weight_rounding_kg"),
        pl.col(weight["column"]).alias("weight_raw"),
        pl.when(pl.col("tonnes") > 0)
        .then(pl.lit("reported"))
        .when(pl.col("tonnes") == 0)
        .then(pl.lit("at_most"))
        .otherwise(pl.lit("not_available"))
        .alias("weight_status"),
    ]


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one yearly file or extract.

    Returns one table of `TRADE_REFERENCE` rows by calendar year, US$ FOB and kg, as BACI reconciled them. BACI lists
    positive flows only: a value that is none is set aside as `unreadable_value`.

    Raises:
        LayoutError: columns gained or lost, a partition's name without release and revision, two rows of one flow.
        TruncatedError: a record or the text ends early, or there is no record of the codes followed.
        UnknownLabelError: an exporter, importer or revision that is not known, or another release than the partition's.
    """
    layout = layout_of(artifact, _HERE)
    value, weight = layout["value"], layout["weight"]
    if layout["reader"] == "stream":
        records = read_yearly(artifact, layout["columns"], layout["code"], HS_CODES)
    else:
        records = read_records(artifact, layout["columns"], optional=layout["optional"])
    raw = [name for name in records.columns if name != "artifact_row"]
    records = records.with_columns(pl.col(raw).str.strip_chars()).with_columns(
        printed_number(value["column"], value["decimals"]).alias("number"),
        printed_number(weight["column"], weight["decimals"]).alias("tonnes"),
    )
    records = _with_revision(artifact, layout, records)
    records, unknown = _without_small_unknown(artifact, layout, records, raw)
    records = _with_both_areas(artifact, layout, records)
    cells = {
        value["column"]: (pl.col("number") > 0).fill_null(value=False),
        layout["year"]: pl.col(layout["year"]).str.contains(r"^(19|20)[0-9][0-9]$"),
        weight["column"]: pl.col("tonnes").is_not_null() | pl.col(weight["column"]).is_in(_NO_WEIGHT),
    }
    readable = pl.all_horizontal(*cells.values())
    frame = records.filter(readable).with_columns(
        pl.col(layout["code"]).alias("hs_code"),
        *in_year(layout["year"]),
        *printed_value(pl.col("number"), value["column"], value["unit"], value["decimals"]),
        *_weight(weight),
        pl.lit(layout["coverage"]).alias("coverage"),
    )
    rejects = rejects_from(records.filter(~readable), "unreadable_value", unreadable(cells), raw)
    rejects = pl.concat([rejects, *unknown])
    return (conform(FLOWS_TABLE, artifact, to_feed_schema(FLOWS_TABLE, frame), rejects),)

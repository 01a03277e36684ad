"""Read the rare-earth world table of any edition of the Mineral Commodity Summaries."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, TruncatedError, UnknownLabelError
from sources.model.source import REJECTS, ParsedTable, TableSpec, conform
from sources.publishers.usgs_mcs.editions import encoding_of
from sources.publishers.usgs_mcs.partition import Partition
from sources.reading.cells import Cell, normalise, read_cell
from sources.reading.delimited import read_records
from sources.reading.layouts import declared
from sources.reading.tables import to_feed_schema
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent.parent
_NAMED_YEAR = re.compile(r"\b(?:19|20)[0-9][0-9]\b")
_YEAR = re.compile(r"(?:19|20)[0-9][0-9]")
_SERIES = {"production": "mine_production", "reserves": "reserves"}
_SCOPE = {"area": "country", "world": "world", "other_countries": "other_countries"}

WORLD = TableSpec(
    name="usgs_mcs__world",
    feed="mineral_statistics",
    key=("measure", "scope", "country_code", "year", "series"),
    layouts=frozenset({"mcs2022", "mcs2023", "mcs2024", "mcs2025", "mcs2026", "extract_chapter"}),
    partitions=(Partition,),
)


def _own_rows(artifact: Artifact, layout: dict[str, Any], table: pl.DataFrame) -> pl.DataFrame:
    """The records of the rare-earth world table, each with only the kinds and units the layout knows."""
    clean = table.with_columns(
        pl.col(name).map_elements(normalise, return_dtype=pl.String) for name in [*layout["keep"], *layout["closed"]]
    )
    for column, values in layout["keep"].items():
        clean = clean.filter(pl.col(column).is_in(values))
    if clean.is_empty():
        raise TruncatedError(
            artifact,
            f"holds no record where {layout['keep']}.",
            "the file is cut short or is another chapter; fetch it again.",
        )
    for column, values in layout["closed"].items():
        unknown = clean.filter(~pl.col(column).is_in(values))
        if unknown.height:
            first = unknown.row(0, named=True)
            raise UnknownLabelError(
                artifact,
                f"record {first['artifact_row']} ({first[layout['country_column']]}) says {column} "
                f"{first[column]!r}; known are {values}.",
                "if the publisher changed what it measures, declare a new layout.",
            )
    return clean


def _cells(layout: dict[str, Any], table: pl.DataFrame) -> list[dict[str, Any]]:
    """One dict per measured cell: its place, what is printed, and what its header says of it."""
    country = layout["country_column"]
    cells: list[dict[str, Any]] = []
    for row in table.iter_rows(named=True):
        place = {"artifact_row": row["artifact_row"], "country_label": normalise(row[country])}
        if layout["shape"] == "long":
            cells.append(
                place
                | {
                    "measure": row[layout["measure_column"]].lower(),
                    "year": normalise(row[layout["year_column"]]),
                    "printed": row[layout["value_column"]],
                    "note": normalise(row[layout["note_column"]]),
                    "header_estimates": False,
                    "blank": None,
                }
            )
            continue
        cells.extend(
            place
            | {
                "measure": cell["measure"],
                "year": str(cell["year"]),
                "printed": row[cell["column"]],
                "note": normalise(row[cell["note"]]) if "note" in cell else "",
                "header_estimates": cell["estimated"],
                "blank": cell.get("blank"),
            }
            for cell in layout["cell"]
        )
    return cells


def _read(cell: dict[str, Any]) -> Cell | None:
    printed = normalise(cell["printed"])
    if printed:
        return read_cell(printed)
    if cell["blank"] == "zero":
        return Cell(0.0, None, None, "zero")
    if cell["blank"] == "see_note":
        return read_cell(cell["note"])
    return None


def _is_estimated(cell: dict[str, Any]) -> bool:
    """Say whether the header or the row's note marks the cell as estimated.

    A note speaks of every year of its row unless it names one. "Reported." excepts a cell from what the header says.
    """
    if cell["note"].startswith("Reported"):
        return False
    if "Estimated" not in cell["note"]:
        return bool(cell["header_estimates"])
    named = _NAMED_YEAR.findall(cell["note"])
    return cell["header_estimates"] or not named or cell["year"] in named


def _by_words(kind: str, note: str) -> str | None:
    """The code of the first words of a kind (`basis`, `reason`) that a note holds."""
    return next((entry["code"] for entry in declared(_HERE)[kind] if entry["words"] in note), None)


def _measured(cell: dict[str, Any], read: Cell) -> dict[str, Any]:
    estimated = read.status == "reported" and _is_estimated(cell)
    blank_marked_in_note = not normalise(cell["printed"]) and cell["blank"] == "see_note"
    return {
        "artifact_row": cell["artifact_row"],
        "measure": cell["measure"],
        "country_label": cell["country_label"],
        "year": int(cell["year"]),
        "series": _SERIES[cell["measure"]],
        "value_t": read.value,
        "value_low_t": read.low,
        "value_high_t": read.high,
        "value_raw": cell["note"] if blank_marked_in_note else cell["printed"],
        "value_status": "estimated" if estimated else read.status,
        "basis_code": _by_words("basis", cell["note"]),
        "reason_code": _by_words("reason", cell["note"]) if read.status == "not_available" else None,
        "is_revised": False,
        "note": cell["note"],
    }


def _require_totals(artifact: Artifact, layout: dict[str, Any], rows: pl.DataFrame) -> None:
    """Every measure and year must have its printed world total, the last line of the publisher's table."""
    printed = set(rows.filter(pl.col("scope") == "world").select("measure", "year").iter_rows())
    missing = sorted(set(rows.select("measure", "year").iter_rows()) - printed)
    wanted = {(c["measure"], int(c["year"])) for c in layout.get("cell") or layout["world_totals"]}
    if missing or not printed or wanted - printed:
        raise TruncatedError(
            artifact,
            f"has no world total for {missing or sorted(wanted - printed) or 'any measure'}.",
            "the table is cut short; fetch the file again.",
        )


def read_world(artifact: Artifact, layout: dict[str, Any]) -> ParsedTable:
    """Read one edition's world table.

    Returns `MINERAL_STATISTICS` rows (about 50: 17 countries, "other countries" and the world,
    by measure and year), in tonnes of rare-earth-oxide equivalent. Cells that are none of the publisher's
    marks become rejects with reason `unreadable_value`.

    Raises:
        LayoutError: columns gained or lost, another encoding.
        TruncatedError: no rare-earth records, or no printed world total.
        UnknownLabelError: a country, a kind of figure or a unit that is not known.
    """
    encoding = encoding_of(artifact.read_bytes(), layout)
    table = _own_rows(artifact, layout, read_records(artifact, layout["columns"], encoding))
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    for cell in _cells(layout, table):
        read = _read(cell)
        if read is None or not _YEAR.fullmatch(cell["year"]):
            rejects.append(
                {
                    "artifact_row": cell["artifact_row"],
                    "reason_code": "unreadable_value",
                    "detail": f"{cell['country_label']} {cell['measure']} {cell['year']}: {cell['printed']!r}",
                    "row_json": pl.DataFrame([cell]).select(pl.struct(pl.all()).struct.json_encode()).item(),
                }
            )
        else:
            rows.append(_measured(cell, read))
    if not rows:
        raise TruncatedError(artifact, "none of its cells can be read.", "fetch the file again.")
    vocabulary = load_vocabulary(_HERE / "labels.csv", "country")
    frame = vocabulary.apply(artifact, pl.DataFrame(rows, infer_schema_length=None), "country_label")
    frame = frame.with_columns(
        pl.col("kind").replace_strict(_SCOPE).alias("scope"), pl.col("area_code").alias("country_code")
    )
    _require_totals(artifact, layout, frame)
    year = pl.col("year").cast(pl.Int32)
    frame = frame.with_columns(
        pl.lit("reo").alias("unit_basis"),
        pl.lit("calendar_year").alias("period_type"),
        pl.date(year, 1, 1).alias("period_start"),
        pl.date(year, 12, 31).alias("period_end"),
    )
    return conform(WORLD, artifact, to_feed_schema(WORLD, frame), pl.DataFrame(rejects, schema=REJECTS))

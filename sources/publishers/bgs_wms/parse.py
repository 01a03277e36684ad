"""Read rare-earth production of the World Mineral Statistics."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError, UnknownLabelError
from sources.model.paths import project_path
from sources.model.source import REJECTS, ParsedTable, TableSpec, conform
from sources.publishers.bgs_wms.partition import Partition
from sources.publishers.bgs_wms.records import records
from sources.reading.cells import Cell, normalise, read_cell
from sources.reading.columns import by_closed_list, with_areas
from sources.reading.layouts import declared, layout_of
from sources.reading.tables import rejects_from, to_feed_schema

_HERE = Path(__file__).parent
_YEAR = re.compile(r"^((?:1[89]|20)[0-9]{2})(?:-01-01(?:[T ]00:00:00(?:\.0+)?(?:Z|\+00:00)?)?)?$")
_CLOSED = {"bgs_statistic_type_trans": {"Production": "production"}, "units": {"tonnes (metric)": "t"}}
_SIGNS = {"*": "Estimates.", "#": "Break in series."}
"""Codes of notes that always mean the same; letters mean something else in every table."""

PRODUCTION = TableSpec(
    name="bgs_wms__production",
    feed="mineral_statistics",
    key=("measure", "scope", "country_code", "year", "series"),
    partitions=(Partition,),
)
TABLES = (PRODUCTION,)


def _checked(artifact: Artifact, frame: pl.DataFrame) -> pl.DataFrame:
    """The records with their areas, after every column was checked against its closed list."""
    texts = [name for name in frame.columns if name != "artifact_row"]
    frame = frame.with_columns(pl.col(texts).map_elements(normalise, return_dtype=pl.String))
    for column, known in _CLOSED.items():
        frame = frame.with_columns(by_closed_list(artifact, frame, column, known).alias(column))
    precisions = {row["text"]: row["text"] for row in declared(_HERE)["precision"]}
    by_closed_list(artifact, frame, "data_precision_description", precisions)
    frame = with_areas(artifact, frame, _HERE, "country", "country_trans", "country")
    other = frame.filter(pl.col("country_code") != pl.col("country_iso3_code"))
    if other.height:
        pairs = other.select("country_trans", "country_iso3_code").unique().sort("country_trans").rows()
        raise UnknownLabelError(
            artifact,
            f"gives countries another code than labels.csv: {pairs}.",
            "look whether the record is shifted or the publisher changed its code; then correct labels.csv.",
        )
    return frame


def _series(artifact: Artifact, row: dict[str, Any]) -> dict[str, str]:
    """The series that a record belongs to, and of what its weight is."""
    names = (row["bgs_commodity_trans"], row["bgs_sub_commodity_trans"])
    for known in declared(_HERE)["series"]:
        if names == (known["commodity"], known["sub_commodity"]):
            return {"series": known["series"], "unit_basis": known["unit_basis"]}
    raise UnknownLabelError(
        artifact,
        f"record {row['artifact_row']} ({row['country_trans']}) is of commodity {names}.",
        f"say in {project_path(_HERE / 'layouts.toml')} which series it is, or leave it out of the query.",
    )


def _notes(artifact: Artifact, row: dict[str, Any]) -> list[dict[str, Any]]:
    """What the layouts say of each of the figure's notes, in the order listed there.

    Raises:
        UnknownLabelError: a note that is not declared, so that none changes a figure in silence.
        LayoutError: codes and texts that do not go together.
    """
    texts = [normalise(text) for text in row["concat_figure_notes_text"].split("|") if text.strip()]
    codes = [code.strip() for code in row["concat_figure_notes_code"].split("|") if code.strip()]
    known = [note for note in declared(_HERE)["note"] if note["text"] in texts]
    unknown = sorted(set(texts) - {note["text"] for note in known})
    if unknown:
        raise UnknownLabelError(
            artifact,
            f"record {row['artifact_row']} ({row['country_trans']}) carries the notes {unknown}.",
            f"say in {project_path(_HERE / 'layouts.toml')} what each means.",
        )
    together = all((sign in codes) == (text in texts) for sign, text in _SIGNS.items())
    if len(codes) != len(texts) or not together or sum("starts" in note for note in known) > 1:
        raise LayoutError(
            artifact,
            f"record {row['artifact_row']} ({row['country_trans']}) has note codes {codes} beside the notes {texts}.",
            "the record may be shifted; look at the file.",
        )
    return known


def _agreed(row: dict[str, Any]) -> Cell | None:
    """The printed cell, where the quantity and the described precision say the same; else None."""
    read = read_cell(row["quantity_in_book_style"])
    if read is None or (read.value is None) != (row["quantity"] == ""):
        return None
    allowed = {p["text"]: p["statuses"] for p in declared(_HERE)["precision"]}[row["data_precision_description"]]
    if read.status not in allowed:
        return None
    quantity = read_cell(row["quantity"]) if row["quantity"] else read
    return read if quantity is not None and quantity.value == read.value else None


def _period(year: int, notes: list[dict[str, Any]]) -> dict[str, Any]:
    """The twelve months that the printed year means."""
    starts = next((note["starts"] for note in notes if "starts" in note), None)
    if starts is None:
        return {"period_type": "calendar_year", "period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
    first = date(year + starts["year"], starts["month"], 1)
    return {
        "period_type": "fiscal_year",
        "period_start": first,
        "period_end": first.replace(year=first.year + 1) - timedelta(days=1),
    }


def _measured(artifact: Artifact, row: dict[str, Any]) -> dict[str, Any] | None:
    """One row of the feed; None where figure or year cannot be read."""
    series, notes = _series(artifact, row), _notes(artifact, row)
    read, year = _agreed(row), _YEAR.match(row["year"])
    if read is None or year is None:
        return None
    unit_basis = next((note["unit_basis"] for note in notes if "unit_basis" in note), series["unit_basis"])
    bases = [note["basis"] for note in notes if "basis" in note]
    estimated = read.status == "reported" and any(note.get("status") == "estimated" for note in notes)
    return {
        "artifact_row": row["artifact_row"],
        "measure": row["bgs_statistic_type_trans"],
        "scope": "country",
        "country_label": row["country_trans"],
        "country_code": row["country_code"],
        "year": int(year[1]),
        "series": series["series"],
        "unit_basis": unit_basis,
        "value_t": read.value,
        "value_low_t": read.low,
        "value_high_t": read.high,
        "value_raw": row["quantity_in_book_style"],
        "value_status": "estimated" if estimated else read.status,
        "basis_code": next(iter(bases), "gross_weight" if unit_basis == "gross" else None),
        "is_revised": False,
        "note": row["concat_figure_notes_text"],
    } | _period(int(year[1]), notes)


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one download of rare-earth production.

    Returns one table of `MINERAL_STATISTICS` rows, one a record, in tonnes: of oxide in the series
    `rare_earth_oxides`, of mineral in `rare_earth_minerals/…` save where a note says oxide content. A record whose
    figure or year cannot be read, or whose quantity is not the printed one, becomes a reject with reason
    `unreadable_value`.

    Raises:
        LayoutError: columns lost, notes and codes that do not go together, a figure that occurs twice.
        TruncatedError: the file is not whole.
        UnknownLabelError: a country, commodity, unit, kind of statistic or note that is not known.
    """
    layout = layout_of(artifact, _HERE)
    frame = _checked(artifact, records(artifact, layout))
    measured = [(row["artifact_row"], _measured(artifact, row)) for row in frame.iter_rows(named=True)]
    rows = pl.DataFrame([row for _, row in measured if row is not None], infer_schema_length=None)
    if rows.is_empty():
        raise TruncatedError(artifact, "none of its records can be read.", "fetch the file again.")
    unread = frame.filter(pl.col("artifact_row").is_in([at for at, row in measured if row is None]))
    rejects = pl.DataFrame(schema=REJECTS)
    if unread.height:
        detail = pl.format("{} {}: {} beside {}", "country_trans", "year", "quantity_in_book_style", "quantity")
        rejects = rejects_from(unread, "unreadable_value", detail, layout["columns"])
    return (conform(PRODUCTION, artifact, to_feed_schema(PRODUCTION, rows), rejects),)

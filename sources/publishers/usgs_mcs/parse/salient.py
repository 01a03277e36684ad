"""Read prices and other US salient statistics of an edition, from files of one commodity or the long file of all.

What a column or an item means is in `salient_labels.csv`. Items that it does not have are set aside by name: a price or
a statistic that the publisher adds costs no other figure.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError, UnknownLabelError
from sources.model.source import REJECTS, ParsedTable, TableSpec, conform
from sources.publishers.usgs_mcs.editions import columns_of, encoding_of
from sources.publishers.usgs_mcs.partition import ChapterPartition, Partition
from sources.reading.cells import Cell, normalise, read_cell
from sources.reading.delimited import read_records
from sources.reading.layouts import declared
from sources.reading.partners import UNKNOWN_PARTNER
from sources.reading.tables import to_feed_schema
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent.parent
UNKNOWN_ITEM = "unknown_item"
_NET_EXPORTER = "E"
_YEARS = 5
_SHARES_WITHIN = 1.5
_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:[-–]((?:19|20)?[0-9]{2}))?")
_US_LAYOUTS = frozenset({"salient", "extract_salient", "mcs2026"})
_GRAMS_IN_KG = 1000

PRICES = TableSpec(
    name="usgs_mcs__prices",
    feed="prices",
    key=("elements", "form", "purity", "lot", "price_type", "period_start"),
    layouts=_US_LAYOUTS,
    partitions=(Partition, ChapterPartition),
    may_be_empty=True,
)
SALIENT = TableSpec(
    name="usgs_mcs__salient",
    feed="salient",
    key=(
        *("commodity", "element_symbol", "salient_measure", "salient_material"),
        *("partner_label", "period_type", "period_start"),
    ),
    expected_rejects=frozenset({UNKNOWN_ITEM, UNKNOWN_PARTNER}),
    layouts=_US_LAYOUTS,
    partitions=(Partition, ChapterPartition),
)

Row = dict[str, Any]


def read_salient(artifact: Artifact, layout: Row) -> list[ParsedTable]:
    """Read one commodity's salient statistics, or those of every chapter in the long file.

    Returns two tables, `PRICES` (35 rows for rare earths: seven prices of five years; none for thorium, whose prices
    are unit values of imports) and `SALIENT` (60). A figure of the edition's last year is estimated.

    Raises:
        LayoutError: no year column, another encoding, another edition's file.
        TruncatedError: no record, years of the edition that are missing, or import sources that are.
        UnknownLabelError: a commodity that is not known.
    """
    cells = _by_year(artifact, layout) if layout["shape"] == "years" else _by_figure(artifact, layout)
    _require_years(artifact, cells)
    if layout["shape"] != "years":
        _require_sources(artifact, cells, layout["salient"]["chapters"])
    prices: list[Row] = []
    salient: list[Row] = []
    rejects: list[Row] = []
    price_rejects: list[Row] = []
    partners = load_vocabulary(_HERE / "labels.csv", "import_source")
    for cell in cells:
        read, period = _read(cell), _period(cell["year"])
        meaning = _meanings().get((cell["chapter"], cell["label"]))
        if meaning is None or cell["unit"] not in (None, meaning["unit"]):
            rejects.append(_rejected(cell, UNKNOWN_ITEM))
        elif read is None or period is None:
            of_table = price_rejects if meaning["measure"] == "price" else rejects
            of_table.append(_rejected(cell, "unreadable_value"))
        elif meaning["measure"] == "price":
            prices.append(_stated(cell, read, period) | _price(cell, read, meaning))
        elif cell["partner"] and partners.unknown([cell["partner"]]):
            rejects.append(_rejected(cell, UNKNOWN_PARTNER))
        else:
            partner = meaning["partner_label"] or cell["partner"]
            code = partners.entries[partner][1] if partner else None
            row = {"partner_label": partner, "partner_code": code}
            salient.append(row | _stated(cell, read, period) | _statistic(cell, read, meaning))
    return [_table(artifact, PRICES, prices, price_rejects), _table(artifact, SALIENT, salient, rejects)]


def _by_year(artifact: Artifact, layout: Row) -> list[Row]:
    """The cells of a file of one commodity: a row a year, a column a figure."""
    data = artifact.read_bytes()
    named = columns_of(data, layout["encodings"]) or []
    columns = [*layout["columns"], *dict.fromkeys(name for name in named if name not in layout["columns"])]
    records = read_records(artifact, columns, encoding_of(data, layout))
    _require_own(artifact, layout, records)
    last = str(max(records["Year"].to_list()))
    return [
        {
            "artifact_row": record["artifact_row"],
            "chapter": _chapter(artifact, record["Commodity"]),
            "label": label,
            "partner": None,
            "unit": None,
            "year": normalise(record["Year"]),
            "printed": record[label],
            "note": "",
            "is_last": record["Year"] == last,
        }
        for record in records.iter_rows(named=True)
        for label in columns
        if label not in layout["columns"]
    ]


def _by_figure(artifact: Artifact, layout: Row) -> list[Row]:
    """The cells of a file with a record a figure, those of other chapters and sections left out."""
    at, about = layout["salient"], declared(_HERE)
    records = read_records(artifact, layout["columns"], encoding_of(artifact.read_bytes(), layout))
    cells = []
    for record in records.iter_rows(named=True):
        chapter = about["chapters"].get(normalise(record[at["chapter_column"]]))
        section = about["sections"].get(normalise(record[at["section_column"]]))
        if chapter is None or section is None:
            continue
        unit = normalise(record[at["unit_column"]])
        cells.append(
            {
                "artifact_row": record["artifact_row"],
                "chapter": chapter,
                "label": normalise(record[at["label_column"]]),
                "partner": normalise(record[at["partner_column"]]) if section == "import_sources" else None,
                "unit": about["units"].get(unit, unit),
                "year": normalise(record[at["year_column"]]),
                "printed": record[at["value_column"]],
                "note": normalise(record[at["note_column"]]),
                "is_last": False,
            }
        )
    return cells


def _require_own(artifact: Artifact, layout: Row, records: pl.DataFrame) -> None:
    for column, values in layout["closed"].items():
        other = records.filter(~pl.col(column).is_in(values))
        if other.height:
            first = other.row(0, named=True)
            raise LayoutError(
                artifact,
                f"record {first['artifact_row']} says {column} {first[column]!r}, its edition {values[0]!r}.",
                "correct the edition that the file was landed under.",
            )


def _chapter(artifact: Artifact, commodity: str) -> str:
    chapters = declared(_HERE)["chapters"]
    if normalise(commodity) not in chapters:
        raise UnknownLabelError(
            artifact,
            f"is of the commodity {commodity!r}; known are {sorted(set(chapters))}.",
            "if the publisher renamed the chapter, add its name under [chapters] in layouts.toml.",
        )
    return str(chapters[normalise(commodity)])


def _require_years(artifact: Artifact, cells: list[Row]) -> None:
    """Every item of the salient table must have the five years of the edition, which is the last line of each."""
    want = {str(artifact.year - i) for i in range(1, _YEARS + 1)}
    got: dict[str, set[str]] = {}
    for cell in cells:
        if cell["partner"] is None:
            got.setdefault(f"{cell['chapter']}, {cell['label']!r}", set()).add(cell["year"])
    lacking = [f"{item} lacks {sorted(want - years)}" for item, years in got.items() if want - years]
    if lacking or not got:
        what = f"is cut short: {lacking[0]}." if lacking else "holds no salient statistics of a chapter that is read."
        raise TruncatedError(artifact, what, "fetch the file again.")


def _require_sources(artifact: Artifact, cells: list[Row], chapters: list[str]) -> None:
    """Every chapter ends with its import sources, whose shares of one item are all of it, within their rounding."""
    listed = pl.DataFrame([cell for cell in cells if cell["partner"] is not None], infer_schema_length=None)
    lacking = [chapter for chapter in chapters if chapter not in (listed["chapter"].to_list() if listed.height else ())]
    if lacking:
        raise TruncatedError(artifact, f"has no import sources of {lacking[0]}.", "fetch the file again.")
    shares = listed.group_by("chapter", "label", maintain_order=True).agg(
        pl.col("printed").str.strip_chars().cast(pl.Float64, strict=False).sum().alias("percent")
    )
    for chapter, label, percent in shares.filter((pl.col("percent") - 100).abs() > _SHARES_WITHIN).iter_rows():
        what = f"has import sources of {chapter}, {label!r}, that add up to {percent:g} %."
        raise TruncatedError(artifact, what, "fetch the file again; look whether a source is missing.")


def _read(cell: Row) -> Cell | None:
    if normalise(cell["printed"]) == _NET_EXPORTER:
        return Cell(None, None, None, "net_exporter")
    return read_cell(cell["printed"])


def _period(printed: str) -> Row | None:
    """A calendar year, or the years of import sources ("2021–24")."""
    found = _YEAR.fullmatch(printed)
    if found is None:
        return None
    first = int(found[1])
    last = int(found[1][: 4 - len(found[2])] + found[2]) if found[2] else first
    return {
        "period_type": "year_range" if found[2] else "calendar_year",
        "first_year": first,
        "last_year": last,
    }


@cache
def _meanings() -> dict[tuple[str, str], Row]:
    """What each column or item of a chapter is, by chapter and label."""
    rows = pl.read_csv(_HERE / "salient_labels.csv", infer_schema=False, glob=False)
    return {(row["chapter"], row["label"]): row for row in rows.iter_rows(named=True)}


def _stated(cell: Row, read: Cell, period: Row) -> Row:
    """What prices and other statistics share."""
    meaning = _meanings()[cell["chapter"], cell["label"]]
    in_header = meaning["estimated"] == "all" or (meaning["estimated"] == "last" and cell["is_last"])
    is_estimated = in_header or cell["note"].startswith("Estimated")
    return {
        "artifact_row": cell["artifact_row"],
        "commodity": cell["chapter"],
        "label": cell["label"],
        "value_raw": cell["printed"],
        "value_status": "estimated" if is_estimated and read.status == "reported" else read.status,
        "note": cell["note"] or None,
    } | period


def _price(cell: Row, read: Cell, meaning: Row) -> Row:
    factor = _GRAMS_IN_KG if meaning["unit"] == "usd_per_g" else 1
    numbers = {"price_usd_per_kg": read.value, "price_usd_per_kg_low": read.low, "price_usd_per_kg_high": read.high}
    form = meaning["form"]
    purity = meaning["purity_of_last"] if cell["is_last"] and meaning["purity_of_last"] else meaning["purity"]
    return {name: None if number is None else number * factor for name, number in numbers.items()} | {
        "elements": meaning["elements"],
        "form": form,
        "purity": purity,
        "lot": meaning["lot"],
        "price_type": meaning["price_type"],
        "price_terms": _terms(cell["note"]) or meaning["price_terms"],
        "price_unit": meaning["unit"],
        "unit_basis": {"oxide": "reo", "metal": "metal"}.get(form, "gross"),
    }


def _terms(note: str) -> str | None:
    said = note.removeprefix("Estimated.").removeprefix(" -- ")
    return next((terms["code"] for terms in declared(_HERE)["terms"] if said.startswith(terms["words"])), None)


def _statistic(cell: Row, read: Cell, meaning: Row) -> Row:
    is_mass = meaning["unit"] in {"t", "kg"}
    return {
        "country_code": "USA",
        "element_symbol": meaning["elements"],
        "salient_measure": meaning["measure"],
        "salient_material": meaning["material"],
        "salient_value": read.value,
        "salient_value_low": read.low,
        "salient_value_high": read.high,
        "salient_unit": meaning["unit"],
        "unit_basis": ("gross" if cell["chapter"] == "thorium" else "reo") if is_mass else None,
    }


def _rejected(cell: Row, reason: str) -> Row:
    where = ", ".join(str(cell[name]) for name in ("chapter", "label", "partner", "year") if cell[name])
    return {
        "artifact_row": cell["artifact_row"],
        "reason_code": reason,
        "detail": f"{where}: {cell['printed']!r} {cell['unit'] or ''}".rstrip(),
        "row_json": pl.DataFrame([cell]).select(pl.struct(pl.all()).struct.json_encode()).item(),
    }


def _table(artifact: Artifact, spec: TableSpec, rows: list[Row], rejects: list[Row]) -> ParsedTable:
    frame = pl.DataFrame(rows, infer_schema_length=None)
    if rows:
        frame = frame.with_columns(
            pl.date("first_year", 1, 1).alias("period_start"), pl.date("last_year", 12, 31).alias("period_end")
        )
    return conform(spec, artifact, to_feed_schema(spec, frame), pl.DataFrame(rejects, schema=REJECTS))

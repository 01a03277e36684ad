"""Read the figures of magnet rare earths from the data of the Critical Minerals Data Explorer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.model.source import ParsedTable, TableSpec, conform
from sources.publishers.iea.partition import Partition
from sources.reading.columns import by_closed_list, in_year, with_areas
from sources.reading.json_text import read_json
from sources.reading.layouts import declared, layout_of
from sources.reading.tables import rejects_from, to_feed_schema
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_YEAR = re.compile(r"20[0-9]{2}")
_SCENARIOS = ("STEPS", "APS", "NZE")
_RAW = ["measure", "label", "scenario", "year", "value_raw"]
_SCHEMA = {name: pl.String() for name in _RAW} | {"kind": pl.String(), "number": pl.Float64()}

NOTE = "note"
"""Why a line of prose among the countries is set aside."""

OUTLOOK_TABLE = TableSpec(
    name="iea__outlook",
    feed="outlook",
    key=(
        *("outlook_measure", "element_scope", "scope", "country_code", "magnet_use", "outlook_scenario"),
        *("period_type", "period_start"),
    ),
    expected_rejects=frozenset({NOTE}),
    partitions=(Partition,),
)
TABLES = (OUTLOOK_TABLE,)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Steps into objects of the body by field; errors name the way to what is missing."""

    artifact: Artifact

    def field(self, value: Any, way: str, name: str) -> Any:
        if not isinstance(value, dict) or name not in value:
            raise LayoutError(
                self.artifact, f"has no {way}.{name}.", "the layout changed, or the body is cut; look at the file."
            )
        return value[name]

    def years(self, value: Any, way: str) -> Iterator[tuple[str, Any]]:
        """The figures by year of an object.

        Raises:
            LayoutError: it is no object, or a field is no year.
        """
        if not isinstance(value, dict):
            raise LayoutError(self.artifact, f"{way} holds no figures by year.", "look at the file.")
        for year, figure in value.items():
            if _YEAR.fullmatch(year) is None:
                raise LayoutError(
                    self.artifact, f"{way} has the field {year[:80]!r}, which is no year.", "look at the file."
                )
            yield year, figure


def _number(figure: Any) -> float | None:
    is_number = isinstance(figure, int | float) and not isinstance(figure, bool) and figure >= 0
    return float(figure) if is_number else None


def _row(kind: str, measure: str, label: str, scenario: str, year: str, figure: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "measure": measure,
        "label": label,
        "scenario": scenario,
        "year": year,
        "value_raw": json.dumps(figure, ensure_ascii=False),
        "number": _number(figure),
    }


def _supply(reader: _Reader, body: Any, layout: dict[str, Any], base_year: str) -> Iterator[dict[str, Any]]:
    """Mining and refining by country and year, and the printed total."""
    mineral = layout["mineral"]
    supply = reader.field(reader.field(body, "body", "supply"), "supply", mineral)
    for measure in layout["measures"]:
        way = f"supply.{mineral}.{measure}"
        stage = reader.field(supply, f"supply.{mineral}", measure)
        countries, total = (reader.field(stage, way, name) for name in ("countries", "total"))
        if not isinstance(countries, dict):
            raise LayoutError(reader.artifact, f"{way}.countries is no object.", "look at the file.")
        listed = [("country", label, by_year) for label, by_year in countries.items()]
        for kind, label, by_year in [*listed, ("world", "total", total)]:
            for year, figure in reader.years(by_year, f"{way}.{label[:80]}"):
                yield _row(kind, measure, label, "base_year" if year == base_year else "base_case", year, figure)


def _demand(reader: _Reader, body: Any, layout: dict[str, Any], base_year: str) -> Iterator[dict[str, Any]]:
    """Demand of each sector and part: the base year, then years by scenario."""
    mineral = layout["mineral"]
    way = f"totalDemand.{mineral}"
    demand = reader.field(reader.field(body, "body", "totalDemand"), "totalDemand", mineral)
    sectors = reader.field(demand, way, "sectors")
    if not isinstance(sectors, dict):
        raise LayoutError(reader.artifact, f"{way}.sectors is no object.", "look at the file.")
    parts = {name: reader.field(demand, way, name) for name in declared(_HERE)["uses"]}
    for label, figures in [*sectors.items(), *parts.items()]:
        here = f"{way}.{label[:80]}"
        yield _row("use", "demand", label, "base_year", base_year, reader.field(figures, here, base_year))
        for scenario, by_year in figures.items():
            if scenario != base_year:
                for year, figure in reader.years(by_year, f"{here}.{scenario[:80]}"):
                    yield _row("use", "demand", label, scenario, year, figure)


def _set_notes_aside(records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines of prose stand among the countries, without any figure: their labels are no countries."""
    known = load_vocabulary(_HERE / "labels.csv", "country")
    strange = known.unknown(records.filter(pl.col("kind") == "country")["label"].unique())
    is_note = (
        (pl.col("kind") == "country")
        & pl.col("label").is_in(strange)
        & (pl.col("value_raw") == "null").all().over("measure", "label")
    )
    notes = records.filter(is_note)
    return records.filter(~is_note), rejects_from(notes, NOTE, "prose among the countries, without a figure", _RAW)


def _shape(artifact: Artifact, records: pl.DataFrame, layout: dict[str, Any]) -> pl.DataFrame:
    lists = declared(_HERE)
    countries = with_areas(artifact, records.filter(pl.col("kind") == "country"), _HERE, "country", "label", "country")
    uses = records.filter(pl.col("kind") == "use")
    uses = uses.with_columns(
        by_closed_list(artifact, uses, "label", lists["sectors"] | lists["uses"]).alias("magnet_use"),
        by_closed_list(artifact, uses, "scenario", ("base_year", *_SCENARIOS)).alias("scenario"),
    )
    frame = pl.concat([countries, records.filter(pl.col("kind") == "world"), uses], how="diagonal")
    is_projection = pl.col("scenario") != "base_year"
    return frame.sort("artifact_row").with_columns(
        pl.col("measure").alias("outlook_measure"),
        pl.lit(layout["element_scope"]).alias("element_scope"),
        pl.when(pl.col("country_kind") == "area")
        .then(pl.lit("country"))
        .otherwise(pl.coalesce("country_kind", pl.lit("world")))
        .alias("scope"),
        pl.when(pl.col("kind") == "country").then("label").alias("country_label"),
        pl.col("scenario").alias("outlook_scenario"),
        *in_year("year"),
        pl.col("number").alias("value_kt"),
        pl.when(pl.col("number").is_null())
        .then(pl.lit("not_available"))
        .when(pl.col("number") == 0)
        .then(pl.lit("zero"))
        .when(is_projection)
        .then(pl.lit("estimated"))
        .otherwise(pl.lit("reported"))
        .alias("value_status"),
    )


def _base_year(reader: _Reader, body: Any, layout: dict[str, Any]) -> str:
    """The year that the demand of all uses has outside its scenarios.

    Raises:
        LayoutError: there is none, or more than one.
    """
    mineral = layout["mineral"]
    demand = reader.field(reader.field(body, "body", "totalDemand"), "totalDemand", mineral)
    total = reader.field(demand, f"totalDemand.{mineral}", "totalDemand")
    years: list[str] = [name for name in total if _YEAR.fullmatch(name)] if isinstance(total, dict) else []
    if len(years) != 1:
        raise LayoutError(reader.artifact, f"total demand has the base years {years}, not one.", "look at the file.")
    return years[0]


def parse(artifact: Artifact) -> tuple[ParsedTable, ...]:
    """Read one edition: rows of `OUTLOOK` in kilotonnes of magnet rare earths, by country or use, scenario and year.

    A null is `not_available`. Prose among the countries is set aside as `note`; a figure that is no number of zero or
    more as `unreadable_value`.

    Raises:
        LayoutError: a field is missing or of another kind, an undeclared layout, JSON that no publisher writes.
        TruncatedError: no JSON, or no figure.
        UnknownLabelError: a country, use or scenario that is not known.
    """
    artifact.check_bytes()
    layout = layout_of(artifact, _HERE)
    body, reader = read_json(artifact, "the explorer's data"), _Reader(artifact)
    base_year = _base_year(reader, body, layout)
    rows = [*_supply(reader, body, layout, base_year), *_demand(reader, body, layout, base_year)]
    if not rows:
        raise TruncatedError(artifact, "holds no figure of rare earths.", "fetch it again.")
    records = pl.DataFrame(rows, schema=_SCHEMA).with_row_index("artifact_row", offset=1)
    records, notes = _set_notes_aside(records)
    is_read = pl.col("number").is_not_null() | (pl.col("value_raw") == "null")
    rejects = rejects_from(records.filter(~is_read), "unreadable_value", "no number of zero or more", _RAW)
    frame = to_feed_schema(OUTLOOK_TABLE, _shape(artifact, records.filter(is_read), layout))
    return (conform(OUTLOOK_TABLE, artifact, frame, pl.concat([rejects, notes])),)

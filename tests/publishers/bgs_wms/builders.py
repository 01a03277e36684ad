"""Records of the British Geological Survey's World Mineral Statistics, built by hand. Figures are invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact
from sources.reading.layouts import declared
from sources.registry import sources
from tests.helpers.artifacts import artifact, table

PACKAGE = sources()["bgs_wms"].package
LAYOUTS = {layout["id"]: layout for layout in declared(PACKAGE)["layout"]}
RECORD = {
    "country_iso3_code": "IND",
    "country_trans": "India",
    "bgs_commodity_trans": "rare earth oxides",
    "bgs_sub_commodity_trans": "",
    "bgs_statistic_type_trans": "Production",
    "units": "tonnes (metric)",
    "year": "2019-01-01 00:00:00",
    "quantity": "1234",
    "quantity_in_book_style": "1234",
}
MARCH = "Years ending 31 March following that stated."
JUNE = "Years ending 30 June of that stated."
CONTENT = "REO content. Assumed to be 60% of concentrates produced."


def noted(*texts: str) -> dict[str, str]:
    """The two columns of notes for these texts."""
    signs = {"Estimates.": "*", "Break in series.": "#"}
    codes = [signs.get(text, "abcdef"[i]) for i, text in enumerate(texts)]
    return {"concat_figure_notes_code": "|".join(codes), "concat_figure_notes_text": "|".join(texts)}


def csv_of(folder: Path, *changes: dict[str, Any], layout: str = "bgs_csv_xy", **known: Any) -> Artifact:
    """A download of one record a change."""
    columns = LAYOUTS[layout]["columns"]
    rows = [[(RECORD | change).get(name, "") for name in columns] for change in changes]
    return artifact(folder, table(columns, *rows), source_code="bgs_wms", layout=layout, name="bgs.csv", **known)


def both_lists(folder: Path) -> Artifact:
    """A download of both lists: three years of three countries' oxides, and India's monazite."""
    producers = (
        ("CHN", "China", "210000", {}),
        ("USA", "USA", "26000", {}),
        ("IND", "India", "4200", noted(MARCH)),
    )
    oxides = [
        {"country_iso3_code": code, "country_trans": name, "quantity": tonnes, "quantity_in_book_style": tonnes}
        | {"year": f"{year}-01-01 00:00:00"} | notes
        for year in (2019, 2020, 2021)
        for code, name, tonnes, notes in producers
    ]  # fmt: skip
    monazite = [
        {"bgs_commodity_trans": "rare earth minerals", "bgs_sub_commodity_trans": "Monazite"}
        | {"year": f"{year}-01-01 00:00:00"} | noted(MARCH)
        for year in (2019, 2020, 2021)
    ]  # fmt: skip
    return csv_of(folder, *oxides, *monazite, partition="BGS WMS", year=2021)

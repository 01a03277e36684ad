"""A chart as the site shows it: title, drawing, notes, sources, data table and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.release.site.charts.canvas import Drawing
from warehouse.release.site.tables import Selection
from warehouse.release.site.wording import machine


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `title` says what is seen, in words made of its own figures; `unit` says what is measured.

    `data` are the published rows behind it, one CSV file each; `sources` are codes of `core.dim_source`.
    """

    slug: str
    title: str
    unit: str
    drawing: Drawing
    data: Sequence[Selection]
    sources: Sequence[str]
    notes: Sequence[str] = ()
    legend: Sequence[tuple[str, str]] = ()
    is_compact: bool = False

    def files(self) -> dict[str, Selection]:
        """Its CSV files by name: `magnets-share.csv`, and `magnets-share-2.csv` where it draws two tables."""
        return {
            f"{self.slug}{'' if at == 0 else f'-{at + 1}'}.csv": selection for at, selection in enumerate(self.data)
        }


def csv_text(selection: Selection) -> str:
    """The rows of a selection with all their digits, key columns first."""
    columns = list(dict.fromkeys([*selection.key, *selection.labels]))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([machine(row[column]) for column in columns] for row in selection.rows)
    return file.getvalue()

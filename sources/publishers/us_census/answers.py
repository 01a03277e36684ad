"""Answers of the International Trade API as records of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.reading.json_text import as_cell, read_json
from sources.reading.tables import check_columns, log_added_fields

_REMEDY = "fetch it again; if it comes again, the publisher changed its interface."


def read_answer(artifact: Artifact, layout: Mapping[str, Any]) -> pl.DataFrame:
    """The records of an answer: the columns of its layout as text, and `artifact_row` from 1 (the header is row 0).

    A field that was asked for and restricted the query stands in the answer twice; both have to say the same.

    Raises:
        TruncatedError: no JSON array, an error page, or no record.
        LayoutError: a field is lost, a row has another number of cells, or a repeated field differs.
    """
    body = read_json(artifact, "an answer of the International Trade API")
    is_table = isinstance(body, list) and len(body) > 1 and all(isinstance(row, list) for row in body)
    if not is_table or not all(isinstance(name, str) for name in body[0]):
        raise TruncatedError(artifact, "is no array of a header and records.", "an error or an empty query; ask again.")
    header, records = body[0], body[1:]
    names, columns = set(header), layout["columns"]
    if set(columns) - names:
        check_columns(artifact, sorted(names - set(layout["beside"])), columns)
    log_added_fields(artifact, names - set(columns) - set(layout["beside"]))
    places = {name: [at for at, other in enumerate(header) if other == name] for name in columns}
    rows = [_cells(artifact, places, header, row, cells) for row, cells in enumerate(records, start=1)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return frame.with_row_index("artifact_row", offset=1)


def _cells(
    artifact: Artifact, places: Mapping[str, list[int]], header: list[str], row: int, cells: list[Any]
) -> list[str]:
    if len(cells) != len(header):
        raise LayoutError(artifact, f"row {row} has {len(cells)} cells under {len(header)} names.", _REMEDY)
    for name, at in places.items():
        if any(cells[other] != cells[at[0]] for other in at[1:]):
            said = [as_cell(cells[other])[:40] for other in at]
            raise LayoutError(artifact, f"row {row} says {name} {said}.", _REMEDY)
    return [as_cell(cells[at[0]]) for at in places.values()]

"""The layout of an edition's table, with the edition's years filled in."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError
from sources.model.paths import project_path
from sources.reading.cells import normalise
from sources.reading.layouts import declared, layout_of

_HERE = Path(__file__).parent
_PLACE = re.compile(r"\{edition(?:-([0-9]))?\}")
_EDITION = re.compile(r"MCS ([0-9]{4})")


def of_edition(artifact: Artifact) -> dict[str, Any]:
    """The artifact's layout with the years of its own edition.

    Raises:
        LayoutError: no such layout is declared; says what the file's columns are beside the most alike that is.
    """
    if artifact.layout not in {layout["id"] for layout in declared(_HERE)["layout"]}:
        _refuse(artifact)
    layout = layout_of(artifact, _HERE)
    found = _EDITION.fullmatch(artifact.edition or layout["edition"])
    if found is None:
        raise LayoutError(artifact, f"is of edition {artifact.edition!r}.", "editions are named 'MCS <year>'.")
    return _layout_in(layout, int(found[1]))


def layout_for(year: int, data: bytes) -> str:
    """Name the layout that a new file of an edition has: the one whose columns, in that edition, are just the file's.

    Without one it is the edition's own, `mcs<year>`, declared or not: then the load says which columns differ.
    """
    own = f"mcs{year}"
    newest_first = sorted(_publishers_own(), key=lambda layout: (layout["id"] == own, layout["id"]), reverse=True)
    for layout in newest_first:
        columns = columns_of(data, layout["encodings"])
        if columns is not None and sorted(columns) == sorted(_layout_in(layout, year)["columns"]):
            return str(layout["id"])
    return own


def encoding_of(data: bytes, layout: dict[str, Any]) -> str:
    """The first of the layout's encodings that the whole file can be read in, or the last of them."""
    *first, last = (str(name) for name in layout["encodings"])
    return next((name for name in first if _text(data, name) is not None), last)


def _publishers_own() -> list[dict[str, Any]]:
    """The layouts that a world table of the publisher can have."""
    return [layout for layout in declared(_HERE)["layout"] if "country_column" in layout and not layout.get("extract")]


def _layout_in(layout: dict[str, Any], year: int) -> dict[str, Any]:
    return {name: _with_years(value, year) for name, value in layout.items()}


def _with_years(value: Any, year: int) -> Any:
    """`{edition}` and `{edition-2}` in every text of a layout as the years they are."""
    if isinstance(value, dict):
        return {_with_years(name, year): _with_years(item, year) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_years(item, year) for item in value]
    if isinstance(value, str):
        return _PLACE.sub(lambda place: str(year - int(place[1] or 0)), value)
    return value


def _text(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def columns_of(data: bytes, encodings: list[str]) -> list[str] | None:
    """The named columns of a file; None where it is no CSV in any of the encodings."""
    text = next((text for name in encodings if (text := _text(data, name)) is not None), None)
    if text is None:
        return None
    try:
        header = next(csv.reader(io.StringIO(text, newline="")), [])
    except csv.Error:
        return None
    return [name for cell in header if (name := normalise(cell))]


def _refuse(artifact: Artifact) -> None:
    data, year = artifact.read_bytes(), artifact.year
    beside = []
    for layout in _publishers_own():
        got, want = set(columns_of(data, layout["encodings"]) or ()), set(_layout_in(layout, year)["columns"])
        beside.append((len(got ^ want), layout["id"], sorted(want - got), sorted(got - want)))
    _, nearest, lost, gained = min(beside, key=lambda found: found[0])
    raise LayoutError(
        artifact,
        f"layout '{artifact.layout}' is not declared; known are {sorted(layout for _, layout, *_ in beside)}. "
        f"Beside '{nearest}' its columns lost {lost} and gained {gained}.",
        f"look at the file and declare its layout as a table of {project_path(_HERE / 'layouts.toml')}.",
    )

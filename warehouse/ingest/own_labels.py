"""The user's own labels: the file that `REE_OWN_LABELS` names, checked row by row."""

from __future__ import annotations

import csv
import io
from difflib import get_close_matches
from pathlib import Path

from sources.model.artifact import OwnTableError, shortened
from sources.reading.cells import normalise
from sources.reading.vocabulary import KINDS, OWN_COLUMNS, OwnLabels, load_vocabulary, names_of_vocabularies
from sources.registry import sources
from warehouse.settings import Settings

_HEADER = ",".join(OWN_COLUMNS)
_NAMED = 10
"""Problems that an error lists."""
_LONGEST_PROBLEM = 400
"""Characters; a problem quotes cells, which may be of any length."""


class OwnLabelsError(OwnTableError):
    """The file of own labels cannot be used."""


def read_own_labels(settings: Settings) -> OwnLabels:
    """The labels of the file that `REE_OWN_LABELS` names; none without it.

    The file is CSV with the columns of `OWN_COLUMNS`, for example `un_comtrade,wits,Atlantis,area,X899`.

    Raises:
        OwnLabelsError: the file cannot be read, or a row of it is wrong: names row, column and remedy of each.
    """
    if settings.own_labels is None:
        return OwnLabels()
    path = settings.own_labels
    rows = _rows(path)
    areas = _areas(settings)
    entries: dict[tuple[str, str], dict[str, tuple[str, str | None]]] = {}
    problems: list[str] = []
    for number, row in rows:
        label = normalise(row["label"])
        problem = _problem(row, areas)
        if not problem and label in entries.get((row["source_code"], row["vocabulary"]), {}):
            problem = f"column label: {label!r} occurs twice"
        if problem:
            problems.append(shortened(f"row {number}, {problem}", _LONGEST_PROBLEM))
        else:
            of_vocabulary = entries.setdefault((row["source_code"], row["vocabulary"]), {})
            of_vocabulary[label] = (row["kind"], row["area_code"] or None)
    if problems:
        more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        raise OwnLabelsError(
            str(path), f"{'; '.join(problems[:_NAMED])}{more}.", "correct these rows, or unset REE_OWN_LABELS."
        )
    return OwnLabels(entries)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows by their line in the file; the header is line 1, and empty lines are left out."""
    try:
        records = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OwnLabelsError(
            str(path),
            f"cannot be read ({getattr(error, 'strerror', None) or error}).",
            f"REE_OWN_LABELS names a CSV file in UTF-8 with the header {_HEADER}; name such a file, or unset it.",
        ) from error
    header = tuple(cell.strip() for cell in records[0]) if records else ()
    if header != OWN_COLUMNS:
        raise OwnLabelsError(
            str(path), f"row 1 is {','.join(header)[:200]!r}, not the header.", f"make its first line {_HEADER}"
        )
    numbered = [(number, record) for number, record in enumerate(records[1:], start=2) if any(map(str.strip, record))]
    short = [number for number, record in numbered if len(record) != len(OWN_COLUMNS)]
    if short:
        raise OwnLabelsError(
            str(path),
            f"row {short[0]} does not have {len(OWN_COLUMNS)} cells.",
            'quote a label that has a comma: un_comtrade,wits,"Congo, Rep.",area,COG',
        )
    return [(number, dict(zip(OWN_COLUMNS, map(str.strip, record), strict=True))) for number, record in numbered]


def _problem(row: dict[str, str], areas: set[str]) -> str:
    """What is wrong with a row, its column first; empty where nothing is."""
    code, vocabulary, label, kind, area = (row[name] for name in OWN_COLUMNS)
    known = {source.code: source.package / "labels.csv" for source in sources().values()}
    with_labels = [name for name, path in known.items() if path.is_file()]
    if code not in with_labels:
        return f"column source_code: {code!r} has no labels{_hint(code, with_labels)}"
    names = names_of_vocabularies(known[code])
    if vocabulary not in names:
        return f"column vocabulary: {vocabulary!r} is none of {code}'s, which are {', '.join(names)}"
    if not label:
        return "column label: it is empty"
    if kind not in KINDS:
        return f"column kind: {kind!r} is none of {', '.join(KINDS)}"
    if kind == "area" and area not in areas:
        return f"column area_code: {area!r} is not in seed_area.csv{_hint(area, sorted(areas))}"
    bundled = load_vocabulary(known[code], vocabulary).entries.get(normalise(label))
    if bundled and bundled != (kind, area or None):
        return f"column label: {label!r} is known already, as {bundled[0]} {bundled[1] or ''}".rstrip()
    return ""


def _areas(settings: Settings) -> set[str]:
    """The codes of all areas that the warehouse has."""
    with (settings.dbt_project / "seeds" / "seed_area.csv").open(encoding="utf-8", newline="") as text:
        return {row["area_code"] for row in csv.DictReader(text)}


def _hint(given: str, known: list[str]) -> str:
    near = get_close_matches(given, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""

"""The followed codes of a bulk file (gzip TSV of all codes), extracted as a stream with all its columns."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from sources.model.artifact import LayoutError, TruncatedError
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.planning import DataSet
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS

_TOTALS = {"motCode": "0", "customsCode": "C00"}
_AGAIN = "download it again, and drop it unchanged."


def require_whole(name: str, path: Path) -> None:
    """Read a gzip file to its end, where its checksum is compared; `name` is for the error.

    Raises:
        TruncatedError: it is damaged or ends early.
    """
    try:
        with gzip.open(path, "rb") as file:
            while file.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TruncatedError(name, f"is not a whole gzip file ({error}).", _AGAIN) from error


def data_sets_in(name: str, path: Path) -> list[DataSet]:
    """The data sets of which a bulk file has a total of a followed code; errors as for `write_extract`."""
    _, places = _header_of(name, path)
    found = {
        (cells[places["freqCode"]], cells[places["reporterCode"]], cells[places["period"]])
        for cells in _totals(name, path, places)
    }
    return [DataSet(frequency, _number(name, reporter), period) for frequency, reporter, period in sorted(found)]


def write_extract(name: str, path: Path, data_set: DataSet, target: Path) -> int:
    """Write a data set's totals of the followed codes, of all flows, to `target`; return their number.

    Columns that the publisher added are kept.

    Raises:
        LayoutError: columns were lost or are repeated.
        TruncatedError: a record has more or fewer cells than the header.
    """
    header, places = _header_of(name, path)
    reporter, n_records = str(data_set.reporter), 0
    with target.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        packed.write("\t".join(header).encode() + b"\n")
        for cells in _totals(name, path, places):
            if cells[places["period"]] == data_set.period and cells[places["reporterCode"]] == reporter:
                packed.write("\t".join(cells).encode() + b"\n")
                n_records += 1
    return n_records


def _header_of(name: str, path: Path) -> tuple[list[str], dict[str, int]]:
    """The columns of a file, and the place of each."""
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n").split("\t")
    lost = sorted(set(BULK_FIELDS) - set(header))
    if lost or len(set(header)) != len(header):
        raise LayoutError(
            name,
            f"has other columns than declared: lost {lost}, and {len(header) - len(set(header))} are repeated.",
            "if the publisher renamed or removed them, the parser must learn the new ones.",
        )
    return header, {column: place for place, column in enumerate(header)}


def _totals(name: str, path: Path, places: dict[str, int]) -> Iterator[list[str]]:
    """The records of the followed codes without breakdown rows."""
    code, totals = places["cmdCode"], {places[column]: total for column, total in _TOTALS.items()}
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        file.readline()
        for number, line in enumerate(file, 1):
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != len(places):
                raise TruncatedError(name, f"has {len(cells)} cells in record {number}, not {len(places)}.", _AGAIN)
            if cells[code] in HS_CODES and all(cells[place] == total for place, total in totals.items()):
                yield cells


def _number(name: str, reporter: str) -> int:
    if not reporter.isdecimal():
        raise LayoutError(name, f"has the reporter {reporter!r}, no number.", _AGAIN)
    return int(reporter)

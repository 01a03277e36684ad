"""Identify a dropped download of GACC's online query: which query it is of, by its cells and its name.

Cells say the months, codes, partners and currency. Only the file's name can say the flow, and the code requested.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sources.model import products
from sources.model.artifact import Artifact, LayoutError, TruncatedError, UnknownLabelError
from sources.model.partition import ALL
from sources.model.paths import project_path
from sources.model.products import HS_CODES
from sources.publishers.china_customs.partition import Partition
from sources.reading.cells import normalise
from sources.reading.layouts import declared
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parent
_CODE, _PARTNER = "商品编码", "贸易伙伴编码"
_AGAIN = "download it again as CSV, and drop it unchanged."
_OTHER_KINDS = (
    (b"", "is empty"),
    (b"%PDF", "is a PDF"),
    (b"PK\x03\x04", "is an Excel workbook or a zip"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook"),
    (b"\xff\xfe", "is text in UTF-16, as a spreadsheet saves it"),
    (b"\xfe\xff", "is text in UTF-16, as a spreadsheet saves it"),
    (b"<", "is a web page: perhaps the page of its slider"),
    (b"{", "is JSON, perhaps an error of the site"),
)
_FLOWS = {
    "X": re.compile(r"(?<![a-z])exports?(?![a-z])|出口", re.IGNORECASE),
    "M": re.compile(r"(?<![a-z])imports?(?![a-z])|进口", re.IGNORECASE),
}
_YEAR = re.compile(r"(?:19|20)[0-9][0-9]")
_MONTH = re.compile(r"(?:19|20)[0-9][0-9](?:0[1-9]|1[0-2])")
_LINE = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{8}")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)
_FORMULA = re.compile(r"[=+@]|-(?!$|[0-9.,]+$)")


@dataclass(frozen=True, slots=True)
class _Download:
    """A download's name, layout, columns and records."""

    name: str
    layout: str
    columns: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]

    def cells(self, *columns: str) -> set[str]:
        """Distinct cells of a column (the first of several names that exists); empty where no such column exists."""
        places = [self.columns.index(name) for name in columns if name in self.columns][:1]
        return {record[place].strip() for place in places for record in self.records if len(record) > place}


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:  # noqa: ARG001 - nothing is unpacked
    """Say what a dropped file is: one year of one query, known from the day it was dropped.

    The flow comes from the name (export, import, 出口, 进口), and so does the requested code if the name has one, the
    partner where no partner column was chosen, and the year where no month column was.

    Raises:
        LayoutError: no download of the query, or its cells and its name do not say which query it answers.
        TruncatedError: it ends in the middle of a line.
    """
    data = path.read_bytes()
    download = _read(_name_of(path), data)
    flow = _flow_of(download)
    partner, code = _partner_of(download), _code_of(download)
    year, is_whole = _year_of(download)
    partition = Partition(flow, None if partner == ALL else partner, code, year, is_whole, _is_in_yuan(download))
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    artifact = Artifact(
        source_code=about["code"],
        name=download.name,
        layout=download.layout,
        partition=str(partition),
        year=year,
        edition=None,
        release=f"as read {received_on.isoformat()}",
        known_from=received_on,
        known_basis="assumed",
        transcription="original",
        url=about["url"],
        sha256=hashlib.sha256(data).hexdigest(),
        original_sha256=None,
        path=path,
    )
    return (artifact,)


def _name_of(path: Path) -> str:
    """The file's name as text: one that was packed on Windows in China may be in GB18030."""
    name = os.fsencode(path.name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "replace")


def _read(name: str, data: bytes) -> _Download:
    _refuse_other_kinds(name, data)
    if not data.endswith(b"\n"):
        raise _half_copied(name, "its last line has no end")
    layout, text = _decoded(name, data)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise _half_copied(name, "it ends inside a quoted cell") from error
        raise LayoutError(name, f"is no readable CSV ({error}).", _AGAIN) from error
    columns = tuple(normalise(cell) for cell in records[0])
    missing = [column for column in (_CODE, "商品名称") if column not in columns]
    if missing:
        raise LayoutError(
            name, f"is no download of the online query: it has no column {', '.join(missing)}.", "drop the right file."
        )
    cells = (tuple(cell.strip("\t") for cell in record) for record in records[1:])
    download = _Download(name, layout, columns, tuple(record for record in cells if any(record)))
    if not download.records:
        raise LayoutError(name, "holds no record: the query found nothing.", "ask again with other terms.")
    _refuse_altered_cells(download)
    return download


def _refuse_other_kinds(name: str, data: bytes) -> None:
    start = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    for begins, what in _OTHER_KINDS:
        if (begins and start.startswith(begins)) or not (begins or start):
            raise LayoutError(name, f"{what}, not a CSV download.", _AGAIN)
    if b"\0" in data:
        raise LayoutError(name, "holds zero bytes, which no text does.", _AGAIN)


def _decoded(name: str, data: bytes) -> tuple[str, str]:
    """The layout whose encoding the text is in, and the text. Chinese in GB18030 never passes as UTF-8."""
    for layout in sorted(declared(_HERE)["layout"], key=lambda layout: layout["encoding"] != "utf-8-sig"):
        try:
            return layout["id"], data.decode(layout["encoding"])
        except UnicodeDecodeError:
            continue
    raise LayoutError(name, "is text neither in GB18030 nor in UTF-8.", _AGAIN)


def _refuse_altered_cells(download: _Download) -> None:
    """A spreadsheet rounds large figures; a cell that begins like a formula is not the query's."""
    for number, record in enumerate(download.records, 1):
        for cell in record:
            if _ROUNDED.fullmatch(cell.strip()):
                raise LayoutError(
                    download.name,
                    f"record {number} holds {cell.strip()!r}: a spreadsheet saved the file and rounded its figures.",
                    _AGAIN,
                )
            if _FORMULA.match(cell.strip()):
                raise LayoutError(
                    download.name, f"record {number} holds a cell that begins like a formula, {cell[:40]!r}.", _AGAIN
                )


def _half_copied(name: str, why: str) -> TruncatedError:
    return TruncatedError(
        name, f"appears half copied: {why}.", "copy it again; if it stays so, download it again and drop it unchanged."
    )


def _flow_of(download: _Download) -> str:
    found = [letter for letter, pattern in _FLOWS.items() if pattern.search(download.name)]
    if len(found) != 1:
        does = "says both export and import" if found else "does not say whether these are exports or imports"
        raise LayoutError(
            download.name,
            f"its name {does}, and the file itself does not say it.",
            "rename it so that it begins with export_ or import_, and drop it again.",
        )
    return found[0]


def _words_of(name: str) -> Iterator[str]:
    """The words and numbers of a name."""
    yield from re.findall(r"[A-Za-z]+|[0-9]+", Path(name).stem)


def _partner_of(download: _Download) -> str:
    """ISO3 of the one partner, or all; from the name where no partner column was chosen."""
    codes = download.cells(_PARTNER)
    if codes:
        areas = load_vocabulary(_HERE / "labels.csv", "partner_code").entries
        unknown = sorted(code for code in codes if code not in areas)
        if unknown:
            raise UnknownLabelError(
                download.name,
                f"gives the partner code {unknown[0]!r}, which is not known.",
                "look whether columns are shifted; if customs added the code, add it and its name to the vocabularies"
                f" partner_code and partner_name of {project_path(_HERE / 'labels.csv')}.",
            )
        return str(areas[codes.pop()][1]) if len(codes) == 1 else "all"
    known = load_vocabulary(_HERE / "labels.csv", "asked").entries
    named = {word for word in _words_of(download.name) if word in known} | {
        "all" for word in _words_of(download.name) if word.lower() == "all"
    }
    if len(named) != 1:
        raise LayoutError(
            download.name,
            "has no partner columns: it does not say whether it is of one partner or of all.",
            "download it with partner as a column; or put the partner into its name, by its ISO code in capitals or as"
            " all: export_IND_…, import_all_….",
        )
    return named.pop()


def _code_of(download: _Download) -> str:
    """The requested code: by the name; else what its lines have in common, since a query is of one code."""
    lines = download.cells(_CODE)
    odd = sorted(line for line in lines if not _LINE.fullmatch(line))
    if odd:
        raise LayoutError(download.name, f"holds {odd[0]!r} as a code, of no 4, 6 or 8 digits.", _AGAIN)
    other = sorted(line for line in lines if not _is_followed(line))
    if other:
        raise LayoutError(
            download.name,
            f"holds the line {other[0]}, which the warehouse does not follow.",
            f"ask for one of {', '.join(HS_CODES)}, or add the code to {project_path(products.__file__)}.",
        )
    named = {word for word in _words_of(download.name) if _LINE.fullmatch(word) and _is_followed(word)}
    fitting = {code for code in named if all(line.startswith(code) for line in lines)}
    if named - fitting:
        raise LayoutError(
            download.name,
            f"its name says {', '.join(sorted(named - fitting))}, its lines are {', '.join(sorted(lines)[:5])}.",
            "put the requested code into its name, and no other.",
        )
    if fitting:
        return max(fitting, key=len)
    if len(lines) == 1:
        return lines.pop()
    common = next((n for n in (6, 4) if len({line[:n] for line in lines}) == 1), 0)
    code = min(lines)[:common]
    if not common or not _is_followed(code):
        raise LayoutError(
            download.name,
            f"holds the lines {', '.join(sorted(lines)[:5])}, of no one code.",
            "ask for one code of four or six digits at a time.",
        )
    return code


def _is_followed(code: str) -> bool:
    return code[:4] in HS_CODES or code[:6] in HS_CODES


def _year_of(download: _Download) -> tuple[int, bool]:
    """The one year of the months, or of the name where a year was requested as one figure; and whether that is so."""
    month = [name for name in declared(_HERE)["layout"][0]["month"] if name in download.columns]
    if month:
        months = download.cells(*month)
        odd = sorted(cell for cell in months if not _MONTH.fullmatch(cell))
        if odd:
            raise LayoutError(
                download.name,
                f"holds {odd[0]!r} as a month, not YYYYMM.",
                "query month by month; a figure of January and February together is not read as either month.",
            )
        years = {cell[:4] for cell in months}
    else:
        years = {word for word in _words_of(download.name) if _YEAR.fullmatch(word)}
    if len(years) != 1:
        raise LayoutError(
            download.name,
            f"holds the years {', '.join(sorted(years))}."
            if month
            else "has no month column and its name does not say the one year it is of.",
            "download each year by itself."
            if month
            else "request it month by month; or, for a year as one figure, put the year into its name.",
        )
    return int(years.pop()), not month


def _is_in_yuan(download: _Download) -> bool:
    return str(declared(_HERE)["layout"][0]["cny"]) in download.columns

"""Comtrade's own records: the fields of an API body or a bulk file, and what each says."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, SourceError, TruncatedError
from sources.reading.archives import unpacked_gzip
from sources.reading.json_text import read_json
from sources.reading.numbers import ANY_DECIMALS, printed_number
from sources.reading.streams import read_records_of
from sources.reading.tables import log_added_fields

FIELDS: dict[str, pl.DataType] = {
    "typeCode": pl.String(),
    "freqCode": pl.String(),
    "refPeriodId": pl.Int64(),
    "refYear": pl.Int64(),
    "refMonth": pl.Int64(),
    "period": pl.String(),
    "reporterCode": pl.Int64(),
    "reporterISO": pl.String(),
    "reporterDesc": pl.String(),
    "flowCode": pl.String(),
    "flowDesc": pl.String(),
    "partnerCode": pl.Int64(),
    "partnerISO": pl.String(),
    "partnerDesc": pl.String(),
    "partner2Code": pl.Int64(),
    "partner2ISO": pl.String(),
    "partner2Desc": pl.String(),
    "classificationCode": pl.String(),
    "classificationSearchCode": pl.String(),
    "isOriginalClassification": pl.Boolean(),
    "cmdCode": pl.String(),
    "cmdDesc": pl.String(),
    "aggrLevel": pl.Int64(),
    "isLeaf": pl.Boolean(),
    "customsCode": pl.String(),
    "customsDesc": pl.String(),
    "mosCode": pl.String(),
    "motCode": pl.Int64(),
    "motDesc": pl.String(),
    "qtyUnitCode": pl.Int64(),
    "qtyUnitAbbr": pl.String(),
    "qty": pl.Float64(),
    "isQtyEstimated": pl.Boolean(),
    "altQtyUnitCode": pl.Int64(),
    "altQtyUnitAbbr": pl.String(),
    "altQty": pl.Float64(),
    "isAltQtyEstimated": pl.Boolean(),
    "netWgt": pl.Float64(),
    "isNetWgtEstimated": pl.Boolean(),
    "grossWgt": pl.Float64(),
    "isGrossWgtEstimated": pl.Boolean(),
    "cifvalue": pl.Float64(),
    "fobvalue": pl.Float64(),
    "primaryValue": pl.Float64(),
    "legacyEstimationFlag": pl.Int64(),
    "isReported": pl.Boolean(),
    "isAggregate": pl.Boolean(),
}
_DESCRIPTIONS = {name for name in FIELDS if name.endswith(("Desc", "ISO", "Abbr"))} | {"aggrLevel", "isLeaf"}
BULK_FIELDS = [name for name in FIELDS if name not in _DESCRIPTIONS]
HS_REVISIONS = {
    "H0": "HS1992",
    "H1": "HS1996",
    "H2": "HS2002",
    "H3": "HS2007",
    "H4": "HS2012",
    "H5": "HS2017",
    "H6": "HS2022",
}
FLOW_CODES = {"M": "import", "X": "export"}
_JSON_TYPES: dict[pl.DataType, tuple[tuple[type, ...], str]] = {
    pl.String(): ((str,), "text"),
    pl.Int64(): ((int,), "a whole number"),
    pl.Float64(): ((int, float), "a number of zero or more"),
    pl.Boolean(): ((bool,), "true or false"),
}
_TOO_LARGE = 1e15


@dataclass(frozen=True, slots=True)
class _Bytes:
    """Bytes of a body, compared by their hash alone: several partitions may have come in one body."""

    sha256: str
    cap: int | None
    artifact: Artifact = field(compare=False)


def read_api_body(artifact: Artifact, cap: int | None) -> pl.DataFrame:
    """Read a JSON body of `preview` or `data`: one row per record, in the fields' types.

    `cap` is the number of records at which the publisher cuts a page; None where a body was joined from whole pages.

    Raises:
        TruncatedError: not JSON, a `count` that is not the number of records, a page of exactly `cap`, or no record
            at all (an empty answer is not zero trade).
        LayoutError: a record lacks a field or has one of another type, JSON that no publisher writes (`read_json`). A
            field that the publisher added is not read.
    """
    artifact.check_bytes()
    return _records(_Bytes(artifact.sha256, cap, artifact))


def require_no_record(artifact: Artifact) -> None:
    """Check that a body holds no record: what the publisher answers where it withdrew a data set.

    Raises:
        TruncatedError: it is no body of the publisher.
        LayoutError: it holds records.
    """
    if read_body(artifact):
        raise LayoutError(artifact, "holds records under the layout of a withdrawn data set.", "fetch it again.")


@lru_cache(maxsize=8)
def _records(body: _Bytes) -> pl.DataFrame:
    """The records of a body. Kept for a few bodies: each partition of a body is parsed by itself."""
    artifact, records = body.artifact, read_body(body.artifact)
    if len(records) == body.cap:
        raise TruncatedError(
            artifact, f"holds exactly {body.cap} records, the page's cap.", "split the query by partner or period."
        )
    if not records:
        raise TruncatedError(artifact, "holds no record.", "not published yet, or a wrong code; not zero trade.")
    _require_fields(artifact, records)
    known = [{name: record.get(name) for name in FIELDS} | _period_as_text(record) for record in records]
    _require_types(artifact, known)
    return pl.DataFrame(known, schema=FIELDS, strict=False).with_row_index("artifact_row", offset=1)


def _period_as_text(record: dict[str, Any]) -> dict[str, str]:
    """The period as text where the record has it as a whole number."""
    period = record["period"]
    return {"period": str(period)} if type(period) is int else {}


def _require_fields(artifact: Artifact, records: list[dict[str, Any]]) -> None:
    """Every record has the fields that say something; descriptions may be missing, as in a bulk file."""
    needed = set(BULK_FIELDS)
    for row, record in enumerate(records, start=1):
        if lost := sorted(needed - set(record)):
            raise LayoutError(
                artifact,
                f"record {row} has other fields: lost {lost}, gained {sorted(set(record) - set(FIELDS))}.",
                "if the publisher renamed or removed them, the parser must learn the new ones.",
            )
    log_added_fields(artifact, {name for record in records for name in record} - set(FIELDS))


def read_body(artifact: Artifact) -> list[dict[str, Any]]:
    """The records of a body as JSON has them, none for an empty answer.

    Raises:
        TruncatedError: no body of Comtrade, or a `count` that is not the number of its records.
        SourceError: the body carries an error.
    """
    body = read_json(artifact, "a Comtrade body")
    if not isinstance(body, dict) or "data" not in body:
        raise TruncatedError(artifact, "is not a Comtrade body: it has no data.", "an error page; fetch it again.")
    records = body["data"]
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise TruncatedError(artifact, "is no Comtrade body: its data is no list of records.", "fetch it again.")
    if body.get("error"):
        raise SourceError(artifact, f"carries the error {body['error']!r}.", "fetch it again.")
    count = body.get("count", len(records))
    if count != len(records) or isinstance(count, bool):
        raise TruncatedError(artifact, f"says count {count!r} and holds {len(records)}.", "fetch it again.")
    return records


def _require_types(artifact: Artifact, records: list[dict[str, Any]]) -> None:
    """Every field of every record has its own JSON type or is null; figures are from zero up to 1e15.

    Raises:
        LayoutError: text where a number is due, a number where text is due, true as a number, a negative figure.
    """
    for name, dtype in FIELDS.items():
        types, what = _JSON_TYPES[dtype]
        figure = dtype == pl.Float64()
        for row, record in enumerate(records, 1):
            value = record[name]
            if value is not None and (type(value) not in types or (figure and not 0 <= value < _TOO_LARGE)):
                raise LayoutError(artifact, f"record {row} has {name} {value!r}, not {what}.", "fetch it again.")


def read_bulk(artifact: Artifact, layout: dict[str, Any], hs_codes: tuple[str, ...]) -> pl.DataFrame:
    """Read a bulk file (gzip TSV of all codes), keeping only `hs_codes`; memory does not grow with the file.

    The file is unpacked in blocks, of which only the kept rows stay in memory.

    Raises:
        TruncatedError: the archive, its text or a record ends early, or the bytes do not have their hash.
        LayoutError: a column lost or repeated, a record longer than the header, a field of another type, text that is
            not UTF-8, or a file that unpacks to more than the layout allows. A column that was added is not read.
    """
    artifact.check_bytes()
    text = unpacked_gzip(artifact, layout["max_unpacked_bytes"])
    kept = read_records_of(artifact, text, "\t", BULK_FIELDS, "cmdCode", hs_codes, may_have_more=True)
    absent = [pl.lit(None, dtype=FIELDS[name]).alias(name) for name in FIELDS if name in _DESCRIPTIONS]
    typed = kept.with_columns(_typed(name).alias(name) for name in BULK_FIELDS)
    missing = typed.null_count().row(0, named=True)
    for name, before in kept.null_count().row(0, named=True).items():
        if missing[name] > before:
            row, text = (
                kept.filter(kept[name].is_not_null() & typed[name].is_null()).select("artifact_row", name).row(0)
            )
            _, what = _JSON_TYPES[FIELDS[name]]
            raise LayoutError(artifact, f"record {row} has {name} {text!r}, not {what}.", "fetch it again.")
    return typed.with_columns(absent).select("artifact_row", *FIELDS)


def _typed(name: str) -> pl.Expr:
    """A field of a bulk file in its type; null where its text is of another one."""
    text, dtype = pl.col(name), FIELDS[name]
    if dtype == pl.Boolean():
        flags = {"true": True, "1": True, "false": False, "0": False}
        return text.str.to_lowercase().replace_strict(flags, default=None, return_dtype=pl.Boolean)
    if dtype == pl.Int64():
        return pl.when(text.str.contains("^-?[0-9]{1,18}$")).then(text).cast(pl.Int64)
    return printed_number(name, ANY_DECIMALS, "none") if dtype == pl.Float64() else text

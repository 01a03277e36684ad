"""Comtrade's own records: the fields of an API body or a bulk file, and what each says."""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, SourceError, TruncatedError
from sources.reading.tables import check_columns

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
UNITS = {-1: None, 5: "items", 8: "kg"}


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
        TruncatedError: not JSON, `count` is not the number of records, a page of exactly `cap`, or no record
            at all (an empty answer is not zero trade).
        LayoutError: fields gained or lost.
    """
    artifact.check_bytes()
    return _records(_Bytes(artifact.sha256, cap, artifact))


def require_no_record(artifact: Artifact) -> None:
    """Check that a body holds no record: what the publisher answers where it withdrew a data set.

    Raises:
        TruncatedError: it is no body of the publisher.
        LayoutError: it holds records.
    """
    if _body(artifact):
        raise LayoutError(artifact, "holds records under the layout of a withdrawn data set.", "fetch it again.")


@lru_cache(maxsize=8)
def _records(body: _Bytes) -> pl.DataFrame:
    """The records of a body. Kept for a few bodies: each partition of a body is parsed by itself."""
    artifact, records = body.artifact, _body(body.artifact)
    if len(records) == body.cap:
        raise TruncatedError(
            artifact, f"holds exactly {body.cap} records, the page's cap.", "split the query by partner or period."
        )
    if not records:
        raise TruncatedError(artifact, "holds no record.", "not published yet, or a wrong code; not zero trade.")
    gained_or_lost = {tuple(sorted(set(record) ^ set(FIELDS))) for record in records}
    if gained_or_lost != {()}:
        check_columns(artifact, sorted({field for record in records for field in record}), list(FIELDS))
        raise LayoutError(artifact, f"records differ in their fields: {gained_or_lost}.", "fetch it again.")
    try:
        frame = pl.DataFrame(records, schema=FIELDS, strict=True)
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise LayoutError(artifact, f"a field has another type ({error}).", "look at the body.") from error
    return frame.with_row_index("artifact_row", offset=1)


def _body(artifact: Artifact) -> list[dict[str, Any]]:
    try:
        body = json.loads(artifact.read_bytes())
        records: list[dict[str, Any]] = body["data"]
        count = body["count"]
    except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise TruncatedError(
            artifact,
            f"is not a Comtrade body ({error!r}).",
            "an error page or a cut body; fetch it again.",
        ) from error
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise TruncatedError(artifact, "is no Comtrade body: its data is no list of records.", "fetch it again.")
    if body.get("error"):
        raise SourceError(artifact, f"carries the error {body['error']!r}.", "fetch it again.")
    if count != len(records):
        raise TruncatedError(artifact, f"says count {count} and holds {len(records)}.", "fetch it again.")
    return records


def read_bulk(artifact: Artifact, hs_codes: tuple[str, ...]) -> pl.DataFrame:
    """Read a bulk file (gzip TSV of all codes), keeping only `hs_codes`; memory does not grow with the file.

    The file is unpacked to disk in blocks and scanned lazily, so only the kept rows are ever in memory.

    Raises:
        TruncatedError: the archive or its text ends early, or the bytes do not have their hash.
        LayoutError: columns gained or lost, or a field of another type.
    """
    artifact.check_bytes()
    with tempfile.TemporaryDirectory() as folder:
        unpacked = _unpack(artifact, Path(folder) / "bulk.tsv")
        scan = pl.scan_csv(
            unpacked,
            separator="\t",
            infer_schema=False,
            row_index_name="artifact_row",
            row_index_offset=1,
            quote_char=None,
            glob=False,
        )
        header = [name for name in scan.collect_schema().names() if name != "artifact_row"]
        check_columns(artifact, header, BULK_FIELDS)
        kept = scan.filter(pl.col("cmdCode").is_in(hs_codes)).collect(engine="streaming")
    absent = [pl.lit(None, dtype=FIELDS[name]).alias(name) for name in FIELDS if name in _DESCRIPTIONS]
    typed = [_typed(name) for name in BULK_FIELDS]
    try:
        return kept.select("artifact_row", *typed, *absent).select("artifact_row", *FIELDS)
    except pl.exceptions.PolarsError as error:
        raise LayoutError(artifact, f"a field has another type ({error}).", "look at the file.") from error


def _unpack(artifact: Artifact, target: Path) -> Path:
    try:
        with gzip.open(artifact.path, "rb") as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TruncatedError(artifact, f"is not a whole gzip file ({error}).", "fetch it again.") from error
    with target.open("rb") as plain:
        plain.seek(max(0, target.stat().st_size - 1))
        if plain.read() != b"\n":
            raise TruncatedError(artifact, "its text ends inside a record.", "fetch it again.")
    return target


def _typed(name: str) -> pl.Expr:
    if FIELDS[name] == pl.Boolean():
        flags = {"true": True, "1": True, "false": False, "0": False}
        return pl.col(name).str.to_lowercase().replace_strict(flags, return_dtype=pl.Boolean)
    return pl.col(name).cast(FIELDS[name], strict=True)

"""Bulk files of UN Comtrade, for a premium key: their list, and the followed codes extracted from each."""

from __future__ import annotations

import gzip
import logging
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sources.http.errors import (
    RETRIED_NEXT_RUN,
    FetchError,
    NotAllowedError,
    RateLimitedError,
    RetryableError,
    SchemaChangedError,
)
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.http.response import Body
from sources.model.artifact import Artifact
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.lists import entries, require_list
from sources.publishers.un_comtrade.fetch.pages import quota_errors
from sources.publishers.un_comtrade.fetch.planning import DataSet, Due, PartitionCursor, known_from
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS

log = logging.getLogger("ree.un_comtrade")

_TOTALS = {"partner2Code": "0", "motCode": "0", "customsCode": "C00"}


def fetch_files(context: FetchContext, task: Task) -> FetchResult:
    """Download the files of one reporter's data sets; land the followed codes of each, without breakdown rows.

    A file that is damaged or holds none of its records is due again in the next run; the others land.

    Raises:
        FetchError: a listed period has no file, or no file could be used.
        RateLimitedError: the day's calls are spent.
    """
    artifacts: list[Artifact] = []
    problems: list[FetchError] = []
    due: list[Due] = task.params["due"]
    cursor = dict(context.states[task.key].cursor) if task.key in context.states else {}
    with quota_errors(context):
        addresses = _addresses(context, due)
        for one in due:
            if one.data_set.period not in addresses:
                continue
            try:
                statement, n_records = _statement(context, one, addresses[one.data_set.period])
            except (RateLimitedError, NotAllowedError):
                raise
            except FetchError as error:
                problems.append(error)
                continue
            artifacts.append(statement)
            cursor[one.data_set.partition] = str(PartitionCursor(one.released, context.today, n_records))
    if problems and not artifacts:
        raise problems[0]
    for problem in problems:
        log.warning("%s: %s", context.source_code, problem)
    note = "; ".join([f"{len(artifacts)} data sets from bulk files", *map(str, problems)])
    return FetchResult(tuple(artifacts), cursor, note)


def _statement(context: FetchContext, due: Due, address: str) -> tuple[Artifact, int]:
    """The extract of one file, which keeps all its columns, and the number of its records."""
    data_set = due.data_set
    body = context.http.get(address, expect="gzip", check=_require_whole)
    path = context.folder / f"bulk {data_set.partition}.gz".replace("/", " ")
    n_records = 0
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        header, records = _kept(body, data_set)
        packed.write("\t".join(header).encode() + b"\n")
        for record in records:
            packed.write("\t".join(record).encode() + b"\n")
            n_records += 1
    if not n_records:
        raise FetchError(
            body.url, f"holds no record of {data_set.partition}; that is not zero trade.", RETRIED_NEXT_RUN
        )
    day, basis, release = known_from(context, data_set.partition, due.released)
    statement = context.artifact(
        path,
        name=f"comtrade {data_set.partition}.tsv.gz".replace("/", " "),
        layout="comtrade_bulk",
        partition=data_set.partition,
        year=data_set.year,
        release=release,
        known_from=day,
        known_basis=basis,
        url=body.url,
        transcription="extract",
        original_sha256=body.sha256,
    )
    return statement, n_records


def _addresses(context: FetchContext, due: list[Due]) -> dict[str, str]:
    """The file of each period: the one in the reporter's own classification, where there are several."""
    live, first = context.about["live"], due[0].data_set
    periods = sorted(one.data_set.period for one in due)
    listing = context.http.get(
        f"{live['bulk_files']}/{live['type']}/{first.frequency}/{live['classification']}",
        params={"reporterCode": str(first.reporter), "period": ",".join(periods)},
        expect="json",
        check=require_list,
    )
    found: dict[str, str] = {}
    # the reporter's own classification last, the newest of it last of all: the last one is kept
    for entry in sorted(entries(listing), key=_preference):
        if str(entry.get("reportercode")) == str(first.reporter) and entry.get("fileurl"):
            found[str(entry.get("period"))] = _address(live["bulk_file"], str(entry["fileurl"]))
    missing = [period for period in periods if period not in found]
    if missing and (due[0].is_listed or not found):
        what = f"lists no file of reporter {first.reporter} for {', '.join(missing)}."
        raise FetchError(listing.url, what, RETRIED_NEXT_RUN)
    return found


def _preference(entry: Any) -> tuple[bool, str]:
    return entry.get("isoriginalclassification") is not False, str(entry.get("publicationdate", ""))


def _address(folder: str, listed: str) -> str:
    """Where a file is: the listing gives an address, or only the file's name."""
    return listed if re.match(r"https?:|/", listed) or "/" in listed else f"{folder}/{listed}"


def _require_whole(body: Body) -> None:
    try:
        with gzip.open(_path(body), "rb") as file:
            while file.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise RetryableError(body.url, f"is not a whole gzip file ({error}).", RETRIED_NEXT_RUN) from error


def _kept(body: Body, data_set: DataSet) -> tuple[list[str], Iterator[list[str]]]:
    """The header of a file, and its totals of the followed codes; of all flows, since the parser parts them.

    Columns that the publisher added are kept.
    """
    with gzip.open(_path(body), "rt", encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n").split("\t")
    lost = sorted(set(BULK_FIELDS) - set(header))
    if lost or len(set(header)) != len(header):
        raise SchemaChangedError(
            body.url,
            f"has other columns than declared: lost {lost}, and {len(header) - len(set(header))} are repeated.",
            "if the publisher renamed or removed them, the parser must learn the new ones.",
        )
    return header, _records(body, data_set, header)


def _records(body: Body, data_set: DataSet, header: list[str]) -> Iterator[list[str]]:
    with gzip.open(_path(body), "rt", encoding="utf-8-sig", newline="") as file:
        file.readline()
        for line in file:
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != len(header):
                raise FetchError(body.url, f"has a record of {len(cells)} cells, not {len(header)}.", RETRIED_NEXT_RUN)
            record = dict(zip(header, cells, strict=True))
            if (
                record["cmdCode"] in HS_CODES
                and record["period"] == data_set.period
                and record["reporterCode"] == str(data_set.reporter)
                and all(record[name] == total for name, total in _TOTALS.items())
            ):
                yield cells


def _path(body: Body) -> Path:
    if body.path is None:
        raise FetchError(body.url, "has no bytes.", RETRIED_NEXT_RUN)
    return body.path

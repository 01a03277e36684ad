"""Bulk files of UN Comtrade, for a premium key: their list, and the followed codes extracted from each."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RetryableError, SchemaChangedError
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.http.response import Body
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.lists import entries, require_list
from sources.publishers.un_comtrade.fetch.pages import quota_errors
from sources.publishers.un_comtrade.fetch.planning import DataSet, Due, PartitionCursor, known_from
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS, FLOW_CODES

_AT_FLOW = BULK_FIELDS.index("flowCode")
_TOTALS = {"partner2Code": "0", "motCode": "0", "customsCode": "C00"}


def fetch_files(context: FetchContext, task: Task) -> FetchResult:
    """Download the files of one data set and land its followed codes, without breakdown rows, as one extract.

    Raises:
        FetchError: a listed period has no file, a file is damaged, or holds none of its records.
        RateLimitedError: the day's calls are spent.
    """
    artifacts = []
    cursor = dict(context.states[task.key].cursor) if task.key in context.states else {}
    for due in task.params["due"]:
        with quota_errors(context):
            artifacts.append(_statement(context, due))
        cursor[due.data_set.partition] = str(PartitionCursor(due.newest, context.today, due.data_set.periods))
    return FetchResult(tuple(artifacts), cursor, f"{len(artifacts)} data sets from bulk files")


def _statement(context: FetchContext, due: Due) -> Any:
    data_set = due.data_set
    files = _files(context, due)
    path = context.folder / f"bulk {data_set.partition}.gz".replace("/", " ")
    n_records = 0
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        packed.write("\t".join(BULK_FIELDS).encode() + b"\n")
        for body in files:
            for record in _kept(body, data_set):
                packed.write("\t".join(record).encode() + b"\n")
                n_records += record[_AT_FLOW] in FLOW_CODES
    if not n_records:
        raise FetchError(
            files[0].url, f"holds no record of {data_set.partition}; that is not zero trade.", RETRIED_NEXT_RUN
        )
    day, basis, release = known_from(context, data_set.partition, due.newest)
    hashes = [body.sha256 for body in files]
    return context.artifact(
        path,
        name=f"comtrade {data_set.partition}.tsv.gz".replace("/", " "),
        layout="comtrade_bulk",
        partition=data_set.partition,
        year=data_set.year,
        release=release,
        known_from=day,
        known_basis=basis,
        url=files[0].url,
        transcription="extract",
        original_sha256=hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest(),
    )


def _files(context: FetchContext, due: Due) -> list[Body]:
    """The file of each period: the one in the reporter's own classification, where there are several."""
    live, data_set = context.about["live"], due.data_set
    listing = context.http.get(
        f"{live['bulk_files']}/{live['type']}/{data_set.frequency}/{live['classification']}",
        params={"reporterCode": str(data_set.reporter), "period": ",".join(data_set.periods)},
        expect="json",
        check=require_list,
    )
    found: dict[str, str] = {}
    # the reporter's own classification last, the newest of it last of all: the last one is kept
    for entry in sorted(entries(listing), key=_preference):
        if str(entry.get("reportercode")) == str(data_set.reporter) and entry.get("fileurl"):
            found[str(entry.get("period"))] = str(entry["fileurl"])
    missing = [period for period in data_set.periods if period not in found]
    if missing and due.is_listed:
        raise FetchError(listing.url, f"lists no file of {data_set.partition} for {missing}.", RETRIED_NEXT_RUN)
    if not found:
        raise FetchError(listing.url, f"lists no file of {data_set.partition}.", RETRIED_NEXT_RUN)
    return [
        context.http.get(_address(live["bulk_file"], found[period]), expect="gzip", check=_require_whole)
        for period in data_set.periods
        if period in found
    ]


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


def _kept(body: Body, data_set: DataSet) -> Iterator[list[str]]:
    """Totals of the followed codes, their columns in one order; of all flows, since the parser sets others aside."""
    periods = set(data_set.periods)
    with gzip.open(_path(body), "rt", encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n").split("\t")
        lost = sorted(set(BULK_FIELDS) - set(header))
        if lost or len(set(header)) != len(header):
            raise SchemaChangedError(
                body.url,
                f"has other columns than declared: lost {lost}, and {len(header) - len(set(header))} are repeated.",
                "if the publisher renamed or removed them, the parser must learn the new ones.",
            )
        for line in file:
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != len(header):
                raise FetchError(body.url, f"has a record of {len(cells)} cells, not {len(header)}.", RETRIED_NEXT_RUN)
            record = dict(zip(header, cells, strict=True))
            if (
                record["cmdCode"] in HS_CODES
                and record["period"] in periods
                and record["reporterCode"] == str(data_set.reporter)
                and all(record[name] == total for name, total in _TOTALS.items())
            ):
                yield [record[name] for name in BULK_FIELDS]


def _path(body: Body) -> Path:
    if body.path is None:
        raise FetchError(body.url, "has no bytes.", RETRIED_NEXT_RUN)
    return body.path

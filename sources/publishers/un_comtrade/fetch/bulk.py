"""Bulk files of UN Comtrade, for a premium key: their list, and the followed codes extracted from each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sources.http.errors import (
    RETRIED_NEXT_RUN,
    FetchError,
    RetryableError,
    SchemaChangedError,
)
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.http.response import Body
from sources.model.artifact import Artifact, LayoutError, TruncatedError
from sources.publishers.un_comtrade.fetch.extract import require_whole, write_extract
from sources.publishers.un_comtrade.fetch.lists import entries, require_list
from sources.publishers.un_comtrade.fetch.pages import ENDS_A_TASK, NoRecordError, missing
from sources.publishers.un_comtrade.fetch.planning import Due, PartitionCursor, known_from
from sources.publishers.un_comtrade.fetch.statements import file_name


def fetch_files(context: FetchContext, task: Task) -> FetchResult:
    """Download the files of one reporter's data sets; land the followed codes of each, without breakdown rows.

    A file that is damaged or holds none of its records is due again in the next run; the others land. The error is in
    `missing` of the result.

    Raises:
        FetchError: a listed period has no file, or there is no list of files.
    """
    artifacts: list[Artifact] = []
    failures: list[FetchError] = []
    due: list[Due] = task.params["due"]
    cursor = dict(context.states[task.key].cursor) if task.key in context.states else {}
    addresses = _addresses(context, due)
    for one in due:
        if one.data_set.period not in addresses:
            continue
        try:
            statement, n_records = _statement(context, one, addresses[one.data_set.period])
        except FetchError as error:
            failures.append(error)
            if isinstance(error, ENDS_A_TASK):
                break
            continue
        artifacts.append(statement)
        cursor[one.data_set.partition] = str(PartitionCursor(one.released, context.today, n_records))
    note = "; ".join([f"{len(artifacts)} data sets from bulk files", *map(str, failures)])
    return FetchResult(tuple(artifacts), cursor, note, missing(context, failures, is_all=not artifacts))


def _statement(context: FetchContext, due: Due, address: str) -> tuple[Artifact, int]:
    """The extract of one file, which keeps all its columns, and the number of its records."""
    data_set = due.data_set
    body = context.http.get(address, expect="gzip", check=_check)
    path = context.folder / f"bulk {data_set.partition}.gz".replace("/", " ")
    try:
        n_records = write_extract(body.url, _path(body), data_set, path)
    except LayoutError as error:
        raise SchemaChangedError(body.url, f"changed its layout: {error}", RETRIED_NEXT_RUN) from error
    except TruncatedError as error:
        raise FetchError(body.url, f"is not whole: {error}", RETRIED_NEXT_RUN) from error
    if not n_records:
        raise NoRecordError(
            body.url, f"holds no record of {data_set.partition}; that is not zero trade.", RETRIED_NEXT_RUN
        )
    day, basis, release = known_from(context, data_set.partition, due.released)
    statement = context.artifact(
        path,
        name=file_name(data_set.partition, "tsv.gz"),
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


def _check(body: Body) -> None:
    try:
        require_whole(body.url, _path(body))
    except TruncatedError as error:
        raise RetryableError(body.url, f"is not a whole gzip file ({error}).", RETRIED_NEXT_RUN) from error


def _path(body: Body) -> Path:
    if body.path is None:
        raise FetchError(body.url, "has no bytes.", RETRIED_NEXT_RUN)
    return body.path

"""Whole files of UN Comtrade, for a premium key: the list of them, and the followed codes cut out of each.

Belongs here: which file is which data set, and what is kept of it. Does not belong here: what is due
(`fetch_plan.py`), or what the columns mean (`records.py`).
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sources.http.client import Body, ChangedError, FetchError, PassingError
from sources.http.fetcher import Answer, Task, Visit
from sources.http.response import AGAIN
from sources.model.products import HS_CODES
from sources.publishers.un_comtrade.fetch.lists import entries, require_list
from sources.publishers.un_comtrade.fetch.pages import spent_quota
from sources.publishers.un_comtrade.fetch.planning import DataSet, Due, Mark, known_from
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS

_TOTALS = {"partner2Code": "0", "motCode": "0", "customsCode": "C00"}


def fetch_files(visit: Visit, task: Task) -> Answer:
    """Download the files of one data set and land its followed codes, without breakdown rows, as one extract.

    Raises:
        FetchError: a listed period has no file, a file is damaged, or holds none of its records.
        TryLaterError: the day's calls are spent.
    """
    artifacts = []
    marks = dict(visit.looks[task.key].marks) if task.key in visit.looks else {}
    for due in task.ask["due"]:
        with spent_quota(visit):
            artifacts.append(_statement(visit, due))
        marks[due.data_set.partition] = str(Mark(due.newest, visit.today, due.data_set.periods))
    return Answer(tuple(artifacts), marks, f"{len(artifacts)} data sets from whole files")


def _statement(visit: Visit, due: Due) -> Any:
    data_set = due.data_set
    files = _files(visit, due)
    path = visit.folder / f"bulk {data_set.partition}.gz".replace("/", " ")
    n_records = 0
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        packed.write("\t".join(BULK_FIELDS).encode() + b"\n")
        for body in files:
            for record in _kept(visit, body, data_set):
                packed.write("\t".join(record).encode() + b"\n")
                n_records += 1
    if not n_records:
        raise FetchError(files[0].url, f"holds no record of {data_set.partition}; that is not zero trade.", AGAIN)
    day, basis, release = known_from(visit, data_set.partition, due.newest)
    hashes = [body.sha256 for body in files]
    return visit.artifact(
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


def _files(visit: Visit, due: Due) -> list[Body]:
    """The file of each period: the one in the reporter's own classification, where there are several."""
    live, data_set = visit.about["live"], due.data_set
    listing = visit.http.get(
        f"{live['bulk_files']}/{live['type']}/{data_set.frequency}/{live['classification']}",
        params={"reporterCode": str(data_set.reporter), "period": ",".join(data_set.periods)},
        expect="json",
        check=require_list,
    )
    found: dict[str, str] = {}
    # the reporter's own classification last, the newest of it last of all: it stands
    for entry in sorted(entries(listing), key=_preference):
        if str(entry.get("reportercode")) == str(data_set.reporter) and entry.get("fileurl"):
            found[str(entry.get("period"))] = str(entry["fileurl"])
    missing = [period for period in data_set.periods if period not in found]
    if missing and due.is_listed:
        raise FetchError(listing.url, f"lists no file of {data_set.partition} for {missing}.", AGAIN)
    if not found:
        raise FetchError(listing.url, f"lists no file of {data_set.partition}.", AGAIN)
    return [
        visit.http.get(_address(live["bulk_file"], found[period]), expect="gzip", check=_require_whole)
        for period in data_set.periods
        if period in found
    ]


def _preference(entry: Any) -> tuple[bool, str]:
    return entry.get("isoriginalclassification") is not False, str(entry.get("publicationdate", ""))


def _address(folder: str, said: str) -> str:
    """Where a file is: the listing gives an address, or only the file's name."""
    return said if re.match(r"https?:|/", said) or "/" in said else f"{folder}/{said}"


def _require_whole(body: Body) -> None:
    try:
        with gzip.open(_path(body), "rb") as file:
            while file.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise PassingError(body.url, f"is not a whole gzip file ({error}).", AGAIN) from error


def _kept(visit: Visit, body: Body, data_set: DataSet) -> Iterator[list[str]]:
    """The records that a call would have given, their columns in one order."""
    flows, periods = set(visit.about["live"]["flows"]), set(data_set.periods)
    with gzip.open(_path(body), "rt", encoding="utf-8-sig", newline="") as file:
        header = file.readline().rstrip("\r\n").split("\t")
        if sorted(header) != sorted(BULK_FIELDS):
            lost, gained = sorted(set(BULK_FIELDS) - set(header)), sorted(set(header) - set(BULK_FIELDS))
            raise ChangedError(
                body.url,
                f"has other columns than declared: lost {lost}, gained {gained}.",
                "the parser must learn them.",
            )
        for line in file:
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) != len(header):
                raise FetchError(body.url, f"has a record of {len(cells)} cells, not {len(header)}.", AGAIN)
            record = dict(zip(header, cells, strict=True))
            if (
                record["cmdCode"] in HS_CODES
                and record["flowCode"] in flows
                and record["period"] in periods
                and record["reporterCode"] == str(data_set.reporter)
                and all(record[name] == total for name, total in _TOTALS.items())
            ):
                yield [record[name] for name in BULK_FIELDS]


def _path(body: Body) -> Path:
    if body.path is None:
        raise FetchError(body.url, "came without bytes.", AGAIN)
    return body.path

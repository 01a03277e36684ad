"""A fake UN Comtrade: calls, lists, the feed of releases and bulk files, from the bundled snapshot's real figures.

Real are China's imports of 2846 by partner, all reporters' trade of 850511 in 2024, and India's monthly imports of
284690. Derived from them by a factor are 850519, the year 2023, and China's months.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from sources.publishers.un_comtrade.parse.records import BULK_FIELDS
from sources.registry import sources
from sources.snapshot import BUNDLED
from tests.fakes.server import ERROR_PAGE, Reply, Request

Record = dict[str, Any]
Place = tuple[int, str]
"""A data set as Comtrade counts them: reporter and period, a year or a month."""

CHINA, INDIA = 156, 699
_FOLDER = BUNDLED / "un_comtrade"
_MONEY = ("primaryValue", "cifvalue", "fobvalue")
_WEIGHTS = ("netWgt", "qty")
_LONGEST_ADDRESS = 2_000


@cache
def _chinas(year: int) -> tuple[Record, ...]:
    body = json.loads((_FOLDER / f"chn_imports_2846_{year}.json").read_bytes())
    return tuple(body["data"])


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _record(frequency: str, period: str, reporter: int, partner: int, flow: str, code: str, usd: float) -> Record:
    """A record in the shape of a real one, without a weight."""
    shape = _chinas(2024)[0]
    return {
        **shape,
        "freqCode": frequency,
        "period": period,
        "refYear": int(period[:4]),
        "refMonth": int(period[4:] or 52),
        "refPeriodId": int(period.ljust(6, "0") + "01") if frequency == "M" else int(period + "0101"),
        "reporterCode": reporter,
        "partnerCode": partner,
        "flowCode": flow,
        "cmdCode": code,
        "primaryValue": usd,
        "cifvalue": usd if flow == "M" else None,
        "fobvalue": usd if flow == "X" else None,
        "netWgt": None,
        "qty": None,
        "qtyUnitCode": -1,
        "isQtyEstimated": False,
        "isNetWgtEstimated": False,
        "legacyEstimationFlag": 0,
    }


@cache
def _magnets() -> tuple[Record, ...]:
    """Each reporter's trade of 850511 in 2024, without breakdown rows: the largest row of a flow is its total."""
    largest: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in _rows("all_reporters_850511_2024.csv"):
        flow = (row["reporter"], row["partner"], row["flow"])
        if flow not in largest or float(row["value"]) > float(largest[flow]["value"]):
            largest[flow] = row
    found = []
    for (reporter, partner, flow), row in largest.items():
        record = _record("A", "2024", int(reporter), int(partner), flow, "850511", float(row["value"]))
        weight = float(row["netwgt"] or 0) or None
        found.append(record | {"netWgt": weight, "qty": weight, "qtyUnitCode": 8, "isNetWgtEstimated": True})
    return tuple(found)


def scaled(records: Iterable[Record], factor: float, **changes: Any) -> list[Record]:
    """Copies with all values times a factor; the World rows are summed again, so that they foot."""
    copies = [dict(record) | changes for record in records]
    sums: dict[tuple[Any, ...], float] = {}
    for copy in copies:
        for name in (*_MONEY, *_WEIGHTS):
            copy[name] = None if copy[name] is None else round(copy[name] * factor, 3)
        if copy["partnerCode"]:
            flow = (copy["reporterCode"], copy["flowCode"], copy["cmdCode"], copy["period"])
            sums[flow] = sums.get(flow, 0.0) + copy["primaryValue"]
    for copy in copies:
        flow = (copy["reporterCode"], copy["flowCode"], copy["cmdCode"], copy["period"])
        if not copy["partnerCode"] and flow in sums:
            copy |= {name: round(sums[flow], 3) for name in _MONEY if copy[name] is not None}
    return copies


def _by_place(records: Iterable[Record]) -> dict[Place, list[Record]]:
    found: dict[Place, list[Record]] = {}
    for record in records:
        found.setdefault((record["reporterCode"], record["period"]), []).append(dict(record))
    return found


def real_records(publisher_files: Path) -> dict[Place, list[Record]]:
    """Nothing derived: the publisher's own bodies of China's imports from 1993, all magnets of 2024, India's months."""
    folder = publisher_files / "comtrade" / "api_preview_china_2846_imports_1993_2024"
    bodies = [json.loads((folder / f"{year}.json").read_bytes())["data"] for year in range(1993, 2025)]
    return _by_place([*chain.from_iterable(bodies), *_magnets(), *_indias_months()])


@cache
def _beginning() -> dict[Place, list[Record]]:
    """What is released at first; records are never changed in place."""
    months = [*range(202401, 202413), *range(202501, 202513)]
    return _by_place(
        [
            *chain.from_iterable(_chinas(year) for year in range(2010, 2025)),
            *_magnets(),
            *scaled(_magnets(), 0.3, cmdCode="850519"),
            *scaled(_magnets(), 0.9, period="2023", refYear=2023, refPeriodId=20230101),
            *_indias_months(),
            *chain.from_iterable(_chinas_month(month) for month in months),
        ]
    )


def _indias_months() -> Iterator[Record]:
    for year in (2024, 2025, 2026):
        for row in _rows(f"ind_imports_284690_monthly_{year}.csv"):
            if row["status"] == "available":
                period = row["period"].replace("-", "")
                for partner, column in {156: "partner_china_usd_million", 0: "partner_world_usd_million"}.items():
                    yield _record("M", period, INDIA, partner, "M", "284690", round(float(row[column]) * 1e6, 2))


def _chinas_month(month: int) -> list[Record]:
    shape = {"freqCode": "M", "period": str(month), "refYear": month // 100, "refMonth": month % 100}
    return scaled(_chinas(2024), 1 / 12, **shape, refPeriodId=month * 100 + 1)


def first_release(period: str) -> str:
    """Years come out in June of the next, months on the 20th of the third month after."""
    if len(period) == 4:
        return f"{int(period) + 1}-06-20T10:11:12"
    year, month = divmod(int(period[:4]) * 12 + int(period[4:]) - 1 + 3, 12)
    return f"{year}-{month + 1:02}-20T10:11:12"


@dataclass
class FakeComtrade:
    """The state of Comtrade: records and release dates by data set.

    `key` is the one that `data` and `bulk` take; `calls_left` what is left of its quota; `wait_s` what it says to wait
    when that is spent, in a header or (None) only in words. `has_list` is whether data sets are listed, `has_news`
    whether a list takes `publishedDateFrom`. `today` is the day of whatever is released by the methods below.
    `file_url` is how a whole file is named: by name, path or address. `second_partners` are the parts of records that
    went by way of one, whose data sets the list marks.
    """

    key: str = ""
    today: date = date(2026, 11, 20)
    calls_left: int | None = None
    wait_s: int | None = 11_657
    has_list: bool = True
    has_news: bool = True
    file_url: str = "/bulk/v1/file/{name}"
    preview_cap: int = 500
    data_cap: int = 100_000
    records: dict[Place, list[Record]] = field(default_factory=lambda: {k: list(v) for k, v in _beginning().items()})
    second_partners: dict[Place, list[Record]] = field(default_factory=dict)
    released: dict[Place, str] = field(default_factory=dict)
    list_field: str = "lastReleased"
    requests: int = 0

    def __post_init__(self) -> None:
        self.released = {place: first_release(place[1]) for place in self.records} | self.released

    def revise(self, reporter: int, period: str, factor: float) -> None:
        """Release a data set again, all its values times a factor."""
        self.records[reporter, period] = scaled(self.records[reporter, period], factor)
        self.release(reporter, "A" if len(period) == 4 else "M", period)

    def route(self, reporter: int, period: str, **shares: float) -> None:
        """State that these shares of all records of a data set went by way of second partners: `_344=0.2`."""
        self.second_partners[reporter, period] = [
            part
            for hub, share in shares.items()
            for part in scaled(self.records[reporter, period], share, partner2Code=int(hub.removeprefix("_")))
        ]

    def release(self, reporter: int, frequency: str, period: str) -> None:
        """Date a data set today; one that did not exist is made of the newest one of its frequency."""
        if (reporter, period) not in self.records:
            newest = max(known for whose, known in self.records if whose == reporter and len(known) == len(period))
            month = {"refMonth": int(period[4:])} if frequency == "M" else {}
            first_day = int(period.ljust(6, "0") + "01") if month else int(period + "0101")
            shape = {"period": period, "refYear": int(period[:4]), "refPeriodId": first_day, **month}
            self.records[reporter, period] = scaled(self.records[reporter, newest], 1.0, **shape)
        self.released[reporter, period] = f"{self.today}T09:00:00"

    def withdraw(self, reporter: int, frequency: str, period: str) -> None:
        """Take a data set back: neither listed nor answered. A year of frequency M is all its months."""
        wanted = 4 if frequency == "A" else 6
        for place in list(self.records):
            if place[0] == reporter and len(place[1]) == wanted and place[1].startswith(period):
                del self.records[place], self.released[place]

    def __call__(self, request: Request) -> Reply:  # noqa: PLR0911 - one line a kind of call
        self.requests += 1
        if sum(len(name) + len(value) + 2 for name, value in request.query.items()) > _LONGEST_ADDRESS:
            return Reply(ERROR_PAGE, "text/html", 414)
        query = {name.lower(): value for name, value in request.query.items()}
        parts = request.path.strip("/").split("/")
        match parts:
            case ["public" | "data" as who, "v1", ("getDA" | "getDa"), _, frequency, _]:
                return self._guarded(request, query, who) or self._list(frequency, query)
            case ["public", "v1", "getComtradeReleases"]:
                return _body(self._listing("releaseDate"))
            case ["files", "v1", "app", "reference", "Reporters.json"]:
                return Reply(b"\xef\xbb\xbf" + json.dumps({"more": False, "results": _reporters()}).encode())
            case ["public", "v1", "preview", _, frequency, _]:
                return self._records(frequency, query, self.preview_cap, 12 if frequency == "A" else 1)
            case ["data", "v1", "get", _, frequency, _]:
                return self._guarded(request, query, "data") or self._records(frequency, query, self.data_cap, 12)
            case ["bulk", "v1", "get", _, frequency, _]:
                return self._guarded(request, query, "data") or self._files(frequency, query)
            case ["bulk", "v1", "file", name]:
                return self._guarded(request, query, "data") or self._file(name)
        return _refused(404, "Resource not found")

    def _guarded(self, request: Request, query: Mapping[str, str], who: str) -> Reply | None:
        """A refusal, where the key is not the right one or its calls are spent."""
        if who == "public":
            return None
        given = request.headers.get("ocp-apim-subscription-key") or query.get("subscription-key", "")
        if not given or given != self.key:
            return _refused(401, "Access denied due to invalid subscription key.")
        if self.calls_left is not None:
            if self.calls_left <= 0:
                words = "Out of call volume quota. Quota will be replenished in 03:14:17."
                return _refused(403, words, {} if self.wait_s is None else {"Retry-After": str(self.wait_s)})
            self.calls_left -= 1
        return None

    def _listing(self, name: str, frequency: str | None = None) -> list[dict[str, Any]]:
        return [
            {
                "datasetCode": 20_000_000 + index,
                "typeCode": "C",
                "freqCode": "A" if len(period) == 4 else "M",
                "period": int(period),
                "reporterCode": reporter,
                "classificationCode": "H6",
                "classificationSearchCode": "HS",
                "isOriginalClassification": True,
                "isExtendedFlowCode": False,
                "isExtendedPartner2Code": (reporter, period) in self.second_partners,
                "totalRecords": len(self.records[reporter, period]),
                "datasetChecksum": -1_349_955_130,
                name: released,
            }
            for index, ((reporter, period), released) in enumerate(self.released.items())
            if frequency in (None, "A" if len(period) == 4 else "M")
        ]

    def _list(self, frequency: str, query: Mapping[str, str]) -> Reply:
        if not self.has_list:
            return _refused(404, "Resource not found")
        if "publisheddatefrom" in query and not self.has_news:
            return _refused(400, "publishedDateFrom is no parameter")
        wanted, since = _wanted(query, "reportercode"), query.get("publisheddatefrom", "")
        listed = self._listing(self.list_field, frequency)
        return _body(
            [
                entry
                for entry in listed
                if (not wanted or str(entry["reporterCode"]) in wanted) and entry[self.list_field][:10] >= since
            ]
        )

    def _records(self, frequency: str, query: Mapping[str, str], cap: int, longest: int) -> Reply:
        periods, seconds = _wanted(query, "period"), _wanted(query, "partner2code")
        if len(periods) > longest:
            words = f"period takes at most {longest} values"
            return Reply(json.dumps({"errorObject": {"errorMessage": words}}).encode(), status=400)
        found = [
            record
            for place, records in self.records.items()
            if place[1] in periods and len(place[1]) == (4 if frequency == "A" else 6)
            for record in [*records, *self.second_partners.get(place, [])]
            if (not seconds or str(record["partner2Code"]) in seconds)
            and all(
                not _wanted(query, name.lower()) or str(record[name]) in _wanted(query, name.lower())
                for name in ("reporterCode", "cmdCode", "flowCode", "partnerCode")
            )
        ]
        if not seconds or query.get("motcode") != "0" or query.get("customscode") != "C00":
            found = [row for record in found for row in (record, *_breakdown(record))]
        return self._timed(found[: min(cap, int(query.get("maxrecords", cap)))])

    def _timed(self, found: list[Record]) -> Reply:
        """Bodies that say the same are never the same bytes."""
        envelope = {"elapsedTime": f"0.{self.requests:03} secs", "count": len(found), "data": found, "error": ""}
        return Reply(json.dumps(envelope).encode())

    def _files(self, frequency: str, query: Mapping[str, str]) -> Reply:
        listed = []
        for entry in self._listing("publicationDate", frequency):
            place = (entry["reporterCode"], str(entry["period"]))
            wanted = (_wanted(query, "reportercode"), _wanted(query, "period"))
            if str(place[0]) in wanted[0] and place[1] in wanted[1]:
                own = {"fileUrl": self.file_url.format(name=_name(place)), "fileSize": "1 KB"}
                other = {
                    "fileUrl": "/bulk/v1/file/other",
                    "classificationCode": "H0",
                    "isOriginalClassification": False,
                }
                listed += [entry | own, entry | own | other]
        return _body(listed)

    def _file(self, name: str) -> Reply:
        (place,) = [place for place in self.records if _name(place) == name]
        rows = []
        for record in [*self.records[place], *self.second_partners.get(place, [])]:
            rows += [
                record,
                *_breakdown(record),
                record | {"cmdCode": "010121"},
                record | {"flowCode": "R" + record["flowCode"]},
            ]
        lines = [BULK_FIELDS, *([_cell(row[column]) for column in BULK_FIELDS] for row in rows)]
        text = "".join("\t".join(line) + "\n" for line in lines)
        return Reply(gzip.compress(text.encode(), mtime=0), "application/gzip")


def _wanted(query: Mapping[str, str], name: str) -> set[str]:
    return {value for value in query.get(name, "").split(",") if value}


def _breakdown(record: Record) -> list[Record]:
    """Parts of a record by mode of transport, which add up to it."""
    half = record["primaryValue"] / 2
    return [record | {"motCode": mode, "primaryValue": half} for mode in (1000, 2100)]


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _name(place: Place) -> str:
    return hashlib.sha256(repr(place).encode()).hexdigest()


def _reporters() -> list[dict[str, Any]]:
    with (sources()["un_comtrade"].package / "labels.csv").open(encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["vocabulary"] == "m49"]
    return [{"id": int(row["label"]), "reporterCode": int(row["label"]), "text": row["area_code"]} for row in rows]


def _body(found: list[dict[str, Any]]) -> Reply:
    return Reply(json.dumps({"elapsedTime": "0.1 secs", "count": len(found), "data": found, "error": ""}).encode())


def _refused(status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply(json.dumps({"statusCode": status, "message": message}).encode(), status=status, headers=headers or {})

"""Whole answers to one question: pages of records, checked against the question, and split where they were cut.

Belongs here: asking `data` or `preview`, and what of a page is believed. Does not belong here: what is asked for
(`fetch_plan.py`), which partitions the records are of (`fetch.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sources.http.client import Body, ChangedError, FetchError, NotAllowedError, PassingError, TryLaterError
from sources.http.fetcher import Visit
from sources.http.response import AGAIN
from sources.publishers.un_comtrade.fetch.planning import cap_of
from sources.publishers.un_comtrade.parse.records import FIELDS

_SPENT = re.compile(
    r"quota.*?(?:replenished in (?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d)|$)", re.IGNORECASE | re.DOTALL
)


class EmptyError(PassingError):
    """No record where the publisher lists a data set. Not zero trade; perhaps not at the next attempt."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which records are asked for: all partners, without breakdown rows."""

    frequency: str
    reporters: tuple[int, ...]
    periods: tuple[str, ...]
    flows: tuple[str, ...]
    codes: tuple[str, ...]

    def covers(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is among what is asked for."""
        return (
            record["freqCode"] == self.frequency
            and record["reporterCode"] in self.reporters
            and record["period"] in self.periods
            and record["flowCode"] in self.flows
            and record["cmdCode"] in self.codes
        )

    def halves(self) -> tuple[Question, Question] | None:
        """Two questions that together ask the same: by reporter, then flow, code and period; None where it is one."""
        for name in ("reporters", "flows", "codes", "periods"):
            values = getattr(self, name)
            if len(values) > 1:
                middle = len(values) // 2
                return replace(self, **{name: values[:middle]}), replace(self, **{name: values[middle:]})
        return None

    def __str__(self) -> str:
        return (
            f"{self.frequency} {'+'.join(map(str, self.reporters))} {self.periods[0]}–{self.periods[-1]} "
            f"{'+'.join(self.flows)} {len(self.codes)} codes"
        )


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that is whole: its bytes and its records."""

    body: Body
    records: list[dict[str, Any]]


def whole(visit: Visit, question: Question, *, may_be_empty: bool) -> list[Page]:
    """Ask, and ask in parts where the page is exactly as long as the publisher's cap.

    A part may be empty only if the page that was cut has no record of it either.

    Raises:
        FetchError: as `Client.ask`; no record where some are due; a page at the cap that cannot be split.
        TryLaterError: the day's calls are spent.
    """
    page = _page(visit, question, may_be_empty=may_be_empty)
    if len(page.records) < cap_of(visit):
        return [page]
    halves = question.halves()
    if halves is None:
        raise FetchError(
            page.body.url,
            f"holds {len(page.records)} records, the most a page may hold, for one reporter, flow, code and period.",
            "split it by partner.",
        )
    return [
        part
        for half in halves
        for part in whole(visit, half, may_be_empty=not any(half.covers(record) for record in page.records))
    ]


def _page(visit: Visit, question: Question, *, may_be_empty: bool) -> Page:
    live = visit.about["live"]
    path = "data/v1/get" if visit.has_key else "public/v1/preview"
    found: list[dict[str, Any]] = []

    def check(body: Body) -> None:
        found[:] = _records(body, question)
        if not found and not may_be_empty:
            raise EmptyError(body.url, "holds no record.", AGAIN)

    try:
        with spent_quota(visit):
            body = visit.http.get(
                f"{path}/{live['type']}/{question.frequency}/{live['classification']}",
                params={
                    "reporterCode": ",".join(map(str, question.reporters)),
                    "period": ",".join(question.periods),
                    "cmdCode": ",".join(question.codes),
                    "flowCode": ",".join(question.flows),
                    "partner2Code": "0",
                    "motCode": "0",
                    "customsCode": "C00",
                    "maxRecords": str(cap_of(visit)),
                    "includeDesc": "true",
                },
                expect="json",
                check=check,
            )
    except EmptyError as error:
        # the publisher did answer: no sign that it is out of reach
        problem = f"answers {question} with nothing, which is listed or was held; that is not zero trade."
        raise FetchError(visit.source_code, problem, AGAIN) from error
    return Page(body, found)


def _records(body: Body, question: Question) -> list[dict[str, Any]]:
    said = body.json()
    trouble = _trouble(said)
    if trouble:
        if isinstance(said, dict) and said.get("statusCode") in (401, 403):
            raise NotAllowedError(body.url, f"says {trouble!r}.", "look whether the key is set, right and not expired.")
        raise PassingError(body.url, f"says {trouble!r}.", AGAIN)
    records: list[dict[str, Any]] = said["data"]
    if said.get("count") != len(records):
        raise PassingError(body.url, f"says count {said.get('count')} and holds {len(records)}.", AGAIN)
    for record in records:
        odd = set(record) ^ set(FIELDS)
        if odd:
            raise ChangedError(
                body.url,
                f"changed its layout: a record's fields are not those declared: lost {sorted(odd - set(record))}, "
                f"gained {sorted(odd & set(record))}.",
                "if the publisher changed its fields, the parser must learn them.",
            )
        if not question.covers(record):
            raise PassingError(
                body.url,
                f"holds a record of {record['reporterCode']}, {record['period']}, {record['flowCode']}, "
                f"{record['cmdCode']}, which was not asked for: {question}.",
                AGAIN,
            )
    return records


def _trouble(said: Any) -> str:
    """What an answer says is wrong, in whichever of its forms; empty where it is a list of records."""
    if not isinstance(said, dict):
        return f"no body of Comtrade: {str(said)[:100]}"
    error = said.get("error") or said.get("errorObject")
    if isinstance(error, dict):
        error = error.get("errorMessage") or error.get("message") or error
    if error:
        return str(error)[:200]
    data = said.get("data")
    if isinstance(data, list) and all(isinstance(record, dict) for record in data):
        return ""
    return str(said.get("message") or f"no list of records, but {sorted(said)}")[:200]


@contextmanager
def spent_quota(visit: Visit) -> Iterator[None]:
    """Within it, a refusal that speaks of a spent quota is one to come back later for.

    Raises:
        TryLaterError: for such a refusal.
    """
    try:
        yield
    except NotAllowedError as error:
        found = _SPENT.search(str(error))
        if not found:
            raise
        wait = timedelta(**{name: int(value) for name, value in found.groupdict(default="0").items()})
        until = datetime.now(UTC) + (wait or timedelta(hours=24))
        raise TryLaterError(
            visit.source_code,
            f"has answered all the calls of the day ({error})",
            f"the rest is asked for after {until:%Y-%m-%d %H:%M} UTC.",
            until,
        ) from None

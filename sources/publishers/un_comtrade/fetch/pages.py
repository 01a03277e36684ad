"""Complete responses to one query: pages of records, compared with the query, and split where they were cut."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sources.http.errors import (
    RETRIED_NEXT_RUN,
    ChallengeError,
    FetchError,
    NotAllowedError,
    RateLimitedError,
    RetryableError,
    SchemaChangedError,
)
from sources.http.fetcher import FetchContext
from sources.http.response import Body
from sources.http.robots import RobotsError
from sources.publishers.un_comtrade.fetch.planning import cap_of
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS, FIELDS

log = logging.getLogger("ree.un_comtrade")


ENDS_A_TASK = (RateLimitedError, NotAllowedError, ChallengeError, RobotsError)
"""Failures after which the other requests of a task would fail too, or are not welcome."""


class EmptyError(RetryableError):
    """No record where the publisher lists a data set. Not zero trade; perhaps not at the next attempt."""


class NoRecordError(FetchError):
    """No record of a listed data set at any attempt. The publisher responded, so it is not out of reach."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which records are requested: all partners, without breakdown rows.

    `second_partners` are the only ones requested; none means flows of all second partners together.
    """

    frequency: str
    reporters: tuple[int, ...]
    periods: tuple[str, ...]
    flows: tuple[str, ...]
    codes: tuple[str, ...]
    second_partners: tuple[int, ...] = ()

    def covers(self, record: Mapping[str, Any]) -> bool:
        """Whether a record belongs to the query."""
        return (
            record["freqCode"] == self.frequency
            and record["reporterCode"] in self.reporters
            and str(record["period"]) in self.periods
            and record["flowCode"] in self.flows
            and record["cmdCode"] in self.codes
            and (not self.second_partners or record["partner2Code"] in self.second_partners)
        )

    def halves(self) -> tuple[Query, Query] | None:
        """Two queries that together cover this one: by reporter, then flow, code, period and second partner.

        None where it has one of each.
        """
        for name in ("reporters", "flows", "codes", "periods", "second_partners"):
            values = getattr(self, name)
            if len(values) > 1:
                middle = len(values) // 2
                return replace(self, **{name: values[:middle]}), replace(self, **{name: values[middle:]})
        return None

    def __str__(self) -> str:
        return (
            f"{self.frequency} {'+'.join(map(str, self.reporters))} {self.periods[0]}–{self.periods[-1]} "
            f"{'+'.join(self.flows)} {len(self.codes)} codes{self._by_way_of()}"
        )

    def _by_way_of(self) -> str:
        return f" by second partner {'+'.join(map(str, self.second_partners))}" if self.second_partners else ""


@dataclass(frozen=True, slots=True)
class Page:
    """A complete response, or some records of it: its bytes, the records, and how many the response has (`of`)."""

    body: Body
    records: list[dict[str, Any]]
    of: int = 0


def added_fields(pages: list[Page]) -> list[str]:
    """What to note of the fields that the publisher added to its records: one sentence, or none."""
    names = sorted({name for page in pages for record in page.records for name in record} - set(FIELDS))
    return [f"new fields, kept and not read: {', '.join(names)}"] if names else []


def missing(context: FetchContext, failures: list[FetchError], *, is_all: bool) -> FetchError | None:
    """Why a part of a task is missing, or all of it (`is_all`); every failure is logged.

    A spent quota comes first. Data sets without a record are a failure of the task only where it has nothing else.
    """
    for failure in failures:
        log.warning("%s: %s", context.source_code, failure)
    counted = [failure for failure in failures if is_all or not isinstance(failure, NoRecordError)]
    return min(counted, key=lambda failure: not isinstance(failure, RateLimitedError), default=None)


def all_pages(context: FetchContext, query: Query, *, may_be_empty: bool, expected: int = 0) -> list[Page]:
    """The records of a query; in halves where the page is exactly as long as the publisher's cap.

    A part may be empty only if the page that was cut has no record of it either. Where as many records as the cap are
    `expected`, the halves are requested at once; if one of them is empty, the whole page decides.

    Raises:
        FetchError: as `Client.request`; no record where some are due; a page at the cap that cannot be split.
        RateLimitedError: the day's calls are spent.
    """
    halves = query.halves()
    if halves and expected >= cap_of(context):
        parts = [all_pages(context, half, may_be_empty=True, expected=-(-expected // 2)) for half in halves]
        if all(page.records for pages in parts for page in pages):
            return [page for pages in parts for page in pages]
    page = _page(context, query, may_be_empty=may_be_empty)
    if len(page.records) < cap_of(context):
        return [page]
    if halves is None:
        raise FetchError(
            page.body.url,
            f"holds {len(page.records)} records, the most a page may hold, for one reporter, flow, code and period.",
            "split it by partner.",
        )
    return [
        part
        for half in halves
        for part in all_pages(context, half, may_be_empty=not any(half.covers(record) for record in page.records))
    ]


def _page(context: FetchContext, query: Query, *, may_be_empty: bool) -> Page:
    live = context.about["live"]
    path = "data/v1/get" if context.has_key else "public/v1/preview"
    found: list[dict[str, Any]] = []

    def check(body: Body) -> None:
        found[:] = _records(body, query)
        if not found and not may_be_empty:
            raise EmptyError(body.url, "holds no record.", RETRIED_NEXT_RUN)

    try:
        body = context.http.get(
            f"{path}/{live['type']}/{query.frequency}/{live['classification']}",
            params={
                "reporterCode": ",".join(map(str, query.reporters)),
                "period": ",".join(query.periods),
                "cmdCode": ",".join(query.codes),
                "flowCode": ",".join(query.flows),
                "partner2Code": ",".join(map(str, query.second_partners)) or "0",
                "motCode": "0",
                "customsCode": "C00",
                "maxRecords": str(cap_of(context)),
                "includeDesc": "true",
            },
            expect="json",
            check=check,
        )
    except EmptyError as error:
        problem = f"has no record for {query}, which is listed or had landed; that is not zero trade."
        raise NoRecordError(context.source_code, problem, RETRIED_NEXT_RUN) from error
    return Page(body, found, len(found))


def _records(body: Body, query: Query) -> list[dict[str, Any]]:
    payload = body.json()
    problems = _problem(payload)
    if problems:
        if isinstance(payload, dict) and payload.get("statusCode") in (401, 403):
            raise NotAllowedError(
                body.url, f"says {problems!r}.", "check whether the key is set, right and not expired."
            )
        raise RetryableError(body.url, f"says {problems!r}.", RETRIED_NEXT_RUN)
    records: list[dict[str, Any]] = payload["data"]
    if payload.get("count", len(records)) != len(records):
        raise RetryableError(body.url, f"says count {payload.get('count')} and holds {len(records)}.", RETRIED_NEXT_RUN)
    needed = set(BULK_FIELDS)
    for record in records:
        lost = needed - set(record)
        if lost:
            raise SchemaChangedError(
                body.url,
                f"changed its layout: a record has other fields: lost {sorted(lost)}, "
                f"gained {sorted(set(record) - set(FIELDS))}.",
                "if the publisher renamed or removed them, the parser must learn the new ones.",
            )
        if not query.covers(record):
            raise RetryableError(
                body.url,
                f"holds a record of {record['reporterCode']}, {record['period']}, {record['flowCode']}, "
                f"{record['cmdCode']}, second partner {record['partner2Code']}, which was not requested: {query}.",
                RETRIED_NEXT_RUN,
            )
    return records


def _problem(payload: Any) -> str:
    """What an answer says is wrong, in whichever of its forms; empty where it is a list of records."""
    if not isinstance(payload, dict):
        return f"no body of Comtrade: {str(payload)[:100]}"
    error = payload.get("error") or payload.get("errorObject")
    if isinstance(error, dict):
        error = error.get("errorMessage") or error.get("message") or error
    if error:
        return str(error)[:200]
    data = payload.get("data")
    if isinstance(data, list) and all(isinstance(record, dict) for record in data):
        return ""
    return str(payload.get("message") or f"no list of records, but {sorted(payload)}")[:200]

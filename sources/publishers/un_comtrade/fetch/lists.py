"""What UN Comtrade lists: its data sets with their release dates, the feed of releases, and its reporters.

They are read tolerantly, since they decide only what is requested.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sources.http.errors import (
    RETRIED_NEXT_RUN,
    FetchError,
    MissingError,
    NotAllowedError,
    RateLimitedError,
    RetryableError,
)
from sources.http.fetcher import FetchContext
from sources.http.response import Body
from sources.publishers.un_comtrade.fetch.planning import area_of
from sources.reading.layouts import declared

log = logging.getLogger("ree.un_comtrade")

_LIST_BYTES = 100_000_000
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d+)?))?")
_RELEASED = ("lastreleased", "lastreleaseddate", "lastreleasedate", "firstreleased")
_HAS_VIA = "isextendedpartner2code"
_PERIOD = {"A": re.compile(r"^(?:19|20)\d\d$"), "M": re.compile(r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])$")}


class UnusableError(RetryableError):
    """A complete list without the expected content."""


@dataclass(frozen=True, slots=True)
class DataSets:
    """What is listed of our reporters: by reporter and period, the newest release, and whether second partners are.

    `released` is such as {"699": {"202503": "2025-06-20T10:11:12"}}; `via` such as {"699": {"202503": True}}, of the
    corridor's reporters only, true also where the list does not say. `complete` is the day of the last complete list.
    """

    released: dict[str, dict[str, str]] = field(default_factory=dict)
    via: dict[str, dict[str, bool]] = field(default_factory=dict)
    complete: str = ""

    def updated(self, news: DataSets) -> DataSets:
        """With what a later list says of the same data sets or of others."""
        released = {
            key: {**self.released.get(key, {}), **news.released.get(key, {})}
            for key in (*self.released, *news.released)
        }
        via = {key: {**self.via.get(key, {}), **news.via.get(key, {})} for key in (*self.via, *news.via)}
        return DataSets(released, via, self.complete)


def data_sets(context: FetchContext, frequency: str) -> DataSets:
    """What the publisher lists of our reporters.

    Within `full_list_every_days` of a complete list only what was released since the last list is requested and added
    to it. What the publisher withdrew is missing in a complete list only.

    Raises:
        MissingError: the publisher has no such list.
        UnusableError: it names no data set of ours, twice.
        FetchError: as `Client.request`.
    """
    ours = tuple(reporter for group in context.about["live"]["groups"] for reporter in group)
    before = _list_before(context, frequency)
    if before is not None:
        known, since = before
        try:
            news = _listed(context, frequency, ours, since)
        except FetchError as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            log.warning("%s: a list of what is new is refused, a complete one is requested: %s", frequency, error)
        else:
            return known.updated(news)
    found = _listed(context, frequency, ours)
    if not found.released:
        found = _listed(context, frequency, ours)
    if not found.released:
        problem = f"lists no data set of frequency {frequency}."
        raise UnusableError(context.source_code, problem, "data sets are due by age.")
    return replace(found, complete=str(context.today))


def _list_before(context: FetchContext, frequency: str) -> tuple[DataSets, str] | None:
    """The last list and the day from which news is requested; None if the last complete list is too old."""
    live, catalogue = context.about["live"], context.catalogue
    known, via, complete = (catalogue.get(name, {}).get(frequency) for name in ("listed", "via", "complete"))
    if not known or via is None or not complete:
        return None
    if (context.today - date.fromisoformat(complete)).days >= live["full_list_every_days"]:
        return None
    since = date.fromisoformat(catalogue["requested"]) - timedelta(days=live["news_margin_days"])
    return DataSets(known, via, complete), str(since)


def newest_release(context: FetchContext) -> str:
    """When the newest figures of our reporters were released, by one cheap call; empty where the feed names none.

    Raises:
        FetchError: as `Client.request`.
    """
    live = context.about["live"]
    ours = {str(reporter) for group in live["groups"] for reporter in group}
    body = context.http.get(live["releases"], expect="json", max_bytes=_LIST_BYTES, check=require_list)
    return max(
        (
            stamp
            for entry in entries(body)
            if str(entry.get("reportercode", "")) in ours | {""}
            for name, value in entry.items()
            if ("releas" in name or "publi" in name) and (stamp := _stamp(value))
        ),
        default="",
    )


def reporters(context: FetchContext) -> dict[str, Any]:
    """Which of our reporters the publisher's own list does not have; requested rarely; a failure stops nothing."""
    before: dict[str, Any] = dict(context.catalogue.get("reporters", {}))
    live = context.about["live"]
    if before and (context.today - date.fromisoformat(before["requested"])).days < live["reporters_asked_every_days"]:
        return before
    try:
        body = context.http.get(live["reporters"], expect="json", max_bytes=_LIST_BYTES, check=require_list)
        listed = {str(entry.get("reportercode", entry.get("id", ""))) for entry in entries(body)}
    except RateLimitedError:
        raise
    except FetchError as error:
        log.warning("the list of reporters was not received, the previous one stays: %s", error)
        return before
    ours = [reporter for group in live["groups"] for reporter in group]
    unknown = [f"{reporter} ({area_of(reporter)})" for reporter in ours if str(reporter) not in listed]
    if unknown:
        log.warning("%s: the publisher's list has no reporter %s", context.source_code, ", ".join(unknown))
    return {"requested": str(context.today), "unknown": unknown}


def _listed(context: FetchContext, frequency: str, reporters: tuple[int, ...], since: str = "") -> DataSets:
    listed = list(entries(_request_list(context, frequency, reporters, since)))
    if len(listed) in _caps() and len(reporters) > 1:
        half = len(reporters) // 2
        first, second = (_listed(context, frequency, part, since) for part in (reporters[:half], reporters[half:]))
        return first.updated(second)
    ours = {str(reporter) for reporter in reporters}
    first_year = str(context.about["live"]["first_year"])
    corridor = {str(reporter) for reporter in context.about["live"]["corridor"]}
    found = DataSets()
    for entry in listed:
        reporter, period = str(entry.get("reportercode", "")), str(entry.get("period", ""))
        if reporter in ours and _PERIOD[frequency].match(period) and period[:4] >= first_year:
            dates = found.released.setdefault(reporter, {})
            released = next((stamp for name in _RELEASED if (stamp := _stamp(entry.get(name)))), "")
            dates[period] = max(released, dates.get(period, ""))
            if reporter in corridor:
                flags = found.via.setdefault(reporter, {})
                flags[period] = entry.get(_HAS_VIA) is not False or flags.get(period, False)
    return found


def _request_list(context: FetchContext, frequency: str, reporters: tuple[int, ...], since: str) -> Body:
    """The list, or what of it was released from the day `since` on, from the first address that has one."""
    live = context.about["live"]
    params = {"reporterCode": ",".join(map(str, reporters))} | ({"publishedDateFrom": since} if since else {})
    missing: MissingError | None = None
    for path in live["data_sets_with_key" if context.has_key else "data_sets_without_key"]:
        try:
            return context.http.get(
                f"{path}/{live['type']}/{frequency}/{live['classification']}",
                params=params,
                expect="json",
                max_bytes=_LIST_BYTES,
                check=require_list,
            )
        except MissingError as error:
            missing = error
        except NotAllowedError:
            if context.has_key or path.startswith("public/"):
                raise
            # the address beside the keyed calls: without a key it may well refuse, and is then no list
    raise missing or MissingError(context.source_code, "has no address of its list of data sets.", "name one.")


def _caps() -> set[int]:
    return {row["cap"] for row in declared(Path(__file__).parents[1])["layout"] if "cap" in row}


def entries(body: Body) -> Iterator[Mapping[str, Any]]:
    """The entries of a list, with the names of their fields in lower case: clients spell them in several ways."""
    for entry in _list_in(body.json()) or []:
        if isinstance(entry, dict):
            yield {str(name).lower(): value for name, value in entry.items()}


def _list_in(payload: Any) -> list[Any] | None:
    if isinstance(payload, dict):
        fields = {str(name).lower(): value for name, value in payload.items()}
        payload = next((fields[name] for name in ("data", "results") if name in fields), None)
    return payload if isinstance(payload, list) else None


def require_list(body: Body) -> None:
    """Check that an answer is a list of as many entries as it says; for `Client.get`.

    Raises:
        RetryableError: it is not.
    """
    payload = body.json()
    listed = _list_in(payload)
    envelope = payload if isinstance(payload, dict) else {}
    problems = envelope.get("error") or envelope.get("errorObject")
    if listed is None or problems:
        raise UnusableError(body.url, f"is no list, and says {str(problems or payload)[:200]!r}.", RETRIED_NEXT_RUN)
    count = envelope.get("count", len(listed))
    if isinstance(count, int) and count != len(listed):
        raise RetryableError(body.url, f"says count {count} and holds {len(listed)}.", RETRIED_NEXT_RUN)


def _stamp(value: Any) -> str:
    """A day and time as text that sorts; empty where the value is none."""
    found = _STAMP.match(value) if isinstance(value, str) else None
    if not found:
        return ""
    try:
        date.fromisoformat(found[1])
    except ValueError:
        return ""
    return f"{found[1]}T{found[2] or '00:00:00'}"

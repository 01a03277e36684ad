"""What UN Comtrade lists: its data sets with their release dates, the feed of releases, and its reporters.

Belongs here: reading these three lists, tolerantly, since they decide only what is asked for. Does not belong here:
what is due (`fetch_plan.py`), and any figure.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sources.http.client import Body, FetchError, MissingError, NotAllowedError, PassingError, TryLaterError
from sources.http.fetcher import Visit
from sources.http.response import AGAIN
from sources.publishers.un_comtrade.fetch.pages import spent_quota
from sources.publishers.un_comtrade.fetch.planning import area_of
from sources.reading.layouts import declared

log = logging.getLogger("ree.un_comtrade")

_LIST_BYTES = 100_000_000
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d+)?))?")
_RELEASED = ("lastreleased", "lastreleaseddate", "lastreleasedate", "firstreleased")
_PERIOD = {"A": re.compile(r"^(?:19|20)\d\d$"), "M": re.compile(r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])$")}


class UnusableError(PassingError):
    """A list that came whole and does not say what it is asked for."""


def data_sets(visit: Visit, frequency: str) -> dict[str, dict[str, str]]:
    """The date of the newest release of each data set of our reporters, by reporter and period.

    Raises:
        MissingError: the publisher has no such list.
        UnusableError: it names no data set of ours, twice.
        FetchError: as `Client.ask`.
    """
    reporters = tuple(reporter for group in visit.about["live"]["groups"] for reporter in group)
    found = _listed(visit, frequency, reporters) or _listed(visit, frequency, reporters)
    if not found:
        problem = f"lists no data set of frequency {frequency}."
        raise UnusableError(visit.source_code, problem, "figures are taken by age.")
    return found


def newest_release(visit: Visit) -> str:
    """When the newest figures of our reporters were released, by one cheap call; empty where the feed names none.

    Raises:
        FetchError: as `Client.ask`.
    """
    live = visit.about["live"]
    ours = {str(reporter) for group in live["groups"] for reporter in group}
    body = visit.http.get(live["releases"], expect="json", max_bytes=_LIST_BYTES, check=require_list)
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


def reporters(visit: Visit) -> dict[str, Any]:
    """Which of our reporters the publisher's own list does not have; asked for rarely, and never in the way."""
    before: dict[str, Any] = dict(visit.catalogue.get("reporters", {}))
    live = visit.about["live"]
    if before and (visit.today - date.fromisoformat(before["asked"])).days < live["reporters_asked_every_days"]:
        return before
    try:
        body = visit.http.get(live["reporters"], expect="json", max_bytes=_LIST_BYTES, check=require_list)
        listed = {str(entry.get("reportercode", entry.get("id", ""))) for entry in entries(body)}
    except TryLaterError:
        raise
    except FetchError as error:
        log.warning("the list of reporters was not had, the one of before stands: %s", error)
        return before
    ours = [reporter for group in live["groups"] for reporter in group]
    unknown = [f"{reporter} ({area_of(reporter)})" for reporter in ours if str(reporter) not in listed]
    if unknown:
        log.warning("%s: the publisher's list has no reporter %s", visit.source_code, ", ".join(unknown))
    return {"asked": str(visit.today), "unknown": unknown}


def _listed(visit: Visit, frequency: str, reporters: tuple[int, ...]) -> dict[str, dict[str, str]]:
    listed = list(entries(_asked(visit, frequency, reporters)))
    if len(listed) in _caps() and len(reporters) > 1:
        half = len(reporters) // 2
        parts = (_listed(visit, frequency, part) for part in (reporters[:half], reporters[half:]))
        return {reporter: dates for part in parts for reporter, dates in part.items()}
    ours = {str(reporter) for reporter in reporters}
    first_year = str(visit.about["live"]["first_year"])
    found: dict[str, dict[str, str]] = {}
    for entry in listed:
        reporter, period = str(entry.get("reportercode", "")), str(entry.get("period", ""))
        if reporter in ours and _PERIOD[frequency].match(period) and period[:4] >= first_year:
            dates = found.setdefault(reporter, {})
            released = next((stamp for name in _RELEASED if (stamp := _stamp(entry.get(name)))), "")
            dates[period] = max(released, dates.get(period, ""))
    return found


def _asked(visit: Visit, frequency: str, reporters: tuple[int, ...]) -> Body:
    """The list, from the first address that has one."""
    live = visit.about["live"]
    missing: MissingError | None = None
    for path in live["data_sets_with_key" if visit.has_key else "data_sets_without_key"]:
        try:
            with spent_quota(visit):
                return visit.http.get(
                    f"{path}/{live['type']}/{frequency}/{live['classification']}",
                    params={"reporterCode": ",".join(map(str, reporters))},
                    expect="json",
                    max_bytes=_LIST_BYTES,
                    check=require_list,
                )
        except MissingError as error:
            missing = error
        except NotAllowedError:
            if visit.has_key or path.startswith("public/"):
                raise
            # the address beside the keyed calls: without a key it may well refuse, and is then no list
    raise missing or MissingError(visit.source_code, "has no address of its list of data sets.", "name one.")


def _caps() -> set[int]:
    return {row["cap"] for row in declared(Path(__file__).parents[1])["layout"] if "cap" in row}


def entries(body: Body) -> Iterator[Mapping[str, Any]]:
    """The entries of a list, with the names of their fields in lower case: clients spell them in several ways."""
    for entry in _list_in(body.json()) or []:
        if isinstance(entry, dict):
            yield {str(name).lower(): value for name, value in entry.items()}


def _list_in(said: Any) -> list[Any] | None:
    if isinstance(said, dict):
        fields = {str(name).lower(): value for name, value in said.items()}
        said = next((fields[name] for name in ("data", "results") if name in fields), None)
    return said if isinstance(said, list) else None


def require_list(body: Body) -> None:
    """Check that an answer is a list of as many entries as it says; for `Client.get`.

    Raises:
        PassingError: it is not.
    """
    said = body.json()
    listed = _list_in(said)
    envelope = said if isinstance(said, dict) else {}
    trouble = envelope.get("error") or envelope.get("errorObject")
    if listed is None or trouble:
        raise UnusableError(body.url, f"is no list, and says {str(trouble or said)[:200]!r}.", AGAIN)
    count = envelope.get("count", len(listed))
    if isinstance(count, int) and count != len(listed):
        raise PassingError(body.url, f"says count {count} and holds {len(listed)}.", AGAIN)


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

"""Fetch pages of India's TradeStat: months by partner (MEIDB) and fiscal years with China (EIDB).

When a page is due is in `planning.py`, forms are in `form.py`, the session in `session.py`, checks in `validation.py`.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from sources.http.errors import (
    RETRIED_NEXT_RUN,
    FetchError,
    MissingError,
    NotAllowedError,
    RateLimitedError,
    RetryableError,
    SchemaChangedError,
)
from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.model.artifact import Artifact, LayoutError
from sources.publishers.india_tradestat.fetch.form import NotOfferedError, ReportQuery, known
from sources.publishers.india_tradestat.fetch.planning import (
    NO_TRADE,
    NOT_OUT,
    OUT,
    WITHDRAWN,
    YEAR_BEFORE,
    is_certainly_out,
    is_young,
    plan_pages,
)
from sources.publishers.india_tradestat.fetch.session import form_of, session_of
from sources.publishers.india_tradestat.fetch.validation import Reader, State, artifact_of

log = logging.getLogger("ree.india_tradestat")

_UPDATED = re.compile(r"(?i)last\s+(?:data\s+)?updated\s+on\s*:?\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def discover(context: FetchContext) -> dict[str, Any]:
    """Find the day of the portal's figures as a form of the monthly bank prints it: `{"updated": "2026-08-13"}`.

    "" where the page prints none: then pages are due by their age alone. Where a page is missing the next one is
    requested, at last one of the yearly bank: either bank may fail independently.

    Raises:
        FetchError: no page was received, or none has a form.
    """
    problems: list[FetchError] = []
    for address in [*known()["shows_day"], *known()["answers"]]:
        try:
            body = context.http.get(address, expect="html", check=form_of)
        except RateLimitedError:
            raise
        except FetchError as error:
            log.warning("%s: %s", context.source_code, error)
            problems.append(error)
            continue
        text = re.sub(r"<[^>]*>|&nbsp;", " ", body.read().decode("utf-8", "replace"))
        found = _UPDATED.search(text) if address in known()["shows_day"] else None
        return {"updated": f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else ""}
    raise problems[0]


def plan(context: FetchContext) -> list[Task]:
    """The pages that are due; see `planning.py`."""
    return plan_pages(context)


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """Fetch one page.

    A page without a figure of its period does not land where none had landed: the period is not published, or had no
    trade. Of a month that is certainly out it lands if it has a figure of the year before. Where one had landed it is a
    withdrawal, if two reports say so, the second in a new session. Once the first page of a month says that it is not
    published, that month and later ones are not requested in this run.

    Raises:
        FetchError: no valid page was received.
    """
    query = ReportQuery(**task.params)
    session = session_of(context)
    if query.month and session.not_out and (query.year, query.month) >= session.not_out:
        year, month = session.not_out
        return _result(context, NOT_OUT, note=f"not requested: {year}-{month:02} is not out")
    previous = context.states.get(task.key)
    found_before = previous.cursor.get("found") if previous else None
    state, artifact = _page(context, query)
    if query.partition in context.landed and _is_lost(state, found_before):
        if found_before != WITHDRAWN:
            session.renew()
            state, artifact = _page(context, query)
        if _is_lost(state, found_before) and artifact is not None:
            return _result(context, WITHDRAWN, (artifact,), "withdrawn: the page has no figure of it any more")
    if state == "out":
        return _result(context, OUT, (artifact,) if artifact else ())
    if query.is_probe and is_young(context, query):
        session.not_out = (query.year, query.month)
    if query.is_probe or not query.month or not is_certainly_out(context, query):
        return _result(context, NOT_OUT, note="no figure: not out, or no trade")
    if state == "year_before" and artifact is not None:
        return _result(context, YEAR_BEFORE, (artifact,), "no trade; figures of the year before")
    return _result(context, NO_TRADE, note="no trade")


def _is_lost(state: State, found_before: str | None) -> bool:
    """Whether a page that had landed lost its figures."""
    return state == "not_out" or (state == "year_before" and found_before == OUT)


def _result(context: FetchContext, found: str, artifacts: tuple[Artifact, ...] = (), note: str = "") -> FetchResult:
    return FetchResult(artifacts, {"found": found, "updated": str(context.catalogue.get("updated", ""))}, note)


def _page(context: FetchContext, query: ReportQuery) -> tuple[State, Artifact | None]:
    """The page and what it says; no artifact where the form does not offer the period, or no report is below it."""
    reader = Reader(context, query)
    try:
        body = session_of(context).page(context.http, query, reader)
    except NotOfferedError:
        return "not_out", None
    except (MissingError, NotAllowedError) as error:
        # a missing form is missing for all its pages: it counts as unreachable
        raise RetryableError(query.partition, f"cannot be requested: {error}", RETRIED_NEXT_RUN) from error
    except RetryableError as error:
        if reader.refusal is None:
            raise
        # a complete page that fails validation at every attempt does not mean that the portal is unreachable
        kind = SchemaChangedError if isinstance(reader.refusal, LayoutError) else FetchError
        raise kind(query.partition, f"was refused at every attempt: {reader.refusal}", RETRIED_NEXT_RUN) from error
    return reader.state, artifact_of(context, query, body) if reader.has_report else None

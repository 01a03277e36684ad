"""Ask India's TradeStat for its pages: months by partner (MEIDB) and fiscal years with China (EIDB).

Belongs here: what one visit asks for and what an answer means for what is held. Does not belong here: when a page is
due (`fetch_plan.py`), the form and the session (`fetch_form.py`, `fetch_session.py`), refusing an answer
(`fetch_answer.py`), or reading figures (`pages.py`).
"""

from __future__ import annotations

import logging
import re
from typing import Any

from sources.http.client import ChangedError, FetchError, MissingError, NotAllowedError, PassingError, TryLaterError
from sources.http.fetcher import Answer, Task, Visit
from sources.http.response import AGAIN
from sources.model.artifact import Artifact, LayoutError
from sources.publishers.india_tradestat.fetch.form import Asked, NotOfferedError, known
from sources.publishers.india_tradestat.fetch.planning import NOT_OUT, OUT, WITHDRAWN, is_young, plan_pages
from sources.publishers.india_tradestat.fetch.report import Reader, State, artifact_of
from sources.publishers.india_tradestat.fetch.session import form_of, session_of

log = logging.getLogger("ree.india_tradestat")

_UPDATED = re.compile(r"(?i)last\s+(?:data\s+)?updated\s+on\s*:?\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def discover(visit: Visit) -> dict[str, Any]:
    """Find the day of the portal's figures as a form of the monthly bank prints it: `{"updated": "2026-08-13"}`.

    "" where the page prints none: then pages are asked for again by their age alone. Where a page is gone the next one
    is asked, at last one of the yearly bank: either bank may fail by itself.

    Raises:
        FetchError: no page could be had, or none has a form.
    """
    trouble: list[FetchError] = []
    for address in [*known()["shows_day"], *known()["answers"]]:
        try:
            body = visit.http.get(address, expect="html", check=form_of)
        except TryLaterError:
            raise
        except FetchError as error:
            log.warning("%s: %s", visit.source_code, error)
            trouble.append(error)
            continue
        text = re.sub(r"<[^>]*>|&nbsp;", " ", body.read().decode("utf-8", "replace"))
        found = _UPDATED.search(text) if address in known()["shows_day"] else None
        return {"updated": f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else ""}
    raise trouble[0]


def plan(visit: Visit) -> list[Task]:
    """The pages that are due; see `fetch_plan.py`."""
    return plan_pages(visit)


def fetch(visit: Visit, task: Task) -> Answer:
    """Ask for one page.

    A page without a figure of its period is not landed where none was held: the period is not out, or had no trade.
    Where one was held it is a withdrawal, if a report says so twice, the second time in a session begun anew. Once
    the first page of a month says that it is not out, that month and those after it are not asked for in this visit.

    Raises:
        FetchError: no page came that can be believed.
    """
    asked = Asked(**task.ask)
    session = session_of(visit)
    if asked.month and session.not_out and (asked.year, asked.month) >= session.not_out:
        year, month = session.not_out
        return _answer(visit, NOT_OUT, note=f"not asked for: {year}-{month:02} is not out")
    state, artifact = _page(visit, asked)
    if state == "not_out" and asked.partition in visit.held:
        look = visit.looks.get(task.key)
        if look is None or look.marks.get("found") != WITHDRAWN:
            session.renew()
            state, artifact = _page(visit, asked)
        if state == "not_out" and artifact is not None:
            return _answer(visit, WITHDRAWN, (artifact,), "withdrawn: the page has no figure of it any more")
    if state == "not_out":
        if asked.is_probe and is_young(visit, asked):
            session.not_out = (asked.year, asked.month)
        return _answer(visit, NOT_OUT, note="no figure: not out, or no trade")
    return _answer(visit, OUT, (artifact,) if artifact else ())


def _answer(visit: Visit, found: str, artifacts: tuple[Artifact, ...] = (), note: str = "") -> Answer:
    return Answer(artifacts, {"found": found, "updated": str(visit.catalogue.get("updated", ""))}, note)


def _page(visit: Visit, asked: Asked) -> tuple[State, Artifact | None]:
    """The page and what it says; no artifact where the form does not offer the period, or no report is below it."""
    reader = Reader(visit, asked)
    try:
        body = session_of(visit).page(visit.http, asked, reader)
    except NotOfferedError:
        return "not_out", None
    except (MissingError, NotAllowedError) as error:
        # a form that is gone is gone for all its pages: it counts as out of reach
        raise PassingError(asked.partition, f"cannot be asked for: {error}", AGAIN) from error
    except PassingError as error:
        if reader.refusal is None:
            raise
        # a whole answer that is refused again and again is no sign that the portal is out of reach
        kind = ChangedError if isinstance(reader.refusal, LayoutError) else FetchError
        raise kind(asked.partition, f"was refused at every attempt: {reader.refusal}", AGAIN) from error
    return reader.state, artifact_of(visit, asked, body) if reader.has_report else None

"""A session with the portal: its forms and token, kept for one run, and pages requested with them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from sources.http.client import Client
from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RateLimitedError, RetryableError
from sources.http.fetcher import FetchContext
from sources.http.response import Body
from sources.publishers.india_tradestat.fetch.form import Form, ReportQuery, read_form

_REFRESH = "refresh-csrf"
_PAGE_EXPIRED = 419
_MAX_EXPIRED_IN_A_ROW = 12
"""After so many pages in a row with an expired session, the rest of the run is deferred."""

_TOKEN_TEXT = re.compile(r"[\w+/=|.-]{8,200}")

_SESSIONS: WeakKeyDictionary[Client, Session] = WeakKeyDictionary()
"""The session of each client, which holds its cookies: both end with the run."""


class SessionExpiredError(FetchError):
    """The portal shows its form or a sign-in page instead of a report."""


class Session:
    """The forms of one run and the newest token; the first month of the bank that is not published."""

    def __init__(self, session_s: float) -> None:
        self._session_s = session_s
        self._forms: dict[str, Form] = {}
        self._token = ""
        self._used_at = float("-inf")
        self.not_out: tuple[int, int] | None = None
        self._expired_in_a_row = 0

    def page(self, http: Client, query: ReportQuery, check: Callable[[Body], None]) -> Body:
        """Send the form for one page; if the session has expired, once more with a new form.

        Raises:
            NotOfferedError: the form has no such month or year.
            FetchError: as the client raises, or the session expires twice.
            RateLimitedError: it has done so for too many pages in a row.
        """
        try:
            return self._submit(http, query, check)
        except FetchError as error:
            if not _is_expired(error):
                raise
        self.renew()
        try:
            return self._submit(http, query, check)
        except FetchError as error:
            if not _is_expired(error):
                raise
            self._expired_in_a_row += 1
            if self._expired_in_a_row >= _MAX_EXPIRED_IN_A_ROW:
                raise RateLimitedError(
                    query.address,
                    f"accepts no form: {self._expired_in_a_row} pages in a row, a new session expired at once: {error}",
                    "inspect the page: the portal may have changed how it guards its forms.",
                ) from error
            raise

    def renew(self) -> None:
        """Forget the forms: the next page is requested with a new one."""
        self._forms.clear()

    def _submit(self, http: Client, query: ReportQuery, check: Callable[[Body], None]) -> Body:
        form = self._form(http, query.address)
        base = http.config.base_url.rstrip("/")
        body = http.post(
            query.address,
            form={**form.filled(query), "_token": self._token},
            expect="html",
            check=check,
            headers={"Referer": f"{base}/{query.address}", "Origin": "/".join(base.split("/")[:3])},
        )
        self._used_at = time.monotonic()
        self._expired_in_a_row = 0
        return body

    def _form(self, http: Client, address: str) -> Form:
        """The form of an address, read once per session; the newest token is valid for all forms of it."""
        if time.monotonic() - self._used_at > self._session_s:
            self.renew()
        if address not in self._forms:
            form = form_of(http.get(address, expect="html", check=form_of))
            self._token = form.token or _refresh_token(http)
            self._forms[address] = form
            self._used_at = time.monotonic()
        return self._forms[address]


def _is_expired(error: FetchError) -> bool:
    """Whether an error means an expired session, by the page or by its status."""
    return isinstance(error, SessionExpiredError) or error.status == _PAGE_EXPIRED


def session_of(context: FetchContext) -> Session:
    """The session of a run."""
    if context.http not in _SESSIONS:
        _SESSIONS[context.http] = Session(context.about["live"]["session_s"])
    return _SESSIONS[context.http]


def _refresh_token(http: Client) -> str:
    """The token from the address that gives it alone, as JSON or as plain text."""
    body = http.get(_REFRESH)
    text = body.text().strip()
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        payload = text
    values = list(payload.values()) if isinstance(payload, dict) else [payload]
    token = next((v for v in values if isinstance(v, str) and _TOKEN_TEXT.fullmatch(v)), None)
    if token is None:
        raise FetchError(
            body.url,
            "gives no token, and the form's page has none.",
            "look at the page's form: the portal may have changed how it guards it.",
        )
    return token


def form_of(body: Body) -> Form:
    """The form on a page.

    Raises:
        RetryableError: it has none: an error's page.
    """
    form = read_form(body.read())
    if form is None:
        raise RetryableError(body.url, "shows no form to ask with.", RETRIED_NEXT_RUN)
    return form

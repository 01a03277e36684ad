"""A session with the portal: its forms and token, kept for one visit, and pages asked for with them.

Belongs here: having a form and sending it, and having it anew when the session is over. Does not belong here: how a
form is filled (`fetch_form.py`), or what an answer says (`fetch_answer.py`).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from sources.http.client import Body, Client, FetchError, PassingError, TryLaterError
from sources.http.fetcher import Visit
from sources.publishers.india_tradestat.fetch.form import Asked, Form, read_form

_REFRESH = "refresh-csrf"
_PAGE_EXPIRED = 419
_SHUT_OUT_AFTER = 12
"""After so many pages in a row that the portal takes no form for, the rest of the visit would fare no better."""

_TOKEN_TEXT = re.compile(r"[\w+/=|.-]{8,200}")

_SESSIONS: WeakKeyDictionary[Client, Session] = WeakKeyDictionary()
"""The session of each client, which holds its cookies: both end with the visit."""


class SessionOverError(FetchError):
    """The portal shows its form or asks to sign in where a report is due."""


class Session:
    """The forms of one visit and the newest token; which month of the bank was found not to be out."""

    def __init__(self, session_s: float) -> None:
        self._session_s = session_s
        self._forms: dict[str, Form] = {}
        self._token = ""
        self._used_at = float("-inf")
        self.not_out: tuple[int, int] | None = None
        self._shut_out = 0

    def page(self, http: Client, asked: Asked, check: Callable[[Body], None]) -> Body:
        """Send the form for one page; if the session is over, once more with a form had anew.

        Raises:
            NotOfferedError: the form has no such month or year.
            FetchError: as the client raises, or the portal twice shows its form or says that the page expired.
            TryLaterError: it has done so for so many pages in a row that the others would fare no better.
        """
        try:
            return self._sent(http, asked, check)
        except FetchError as error:
            if not _is_over(error):
                raise
        self.renew()
        try:
            return self._sent(http, asked, check)
        except FetchError as error:
            if not _is_over(error):
                raise
            self._shut_out += 1
            if self._shut_out >= _SHUT_OUT_AFTER:
                raise TryLaterError(
                    asked.address,
                    f"takes no form: for {self._shut_out} pages in a row a new session was over at once: {error}",
                    "look at the page: the portal may have changed how it guards its forms.",
                ) from error
            raise

    def renew(self) -> None:
        """Forget the forms: the next page is asked for with one had anew."""
        self._forms.clear()

    def _sent(self, http: Client, asked: Asked, check: Callable[[Body], None]) -> Body:
        form = self._form(http, asked.address)
        base = http.manners.base_url.rstrip("/")
        body = http.post(
            asked.address,
            form={**form.filled(asked), "_token": self._token},
            expect="html",
            check=check,
            headers={"Referer": f"{base}/{asked.address}", "Origin": "/".join(base.split("/")[:3])},
        )
        self._used_at = time.monotonic()
        self._shut_out = 0
        return body

    def _form(self, http: Client, address: str) -> Form:
        """The form of an address, had once a session; the newest token is good for all forms of it."""
        if time.monotonic() - self._used_at > self._session_s:
            self.renew()
        if address not in self._forms:
            form = form_of(http.get(address, expect="html", check=form_of))
            self._token = form.token or _refreshed(http)
            self._forms[address] = form
            self._used_at = time.monotonic()
        return self._forms[address]


def _is_over(error: FetchError) -> bool:
    """Whether an error says that the session is over, by the page or by its status."""
    return isinstance(error, SessionOverError) or error.status == _PAGE_EXPIRED


def session_of(visit: Visit) -> Session:
    """The session of a visit."""
    if visit.http not in _SESSIONS:
        _SESSIONS[visit.http] = Session(visit.about["live"]["session_s"])
    return _SESSIONS[visit.http]


def _refreshed(http: Client) -> str:
    """The token from the address that gives it alone, as JSON or as plain text."""
    body = http.get(_REFRESH)
    text = body.text().strip()
    try:
        said = json.loads(text)
    except json.JSONDecodeError:
        said = text
    values = list(said.values()) if isinstance(said, dict) else [said]
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
        PassingError: it has none: an error's page.
    """
    form = read_form(body.read())
    if form is None:
        raise PassingError(body.url, "shows no form to ask with.", "it is asked again in the next run.")
    return form

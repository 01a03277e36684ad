"""Pages that want a person in place of what was requested: CAPTCHAs and the challenges of web firewalls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from sources.http.response import detect_kind

_STATUSES = frozenset({200, 202, 403, 404, 405})
_HEADERS = {"x-amzn-waf-action": frozenset({"captcha", "challenge"}), "cf-mitigated": frozenset({"challenge"})}
_FIREWALLS = re.compile(
    rb"awswaf|aws-waf-token|gokuprops|cf[-_]chl|cf-browser-verification|_incapsula_resource|incapsula incident"
    rb"|datadome|px-captcha|the requested url was rejected",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rb"captcha|human verification|verify (?:that )?you are (?:a )?human|not a robot|are you (?:a )?(?:human|robot)"
    rb"|just a moment|attention required",
    re.IGNORECASE,
)
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_SHORT_PAGE = 5_000
"""Bytes up to which a page with a firewall's script is its challenge; ordinary pages may hold the script too."""


def is_challenge(status: int, headers: Mapping[str, str], start: bytes, *, is_page_due: bool) -> bool:
    """Whether a response is a page for a person and not what was requested.

    `start` are the first bytes of the body. A page that may be an ordinary one (an HTML page is due, `is_page_due`, or
    the status is 404) is judged by its title, or by a firewall's mark in a short page: ordinary pages may hold such
    words in their forms and scripts.
    """
    if status not in _STATUSES:
        return False
    if any(headers.get(name, "").strip().lower() in values for name, values in _HEADERS.items()):
        return True
    if detect_kind(start) != "html":
        return False
    if status == HTTPStatus.NOT_FOUND or (status == HTTPStatus.OK and is_page_due):
        title = _TITLE.search(start)
        is_titled = title is not None and bool(_WORDS.search(title[1]))
        return is_titled or (len(start) < _SHORT_PAGE and bool(_FIREWALLS.search(start)))
    return bool(_FIREWALLS.search(start) or _WORDS.search(start))

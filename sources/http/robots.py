"""The publishers' robots.txt (RFC 9309), read once a day for each host and kept in a folder."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from protego import Protego

from sources.http.decoding import BLOCK, DECODED, decoded, limited
from sources.http.errors import FetchError
from sources.http.exchange import Connection, DeadlineError
from sources.version import DISTRIBUTION

log = logging.getLogger("ree.http")

_FRESH_S = 86_400.0
_MAX_BYTES = 500 * 1024
"""RFC 9309, 2.5: at least so much is read of a file; a larger one counts as none."""
_MAX_REDIRECTS = 5
_TOO_MANY_REQUESTS, _SERVER_ERROR, _CLIENT_ERROR = 429, 500, 400


class Robots:
    """What the hosts of one publisher allow this client.

    `folder` holds one file for each host, whose time of change is when it was read. `read` requests the text of an
    address: "" where there is none, None where the host did not respond.
    """

    def __init__(self, name: str, folder: Path, read: Callable[[httpx.URL], str | None]) -> None:
        self._name = name
        self._folder = folder
        self._read = read
        self._rules: dict[str, Protego] = {}

    def require_allowed(self, url: httpx.URL, shown: str) -> None:
        """Check an address, before it is requested; `shown` is the address for the error.

        Raises:
            RobotsError: the host's robots.txt disallows it for this client.
        """
        if not self._of(url).can_fetch(str(url), DISTRIBUTION):
            raise RobotsError(
                shown,
                f"is disallowed for {DISTRIBUTION} by {_address_of(url)}; it is not requested.",
                f"ask the publisher; where it permits the requests, set REE_IGNORE_ROBOTS={self._name}.",
            )

    def crawl_delay_s(self, url: httpx.URL) -> float:
        """The seconds between two requests that the host asks for; 0 where it asks for none."""
        return float(self._of(url).crawl_delay(DISTRIBUTION) or 0.0)

    def _of(self, url: httpx.URL) -> Protego:
        address = _address_of(url)
        key = str(address)
        if key not in self._rules:
            self._rules[key] = Protego.parse(self._text(address))
        return self._rules[key]

    def _text(self, address: httpx.URL) -> str:
        """The text read today, or read now; where the host does not respond, the text that was read last."""
        kept = self._folder / f"{re.sub(r'[^a-z0-9.-]', '_', f'{address.scheme}_{address.netloc.decode()}')}.txt"
        if kept.is_file() and time.time() - kept.stat().st_mtime < _FRESH_S:
            return kept.read_text(encoding="utf-8")
        text = self._read(address)
        if text is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            new = kept.with_suffix(f".{time.time_ns()}.new")
            new.write_text(text, encoding="utf-8")
            new.replace(kept)
            return text
        if kept.is_file():
            log.info("%s: %s did not respond; the rules read last are used", self._name, address)
            return kept.read_text(encoding="utf-8")
        log.info("%s: %s did not respond and was never read; requests are taken as allowed", self._name, address)
        return ""


class RobotsError(FetchError):
    """The host's robots.txt disallows an address. It is not requested."""


def read_robots(
    connection: Connection, address: httpx.URL, headers: dict[str, str], may_follow: Callable[[httpx.URL], bool]
) -> str | None:
    """The text of a robots.txt, without a retry.

    "" where the host has none (4xx; a redirect to a host that `may_follow` does not allow; a file that is too large),
    None where it did not respond (5xx, 429, no response).
    """
    for _ in range(_MAX_REDIRECTS + 1):
        try:
            with connection.open(method="GET", url=address, headers=headers) as (response, _is_late):
                if response.has_redirect_location:
                    address = address.join(response.headers["Location"])
                    if not may_follow(address):
                        return ""
                    continue
                return _text_of(response)
        except FetchError:
            return ""
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, UnicodeError, DeadlineError):
            return None
    return ""


def _text_of(response: httpx.Response) -> str | None:
    if response.status_code >= _SERVER_ERROR or response.status_code == _TOO_MANY_REQUESTS:
        return None
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if response.status_code >= _CLIENT_ERROR or encoding not in DECODED:
        return ""
    blocks = decoded(limited(response.iter_raw(BLOCK), _MAX_BYTES, ""), encoding, "")
    return b"".join(limited(blocks, _MAX_BYTES, "")).decode("utf-8", "replace")


def _address_of(url: httpx.URL) -> httpx.URL:
    return httpx.URL(scheme=url.scheme, host=url.host, port=url.port, path="/robots.txt")

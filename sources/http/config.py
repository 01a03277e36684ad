"""Configuration of a client, and which hosts are this machine."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from sources.version import DISTRIBUTION, project_version


def user_agent(contact: str = "") -> str:
    """How this program names itself: name, version, what it is, and the operator's address where one is given.

    `rare-earth-warehouse/0.2.0 (open data warehouse; rate-limited; honours Retry-After; contact: ree@example.org)`.
    """
    operator = f"; contact: {contact}" if contact else ""
    return f"{DISTRIBUTION}/{project_version()} (open data warehouse; rate-limited; honours Retry-After{operator})"


def is_loopback(address: str) -> bool:
    """Whether an address ("http://127.0.0.1:8000") is on this machine."""
    with contextlib.suppress(ValueError, httpx.InvalidURL):
        host = httpx.URL(address).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    return False


def is_this_machine(host: str) -> bool:
    """Whether a host is one of the three names that every machine has for itself."""
    return host in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """How one publisher is requested. Durations in seconds, sizes in bytes.

    `hosts` are allowed for redirects and downloads besides the base address's own: names, reached by TLS, or whole
    origins (`http://127.0.0.1:8000`). `host_patterns` are regular expressions of whole host names, reached by TLS.
    `pace` is a factor on the pauses between requests and between attempts; it does
    not shorten a Retry-After. A longer Retry-After than `max_wait_s` is a `RateLimitedError`. `deadline_s` bounds one
    response in all, `timeout_s` the wait for its next bytes. A key is sent in the header `key_header`, or as the
    parameter `key_parameter` of the query. `key_setting` is the variable in which it is given, empty where there is
    none. `quota_words` is a regular expression of the words in which the publisher says that a quota is used up, with
    the groups `hours`, `minutes` and `seconds` where the words say until when. `busy_statuses` are statuses by which
    this publisher asks to wait, besides those that always do: retried. `inbox` is
    the folder that takes the publisher's files by hand, empty where none does. `contact` is the operator's address.
    `robots_folder` holds what is known of robots.txt; None: it is not read.
    """

    base_url: str
    hosts: frozenset[str] = frozenset()
    host_patterns: tuple[str, ...] = ()
    pause_s: float = 1.0
    pace: float = 1.0
    max_bytes: int = 50_000_000
    attempts: int = 4
    timeout_s: float = 30.0
    deadline_s: float = 300.0
    max_wait_s: float = 90.0
    key_header: str = ""
    key_parameter: str = ""
    key: str = field(default="", repr=False)
    key_setting: str = ""
    quota_words: str = ""
    busy_statuses: frozenset[int] = frozenset()
    inbox: str = ""
    contact: str = ""
    robots_folder: Path | None = None

    @property
    def by_hand(self) -> str:
        """The end of a remedy: how a person helps where no program gets the file; empty where there is no inbox."""
        return f" Or download the file with a browser and drop it into {self.inbox}." if self.inbox else ""

    @property
    def is_on_loopback(self) -> bool:
        """Whether the server is on this machine: then requests need no pause and use no proxy."""
        return is_loopback(self.base_url)

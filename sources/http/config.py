"""Configuration of a client, and which hosts are this machine."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass, field

import httpx

from sources.version import DISTRIBUTION, project_version

USER_AGENT = f"{DISTRIBUTION}/{project_version()} (open data warehouse; rate-limited; honours Retry-After)"


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
    origins (`http://127.0.0.1:8000`). `pace` is a factor on the pauses between requests and between attempts; it does
    not shorten a Retry-After. A longer Retry-After than `max_wait_s` is a `RateLimitedError`. `deadline_s` bounds one
    response in all, `timeout_s` the wait for its next bytes.
    """

    base_url: str
    hosts: frozenset[str] = frozenset()
    pause_s: float = 1.0
    pace: float = 1.0
    max_bytes: int = 50_000_000
    attempts: int = 4
    timeout_s: float = 30.0
    deadline_s: float = 300.0
    max_wait_s: float = 90.0
    key_header: str = ""
    key: str = field(default="", repr=False)

    @property
    def is_on_loopback(self) -> bool:
        """Whether the server is on this machine: then requests need no pause and use no proxy."""
        return is_loopback(self.base_url)

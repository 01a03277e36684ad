"""Allow-list of addresses: the publisher's base address and the hosts it may lead to."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from sources.http.config import ClientConfig, is_this_machine
from sources.http.errors import FetchError, RetryableError
from sources.http.redaction import Secrets, unsigned


class Addresses:
    """The addresses that one publisher's client may request."""

    def __init__(self, name: str, config: ClientConfig, secrets: Secrets) -> None:
        self._name = name
        self._secrets = secrets
        self._by_hand = config.by_hand
        self._patterns = [re.compile(pattern) for pattern in config.host_patterns]
        self._base = httpx.URL(config.base_url.rstrip("/") + "/")
        self._origins = {_origin(self._base)} | {
            _origin(httpx.URL(host if "://" in host else f"https://{host}")) for host in config.hosts
        }

    def resolve(self, address: str, params: Mapping[str, str] | None) -> httpx.URL:
        """The URL of an address relative to the base address, or absolute on an allowed host.

        A plain http address on a host that is allowed by TLS is changed to https.

        Raises:
            FetchError: it is not an address, or on another host.
        """
        try:
            url = self._base.join(address)
            if params:
                url = url.copy_merge_params(dict(params))
        except httpx.InvalidURL as error:
            shown = self._secrets.excerpt(address)
            problem = f"gives {shown!r}, which is not an address ({self._secrets.redact(str(error))})."
            raise FetchError(self._name, problem, "inspect it by hand.") from None
        by_tls = url.copy_with(scheme="https") if url.scheme == "http" and url.port is None else url
        url = by_tls if _origin(url) not in self._origins and _origin(by_tls) in self._origins else url
        if not self.is_allowed(url):
            raise FetchError(*self._foreign("requests", url))
        return url

    def redirect_target(self, url: httpx.URL, location: str) -> httpx.URL:
        """Where a redirect of `url` leads.

        Raises:
            RetryableError: to another host, or from TLS to plain HTTP. Servers under load do this, so it is retried.
        """
        target = url.join(location)
        if target.userinfo:
            target = target.copy_with(userinfo=b"")
        if url.scheme == "https" and target.scheme != "https":
            raise RetryableError(
                self.redacted(url),
                f"redirects to {self.redacted(target)}, without TLS.",
                "inspect the address by hand.",
            )
        if not self.is_allowed(target):
            raise RetryableError(*self._foreign("redirects to", target))
        return target

    def is_allowed(self, url: httpx.URL) -> bool:
        """Whether an address is on one of the publisher's hosts.

        Where the base address is on this machine, any name and port of this machine is allowed.
        """
        is_local = url.scheme == self._base.scheme and self._are_local(url)
        return _origin(url) in self._origins or is_local or self._fits_pattern(url)

    def is_base(self, url: httpx.URL) -> bool:
        """Whether an address is on the base address's own origin; the names of this machine count as one."""
        is_local = (url.scheme, url.port) == (self._base.scheme, self._base.port) and self._are_local(url)
        return _origin(url) == _origin(self._base) or is_local

    def redacted(self, url: httpx.URL) -> str:
        """The address without user, password, signature and secrets, for errors, logs and ledgers."""
        return self._secrets.redact(unsigned(str(url.copy_with(userinfo=b"") if url.userinfo else url)))

    def _fits_pattern(self, url: httpx.URL) -> bool:
        """Whether a host is reached by TLS at its usual port, and its whole name fits one of `host_patterns`."""
        is_plain = url.scheme == "https" and url.port is None
        return is_plain and any(pattern.fullmatch(url.host) for pattern in self._patterns)

    def _are_local(self, url: httpx.URL) -> bool:
        return is_this_machine(self._base.host) and is_this_machine(url.host)

    def _foreign(self, verb: str, url: httpx.URL) -> tuple[str, str, str]:
        return (
            self._name,
            f"{verb} {self.redacted(url)}, which is not one of its hosts.",
            f"if the publisher moved, add the host to `hosts` under [live] in its source.toml.{self._by_hand}",
        )


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port

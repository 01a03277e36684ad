"""Redaction: secrets are kept out of errors, logs and bodies, in every encoding they may appear in."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote, quote_plus

MARK = "•••"
_EXCERPT_LENGTH = 200
_MIN_ENCODED_LENGTH = 8
"""Below this length only the plain forms are searched for: its base64 would match other text by chance."""
_LIBRARY_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
_is_requesting: ContextVar[bool] = ContextVar("ree_is_requesting", default=False)


class EchoError(ValueError):
    """Bytes contain a secret."""


class Secrets:
    """Secrets that must not be written, in any encoding of an address, a header, JSON or a page."""

    def __init__(self, *texts: str) -> None:
        secrets = [text.strip() for text in texts if text.strip()]
        found = sorted({form for text in secrets for form in _forms(text)}, key=len, reverse=True)
        patterns = [*map(_escaped_pattern, secrets), *map(re.escape, found)]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if secrets else None
        self._bytes = [form.encode().lower() for form in found]

    def redact(self, text: str) -> str:
        """`text` with each secret replaced by `MARK`."""
        return self._pattern.sub(MARK, text) if self._pattern else text

    def excerpt(self, text: str) -> str:
        """The first 200 characters of a server's text, on one line. It is redacted before it is cut."""
        words = " ".join(self.redact(text).split())
        return "".join(letter for letter in words if letter.isprintable())[:_EXCERPT_LENGTH]

    def found_in(self, data: bytes | str) -> bool:
        """Whether `data` contains a secret."""
        lower = (data.encode() if isinstance(data, str) else data).lower()
        return any(form in lower for form in self._bytes)

    def guard(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same bytes. A byte is yielded only when no secret can begin with it.

        Raises:
            EchoError: they contain a secret, within a block or across blocks.
        """
        overlap = max(map(len, self._bytes), default=1) - 1
        pending = b""
        for block in blocks:
            pending += block
            if self.found_in(pending):
                raise EchoError
            safe = max(0, len(pending) - overlap)
            if safe:
                yield pending[:safe]
                pending = pending[safe:]
        if pending:
            yield pending


def _forms(text: str) -> set[str]:
    """A secret as it is, and as URLs, HTML, JSON, hexadecimal and base64 encode it."""
    plain = {text, quote(text, safe=""), quote(text), quote_plus(text), html.escape(text)}
    plain |= {quote(form, safe="") for form in plain}
    plain |= {json.dumps(text)[1:-1], text.replace("/", "\\/")}
    if len(text) < _MIN_ENCODED_LENGTH:
        return plain
    return plain | {text.encode().hex()} | _in_base64(text.encode())


def _escaped_pattern(text: str) -> str:
    """A pattern for a secret in an address: each character may be percent-encoded, once or repeatedly, or escaped."""
    return "".join(
        rf"(?:\\|%(?:25)*5C)?(?:{re.escape(chr(byte))}|%(?:25)*{byte:02X}{'|[+]' if byte == ord(' ') else ''})"
        for byte in text.encode()
    )


def _in_base64(secret: bytes) -> set[str]:
    """What a secret looks like inside longer base64: three alignments, two alphabets.

    A base64 character holds six bits; those that share bits with a neighbour are left off.
    """
    cores = set()
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            cores.add(encode(bytes(before) + secret)[first:end].decode())
    return cores


class _WhileRequesting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - the name logging calls
        return not _is_requesting.get()


_FILTER = _WhileRequesting()


@contextmanager
def silence_libraries() -> Iterator[None]:
    """Silence the HTTP libraries in this thread: their log records hold whole addresses and headers, with keys."""
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)
    token = _is_requesting.set(True)
    try:
        yield
    finally:
        _is_requesting.reset(token)

"""Keeping secrets out of everything that is written: errors, logs, bodies.

Belongs here: the forms in which a secret may turn up, and replacing or refusing them. Does not belong here: where
secrets come from, and to whom they are sent.
"""

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
_SHOWN = 200
_SHORTEST_ENCODED = 8
"""A shorter secret is looked for only as it stands: its base64 would turn up in other text by chance."""
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy", "httpcore.socks")
_is_asking: ContextVar[bool] = ContextVar("ree_is_asking", default=False)


class EchoError(ValueError):
    """Bytes hold a secret."""


class Secrets:
    """Secrets that must not be written down, in any form an address, a header, JSON or a page may hold them in."""

    def __init__(self, *texts: str) -> None:
        told = [text.strip() for text in texts if text.strip()]
        found = sorted({form for text in told for form in _forms(text)}, key=len, reverse=True)
        patterns = [*map(_spelt_anyhow, told), *map(re.escape, found)]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if told else None
        self._bytes = [form.encode().lower() for form in found]

    def redact(self, text: str) -> str:
        """`text` with a mark in the place of each secret."""
        return self._pattern.sub(MARK, text) if self._pattern else text

    def in_words(self, text: str) -> str:
        """The beginning of what a server said, on one line; redacted before it is cut: half a secret is one too."""
        words = " ".join(self.redact(text).split())
        return "".join(letter for letter in words if letter.isprintable())[:_SHOWN]

    def are_in(self, data: bytes | str) -> bool:
        """Whether any secret stands in `data`."""
        lower = (data.encode() if isinstance(data, str) else data).lower()
        return any(form in lower for form in self._bytes)

    def kept_out(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same bytes, each given on only once it is sure that no secret begins with it.

        Raises:
            EchoError: a secret stands in them, within a block or across blocks.
        """
        behind = max(map(len, self._bytes), default=1) - 1
        held = b""
        for block in blocks:
            held += block
            if self.are_in(held):
                raise EchoError
            sure = max(0, len(held) - behind)
            if sure:
                yield held[:sure]
                held = held[sure:]
        if held:
            yield held


def _forms(text: str) -> set[str]:
    """A secret as it stands, and as addresses, pages, JSON, hexadecimal and base64 write it."""
    plain = {text, quote(text, safe=""), quote(text), quote_plus(text), html.escape(text)}
    plain |= {quote(form, safe="") for form in plain}
    plain |= {json.dumps(text)[1:-1], text.replace("/", "\\/")}
    if len(text) < _SHORTEST_ENCODED:
        return plain
    return plain | {text.encode().hex()} | _in_base64(text.encode())


def _spelt_anyhow(text: str) -> str:
    """A pattern for a secret in an address: any of its letters may be quoted, once or more often, or escaped."""
    return "".join(
        rf"(?:\\|%(?:25)*5C)?(?:{re.escape(chr(byte))}|%(?:25)*{byte:02X}{'|[+]' if byte == ord(' ') else ''})"
        for byte in text.encode()
    )


def _in_base64(secret: bytes) -> set[str]:
    """What a secret looks like inside base64, whatever stands before and after it: three alignments, two alphabets.

    A base64 character holds six bits; those that share bits with a neighbour are left off.
    """
    cores = set()
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            cores.add(encode(bytes(before) + secret)[first:end].decode())
    return cores


class _Quiet(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - the name logging calls
        return not _is_asking.get()


_QUIET = _Quiet()


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the HTTP libraries in this thread: their records hold whole addresses and headers, keys and all."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_QUIET)
    token = _is_asking.set(True)
    try:
        yield
    finally:
        _is_asking.reset(token)

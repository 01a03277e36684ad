"""Redaction: secrets are kept out of errors, logs and bodies, in every encoding they may appear in."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

MARK = "•••"
DROPPED = f"{MARK} (not shown)"
"""In place of a text that contains a secret in a disguise, or has letters that its kind never has."""
_EXCERPT_LENGTH = 200
_MIN_ENCODED_LENGTH = 8
"""Below this length only the plain forms are searched for: its base64 would match other text by chance."""
_MIN_CORE_IN_TEXT, _MIN_CORE_IN_BODY, _MIN_DIGITS = 8, 12, 24
"""Letters and digits of a form that are searched for among those of a message, or of a body, alone: fewer match other
text by chance, and so do digits without a letter."""
_OVERLAP = 4096
"""Bytes of a body that are held back until the next block has arrived: a secret may continue there."""
_DECODED_TIMES = 2
_ESCAPE = re.compile(
    rb"%(?:25)*([0-9a-f]{2})|%u([0-9a-f]{4})|=([0-9a-f]{2})|\\+x([0-9a-f]{2})|\\+u([0-9a-f]{4})|\\+u\{([0-9a-f]{1,6})\}"
    rb"|&#x([0-9a-f]{1,6});?|&#([0-9]{1,7});?|\\+([0-3][0-7]{2})|<[^<>]{0,200}>",
    re.IGNORECASE,
)
"""A character in the escapes of addresses, mail, C, JSON and HTML; or a tag, which may stand between two characters."""
_DECIMAL, _OCTAL = 8, 9
"""The groups of `_ESCAPE` that are not hexadecimal."""
_ESCAPE_MARKS = (b"%", b"=", b"\\", b"&#", b"<")
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")
_TEXT_SHARE = 0.95
"""Share of bytes that are no controls from which a block is a text: compressed bytes have fewer."""
_LOWER = bytes(range(256)).lower()
_NO_LETTERS = bytes(byte for byte in range(256) if not (byte < 128 and chr(byte).isalnum()))
_TOKEN = re.compile(r"[A-Za-z0-9,; ._+-]{1,40}")
_LIBRARY_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)
_SIGNING = (
    r"(?:x-(?:amz|goog|ms)-[\w-]+|(?:aws|google)?access(?:key)?id|signature|sig|key-pair-id|policy|expires"
    r"|(?:access[_-]?|auth[_-]?|security[_-]?)?token)"
)
"""Names of query parameters that sign an address, as the storage hosts spell them."""
_SIGNING_NAME = re.compile(_SIGNING, re.IGNORECASE)
_SIGNED_IN_TEXT = re.compile(rf"((?<![\w]){_SIGNING}(?:=|%3D))(?:(?!%26)[^&\s\"'<>])+", re.IGNORECASE)
_MIN_SIGNED_LENGTH = 16
"""Length from which a value of a signed query, or a part of it, is searched for in what the server writes."""
_is_requesting: ContextVar[bool] = ContextVar("ree_is_requesting", default=False)


def unsigned(address: str) -> str:
    """An address without the parameters of its query that sign it: `X-Amz-…`, `Signature`, `AWSAccessKeyId`, `token`.

    Such a link is a secret for as long as it is valid. The other parameters stay byte for byte.
    """
    head, mark, rest = address.partition("?")
    query, hash_mark, fragment = rest.partition("#")
    kept = [part for part in query.split("&") if not _SIGNING_NAME.fullmatch(unquote_plus(part.partition("=")[0]))]
    return head + (mark + "&".join(kept) if "&".join(kept) else "") + hash_mark + fragment


class EchoError(ValueError):
    """Bytes contain a secret."""


class Secrets:
    """Secrets that must not be written, in any encoding of an address, a header, JSON or a page.

    Each form of a secret (percent-encoded, hexadecimal, base64, …) is searched for in each view of a text: as it is,
    and with its escapes decoded. Of long forms the ASCII letters and digits are compared alone, so that nothing hides
    one: neither what has no width between its letters, nor UTF-16, nor line breaks.
    """

    def __init__(self, *texts: str) -> None:
        secrets = [text.strip() for text in texts if text.strip()]
        found = sorted({form for text in secrets for form in _forms(text)}, key=len, reverse=True)
        patterns = [*map(_escaped_pattern, secrets), *map(re.escape, found)]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if secrets else None
        self._concealed: set[str] = set()
        self._in_text = _Needles(found, _MIN_CORE_IN_TEXT)
        self._in_body = _Needles(found, _MIN_CORE_IN_BODY)

    def redact(self, text: str) -> str:
        """`text` with each secret replaced by `MARK`, and each value of a signed query.

        `DROPPED` where a secret is in it in a disguise.
        """
        shown = _SIGNED_IN_TEXT.sub(rf"\1{MARK}", text)
        for value in sorted(self._concealed, key=len, reverse=True):
            shown = shown.replace(value, MARK)
        if self._pattern is None:
            return shown
        redacted = self._pattern.sub(MARK, shown)
        return DROPPED if self.found_in(redacted) else redacted

    def conceal_signature(self, address: str) -> None:
        """Redact from now on what signs an address: storage hosts repeat the key id and signature in their errors.

        Bodies are not searched for it: a list of files may hold the link again.
        """
        for name, value in parse_qsl(urlsplit(address).query):
            if _SIGNING_NAME.fullmatch(name):
                parts = [part for part in (value, *value.split("/")) if len(part) >= _MIN_SIGNED_LENGTH]
                self._concealed.update(
                    form for part in parts for form in (part, quote(part, safe=""), html.escape(part))
                )

    def excerpt(self, text: str, *, is_cut: bool = False) -> str:
        """The first 200 characters of a server's text, on one line. It is redacted as it is shown, before it is cut.

        `is_cut` says that the text went on: then its end, which may be half a secret, is left out.
        """
        shown = "".join(letter if letter.isprintable() or letter.isspace() else "" for letter in text)
        redacted = self.redact(" ".join(shown.split()))
        return (redacted[:-_OVERLAP] if is_cut else redacted)[:_EXCERPT_LENGTH]

    def token(self, text: str) -> str:
        """A header's value that is one word or a few, such as `br, gzip`; `DROPPED` where it is anything else."""
        return text if _TOKEN.fullmatch(text) and not self.found_in(text) else DROPPED

    def found_in(self, text: str) -> bool:
        """Whether `text` contains a secret."""
        return self._in_text.are_in(text.encode("utf-8", "replace"))

    def guard(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same bytes. A byte is yielded only when no secret can begin with it.

        Raises:
            EchoError: they contain a secret, within a block or across blocks.
        """
        overlap = _OVERLAP if self._pattern else 0
        pending = b""
        for block in blocks:
            pending += block
            if self._in_body.are_in(pending):
                raise EchoError
            safe = max(0, len(pending) - overlap)
            if safe:
                yield pending[:safe]
                pending = pending[safe:]
        if pending:
            yield pending


class _Needles:
    """What is searched for: forms of secrets, those that are long enough by their letters and digits alone."""

    def __init__(self, forms: Iterable[str], min_length: int) -> None:
        cores = {form: _letters_alone(form.encode()) for form in forms}
        are_long = {form: len(core) >= (_MIN_DIGITS if core.isdigit() else min_length) for form, core in cores.items()}
        self._short = [form.encode().lower() for form, is_long in are_long.items() if not is_long]
        self._cores = sorted({cores[form] for form, is_long in are_long.items() if is_long}, key=len)

    def are_in(self, data: bytes) -> bool:
        """Whether one of them is in the bytes."""
        return bool(self._short or self._cores) and any(self._are_in_view(view) for view in _views(data))

    def _are_in_view(self, view: bytes) -> bool:
        lower, letters = view.lower() if self._short else b"", _letters_alone(view)
        return any(form in lower for form in self._short) or any(core in letters for core in self._cores)


def _views(data: bytes) -> Iterator[bytes]:
    """Bytes as they are; those of a text also with full-width letters replaced, and with escapes decoded."""
    yield data
    if len(data.translate(None, _CONTROLS)) < _TEXT_SHARE * len(data):
        return
    if not data.isascii():
        plain = unicodedata.normalize("NFKC", data.decode("utf-8", "ignore")).encode()
        if plain != data:
            yield plain
    for _ in range(_DECODED_TIMES):
        if not any(mark in data for mark in _ESCAPE_MARKS):
            return
        data, before = _ESCAPE.sub(_unescaped, data), data
        if data == before:
            return
        yield data


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found.lastindex is None:
        return b""
    number = int(found[found.lastindex], {_DECIMAL: 10, _OCTAL: 8}.get(found.lastindex, 16))
    return chr(number).encode("utf-8", "replace") if number <= sys.maxunicode else b""


def _letters_alone(data: bytes) -> bytes:
    """The ASCII letters and digits, in lower case."""
    return data.translate(_LOWER, _NO_LETTERS)


def _forms(text: str) -> set[str]:
    """A secret as it is, and as URLs, HTML, JSON, hexadecimal, base64 and base32 encode it."""
    plain = {text, quote(text, safe=""), quote(text), quote_plus(text), html.escape(text)}
    plain |= {quote(form, safe="") for form in plain}
    plain |= {json.dumps(text)[1:-1], text.replace("/", "\\/")}
    if len(text) < _MIN_ENCODED_LENGTH:
        return plain
    for data in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
        plain |= {data.hex(), base64.b32encode(data).decode().rstrip("=")} | _in_base64(data)
    return plain | {text[::-1]}


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

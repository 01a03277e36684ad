"""Content decoding within limits: gzip and deflate, block by block.

The bytes are decoded here and not by httpx, because httpx (0.28) drops every gzip member after the first and accepts a
gzip body that is cut off. Both would lose records without an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from sources.http.errors import RETRIED_NEXT_RUN, RetryableError, too_large

BLOCK = 1 << 16
DECODED = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""Content-Encodings that are decoded. Any other, and several stacked ones, are refused."""


def limited(blocks: Iterable[bytes], limit: int, url: str, size: int = 0) -> Iterator[bytes]:
    """The same blocks, up to `limit` bytes together with the `size` bytes that came before.

    Raises:
        FetchError: there are more.
    """
    for block in blocks:
        size += len(block)
        if size > limit:
            raise too_large(limit, url)
        yield block


def decoded(blocks: Iterable[bytes], encoding: str, url: str) -> Iterator[bytes]:
    """The decoded bytes of a body in blocks of at most `BLOCK` bytes, whatever the compression ratio.

    All members of a multi-member gzip body are read. `encoding` is one of `DECODED`.

    Raises:
        RetryableError: the body is damaged or cut off.
    """
    if encoding in ("", "identity"):
        yield from blocks
        return
    inflater = None
    for block in blocks:
        rest = block
        while rest:
            try:
                if inflater is None or inflater.eof:  # the next member of a multi-member body
                    inflater = zlib.decompressobj(_window(rest, encoding))
                piece = inflater.decompress(rest, BLOCK)
            except zlib.error as error:
                raise RetryableError(url, f"is packed as {encoding} and damaged ({error}).", RETRIED_NEXT_RUN) from None
            if piece:
                yield piece
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    last = inflater.flush() if inflater else b""
    if last:
        yield last
    if inflater is None or not inflater.eof:
        raise RetryableError(url, f"is packed as {encoding} and cut off.", RETRIED_NEXT_RUN)


def _window(start: bytes, encoding: str) -> int:
    """Zlib's `wbits`: gzip and zlib by their headers; some servers send deflate without a header."""
    has_header = start[:1] == b"\x1f" or (
        len(start) > 1 and start[0] & 15 == 8 and (start[0] << 8 | start[1]) % 31 == 0
    )
    return -zlib.MAX_WBITS if encoding == "deflate" and not has_header else zlib.MAX_WBITS | 32

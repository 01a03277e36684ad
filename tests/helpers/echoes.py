"""A key in the encodings in which a server may echo it, and the search for it in what was written."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

KEY = "S3cretKey0123/4567+89abcdefXYZ="

ECHOES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent-encoded": lambda key: "".join(f"%{ord(letter):02x}" for letter in key),
    "percent-encoded twice": lambda key: quote(quote(key, safe=""), safe=""),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 of user and key": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "base32": lambda key: base64.b32encode(key.encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex(),
    "hexadecimal with colons": lambda key: key.encode().hex(":").upper(),
    "JSON escapes": lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key),
    "HTML entities": lambda key: "".join(f"&#{ord(letter)};" for letter in key),
    "HTML entities, hexadecimal": lambda key: "".join(f"&#x{ord(letter):X};" for letter in key),
    "quoted-printable": lambda key: "".join(f"={ord(letter):02X}" for letter in key),
    "zero-width spaces": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "combining accents": "\u0301".join,
    "blanks": " ".join,
    "line breaks": "\n".join,
    "tags": "<b></b>".join,
    "full width": lambda key: "".join(chr(ord(letter) + 0xFEE0) for letter in key),
    "UTF-16": lambda key: key.encode("utf-16-le").decode("latin-1"),
    "UTF-16, big end first": lambda key: key.encode("utf-16-be").decode("latin-1"),
    "base64 of UTF-16": lambda key: base64.b64encode(key.encode("utf-16-le")).decode(),
    "capitals": str.upper,
    "backwards": lambda key: key[::-1],
}


def leaks(written: bytes) -> list[str]:
    """Names of the encodings in which the key is in what was written, itself or under another encoding's disguise."""
    bare = bytes(byte for byte in written if chr(byte).isalnum() and byte < 128).lower()
    shown = "".join(
        letter
        for letter in unicodedata.normalize("NFKC", written.decode("utf-8", "ignore"))
        if letter.isascii() and letter.isalnum()
    ).lower()
    found = []
    for name, encode in ECHOES.items():
        echo = encode(KEY)
        core = "".join(letter for letter in echo if letter.isascii() and letter.isalnum()).lower()
        if echo.encode() in written or (len(core) >= 20 and (core.encode() in bare or core in shown)):
            found.append(name)
    return found

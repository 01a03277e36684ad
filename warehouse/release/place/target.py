"""Reads the TARGET of `ree publish`, and checks the public address of a place. Neither may hold credentials."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from warehouse.release.place.bucket import open_bucket
from warehouse.release.place.folder import Folder
from warehouse.release.place.place import Place, PlaceError
from warehouse.settings import Settings

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?((?:[A-Za-z0-9._-]+/?)*)")
_PUBLIC = re.compile(r"(?:https?|s3)://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%-]+)*/?")
_FORMS = "a folder (/srv/www/ree, file:///srv/www/ree) or a bucket (s3://bucket/prefix)"


def open_place(target: str, settings: Settings) -> Place:
    """The place that a target names.

    Raises:
        PlaceError: it names none, holds credentials, or cannot be opened.
    """
    if "@" in target and _SCHEME.match(target):
        msg = (
            "An address with an @ may hold credentials, which others on this machine can see. Put them into"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or ~/.aws/credentials, and name s3://bucket/prefix alone."
        )
        raise PlaceError(msg)
    if target.startswith("s3://"):
        named = _BUCKET.fullmatch(target)
        if not named:
            msg = (
                f"{target} is no bucket: write s3://bucket/prefix, the bucket in small letters, digits, dots and"
                " hyphens, the prefix in letters, digits, dots, underscores and hyphens."
            )
            raise PlaceError(msg)
        return open_bucket(named[1], named[2].strip("/"), settings)
    if _SCHEME.match(target) and not target.startswith("file:///"):
        msg = f"{target} is no place to publish to: name {_FORMS}."
        raise PlaceError(msg)
    if not target.strip():
        msg = f"Name the place to publish to: {_FORMS}."
        raise PlaceError(msg)
    path = unquote(target.removeprefix("file://")) if target.startswith("file:///") else target
    return Folder.open(Path(path).expanduser().absolute(), settings)


def public_address(url: str) -> str:
    """The public address without a slash at its end: `https://data.example.org/ree`; empty for none.

    Raises:
        PlaceError: it is no plain address. It is written into files that everybody reads, so it may hold no
            credentials and no query.
    """
    if url and not _PUBLIC.fullmatch(url):
        shown = "" if "@" in url or "?" in url else f", and is '{url}'"
        msg = (
            f"The public address (--url, REE_PUBLISH_URL) must be like https://data.example.org/ree, without a user, a"
            f" password or a query{shown}."
        )
        raise PlaceError(msg)
    return url.rstrip("/")

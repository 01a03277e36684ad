"""The secrets of the settings, for redaction of what is written about other people's servers."""

from __future__ import annotations

import contextlib
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from sources.http.redaction import Secrets
from warehouse.settings import Settings

_MIN_PART_LENGTH = 12
"""Length from which a part of a secret address, such as the last of a webhook's path, is a secret itself."""


def secrets_of(settings: Settings) -> Secrets:
    """Keys, passwords and secret addresses; of an address also its password, and the parts of its path and query."""
    of_publishers = (value for given in settings.publishers.values() for value in given.values())
    given = [*(value for _, value in settings), *of_publishers]
    values = [value.get_secret_value() for value in given if isinstance(value, SecretStr)]
    return Secrets(*values, *(part for value in values if "://" in value for part in _parts(value)))


def _parts(address: str) -> list[str]:
    with contextlib.suppress(ValueError):  # no address, as `http://[`
        split = urlsplit(address)
        password = split.password or ""
        parts = [*split.path.split("/"), *split.query.replace("&", "=").split("=")]
        return [password, unquote(password), *(part for part in parts if len(part) >= _MIN_PART_LENGTH)]
    return []

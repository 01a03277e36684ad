"""Ids and titles for the steps of a list that has no ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_TITLE_LENGTH = 100


def slug(words: str) -> str:
    """Lower-case ASCII words joined by hyphens; accents are dropped, other scripts leave nothing."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", words) if not unicodedata.combining(sign))
    return "-".join(re.findall("[a-z0-9]+", plain.lower()))


def event_ids(steps: Iterable[tuple[str, str, str, str]]) -> list[str]:
    """Ids of steps (actor, date as far as confirmed, instrument, event type), in their order.

    Where the instrument has no ASCII letter, the event type replaces it. The second of one id ends in "-2".
    """
    ids: list[str] = []
    for actor, confirmed, instrument, event_type in steps:
        words = slug(instrument)
        base = f"{slug(actor)}-{confirmed}-{words if re.search('[a-z]', words) else slug(f'{event_type} {words}')}"
        found, times = base, 1
        while found in ids:
            times += 1
            found = f"{base}-{times}"
        ids.append(found)
    return ids


def short_title(title: str) -> str:
    """The title, cut after its last word that fits in 100 characters, with an ellipsis."""
    if len(title) <= _TITLE_LENGTH:
        return title
    head = title[: _TITLE_LENGTH - 1]
    return head[: head.rfind(" ")].rstrip(" ,;:") + " …" if " " in head else head + "…"

"""JSON: the one reader for bodies of all publishers, strict where Python's own is not."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from sources.model.artifact import Artifact, LayoutError, TruncatedError

_MOST_DIGITS = 18
"""An integer of more digits is no figure and no code, and does not fit a column of 64 bits."""


class _NotAllowedError(Exception):
    """Something that JSON or the reader does not allow."""


def read_json(artifact: Artifact, expected: str) -> Any:
    """The value of a JSON text in UTF-8. `expected` names it in errors: "a Comtrade body".

    Raises:
        TruncatedError: no JSON: an error page, or a text that ends early.
        LayoutError: JSON that no publisher writes: a field twice in one object, NaN or Infinity, an integer of more
            than 18 digits, a number beyond the range of floats, characters that are none, objects nested too deep.
    """
    try:
        text = artifact.read_bytes().decode("utf-8-sig")
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_finite
        )
        _refuse_odd_characters(text, value)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise TruncatedError(
            artifact, f"is not {expected}: no JSON in UTF-8 ({error}).", "an error page or a cut body; fetch it again."
        ) from error
    except RecursionError as error:
        raise LayoutError(artifact, f"is not {expected}: it is nested too deep.", "fetch it again.") from error
    except _NotAllowedError as error:
        raise LayoutError(artifact, f"{error}.", "look at the body; fetch it again.") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        msg = f"has the field {twice!r} twice in one object"
        raise _NotAllowedError(msg)
    return found


def _refuse_constant(name: str) -> Any:
    msg = f"holds {name}, which is no JSON"
    raise _NotAllowedError(msg)


def _integer(digits: str) -> int:
    n = len(digits.lstrip("-"))
    if n > _MOST_DIGITS:
        msg = f"holds an integer of {n} digits, {digits[:20]}…"
        raise _NotAllowedError(msg)
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        msg = f"holds the number {digits[:40]}, beyond the range of floats"
        raise _NotAllowedError(msg)
    return number


def _refuse_odd_characters(text: str, value: Any) -> None:
    r"""Zero characters and half surrogate pairs, which only an escape (\u0000, \ud800) can write."""
    escaped = text.lower()
    if "\\u0000" not in escaped and "\\ud" not in escaped:
        return
    plain = json.dumps(value, ensure_ascii=False).replace("\\\\", "")
    if "\\u0000" in plain or any("\ud800" <= letter <= "\udfff" for letter in plain):
        msg = "holds a zero character or half of a surrogate pair"
        raise _NotAllowedError(msg)


def as_cell(value: Any) -> str:
    """A value of JSON as a file would print it: "42106" of 42106.0, "" of null, a text as it is."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

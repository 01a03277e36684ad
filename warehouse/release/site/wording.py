"""How the site writes numbers, dates and codes: one format for each kind of column, in one place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from warehouse.release.site.tables import Cell

THIN = "\u202f"
"""Narrow no-break space: between a number and a short unit."""

SPACE = "\u00a0"
"""No-break space."""

MISSING = "–"

_SHARE = re.compile(
    r"(^|_)(share|coverage|rate|rate_of_history|deviation|share_error|change_relative)($|_)|_correlation$"
)
_COUNT = re.compile(r"^(n_|rows_|year$|.*_year$|age_|statement_number)")
_CODES = ("_status", "_basis", "_class", "verdict", "coverage")
_STEPS = ((1e9, "billion"), (1e6, "million"))


def number(value: float, digits: int = 0) -> str:
    """A number with thousands apart: 270000 is `270,000`; a minus sign is a minus sign."""
    text = f"{abs(value):,.{digits}f}"
    return f"−{text}" if value < 0 and text.strip("0.,") else text


def significant(value: float, figures: int = 3) -> str:
    """A number to so many significant figures, without an exponent: 162.79 is `163`, 0.0474 is `0.0474`."""
    if value == 0:
        return "0"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    return number(round(value, digits), max(digits, 0))


def percent(value: float, digits: int = 1) -> str:
    """A share as a percentage: 0.8418 is `84.2 %`."""
    return f"{number(100 * value, digits)}{THIN}%"


def money(value: float) -> str:
    """US dollars in words: 162791000 is `162.8 million US$`."""
    for size, word in _STEPS:
        if abs(value) >= size:
            return f"{number(value / size, 2 if abs(value) < 10 * size else 1)} {word}{SPACE}US$"
    return f"{number(value)}{THIN}US$"


def weight(kilograms: float) -> str:
    """A weight: tonnes from ten tonnes on, else kilograms."""
    return f"{number(kilograms / 1000)}{THIN}t" if abs(kilograms) >= 10_000 else f"{number(kilograms)}{THIN}kg"


def tonnes(value: float) -> str:
    """Tonnes, in millions where there are as many."""
    if abs(value) >= 1e6:
        text = number(value / 1e6, 2)
        return f"{text.rstrip('0').rstrip('.')} million{THIN}t"
    return f"{number(value)}{THIN}t"


def prices(value: float) -> str:
    """US$ per kilogram: two decimals below 100, none above."""
    return f"{number(value, 2 if abs(value) < 100 and value % 1 else 0)}{THIN}US$/kg"


FORMATS: dict[str, Callable[[float], str]] = {
    "percent": percent,
    "money": money,
    "weight": weight,
    "tonnes": tonnes,
    "price": prices,
    "number": number,
    "significant": significant,
    "years": lambda value: f"{number(value)} years",
    "kilotonnes": lambda value: f"{number(value, 1)}{THIN}kt",
}
"""Formats by the name that `headline_figures.toml` uses."""


def data(cell: Cell | None, form: str = "number", *, is_split: bool = False) -> Markup:
    """A published value as `<data>` with its address, so that a test can compare the page with the table.

    `is_split` puts the words after the number in `<small>`.
    """
    if cell is None or cell.value is None:
        return Markup('<span class="missing">not held</span>')
    return Markup(
        '<data value="{value}" data-table="{table}" data-column="{column}" data-key="{key}">{shown}</data>'
    ).format(
        value=machine(cell.value),
        table=cell.table,
        column=cell.column,
        key=json.dumps(dict(cell.key), ensure_ascii=False),
        shown=_split(FORMATS[form](cell.value)) if is_split else FORMATS[form](cell.value),
    )


def _split(text: str) -> Markup:
    """`162.8 million US$` with its unit in `<small>`; a percentage keeps its sign."""
    number_part, space, unit = text.partition(" ")
    return Markup("{}<small>{}</small>").format(number_part, unit if space else "")


def machine(value: Any) -> str:
    """A value as `<data value>` and CSV have it: all digits, ISO days, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


def shown(column: str, value: Any) -> str:
    """A value in a data table, in the unit of its column's name: shares as percentages, the rest as numbers."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, (int, float)):
        return _figure(column, value)
    return phrase(value) if column.endswith(_CODES) else str(value)


def _figure(column: str, value: float) -> str:
    if column == "year" or column.endswith("_year") or column.startswith("year_"):
        return str(int(value))
    if _SHARE.search(column) and not _COUNT.match(column):
        return percent(value)
    if isinstance(value, int) or abs(value) >= 1000 or _COUNT.match(column):
        return number(value)
    return significant(value, 4)


def day(value: date | None, precision: str = "day") -> str:
    """A day as `28 February 2025`, or `February 2025`, `2025`."""
    if value is None:
        return MISSING
    if precision == "year":
        return str(value.year)
    month = f"{value:%B} {value.year}"
    return month if precision == "month" else f"{value.day} {month}"


def phrase(code: str) -> str:
    """A code of a closed list as words: `not_published_yet` is `not published yet`."""
    return code.replace("_", " ")


def listing(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = list(words)
    return f"{', '.join(first)} and {last}" if first else last


def moved(before: float, after: float, form: str = "percent") -> str:
    """What a series did: `rose from 36.2 % to 84.2 %`, `fell from …`, or `stayed at …` where both read the same."""
    was, now = FORMATS[form](before), FORMATS[form](after)
    if was == now:
        return f"stayed at {now}"
    return f"{'rose' if after > before else 'fell'} from {was} to {now}"


def compared(first: float, second: float) -> str:
    """How two accounts of one thing compare: `1.8 times`, `much the same as` within 5 %."""
    ratio = first / second
    return f"{significant(ratio, 2)} times" if abs(ratio - 1) > 0.05 else "about as much as"


def html_words(text: str) -> Markup:
    """Text whose `backticked` words are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before

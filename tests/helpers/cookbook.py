"""The figures in the prose of a page of questions, and the numbers that the queries of each question return."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

UNITS = {"%": 0.01, "million": 1e6, "crore": 1e7, "lakh": 1e5, "t": 1e3, "kt": 1, "kg": 1, "US$": 1}
"""What a query may return for one of a unit instead of 1: a share of 0.01, a million US$, 1,000 kg."""

NUMBER = re.compile(
    r"(?<![\w.,:/-])(?P<number>[−-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?![\w:/-]|[.,]\d)"
    rf"(?: (?P<unit>{'|'.join(map(re.escape, UNITS))})(?!\w))?"
)
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NO_FIGURES = (
    r"```.*?```",
    r"`[^`]*`",
    r"\]\([^)]*\)",
    rf"\d+ (?:{MONTHS})\b(?: \d{{4}})?",
    r"(?:[Qq]uestions?|Nos\.|[Vv]ersion|Data Series) \d+(?:\.\d+|(?:,| to| and) \d+)*",
)
"""What is removed first: code, targets of links, days, and numbers that name a question, step, version or series."""
COUNTS = range(13, 1000)
"""Whole numbers without a unit that are figures: smaller ones are written in words, larger ones have a separator."""


class Figure(NamedTuple):
    """A number of a text, as printed, with half of its last digit and what one of its possible units may be."""

    printed: str
    number: float
    half_digit: float
    scales: set[float]

    def is_among(self, numbers: set[float]) -> bool:
        """Whether one of the numbers, in one of the units, rounds to this one. A sign counts where it is printed."""
        tolerance = self.half_digit * (1 + 1e-9)
        values = numbers if self.number < 0 else {abs(number) for number in numbers}
        return any(abs(value / scale - self.number) <= tolerance for value in values for scale in self.scales)


def figures(text: str) -> Iterator[Figure]:
    """The figures of a text: numbers with a unit, with decimals or a thousands separator, and whole ones in `COUNTS`.

    So a year and a code are none. A figure without a unit may be in any unit of its sentence.
    """
    for pattern in NO_FIGURES:
        text = re.sub(pattern, " # ", text, flags=re.DOTALL)
    for sentence in re.split(r"(?<=[.;:?])\s", " ".join(text.split())):
        found = list(NUMBER.finditer(sentence))
        units = {match["unit"] for match in found if match["unit"]}
        for match in found:
            digits = match["number"].replace(",", "").replace("−", "-")
            if match["unit"] or re.search("[.,]", match["number"]) or int(digits) in COUNTS:
                possible = {match["unit"]} if match["unit"] else units
                scales = {1.0, *(UNITS[unit] for unit in possible)}
                yield Figure(match[0], float(digits), 0.5 / 10 ** len(digits.partition(".")[2]), scales)


def numbers(cell: Any) -> Iterator[float]:
    """The numbers of a cell; of a text, its figures."""
    if isinstance(cell, str):
        yield from (figure.number for figure in figures(cell))
    elif isinstance(cell, int | float | Decimal):
        yield float(cell)


def returned(con: duckdb.DuckDBPyConnection, query: str) -> set[float]:
    """The numbers in a query's cells, and how many rows it returns."""
    rows = con.execute(query).fetchall()
    return {float(len(rows)), *(number for row in rows for cell in row for number in numbers(cell))}


def questions(page: str) -> Iterator[tuple[str, list[str], str]]:
    """Title, queries and text of each question of a page: a heading of the third level and what follows."""
    for part in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        title, _, text = re.split(r"^## ", part, flags=re.MULTILINE)[0].partition("\n")
        yield title, re.findall(r"```sql\n(.*?)```", text, re.DOTALL), text


def not_returned(con: duckdb.DuckDBPyConnection, page: str) -> Iterator[str]:
    """The figures of a page that no query of their question returns, each after the question's title."""
    for title, queries, text in questions(page):
        found = set().union(*(returned(con, query) for query in queries))
        yield from (f"{title} {figure.printed}" for figure in figures(text) if not figure.is_among(found))

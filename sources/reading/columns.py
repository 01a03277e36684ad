"""Expressions that turn printed figures into columns of a feed: labels, periods, values and weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, UnknownLabelError
from sources.reading.vocabulary import load_vocabulary

_NAMED = 20
"""Unknown values that an error names; of more it gives the number."""


def with_areas(
    artifact: Artifact, frame: pl.DataFrame, package: Path, vocabulary: str, column: str, prefix: str
) -> pl.DataFrame:
    """Add `<prefix>_kind` and `<prefix>_code` for the labels in `column`, by a vocabulary of `labels.csv`.

    Raises:
        UnknownLabelError: a label the vocabulary does not hold.
    """
    words = load_vocabulary(package / "labels.csv", vocabulary)
    return words.apply(artifact, frame, column).rename({"kind": f"{prefix}_kind", "area_code": f"{prefix}_code"})


def by_closed_list(
    artifact: Artifact, frame: pl.DataFrame, column: str, words: Mapping[Any, Any] | Iterable[str]
) -> pl.Expr:
    """Map the text column `column` by a closed list: `{"M": "import", "X": "export"}`, or words that stay as they are.

    Raises:
        UnknownLabelError: names every value that the list does not have.
    """
    known = words if isinstance(words, Mapping) else {word: word for word in words}
    unknown = sorted(set(frame[column].unique().to_list()) - set(known), key=str)
    if unknown:
        named = [str(value)[:80] for value in unknown[:_NAMED]]
        more = f" and {len(unknown) - _NAMED:,} more" if len(unknown) > _NAMED else ""
        near = [repr(word) for word in get_close_matches(named[0], map(str, known), n=2)]
        nearest = f" The nearest to {named[0]!r}: {' or '.join(near)}." if near else ""
        raise UnknownLabelError(
            artifact,
            f"says {column} {named}{more}; known are {sorted(known, key=str)}.{nearest}",
            "correct the file if it is misspelt; if the publisher added a value, say in the parser what it means.",
        )
    return pl.col(column).replace_strict(known, return_dtype=pl.String)


def in_year(column: str) -> list[pl.Expr]:
    """Period columns of the calendar year in `column` (2024, as text or number): `period_type`, first and last day."""
    year = pl.col(column).cast(pl.Int32)
    return [
        pl.lit("calendar_year").alias("period_type"),
        pl.date(year, 1, 1).alias("period_start"),
        pl.date(year, 12, 31).alias("period_end"),
    ]


def in_fiscal_year(column: str) -> list[pl.Expr]:
    """Period columns of India's fiscal year, 1 April to 31 March, that begins in the year in `column` (2024)."""
    year = pl.col(column).cast(pl.Int32)
    return [
        pl.lit("fiscal_year").alias("period_type"),
        pl.date(year, 4, 1).alias("period_start"),
        pl.date(year + 1, 3, 31).alias("period_end"),
    ]


def in_month(column: str, pattern: str) -> list[pl.Expr]:
    """Period columns of the month in the text column `column`, by its strftime pattern: "202406" and "%Y%m".

    Raises:
        polars.exceptions.InvalidOperationError: a text that is no such month; check the column before.
    """
    start = (pl.col(column) + "01").str.to_date(pattern + "%d", strict=True)
    return [
        pl.lit("month").alias("period_type"),
        start.alias("period_start"),
        start.dt.month_end().alias("period_end"),
    ]


def begun_in_year(column: str) -> pl.Expr:
    """The calendar year in which a fiscal year printed "2024-25" begins; null where the two do not follow."""
    first = pl.col(column).str.extract(r"^((?:19|20)[0-9][0-9])-[0-9][0-9]$").cast(pl.Int32)
    second = pl.col(column).str.extract(r"^[0-9]{4}-([0-9][0-9])$").cast(pl.Int32)
    return pl.when((first + 1) % 100 == second).then(first)


def in_window(column: str) -> tuple[pl.Expr, pl.Expr]:
    """The first and the last day that "2014-11-28", "2014-11" or "2014" allows; null for anything else."""
    text = pl.col(column)
    is_day = text.str.contains(r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$")
    is_month = text.str.contains(r"^[0-9]{4}-[0-9][0-9]$")
    is_year = text.str.contains(r"^[0-9]{4}$")
    first = (
        pl.when(is_day)
        .then(text)
        .when(is_month)
        .then(text + "-01")
        .when(is_year)
        .then(text + "-01-01")
        .str.to_date("%Y-%m-%d", strict=False)
    )
    last = (
        pl.when(is_day)
        .then(first)
        .when(is_month)
        .then(first.dt.month_end())
        .when(is_year)
        .then(first.dt.offset_by("1y").dt.offset_by("-1d"))
    )
    return first, last


def half_of_last_digit(column: str, unit: float) -> pl.Expr:
    """Half of the last digit printed in a text column, times `unit`: 5 kg for "473.65" and a `unit` of 1000 (kg)."""
    decimals = pl.col(column).str.extract(r"\.([0-9]+)$").str.len_chars().fill_null(0)
    return 0.5 * unit / pl.lit(10.0).pow(decimals)


def known_weight(weight: pl.Expr, estimated: pl.Expr) -> list[pl.Expr]:
    """`net_weight_kg` and `weight_status` of a weight in kg; null and zero are unknown, never a measured zero."""
    known = weight > 0
    return [
        pl.when(known).then(weight).alias("net_weight_kg"),
        pl.when(known.fill_null(value=False))
        .then(pl.when(estimated).then(pl.lit("estimated")).otherwise(pl.lit("reported")))
        .otherwise(pl.lit("not_available"))
        .alias("weight_status"),
    ]


def printed_weight(kg: pl.Expr, rounding_kg: float) -> list[pl.Expr]:
    """`net_weight_kg`, its rounding and its status, of a weight printed to within plus or minus `rounding_kg`.

    A printed 0 is less than the rounding (`at_most`), never a weight of zero; null is not available.
    """
    return [
        pl.when(kg > 0).then(kg).alias("net_weight_kg"),
        pl.when(kg.is_not_null()).then(pl.lit(rounding_kg)).alias("weight_rounding_kg"),
        pl.when(kg > 0)
        .then(pl.lit("reported"))
        .when(kg == 0)
        .then(pl.lit("at_most"))
        .otherwise(pl.lit("not_available"))
        .alias("weight_status"),
    ]


def exact_value(column: str, printed: str | None = None) -> list[pl.Expr]:
    """The columns of a value in US$ that the record gives without rounding: value, text, half-width (0.0), status."""
    return [
        pl.col(column).alias("value_usd"),
        pl.col(printed or column).cast(pl.String).alias("value_raw"),
        pl.lit(0.0).alias("value_rounding_usd"),
        pl.when(pl.col(column).is_null())
        .then(pl.lit("not_available"))
        .when(pl.col(column) == 0)
        .then(pl.lit("zero"))
        .otherwise(pl.lit("reported"))
        .alias("value_status"),
    ]


def printed_local_value(number: pl.Expr, currency_code: str, unit: float, decimals: int = 2) -> list[pl.Expr]:
    """Money of a currency other than US$, printed with `decimals` of `unit`.

    A printed 0.00 is null, and less than `value_rounding_local`. Rupees printed as 2.01 crore (`unit` 1e7) are
    `value_local` 20,100,000.0, `currency_code` INR and `value_rounding_local` 50,000.0.
    """
    return [
        pl.when(number > 0).then((number * unit).round(2)).alias("value_local"),
        pl.lit(currency_code).alias("currency_code"),
        pl.lit(unit * 0.5 * 10.0**-decimals).alias("value_rounding_local"),
    ]


def printed_status(number: pl.Expr) -> pl.Expr:
    """Status of a printed value: 0.00 is less than half the last digit, not zero."""
    return pl.when(number == 0).then(pl.lit("at_most")).otherwise(pl.lit("reported")).alias("value_status")


def printed_value(number: pl.Expr, text: str, unit_usd: float, decimals: int = 2) -> list[pl.Expr]:
    """The columns of a value in US$ printed with `decimals` of `unit_usd` (1e6 for US$ million).

    The half-width is half of the last digit: 5,000 US$ for "1.27" million. A printed 0.00 is below it, not zero: value
    null, bounds 0 and the half-width, status `at_most`.
    """
    rounding = unit_usd * 0.5 * 10.0**-decimals
    value = (number * unit_usd).round(2)
    return [
        pl.when(number > 0).then(value).alias("value_usd"),
        pl.when(number == 0).then(pl.lit(0.0)).alias("value_low_usd"),
        pl.when(number == 0).then(pl.lit(rounding)).alias("value_high_usd"),
        pl.lit(rounding).alias("value_rounding_usd"),
        pl.col(text).alias("value_raw"),
        printed_status(number),
    ]

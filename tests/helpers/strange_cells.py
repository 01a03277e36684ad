"""Texts that look like numbers and are none: what a damaged, converted or foreign file puts where a figure is due."""

from __future__ import annotations

import polars as pl
from hypothesis import strategies as st

from sources.model.source import ParsedTable

NO_NUMBERS = (
    "1200,5", "9000,25", "0,96", "0,17", "0,960", "8,.4,", "+5", "-5", "1.004e+09", "1E5", "1,2345", "1,23", "12,,345",
    ",123", "123,", "1,234567", "1.234.567", "1.234,56", "1_000", "1 000", "1\u202f000", "1'000", "inf", "Infinity",
    "nan", "NaN", "0x10", "0b1", "007", "00", "1,100 2", "1,100\n2", "١٢٣", "１２３", "१२३", "2²", "½", "5%", "$5",
    "5 kg", "(5)", "5-", "12.", ".5", "1..2", "TRUE", "1\u200b200", "9" * 16, "1" + "0" * 400, "1;2", "#REF!",
)  # fmt: skip
"""No layout of any publisher prints these as a number."""

_SCRIPTS = ["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９", "৭৮৯৬৫৪৩২১০"]


def no_numbers() -> st.SearchStrategy[str]:
    """Texts of `NO_NUMBERS`, and random ones of the same kinds."""
    digits = st.integers(1, 10**9).map(str)
    return st.one_of(
        st.sampled_from(NO_NUMBERS),
        st.tuples(digits, st.text("0123456789", min_size=1, max_size=2)).map(",".join),
        st.tuples(digits, st.text("0123456789", min_size=4, max_size=6)).map(",".join),
        st.tuples(digits, st.sampled_from(["e", "E", "e+", "E-", "_", " ", "\n", "'", "..", ",,"]), digits).map(
            "".join
        ),
        st.tuples(st.sampled_from(["+", "-", "~", "00", "0x", "£", ","]), digits).map("".join),
        st.tuples(st.sampled_from(_SCRIPTS), digits).map(lambda pair: "".join(pair[0][int(n)] for n in pair[1])),
    )


FIGURES = (
    "value_t", "value_usd", "value_local", "value_low_t", "value_high_t", "value_low_usd", "value_high_usd",
    "net_weight_kg", "quantity", "share",
)  # fmt: skip
"""Columns of feeds that hold a figure a publisher printed."""


def figures_of(read: ParsedTable) -> set[tuple[str, float]]:
    """Every figure of a table with its column."""
    return {
        (name, figure) for name in FIGURES if name in read.frame.columns for figure in read.frame[name].drop_nulls()
    }


def faults(read: ParsedTable | None, right: ParsedTable) -> list[str]:
    """What a reading of a file with one strange cell made of it that it must not: another figure, or a lost record.

    None, which is a refusal, has no fault.
    """
    if read is None:
        return []
    strange = [f"{name} {figure}" for name, figure in sorted(figures_of(read) - figures_of(right))]
    lost = right.rows_parsed - read.rows_parsed
    return [*strange, *([f"{lost} records lost"] if lost else [])]


def nulled(read: ParsedTable | None, right: ParsedTable) -> list[str]:
    """Figures that became "not available" in a row that was loaded all the same, where a record is one row."""
    if read is None or right.frame["artifact_row"].is_duplicated().any():
        return []
    columns = [name for name in FIGURES if name in read.frame.columns]
    pairs = right.frame.select("artifact_row", *columns).join(
        read.frame.select("artifact_row", *columns), on="artifact_row", suffix="_read"
    )
    lost = [(name, pairs.filter(pl.col(name).is_not_null() & pl.col(f"{name}_read").is_null())) for name in columns]
    return [f"{name} of record {row}" for name, found in lost for row in found["artifact_row"]]

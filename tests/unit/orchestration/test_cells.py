"""Values as text: readable in a table, exact in CSV and JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from orchestration.cli.cells import as_text, readable
from warehouse.read.values import plain


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([2023, 2024, None], ["2023", "2024", "NULL"]),
        ([9_306, 12_345], ["9,306", "12,345"]),
        ([240_000.0, 255_000.0], ["240,000", "255,000"]),
        ([983_540.1849, 3.25, 0.0], ["983,540.18", "3.25", "0.00"]),
        ([0.06251234, 1.0], ["0.06251", "1.00000"]),
        ([1e-9, 0.5], ["1e-09", "0.5"]),
        ([float("nan"), float("inf"), 1.0], ["nan", "inf", "1"]),
        ([Decimal("1.50"), Decimal(2)], ["1.50", "2.00"]),
        ([-12_345.5], ["-12,345.5"]),
        ([10**24], ["1,000,000,000,000,000,000,000,000"]),
        ([True, False, None], ["true", "false", "NULL"]),
    ],
)
def test_numbers_have_digits_to_read_and_a_column_has_the_same_decimals(values, shown) -> None:
    assert readable(values) == shown


def test_a_null_an_empty_text_and_the_text_null_differ() -> None:
    assert len(set(readable([None, "", "NULL"]))) == 3


def test_control_characters_are_escapes_and_the_rest_of_a_text_is_as_it_is() -> None:
    assert readable([":x: [red]a[/]", "a\nb\t\x1b[31m\x07", "氧化铈 é"]) == [
        ":x: [red]a[/]", r"a\nb\t\x1b[31m\x07", "氧化铈 é",
    ]  # fmt: skip


def test_values_for_programs_keep_every_digit() -> None:
    values = [0.1 + 0.2, 2**70, Decimal("0.10"), date(2025, 4, 1), datetime(2025, 4, 1, 12, tzinfo=UTC), [1, None]]
    assert [as_text(value) for value in values] == [
        "0.30000000000000004", str(2**70), "0.10", "2025-04-01", "2025-04-01 12:00:00+00:00", "[1, null]",
    ]  # fmt: skip
    assert plain({"a": [Decimal(2), Decimal("0.5"), float("nan"), b"\x01"]}) == {"a": [2, 0.5, "nan", "01"]}

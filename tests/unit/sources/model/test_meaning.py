"""Every column of a feed names the measured thing, says something of it, or words it."""

from __future__ import annotations

from collections import Counter

import pytest

from sources.model.feeds import FEEDS
from sources.model.meaning import FEED_COLUMNS
from sources.registry import table_specs
from tests.helpers.violators import assert_none


@pytest.mark.parametrize("feed", FEEDS)
def test_each_column_of_a_feed_has_one_use(feed: str) -> None:
    """A new column is part of the key or the meaning, or is declared to be wording."""
    columns = FEED_COLUMNS[feed]
    uses = Counter((*columns.key, *columns.meaning, *columns.wording))
    assert uses == Counter(FEEDS[feed].keys())


def test_every_feed_says_what_its_columns_are_for() -> None:
    assert set(FEED_COLUMNS) == set(FEEDS)


def test_numbers_states_and_marks_are_never_wording() -> None:
    """Where two statements differ in one of these, they do not say the same.

    A revised figure shows itself; since when a statement was public is not a part of it.
    """
    assert_none(
        f"{feed}.{column}"
        for feed, columns in FEED_COLUMNS.items()
        for column in columns.wording
        if FEEDS[feed][column].is_float()
        or column.endswith(("_status", "_basis", "_unit"))
        or (column.startswith("is_") and column != "is_revised")
        if column != "public_basis"
    )


def test_a_rounding_is_that_of_a_figure_and_both_are_meaning() -> None:
    assert_none(
        f"{feed}.{column}"
        for feed, columns in FEED_COLUMNS.items()
        for column in (*columns.roundings.keys(), *columns.roundings.values())
        if column not in columns.meaning
    )
    rounded = {f"{feed}.{width}" for feed, columns in FEED_COLUMNS.items() for width in columns.roundings.values()}
    assert rounded == {
        f"{feed}.{column}" for feed, schema in FEEDS.items() for column in schema if "_rounding" in column
    }


def test_a_tables_key_is_made_of_columns_that_tell_things_apart() -> None:
    """A raw table's key may also have labels and parts of flows, never a figure."""
    assert_none(
        f"{spec.name}.{column}"
        for spec in table_specs().values()
        for column in spec.key
        if column in FEED_COLUMNS[spec.feed].meaning
    )

"""Paths as SQL literals: DuckDB reads back the same text, whatever characters are in it."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from warehouse.storage.literals import literal


@given(text=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_literal_reads_back_as_the_text(text: str) -> None:
    assert duckdb.sql(f"select {literal(text)}").fetchall() == [(text,)]

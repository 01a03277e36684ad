"""The content hash depends on every value, and not on the order of rows or on other schemas."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from tests.helpers.violators import assert_none
from warehouse.release.content import content_hash, table_hashes

TABLE = "create table core.fct (name varchar, value_usd double, day date)"
ROWS = "insert into core.fct values ('a', 0.1, date '2024-01-01'), ('b', null, null), ('b', null, null)"


@pytest.fixture
def hashed() -> Callable[..., str]:
    """The hash of a database after some statements."""

    def run(*statements: str) -> str:
        with duckdb.connect() as con:
            for schema in ("core", "marts", "bi", "meta"):
                con.execute(f"create schema {schema}")
            for statement in statements:
                con.execute(statement)
            return content_hash(table_hashes(con))

    return run


def test_the_order_of_rows_and_the_schema_meta_do_not_count(hashed) -> None:
    other_order = "insert into core.fct values ('b', null, null), ('a', 0.1, date '2024-01-01'), ('b', null, null)"
    assert hashed(TABLE, ROWS) == hashed(TABLE, other_order)
    assert hashed(TABLE, ROWS) == hashed(TABLE, ROWS, "create table meta.release as select now() as built_at")


def test_every_value_row_name_and_type_counts(hashed) -> None:
    whole = hashed(TABLE, ROWS)
    changes = {
        "a last digit": "update core.fct set value_usd = 0.1 + 1e-17 * 2 where name = 'a'",
        "a null for a text": "update core.fct set name = 'null' where name = 'b'",
        "a null for a number": "update core.fct set value_usd = 0 where name = 'b'",
        "values of two rows exchanged": "update core.fct set day = if(name = 'a', null, date '2024-01-01')",
        "a row gone": "delete from core.fct where name = 'a'",
        "one of two equal rows gone": "delete from core.fct where rowid = 2",
        "a column named otherwise": "alter table core.fct rename value_usd to value_inr",
        "a column of another type": "alter table core.fct alter day type varchar",
        "a table more": "create table marts.mart as select 1 as one",
        "a view more": "create view core.best as select * from core.fct",
        "a table in another schema": "create table marts.fct as from core.fct; drop table core.fct",
        "a view for BI tools": "create view bi.production as select * from core.fct",
    }
    assert_none(name for name, change in changes.items() if hashed(TABLE, ROWS, change) == whole)

"""Whether tables built on Spark have the rows of DuckDB's release, figures to nine significant digits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.figures import SIGNIFICANT_DIGITS
from warehouse.settings import Settings
from warehouse.storage.database import open_database
from warehouse.storage.literals import literal

_SETTLED = f"%.{SIGNIFICANT_DIGITS - 1}e"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One table on both engines."""

    table: str
    rows: int
    """In the release."""
    only_duckdb: int
    only_spark: int

    @property
    def is_equal(self) -> bool:
        """The same rows, each as often."""
        return not self.only_duckdb and not self.only_spark


def compare(settings: Settings, release: Path, folder: Path, table: str) -> Comparison:
    """Compare a table of the release's file with the Parquet files that Spark wrote to `<folder>/<schema>/<name>`."""
    schema, _, name = table.partition(".")
    with open_database(release, settings, read_only=True) as con:
        columns = con.execute(
            "select column_name, data_type from duckdb_columns()"
            " where schema_name = ? and table_name = ? order by column_index",
            [schema, name],
        ).fetchall()
        compared = ", ".join(
            f'printf(\'{_SETTLED}\', "{column}" + 0.0) as "{column}"' if kind == "DOUBLE" else f'"{column}"'
            for column, kind in columns
        )
        ours = f"select {compared} from {table}"
        theirs = f"select {compared} from read_parquet({literal(folder / schema / name / '*.parquet')})"
        return Comparison(
            table=table,
            rows=_count(con, ours),
            only_duckdb=_count(con, f"({ours}) except all ({theirs})"),
            only_spark=_count(con, f"({theirs}) except all ({ours})"),
        )


def _count(con: duckdb.DuckDBPyConnection, rows: str) -> int:
    found = con.execute(f"select count(*) from ({rows})").fetchone()
    return int(found[0]) if found else 0

"""Reads the published tables for the site. Every figure keeps the table, column and key that it was read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from warehouse.storage.parquet_files import files_of

Row = dict[str, Any]
SHORT_NAMES = {
    "brazil_comexstat": "Brazil's Comex Stat",
    "cepii_baci": "CEPII (BACI)",
    "china_customs": "China Customs",
    "china_quotas": "China's ministries",
    "iea": "IEA",
    "india_amd": "India's AMD",
    "india_tradestat": "India's TradeStat",
    "india_vahan": "India's Vahan register",
    "pib_india": "Government of India (PIB)",
    "policy_events": "notices compiled for this project",
    "uk_hmrc": "UK HMRC",
    "un_comtrade": "UN Comtrade",
    "usgs_mcs": "USGS",
    "usgs_myb": "USGS",
    "usgs_ds140": "USGS",
    "usitc_dataweb": "USITC DataWeb",
}
"""What a publisher is called under a chart; any other has its name from `core.dim_source`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One published value with its address: `marts.mart_corridor`, `value_usd`, and the key of the row."""

    table: str
    column: str
    key: Mapping[str, str]
    value: Any


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one published table, unchanged: what a chart draws, its data table lists and its CSV holds.

    `labels` are the columns shown, in order, each with its heading; `key` identifies a row of the table.
    """

    table: str
    key: tuple[str, ...]
    labels: Mapping[str, str]
    rows: Sequence[Row] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def address(self, row: Row) -> dict[str, str]:
        """The key of a row as text, such as `{"importer_code": "IND", "period_start": "2024-01-01"}`."""
        return {name: str(row[name]) for name in self.key if row[name] is not None}

    @property
    def numeric(self) -> frozenset[str]:
        """The columns that hold numbers."""
        return frozenset(
            column
            for column in self.labels
            if any(isinstance(row[column], (int, float)) and not isinstance(row[column], bool) for row in self.rows)
        )

    def cell(self, row: Row, column: str) -> Cell:
        """One value of a row with its address."""
        return Cell(self.table, column, self.address(row), row[column])


class Tables:
    """The tables of one release's database, read-only."""

    def __init__(self, database: Path) -> None:
        self._folder = database.parent
        self._con = duckdb.connect(str(database), read_only=True)
        self._columns = self._published_columns()
        self._keys = self._published_keys()
        self.release: Row = self.rows("select * from meta.release")[0]
        self.sources: dict[str, Row] = {
            row["source_code"]: row for row in self.rows("select * from core.dim_source order by source_code")
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._con.close()

    def rows(self, query: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> list[Row]:
        """The rows of a query, each by column name."""
        cursor = self._con.execute(query, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def file_of(self, table: str) -> str | None:
        """Where the release has a table as Parquet, from its folder: a file, or a folder of files by year.

        None of a view that is made when it is read.
        """
        files = files_of(self._folder / "parquet", table)
        if not files:
            return None
        first = files[0].relative_to(self._folder)
        return first.as_posix() if first.stem == table.split(".")[1] else f"{first.parent.as_posix()}/"

    def source_name(self, code: str) -> str:
        """What a publisher is called under a chart: `USGS`."""
        return SHORT_NAMES.get(code) or str(self.sources[code]["publisher"])

    def columns(self, table: str) -> dict[str, str]:
        """Columns of a published table with their DuckDB types in lower case, in order."""
        return self._columns[table]

    def key(self, table: str) -> tuple[str, ...]:
        """Columns that identify a row: the `fact_id` of a fact, else the key in the dictionary.

        Raises:
            LookupError: the dictionary has no key of this table.
        """
        if table not in self._keys:
            msg = f"the site reads {table}, of which meta.data_dictionary has no key"
            raise LookupError(msg)
        is_fact = table.startswith("core.") and "fact_id" in self.columns(table)
        return ("fact_id",) if is_fact else self._keys[table]

    def select(
        self,
        table: str,
        labels: Mapping[str, str],
        where: str = "true",
        order: str = "all",
        also: Sequence[str] = (),
    ) -> Selection:
        """Rows of a published table as they are; `also` are columns that are drawn and not listed."""
        key = self.key(table)
        columns = list(dict.fromkeys([*labels, *also, *key]))
        rows = self.rows(f"select {', '.join(columns)} from {table} where {where} order by {order}")
        return Selection(table, key, dict(labels), rows)

    def cell(self, table: str, column: str, where: str, order: str = "all") -> Cell | None:
        """The first value of a column that is not null, in this order; None where there is none."""
        found = self.select(table, {column: column}, f"({where}) and {column} is not null", order)
        return found.cell(found.rows[0], column) if found.rows else None

    def _published_columns(self) -> dict[str, dict[str, str]]:
        columns: dict[str, dict[str, str]] = {}
        for row in self.rows(
            "select schema_name || '.' || table_name as name, column_name, lower(data_type) as data_type"
            " from duckdb_columns() where database_name = current_database() order by name, column_index"
        ):
            columns.setdefault(row["name"], {})[row["column_name"]] = row["data_type"]
        return columns

    def _published_keys(self) -> dict[str, tuple[str, ...]]:
        keys: dict[str, list[str]] = {}
        for row in self.rows(
            "select schema_name || '.' || table_name as name, column_name from meta.data_dictionary"
            " where is_key order by schema_name, table_name, column_position"
        ):
            keys.setdefault(row["name"], []).append(row["column_name"])
        return {name: tuple(columns) for name, columns in keys.items()}


def decimal_year(day: date) -> float:
    """A day as a number of years, by months: 1 July 2024 is 2024.5. Charts need no calendar and no time zone."""
    return day.year + (day.month - 1) / 12 + (day.day - 1) / 372

"""Builds the models in a Spark session, with their contracts and tests."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.spark.dialect import UntranslatableError, spark_literal, spark_type, to_spark
from warehouse.spark.models import Contract, Node
from warehouse.spark.python_model import run_python_model
from warehouse.spark.raw import RawTable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_WHOLE = {"int", "bigint", "smallint", "tinyint"}
_FRACTIONAL = {"double", "float", "decimal"}


_SMALL_VIEWS = "staging.stg_ledger__"
"""Views that are kept as tables: each publisher's staging view joins them, and Spark would compute them every time."""


class SparkBuildError(Exception):
    """A model cannot be built on Spark, or breaks its contract. The message names it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one model or test."""

    name: str
    kind: str
    seconds: float
    rows: int | None
    """Of a table; of a test the rows that break it; of a view nothing."""

    @property
    def ok(self) -> bool:
        """Built, or passed."""
        return self.kind != "test" or not self.rows


def build(session: SparkSession, folder: str, raw: Iterable[RawTable], nodes: Iterable[Node]) -> Iterator[Result]:
    """Build `nodes` in their order from the raw tables in `folder`, each as a table of Parquet files there.

    A table `core.fct_quota` lies in `<folder>/core/fct_quota` and is registered in the session's catalog.

    Raises:
        SparkBuildError: a model cannot be built or breaks its contract.
    """
    columns: dict[str, tuple[str, ...]] = {}
    every = list(nodes)
    read = {name for node in every for name in node.reads}
    for table in raw:
        if table.name in read:
            _register(session, folder, table)
            columns[table.name] = tuple(table.columns)
    for node in every:
        started = time.monotonic()
        try:
            rows = _run(session, folder, node, columns)
        except SparkBuildError:
            raise
        except UntranslatableError as error:
            msg = f"{node.name} has no counterpart on Spark: {error}"
            raise SparkBuildError(msg) from error
        except Exception as error:
            if not type(error).__module__.startswith(("pyspark", "py4j")):
                raise
            msg = f"Spark cannot build {node.name}: {_cause(error)}"
            raise SparkBuildError(msg) from error
        yield Result(node.name, node.kind, time.monotonic() - started, rows)


def _cause(error: Exception) -> str:
    """What Spark says, without its plans and stack traces."""
    lines = str(error).strip().splitlines()
    causes = [line for line in lines if line.startswith(("Caused by: ", ": "))]
    return (causes or lines)[-1 if causes else 0].removeprefix("Caused by: ").removeprefix(": ")


def _register(session: SparkSession, folder: str, table: RawTable) -> None:
    """A table of the raw ledger, with the columns and types that it was written with: an empty one has no files."""
    schema = table.name.partition(".")[0]
    _add_schema(session, folder, schema)
    types = {column: spark_type(data_type) for column, data_type in table.columns.items()}
    types |= dict(zip(table.partitions, ("STRING", "INT"), strict=False))
    listed = ", ".join(f"`{column}` {data_type}" for column, data_type in types.items())
    parts = f" PARTITIONED BY ({', '.join(table.partitions)})" if table.partitions else ""
    session.sql(f"DROP TABLE IF EXISTS {table.name}")
    created = f"CREATE TABLE {table.name} ({listed}) USING PARQUET{parts}"
    session.sql(f"{created} LOCATION {spark_literal(f'{folder}/{table.folder}')}")
    if table.partitions:
        session.sql(f"MSCK REPAIR TABLE {table.name}")


def _add_schema(session: SparkSession, folder: str, schema: str) -> None:
    session.sql(f"CREATE SCHEMA IF NOT EXISTS `{schema}` LOCATION {spark_literal(f'{folder}/{schema}')}")


def _run(session: SparkSession, folder: str, node: Node, columns: dict[str, tuple[str, ...]]) -> int | None:
    if node.kind == "python":
        return _keep(session, folder, node, run_python_model(session, node), columns)
    query, names = to_spark(node.code, columns)
    if node.kind == "test":
        return session.sql(f"SELECT count(*) FROM ({query})").collect()[0][0]  # type: ignore[no-any-return]
    if node.kind == "view" and not node.name.startswith(_SMALL_VIEWS):
        _add_schema(session, folder, node.name.partition(".")[0])
        session.sql(f"CREATE OR REPLACE VIEW {node.name} AS {query}")
        columns[node.name] = names
        return None
    return _keep(session, folder, node, session.sql(query), columns)


def _keep(session: SparkSession, folder: str, node: Node, rows: DataFrame, columns: dict[str, tuple[str, ...]]) -> int:
    """Write a model's rows as its table and count them, with the nulls that its contract forbids."""
    if node.contract:
        rows = _as_declared(node, rows, node.contract)
    schema, _, name = node.name.partition(".")
    _add_schema(session, folder, schema)
    rows.write.mode("overwrite").format("parquet").option("path", f"{folder}/{schema}/{name}").saveAsTable(node.name)
    columns[node.name] = tuple(rows.columns)
    forbidden = node.contract.not_null if node.contract else ()
    counts = ["count(*)", *(f"count_if(`{column}` IS NULL)" for column in forbidden)]
    n_rows, *nulls = session.sql(f"SELECT {', '.join(counts)} FROM {node.name}").collect()[0]
    broken = [column for column, n_nulls in zip(forbidden, nulls, strict=True) if n_nulls]
    if broken:
        msg = f"{node.name} breaks its contract: null in {', '.join(broken)}"
        raise SparkBuildError(msg)
    return int(n_rows)


def _as_declared(node: Node, rows: DataFrame, contract: Contract) -> DataFrame:
    """The columns of the contract, in its order and types.

    Whole numbers may be wider or narrower than declared, and fractions decimals, as Spark's functions return them; the
    cast fails where a value does not fit. Any other difference breaks the contract.

    Raises:
        SparkBuildError: a column is missing, surplus or of another type.
    """
    from pyspark.sql.functions import col

    found = dict(rows.dtypes)
    differing = sorted(found.keys() ^ contract.types.keys())
    wrong = [
        f"{name} is {found[name]} and declared {declared}"
        for name, declared in contract.types.items()
        if name in found and _family(found[name]) != _family(spark_type(declared).lower())
    ]
    if differing or wrong:
        problems = [*wrong, *(f"{name} is declared or there, not both" for name in differing)]
        msg = f"{node.name} breaks its contract: {'; '.join(problems)}"
        raise SparkBuildError(msg)
    return rows.select(*(col(name).cast(spark_type(declared)).alias(name) for name, declared in contract.types.items()))


def _family(data_type: str) -> str:
    name = data_type.partition("(")[0]
    name = {"integer": "int"}.get(name, name)
    return "whole" if name in _WHOLE else "fractional" if name in _FRACTIONAL else name

"""dbt's Python models on Spark: the estimators get small panels as Polars frames and give one back.

The models' own files run, so that an estimate has one home. What they read is collected to the driver: panels of the
mirror and of events, thousands of rows whatever the raw tables hold.
"""

from __future__ import annotations

import runpy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from warehouse.settings import find_dbt_project
from warehouse.spark.models import Node

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True, slots=True)
class _Relation:
    """What `dbt.ref` gives a model: the part of DuckDB's relation that models use."""

    rows: DataFrame

    def select(self, columns: str) -> _Relation:
        """Some columns: `select("event_date, flow")`."""
        return _Relation(self.rows.select(*(column.strip() for column in columns.split(","))))

    def pl(self) -> pl.DataFrame:
        """The rows as a Polars frame."""
        frame = pl.from_arrow(self.rows.toArrow())
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table of Arrow is never a series
        return frame


@dataclass(frozen=True, slots=True)
class _Dbt:
    """What a model is called with: `ref` and `config`."""

    session: SparkSession
    reads: tuple[str, ...]

    def ref(self, name: str) -> _Relation:
        """A model or seed by its name."""
        [table] = [one for one in self.reads if one.partition(".")[2] == name]
        return _Relation(self.session.table(table))

    def config(self, **given: object) -> None:
        """Nothing: every Python model is a table."""


def run_python_model(session: SparkSession, node: Node) -> DataFrame:
    """Run the function `model` of a Python model's file on tables of the session."""
    path = find_dbt_project() / Path(node.code)
    model: Any = runpy.run_path(str(path))["model"]
    return session.createDataFrame(model(_Dbt(session, node.reads), session))

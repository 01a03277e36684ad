"""A Spark session: on this machine, or on a cluster by Spark Connect."""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CONFIG = {
    "spark.sql.session.timeZone": "UTC",
    # errors instead of nulls for what cannot be cast or computed, as in DuckDB
    "spark.sql.ansi.enabled": "true",
    # it would take minutes to plan statements that compare each column with the one before it (SPARK-19846)
    "spark.sql.constraintPropagation.enabled": "false",
    # it breaks plans of many window functions in 4.3 ("previously resolved and now became unresolved")
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases",
}
_ON_THIS_MACHINE = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
    # one machine has the whole input in reach: what is small is read in one task
    "spark.sql.files.openCostInBytes": "65536",
    # planning costs more than the rows of a small table, and generated code must be compiled for each query
    "spark.sql.codegen.wholeStage": "false",
}


class NoSparkError(Exception):
    """Spark cannot start here. The message has the remedy."""


@contextmanager
def spark_session(warehouse: str, *, remote: str | None = None, memory: str = "2g") -> Iterator[SparkSession]:
    """A session that keeps its tables in `warehouse`; it is stopped at the end.

    Args:
        warehouse: folder or bucket of the tables: `/data/spark`, `s3a://bucket/rare-earths`.
        remote: address of a Spark Connect server, `sc://spark.example.org:15002`; without it, Spark runs here.
        memory: of the driver, here: `2g`.

    Raises:
        NoSparkError: pyspark or Java is missing.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        msg = "Spark is not installed here: `make spark` has an environment of its own, or pip install pyspark."
        raise NoSparkError(msg) from error
    # tables are handed over as Arrow, never through pandas, whose version pyspark warns of
    warnings.filterwarnings("ignore", module="pyspark")
    builder = SparkSession.builder
    for name, value in _CONFIG.items():
        builder = builder.config(name, value)
    if remote:
        session = builder.remote(remote).getOrCreate()
    else:
        _require_java()
        local = {**_ON_THIS_MACHINE, "spark.driver.memory": memory, "spark.sql.warehouse.dir": warehouse}
        for name, value in local.items():
            builder = builder.config(name, value)
        session = builder.master("local[*]").appName("rare-earth-warehouse").getOrCreate()
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # errors are raised as well
    try:
        yield session
    finally:
        session.stop()


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (home and (Path(home) / "bin" / "java").is_file())):
        msg = "Spark needs a Java runtime, 17 or later, and there is none: apt install openjdk-17-jre-headless."
        raise NoSparkError(msg)

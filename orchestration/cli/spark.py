"""The command `ree spark`: the models on Spark, and whether their tables equal the release's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.cli import console
from warehouse.release.store import database
from warehouse.settings import Settings

_OF_THE_EXTRA = {"pyspark", "sqlglot"}
_COMPARED = ("core.", "meta.", "marts.", "bi.")
"""Schemas whose tables a release publishes as dbt built them."""


def run_spark(to: Path, tables: Iterable[str], remote: str | None, *, compares: bool, tests: bool) -> None:
    """Write the raw tables, build the models from them on Spark, and print a line for each table.

    A table's name is on standard error as soon as it is built.
    """
    settings, folder = Settings(), to.resolve()
    rows: list[tuple[str, int | None, bool | None, float]] = []
    broken: list[str] = []
    n_tests = 0
    with _sentences():
        from warehouse.spark.build import build
        from warehouse.spark.compare import compare
        from warehouse.spark.models import compiled, needed_for
        from warehouse.spark.raw import export
        from warehouse.spark.session import spark_session

        nodes = needed_for(compiled(settings), tables)
        folder.mkdir(parents=True, exist_ok=True)
        with spark_session(str(folder), remote=remote) as session:
            wanted = [node for node in nodes if tests or node.kind != "test"]
            for result in build(session, str(folder), export(settings, folder), wanted):
                if result.kind == "test":
                    n_tests += 1
                    broken += [] if result.ok else [f"{result.name}: {result.rows} rows break it."]
                    continue
                is_equal = None
                if compares and result.kind != "view" and result.name.startswith(_COMPARED):
                    is_equal = compare(settings, database(settings), folder, result.name).is_equal
                console.err.print(f"{result.name}: {result.seconds:.1f} s")
                rows.append((result.name, result.rows, is_equal, round(result.seconds, 2)))
    console.show_table(f"Built on Spark in {folder}", ["model", "rows", "equal", "seconds"], rows)
    if tests:
        console.out.print(f"{n_tests} tests of dbt ran on these tables.")
    broken += [f"{name} is not that of the release." for name, _, is_equal, _ in rows if is_equal is False]
    if broken:
        raise console.fail("\n".join(broken))


@contextmanager
def _sentences() -> Iterator[None]:
    """An error that a person can remedy ends the command with its sentence."""
    try:
        from warehouse.spark.build import SparkBuildError
        from warehouse.spark.models import NotCompiledError
        from warehouse.spark.raw import RawError
        from warehouse.spark.session import NoSparkError
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        message = "`ree spark` needs SQLGlot and Spark: `make spark` has an environment of its own for them."
        raise console.fail(message) from error
    try:
        yield
    except (RawError, NotCompiledError, NoSparkError, SparkBuildError) as error:
        raise console.fail(str(error)) from error

"""Commands to look around in a release: tables, describe, open."""

from __future__ import annotations

import webbrowser

from orchestration.cli import console
from orchestration.cli.cells import readable
from orchestration.cli.result_table import print_table
from warehouse.read.query import QueryError
from warehouse.read.tables import Column, describe_table, list_tables
from warehouse.release.store import database
from warehouse.settings import Settings

_LONGEST_EXAMPLE = 60


def show_tables(schema: str) -> None:
    """List the published tables, of one schema or all."""
    try:
        found = list_tables(Settings())
    except QueryError as error:
        raise console.fail(str(error)) from error
    schemas = sorted({table.schema for table in found})
    if schema and schema not in schemas:
        message = f"There is no schema '{schema}': the schemas are {', '.join(schemas)}."
        raise console.fail(message)
    rows = [(t.schema, t.name, t.rows, t.about) for t in found if schema in ("", t.schema)]
    width = console.out.width if console.out.is_terminal else None
    print_table(console.out, ["schema", "table", "rows", "what it is"], [False, False, True, False], rows, width)
    console.out.print("Columns of a table: ree describe TABLE", style="dim")


def show_description(asked: str) -> None:
    """Describe a table: what it is, what to mind, its columns."""
    try:
        table = describe_table(Settings(), asked)
    except QueryError as error:
        raise console.fail(str(error)) from error
    console.out.print(f"{table.schema}.{table.name}, {table.rows:,} rows", style="bold")
    console.out.print(table.about)
    if table.warnings:
        console.out.print("\nUsage warnings:", style="bold")
        for warning in table.warnings:
            console.show_indented(warning, "- ")
    console.out.print("\nColumns:", style="bold")
    for column in table.columns:
        console.out.print(_heading(column), soft_wrap=True)
        console.show_indented(column.about, "    ")


def _heading(column: Column) -> str:
    """`importer_cif_usd  double, US$, such as 1,234,567`, without what the column does not have."""
    example = readable([column.example])[0] if column.example is not None else ""
    shown = example if len(example) <= _LONGEST_EXAMPLE else f"{example[: _LONGEST_EXAMPLE - 1]}…"
    facts = [column.type.lower(), column.unit, "key" if column.is_key else "", f"such as {shown}" if shown else ""]
    return f"{column.name}  {', '.join(filter(None, facts))}"


def show_site() -> None:
    """Open the pages of the release, or print where they are."""
    settings = Settings()
    try:
        database(settings)
    except LookupError as error:
        raise console.fail(str(error)) from error
    page = settings.published / "site" / "index.html"
    if not page.is_file():
        message = f"This release has no pages ({page} is not there). Publish one that has them with `ree build`."
        raise console.fail(message)
    is_open = webbrowser.open(page.as_uri())
    console.out.print(f"{'Opened' if is_open else 'There is no browser here. The pages are in'} {page}", soft_wrap=True)

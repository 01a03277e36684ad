"""`ree`: the front door for a person at a terminal.

Belongs here: commands and how they are shown. Does not belong here: what they do; that is in `warehouse` and in the
job.
"""

from __future__ import annotations

import csv
import logging
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from sources.registry import sources
from warehouse import doctor
from warehouse import release as releasing
from warehouse.as_of import ask_as_of, write_as_of
from warehouse.lock import BusyError, sole_writer
from warehouse.query import PUBLISHERS, RULES, QueryError, ask, last_build
from warehouse.settings import Settings
from warehouse.why import WhyError, explain

app = typer.Typer(
    help="The data warehouse of the India–China rare-earth trade.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
out = Console()
err = Console(stderr=True)
_SHOWN_FROM_S = 0.5
"""Steps shorter than this are not worth a line of the build's summary."""


def _fail(message: str) -> typer.Exit:
    err.print(message, style="bold red", highlight=False, markup=False)
    return typer.Exit(1)


def _show(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    table = Table(title=title, title_justify="left", header_style="bold")
    numeric = [all(isinstance(row[i], int | float) or row[i] is None for row in rows) for i in range(len(columns))]
    for name, is_numeric in zip(columns, numeric, strict=True):
        table.add_column(name, justify="right" if is_numeric and rows else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.2f}"
    return str(value)


@app.command()
def build(
    source: Annotated[str | None, typer.Option(help="Refresh this publisher only.")] = None,
    from_landing: Annotated[bool, typer.Option(help="Use only what has landed; offer nothing new.")] = False,
    accept_drift: Annotated[str, typer.Option(help="Reason why this build may drift from the last release.")] = "",
) -> None:
    """Land, load, model, judge and release, as the Dagster job refresh_warehouse."""
    from orchestration.jobs import REFRESH_WAREHOUSE
    from orchestration.run import refresh

    if source is not None and source not in sources():
        message = f"There is no publisher '{source}' here; there are {', '.join(sources())}."
        raise _fail(message)
    if from_landing:
        os.environ["REE_SOURCES"] = "landing"
    if accept_drift:
        os.environ["REE_ACCEPT_DRIFT"] = accept_drift
    settings = Settings()
    if source is not None and releasing.current_release(settings) is None:
        message = "Nothing is published yet: run `ree build` once for all publishers, then one at a time."
        raise _fail(message)
    logging.getLogger("ree").setLevel(logging.INFO)
    logging.getLogger("ree").addHandler(
        RichHandler(console=out, show_path=False, show_level=False, log_time_format="%H:%M:%S", markup=False)
    )
    out.print(f"Building the warehouse in [bold]{settings.home}[/] from the {settings.sources} …", highlight=False)
    began = time.monotonic()
    outcome = refresh(settings, f"refresh_{source}" if source else REFRESH_WAREHOUSE)
    for step, seconds in sorted(outcome.seconds_by_step.items(), key=lambda item: -item[1]):
        if seconds >= _SHOWN_FROM_S:
            out.print(f"  {step:<28}{seconds:6.1f} s", highlight=False)
    out.print(f"  {'in all':<28}{time.monotonic() - began:6.1f} s", highlight=False)
    if not outcome.success:
        raise _fail("The build did not end in a release.\n" + "\n".join(outcome.errors))
    held = outcome.checks - outcome.failed_checks
    out.print(f"{outcome.checks} checks, {held} hold, {outcome.failed_checks} warn.", highlight=False)
    if outcome.is_new:
        out.print(f"[green]Release {outcome.version} is published[/] in {settings.published}", highlight=False)
    else:
        out.print(f"[green]Nothing changed: release {outcome.version} stays current[/] in {settings.published}")
    out.print("Next: ree sql \"from marts.mart_corridor where exporter_code = 'CHN'\"", highlight=False, markup=False)


@app.command()
def status() -> None:
    """Show what is published, how current each publisher is, and how the last build went."""
    settings = Settings()
    current = releasing.current_release(settings)
    if current is None:
        message = f"Nothing is published under {settings.home} yet: run `make warehouse` or `ree build`."
        raise _fail(message)
    about = current.about
    built = f"{about['built_at']:%Y-%m-%d %H:%M}"
    out.print(f"Release [bold]{current.version}[/], built {built} UTC by {about['code_version']}")
    out.print(f"Last build: {last_build(settings)}", highlight=False, markup=False)
    for title, query in (("Publishers", PUBLISHERS), ("Rules", RULES)):
        answer = ask(settings, query)
        _show(title, [column.replace("_", " ") for column in answer.columns], answer.rows)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="SQL, or a file that ends in .sql.")],
    limit: Annotated[int, typer.Option(help="Rows to show; 0 for all.")] = 40,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV to standard output.")] = False,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ask what was known on a day.")] = None,
) -> None:
    """Ask the published release, read-only."""
    try:
        text = Path(query).read_text(encoding="utf-8") if query.endswith(".sql") else query
        shown = 0 if as_csv else limit
        answer = ask_as_of(Settings(), as_of.date(), text, shown) if as_of else ask(Settings(), text, shown)
    except (QueryError, OSError) as error:
        raise _fail(str(error)) from error
    if as_csv:
        csv.writer(sys.stdout).writerows([answer.columns, *answer.rows])
        return
    _show("", answer.columns, answer.rows)
    if answer.has_more:
        out.print(f"Only the first {limit} rows are shown: use --limit 0 for all.", style="dim")


@app.command()
def releases() -> None:
    """List the releases on disk, newest last."""
    rows = [
        ("→" if r.is_current else "", r.version, f"{r.about['built_at']:%Y-%m-%d %H:%M}", r.about["code_version"])
        for r in releasing.releases(Settings())
    ]
    _show("Releases", ["", "version", "built (UTC)", "code"], rows)


@app.command()
def diff(
    before: Annotated[str | None, typer.Argument(help="Earlier version; the one before by default.")] = None,
    after: Annotated[str | None, typer.Argument(help="Later version; the current one by default.")] = None,
) -> None:
    """Show what changed between two releases."""
    try:
        diffs = releasing.compare(Settings(), before, after)
    except LookupError as error:
        raise _fail(str(error)) from error
    changed = [d for d in diffs if not d.is_empty]
    if not changed:
        out.print("The two releases say the same.")
        return
    rows = [(d.table, d.rows_before, d.rows_after, d.added, d.removed, d.changed, d.revised) for d in changed]
    _show("Changes", ["table", "rows before", "rows after", "added", "removed", "changed", "figures revised"], rows)
    revisions = [(d.table, e.key, e.column, e.before, e.after) for d in changed for e in d.revisions]
    if revisions:
        _show("Figures revised by a later release", ["table", "of", "column", "was", "is"], revisions)
    examples = [(d.table, e.key, e.column, e.before, e.after) for d in changed for e in d.examples]
    if examples:
        _show("Examples", ["table", "key", "column", "before", "after"], examples)


@app.command(name="as-of")
def as_of_(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="Day, YYYY-MM-DD.")],
    to: Annotated[Path, typer.Option(help="DuckDB file to write.")],
) -> None:
    """Write the facts as they were known on a day into a database of their own."""
    try:
        written = write_as_of(Settings(), day.date(), to)
    except (LookupError, OSError) as error:
        raise _fail(str(error)) from error
    _show(f"Known on {day:%Y-%m-%d}", ["fact", "known", "in the release"], written.facts)
    out.print(
        f"Left out, since they are built from the latest reports: {len(written.left_out)} tables (meta.left_out)."
    )
    out.print(f"Written to {to}", highlight=False, markup=False)


@app.command()
def why(
    what: Annotated[list[str], typer.Argument(help="A fact_id; or a table and column=value pairs that name one fact.")],
) -> None:
    """Show why a number is what it is: its statements, both sides, files, checks and the publisher's record."""
    try:
        sections = explain(Settings(), what)
    except WhyError as error:
        raise _fail(str(error)) from error
    for section in sections:
        if len(section.answer.rows) == 1:
            rows = [
                pair for pair in zip(section.answer.columns, section.answer.rows[0], strict=True) if pair[1] is not None
            ]
            _show(section.title, ["", ""], rows)
        else:
            _show(section.title, section.answer.columns, section.answer.rows)


@app.command()
def rollback(version: Annotated[str | None, typer.Argument(help="Version; the one before by default.")] = None) -> None:
    """Make an earlier release the current one."""
    settings = Settings()
    try:
        with sole_writer(settings, "ree rollback"):
            release = releasing.roll_back(settings, version)
    except (LookupError, BusyError) as error:
        raise _fail(str(error)) from error
    out.print(f"Release {release.version} is current again.")


@app.command(name="doctor")
def doctor_() -> None:
    """Check this installation and warehouse, and say what to do about what is wrong."""
    findings = doctor.examine(Settings())
    _show("Doctor", ["", "what", "found"], [("ok" if f.ok else "wrong", f.what, f.found) for f in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command(hidden=True)
def prepare() -> None:
    """Make dbt's manifest and Dagster's home, and say where that is; `make setup` and `make dev` call it."""
    from orchestration.run import prepare_instance
    from warehouse.transform import parse_project

    settings = Settings()
    prepare_instance(settings)
    parse_project(settings)
    typer.echo(settings.dagster_home)


def main() -> None:
    """Run `ree`."""
    app()


if __name__ == "__main__":
    main()

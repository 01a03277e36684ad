"""`ree`: the front door for a person at a terminal."""

from __future__ import annotations

import csv
import logging
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Table

from sources.model.source import Source
from sources.registry import fetchers, sources
from warehouse.code_version import code_version
from warehouse.ingest import fetch_plan as outlook
from warehouse.ingest.windows import read_span
from warehouse.read import doctor
from warehouse.read.as_of import ask_as_of, write_as_of
from warehouse.read.query import PUBLISHERS, RULES, QueryError, ask, last_build
from warehouse.read.why import WhyError, explain
from warehouse.release import publish as releasing
from warehouse.settings import Settings
from warehouse.settings_error import explain as explain_settings
from warehouse.storage.lock import BusyError, sole_writer
from warehouse.transform.dbt_runner import TransformError
from warehouse.transform.manifest import parsed_project

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
out = Console()
err = Console(stderr=True)
_INVALID_SETTING = 2
_INCOMPLETE = 3
_FROM = {"snapshot": "snapshot", "live": "publishers", "landing": "landing"}
_SHOWN_FROM_S = 0.5
"""Steps shorter than this are not worth a line of the build's summary."""


def _fail(message: str) -> typer.Exit:
    err.print(message, style="bold red", highlight=False, markup=False)
    return typer.Exit(1)


def _show(title: str, columns: list[str], rows: list[tuple[Any, ...]], *, unbroken: str | None = None) -> None:
    """Print a table; the column named `unbroken` keeps each of its cells on one line."""
    table = Table(title=title, title_justify="left", header_style="bold")
    numeric = [all(isinstance(row[i], int | float) or row[i] is None for row in rows) for i in range(len(columns))]
    for name, is_numeric in zip(columns, numeric, strict=True):
        table.add_column(
            name, justify="right" if is_numeric and rows else "left", overflow="fold", no_wrap=name == unbroken
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.2f}"
    return str(value)


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer passes the option by position
    if is_wanted:
        typer.echo(f"ree {code_version()}, schema {releasing.SCHEMA_VERSION}")
        raise typer.Exit


@app.callback(help="The data warehouse of the India–China rare-earth trade.")
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the versions and exit.")
    ] = False,
) -> None: ...


@app.command()
def build(
    source: Annotated[str | None, typer.Option(help="Refresh this publisher only.")] = None,
    from_landing: Annotated[bool, typer.Option(help="Use only what has landed; offer nothing new.")] = False,
    live: Annotated[bool, typer.Option(help="Ask the publishers, as with REE_SOURCES=live.")] = False,
    accept_drift: Annotated[str, typer.Option(help="Reason why this build may drift from the last release.")] = "",
) -> None:
    """Land, load, model, judge and release, as the Dagster job refresh_warehouse.

    Ends with 0 when everything is in the release, 1 when there is no new release, 3 when there is one and something a
    publisher owes did not arrive or load.
    """
    if from_landing and live:
        message = "--live and --from-landing are mutually exclusive."
        raise _fail(message)
    given = {"sources": "live" if live else "landing" if from_landing else "", "accept_drift": accept_drift}
    _build(Settings(**{name: value for name, value in given.items() if value}), source)


@app.command()
def backfill(
    source: Annotated[str, typer.Argument(help="The publisher to ask.")],
    first: Annotated[str, typer.Option("--from", help="First year or month: 2010, 2019-04.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last year or month.")] = "",
) -> None:
    """Ask one live publisher for a span of years or months, then release. Cut off, it goes on where it was."""
    _fetcher(source)
    try:
        read_span(first, last)
    except ValueError as error:
        raise _fail(str(error)) from error
    _build(Settings(sources="live"), source, first, last)


def _build(settings: Settings, source: str | None, first: str = "", last: str = "") -> None:
    from orchestration.run import refresh

    if source is not None and source not in sources():
        message = f"There is no publisher '{source}' here; there are {', '.join(sources())}."
        raise _fail(message)
    if source is not None and releasing.current_release(settings) is None:
        message = "Nothing is published yet: run `ree build` once for all publishers, then one at a time."
        raise _fail(message)
    logging.getLogger("ree").setLevel(logging.INFO)
    logging.getLogger("ree").addHandler(
        RichHandler(console=out, show_path=False, show_level=False, log_time_format="%H:%M:%S", markup=False)
    )
    out.print(
        f"Building the warehouse in [bold]{settings.home}[/] from the {_FROM[settings.sources]} …", highlight=False
    )
    began = time.monotonic()
    outcome = refresh(settings, source, first, last)
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
    if outcome.missing:
        err.print("Not in it, since it did not arrive or could not be loaded:", style="bold yellow")
        err.print("\n".join(outcome.missing), highlight=False, markup=False)
        raise typer.Exit(_INCOMPLETE)
    out.print("Next: ree sql \"from marts.mart_corridor where exporter_code = 'CHN'\"", highlight=False, markup=False)


def _fetcher(source: str) -> Source:
    if source not in fetchers():
        message = f"'{source}' cannot be asked by a program; {', '.join(fetchers())} can."
        raise _fail(message)
    return sources()[source]


@app.command()
def plan(
    source: Annotated[str | None, typer.Option(help="Of this publisher only.")] = None,
    first: Annotated[str, typer.Option("--from", help="First year or month: 2010, 2019-04.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last year or month.")] = "",
    tasks: Annotated[bool, typer.Option(help="List every task, and why it is due.")] = False,
) -> None:
    """Show what the next live visit would ask for, without asking: tasks, calls, records, the day's quota."""
    settings = Settings()
    try:
        window = read_span(first or str(settings.live_from), last)
    except ValueError as error:
        raise _fail(str(error)) from error
    plans = [outlook.plan(settings, _fetcher(code), window) for code in ([source] if source else fetchers())]
    columns = ["publisher", "tasks", "calls", "records", "calls left", "lists as of (UTC)"]
    _show("The next visit", columns, [_planned(p) for p in plans], unbroken="publisher")
    for p in plans:
        if p.not_before:
            out.print(f"{p.source_code} asks to be left alone until {_minute(p.not_before)} UTC.", highlight=False)
    for p in plans if tasks else ():
        due = [(t.key, f"{t.first} {t.last}", t.calls, t.records, t.why) for t in p.tasks]
        _show(f"Tasks of {p.source_code}", ["task", "first and last day", "calls", "records", "why"], due)
    if any(p.as_of is None for p in plans):
        out.print(
            "A publisher whose lists were never asked for shows the most its first visit can need, or – where that is"
            " unknown until it has been asked.",
            style="dim",
        )


def _planned(p: outlook.Plan) -> tuple[Any, ...]:
    """A plan's row: no number of tasks where only the publisher's lists can tell."""
    is_unknown = p.as_of is None and not p.tasks
    tasks, calls = (None, None) if is_unknown else (len(p.tasks), p.calls)
    return p.source_code, tasks, calls, p.records, p.calls_left, _minute(p.as_of)


def _minute(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None


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
    visited = [
        (code, _minute(at), _minute(whole), failed, left, _minute(not_before))
        for code, at, whole, failed, left, not_before in outlook.last_visits(settings)
    ]
    if visited:
        _show(
            "Visits (UTC)",
            ["publisher", "last", "last whole one", "failed", "left", "not before"],
            visited,
            unbroken="publisher",
        )


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
        csv.writer(sys.stdout).writerows([answer.columns, *([_harmless(cell) for cell in row] for row in answer.rows)])
        return
    _show("", answer.columns, answer.rows)
    if answer.has_more:
        out.print(f"Only the first {limit} rows are shown: use --limit 0 for all.", style="dim")


def _harmless(cell: object) -> object:
    """A cell of a CSV that a spreadsheet shows and does not run: text that begins like a formula is quoted."""
    is_formula = isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} and any(map(str.isalnum, cell))
    return f"'{cell}" if is_formula else cell


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
    before: Annotated[
        str | None,
        typer.Argument(help="Earlier version, or the folder of another machine's release; the one before by default."),
    ] = None,
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
            _show(section.title, ["column", "value"], rows, unbroken="column")
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
    current = releasing.current_release(Settings())
    if current and current.about.get("content_hash"):
        out.print(f"Content hash of {current.version}:", current.about["content_hash"], soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address the web server listens on; it asks for no password.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.")] = 3000,
) -> None:
    """Run Dagster's daemon and web server until stopped: schedules, sensors and alerts work as long as they run."""
    from orchestration.serve import serve as run

    raise typer.Exit(run(Settings(), host, port))


@app.command(hidden=True)
def prepare() -> None:
    """Parse the dbt project, make Dagster's home and print its path; `make dev` calls it."""
    from orchestration.instance import prepare_instance

    settings = Settings()
    prepare_instance(settings)
    parsed_project(settings)
    typer.echo(settings.dagster_home)


def main() -> None:
    """Run `ree`; an invalid setting ends it with code 2, a dbt project that does not compile with code 1."""
    try:
        app()
    except (ValidationError, SettingsError) as error:
        if isinstance(error, ValidationError) and error.title != Settings.__name__:
            raise
        err.print(explain_settings(error), style="bold red", highlight=False, markup=False)
        sys.exit(_INVALID_SETTING)
    except TransformError as error:
        err.print(str(error), style="bold red", highlight=False, markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()

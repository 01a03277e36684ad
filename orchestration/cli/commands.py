"""The commands of `ree`: their arguments, options and help.

This module imports nothing of the warehouse, so that `ree --help` is quick and no command waits for what another needs.
A command's body imports the module that does its work; `tests/unit/test_lazy_imports.py` lists what each may import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand


class Format(StrEnum):
    """How `ree sql` writes a result."""

    TABLE = "table"
    LINE = "line"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"
    PARQUET = "parquet"


_Sha256 = Annotated[str, typer.Argument(metavar="SHA256", help="The first digits of the hash, at least four.")]
_Reason = Annotated[str, typer.Argument(help="Why: it is kept in the ledger.")]
_First = Annotated[str, typer.Option("--from", help="First year or month: 2010, 2019-04.")]
_Last = Annotated[str, typer.Option("--to", help="Last year or month.")]
_DAY = ["%Y-%m-%d"]


class _QueryCommand(TyperCommand):
    """A command whose argument may begin with a comment of SQL, which looks like an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Move words such as `-- mine production⏎select …` behind `--`, where no word is an option."""
        queries = [
            word for word in args if word.startswith("--") and not re.fullmatch(r"--([\w-]+(=.*)?)?", word, re.DOTALL)
        ]
        if queries and "--" not in args:
            args = [*(word for word in args if word not in queries), "--", *queries]
        return super().parse_args(ctx, args)


def build(
    source: Annotated[str | None, typer.Option(help="Build this publisher only.")] = None,
    from_landing: Annotated[bool, typer.Option(help="Use only what has landed already.")] = False,
    live: Annotated[bool, typer.Option(help="Fetch from the publishers, as with REE_SOURCES=live.")] = False,
    accept_drift: Annotated[str, typer.Option(help="Reason why this build may differ from the last release.")] = "",
) -> None:
    """Land, load, model, judge and release, as the Dagster job refresh_warehouse does.

    Exit code 0: everything is in the release. 1: there is no new release. 3: there is a new release, but something
    due did not arrive or could not be loaded.
    """
    from orchestration.cli.build import run_build

    run_build(source, from_landing=from_landing, live=live, accept_drift=accept_drift)


def backfill(
    source: Annotated[str, typer.Argument(help="The live publisher to fetch from.")],
    first: _First = "",
    last: _Last = "",
) -> None:
    """Fetch a span of years or months from one live publisher, then release. Resumes where it stopped."""
    from orchestration.cli.build import run_backfill

    run_backfill(source, first, last)


def plan(
    source: Annotated[str | None, typer.Option(help="Plan this publisher only.")] = None,
    first: _First = "",
    last: _Last = "",
    tasks: Annotated[bool, typer.Option(help="List every task, and why it is due.")] = False,
) -> None:
    """Show what the next fetch run would request, without any request: tasks, calls, time, the quota left."""
    from orchestration.cli.publishers import show_plan

    show_plan(source, first, last, shows_tasks=tasks)


def status() -> None:
    """Show the current release, how current each publisher is, and how the last build ended."""
    from orchestration.cli.releases import show_status

    show_status()


def sql(
    query: Annotated[str, typer.Argument(help="SQL; a file that ends in .sql; - for standard input.")],
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By default a table on a terminal, CSV in a pipe, what FILE's name says."),
    ] = None,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to this file.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help="Rows to show; 0 for all, as is usual except for a table on a terminal.")
    ] = None,
    as_of: Annotated[datetime | None, typer.Option(formats=_DAY, help="Query what was known on a day.")] = None,
) -> None:
    """Query the published release, read-only. Tables need no schema: from mart_corridor."""
    from orchestration.cli.queries import show_answer

    show_answer(query, form.value if form else None, output, limit, as_of.date() if as_of else None)


def tables(
    schema: Annotated[str, typer.Argument(help="Only the tables of this schema.")] = "",
) -> None:
    """List the published tables: schema, name, rows, and what each is."""
    from orchestration.cli.browse import show_tables

    show_tables(schema)


def describe(table: Annotated[str, typer.Argument(help="The table, with or without its schema.")]) -> None:
    """Describe a table: what to mind, and each column with type, unit, meaning and an example."""
    from orchestration.cli.browse import show_description

    show_description(table)


def open_site() -> None:
    """Open the release's pages in the browser."""
    from orchestration.cli.browse import show_site

    show_site()


def releases() -> None:
    """List the releases on disk, each after its predecessor."""
    from orchestration.cli.releases import show_releases

    show_releases()


def diff(
    before: Annotated[
        str | None,
        typer.Argument(help="Earlier version, or the folder of another machine's release; default: the previous one."),
    ] = None,
    after: Annotated[str | None, typer.Argument(help="Later version; default: the current one.")] = None,
) -> None:
    """Show what changed between two releases."""
    from orchestration.cli.releases import show_diff

    show_diff(before, after)


def rollback(version: Annotated[str | None, typer.Argument(help="Version; default: the previous one.")] = None) -> None:
    """Make an earlier release the current one."""
    from orchestration.cli.releases import roll_back

    roll_back(version)


def publish(
    target: Annotated[str, typer.Argument(help="A folder, or s3://bucket/prefix.")],
    release: Annotated[str | None, typer.Option(metavar="VERSION", help="Default: the current one.")] = None,
    url: Annotated[
        str | None, typer.Option(help="Where readers find the target: https://…; default: REE_PUBLISH_URL.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=2, help="Releases to keep there; older ones are deleted. Default: all.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Nobody else can read the target: publish figures under any terms.")
    ] = False,
) -> None:
    """Upload a release to a folder or a bucket, for readers elsewhere. Resumes where it stopped if interrupted."""
    from orchestration.cli.publish import run_publish

    run_publish(target, release, url, keep, is_private=private)


def as_of(
    day: Annotated[datetime, typer.Argument(formats=_DAY, help="Day, YYYY-MM-DD.")],
    to: Annotated[Path, typer.Option(help="DuckDB file to write.")],
) -> None:
    """Write the facts as they were known on a day to a separate database."""
    from orchestration.cli.queries import write_day

    write_day(day.date(), to)


def why(
    what: Annotated[list[str], typer.Argument(help="A fact_id; or a table and column=value pairs that name one fact.")],
) -> None:
    """Show where a figure comes from: its statements, both sides, files, checks and the publisher's record."""
    from orchestration.cli.queries import show_origin

    show_origin(what)


def mcp(
    http: Annotated[
        int | None, typer.Option(metavar="PORT", min=1, max=65535, help="Serve HTTP on 127.0.0.1 instead.")
    ] = None,
) -> None:
    """Serve an assistant (Model Context Protocol) over standard input and output, read-only."""
    from orchestration.cli.assistant import serve_assistant

    serve_assistant(http)


def spark(
    to: Annotated[Path, typer.Option(help="Folder for the raw tables and what is built of them.")],
    table: Annotated[
        list[str] | None, typer.Option(help="Build this table or schema and what it rests on; default: all.")
    ] = None,
    remote: Annotated[str | None, typer.Option(help="Spark Connect server, sc://…; default: Spark here.")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Compare each table with DuckDB's release.")] = False,
    tests: Annotated[bool, typer.Option("--tests/--no-tests", help="Run the models' tests on Spark.")] = True,
) -> None:
    """Build the models of the last build on Spark, as Parquet tables. Needs the extra `spark` and Java."""
    from orchestration.cli.spark import run_spark

    run_spark(to, table or ["core", "marts", "bi", "meta"], remote, compares=compare, tests=tests)


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what is safe: leftovers, a broken work file, the link `published`.")
    ] = False,
) -> None:
    """Check the installation and the warehouse, and show a remedy for each problem."""
    from orchestration.cli.installation import examine

    examine(fixes=fix)


def serve(
    host: Annotated[str, typer.Option(help="Address the web server listens on; it has no password.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.")] = 3000,
) -> None:
    """Run Dagster's daemon and web server until stopped: schedules, sensors and alerts need both."""
    from orchestration.cli.installation import run_servers

    run_servers(host, port)


def prepare() -> None:
    """Parse the dbt project, create Dagster's home and print its path; `make dev` calls it."""
    from orchestration.cli.installation import prepare_home

    prepare_home()


def landing(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="List every artifact of this publisher.")] = "",
) -> None:
    """Show what has landed of each publisher, what was refused and what is set aside."""
    if context.invoked_subcommand is None:
        from orchestration.cli.landing import show

        show(source)


def set_aside(sha256: _Sha256, reason: _Reason) -> None:
    """Leave landed bytes out of every build. They stay stored; the statement before them is active again."""
    from orchestration.cli import landing

    landing.set_aside(sha256, reason)


def take_back(sha256: _Sha256, reason: _Reason) -> None:
    """Use bytes again that were set aside."""
    from orchestration.cli import landing

    landing.take_back(sha256, reason)


def accept(sha256: _Sha256, reason: _Reason) -> None:
    """Load a file as it reads, although it does not fit its neighbours or states less than the one before it."""
    from orchestration.cli import landing

    landing.accept(sha256, reason)


def accept_loss(reason: _Reason) -> None:
    """Continue without ledger lines that are lost or damaged, where no backup has them. What is lost is recorded."""
    from orchestration.cli import landing

    landing.accept_loss(reason)


_Commands = Sequence[Callable[..., None]]
_READING: _Commands = (sql, tables, describe, why, as_of, mcp)
_RELEASES: _Commands = (status, releases, diff, rollback, publish)
_BUILDING: _Commands = (build, backfill, plan, spark)
_LANDED: _Commands = (set_aside, take_back, accept, accept_loss)
_INSTALLATION: _Commands = (doctor, serve)


def app() -> typer.Typer:
    """The command line."""
    whole = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
    landed = typer.Typer(help="Show what has landed; set landed bytes aside.", invoke_without_command=True)
    landed.callback()(landing)
    for command in _LANDED:
        landed.command()(command)
    for command in _READING:
        whole.command(cls=_QueryCommand if command is sql else None, rich_help_panel="Read the release")(command)
    whole.command("open", rich_help_panel="Read the release")(open_site)
    for panel, group in (("Releases", _RELEASES), ("Build", _BUILDING), ("Installation", _INSTALLATION)):
        for command in group:
            whole.command(rich_help_panel=panel)(command)
    whole.add_typer(landed, name="landing", rich_help_panel="Build")
    whole.command(hidden=True)(prepare)
    return whole

"""`ree`: the command line. One module per group of commands; this one lists them and turns errors into exit codes."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from orchestration.cli import console
from orchestration.cli.build import backfill, build
from orchestration.cli.installation import doctor, prepare, serve
from orchestration.cli.landing import app as landing
from orchestration.cli.publishers import plan
from orchestration.cli.queries import as_of, sql, why
from orchestration.cli.releases import diff, releases, rollback, status
from warehouse.code_version import code_version
from warehouse.release.publish import SCHEMA_VERSION
from warehouse.settings import Settings
from warehouse.settings_error import explain
from warehouse.storage.database import FileHeldError, UnreadableFileError
from warehouse.storage.home import HomeError, describe
from warehouse.storage.journal import JournalError
from warehouse.storage.ledger import LedgerError
from warehouse.transform.dbt_runner import TransformError

_INVALID_SETTING, _INTERRUPTED = 2, 130
_ABOUT_STATE = (TransformError, HomeError, LedgerError, JournalError, FileHeldError, UnreadableFileError)
"""Errors about the state of the warehouse, each a sentence with its remedy."""
_COMMANDS = (build, backfill, plan, status, sql, releases, diff, as_of, why, rollback, doctor, serve)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
for _command in _COMMANDS:
    app.command()(_command)
app.command(hidden=True)(prepare)
app.add_typer(landing, name="landing")


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer passes the option by position
    if is_wanted:
        typer.echo(f"ree {code_version()}, schema {SCHEMA_VERSION}")
        raise typer.Exit


@app.callback(help="The data warehouse of the India–China rare-earth trade.")
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the versions and exit.")
    ] = False,
) -> None: ...


def main() -> None:
    """Run `ree` and exit.

    Codes: 1 for a failure, 2 for an invalid setting, 130 for Ctrl-C; a command may have others.
    """
    console.accept_any_text()
    if sys.warnoptions:  # Python's warnings are for the developers of libraries, also where the shell makes them errors
        warnings.simplefilter("ignore")
    if sys.flags.optimize > 1:
        console.print_error("Unset PYTHONOPTIMIZE, or start Python without -OO: the libraries need their docstrings.")
        sys.exit(_INVALID_SETTING)
    try:
        _run()
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        console.discard_output()
        sys.exit(1)
    except OSError as error:
        console.discard_output()
        console.print_error(f"The output cannot be written. {describe(error)}")
        sys.exit(1)


def _run() -> None:
    """Run the command; an error that a person can remedy becomes a sentence and an exit code."""
    try:
        app()
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            console.print_error("Interrupted.")
        if end.code:
            raise
    except (ValidationError, SettingsError) as error:
        if isinstance(error, ValidationError) and error.title != Settings.__name__:
            raise
        console.print_error(explain(error))
        sys.exit(_INVALID_SETTING)
    except BrokenPipeError:
        raise
    except _ABOUT_STATE as error:
        console.print_error(str(error))
        sys.exit(1)
    except OSError as error:
        console.print_error(describe(error))
        sys.exit(1)

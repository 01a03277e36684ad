"""`ree`: the command line. `commands.py` declares the commands; this module turns errors into exit codes."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer

from orchestration.cli import commands, console

_INVALID_SETTING, _INTERRUPTED = 2, 130

app = commands.app()


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer passes the option by position
    if is_wanted:
        from warehouse.code_version import code_version
        from warehouse.release.publish import SCHEMA_VERSION

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
        from orchestration.cli.errors import sentence_of

        console.discard_output()
        console.print_error(f"The output cannot be written. {sentence_of(error)}")
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
    except BrokenPipeError:
        raise
    except Exception as error:
        from orchestration.cli.errors import is_of_settings, sentence_of

        sentence = sentence_of(error)
        if sentence is None:
            raise
        console.print_error(sentence)
        sys.exit(_INVALID_SETTING if is_of_settings(error) else 1)

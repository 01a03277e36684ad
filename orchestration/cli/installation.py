"""Commands about the installation: doctor, serve, prepare."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import console
from warehouse.read.checks.finding import Finding
from warehouse.read.doctor import examine, repair
from warehouse.settings import Settings
from warehouse.storage.lock import BusyError, sole_writer
from warehouse.transform.manifest import parsed_project


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what is safe: leftovers, a broken work file, the link `published`.")
    ] = False,
) -> None:
    """Check the installation and the warehouse, and show a remedy for each problem."""
    settings = Settings()
    if fix:
        _repair(settings)
    findings = examine(settings)
    for finding in findings:
        _show(finding)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _repair(settings: Settings) -> None:
    try:
        with sole_writer(settings, "ree doctor --fix"):
            done = repair(settings)
    except BusyError as error:
        raise console.fail(str(error)) from error
    for what in done or ["nothing to repair"]:
        console.show_paragraph("fixed" if done else "", what)


def _show(finding: Finding) -> None:
    console.show_paragraph(finding.state, f"{finding.what}: {finding.found}")
    if finding.remedy:
        console.show_paragraph("", f"Remedy: {finding.remedy}")


def serve(
    host: Annotated[str, typer.Option(help="Address the web server listens on; it has no password.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.")] = 3000,
) -> None:
    """Run Dagster's daemon and web server until stopped: schedules, sensors and alerts need both."""
    from orchestration.serve import serve as run

    raise typer.Exit(run(Settings(), host, port))


def prepare() -> None:
    """Parse the dbt project, create Dagster's home and print its path; `make dev` calls it."""
    from orchestration.instance import prepare_instance

    settings = Settings()
    prepare_instance(settings)
    parsed_project(settings)
    typer.echo(settings.dagster_home)

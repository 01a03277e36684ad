"""Commands about the installation: doctor, serve, prepare."""

from __future__ import annotations

import typer

from orchestration.cli import console
from warehouse.read import doctor
from warehouse.read.checks.finding import Finding
from warehouse.settings import Settings
from warehouse.storage.lock import BusyError, sole_writer
from warehouse.transform.manifest import parsed_project


def examine(*, fixes: bool) -> None:
    """Check the installation and the warehouse, after repairs if they are wanted."""
    settings = Settings()
    if fixes:
        _repair(settings)
    findings = doctor.examine(settings)
    for finding in findings:
        _show(finding)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _repair(settings: Settings) -> None:
    try:
        with sole_writer(settings, "ree doctor --fix"):
            done = doctor.repair(settings)
    except BusyError as error:
        raise console.fail(str(error)) from error
    for what in done or ["nothing to repair"]:
        console.show_paragraph("fixed" if done else "", what)


def _show(finding: Finding) -> None:
    console.show_paragraph(finding.state, f"{finding.what}: {finding.found}")
    if finding.remedy:
        console.show_paragraph("", f"Remedy: {finding.remedy}")


def run_servers(host: str, port: int) -> None:
    """Run Dagster's daemon and web server until stopped."""
    from orchestration.serve import serve

    raise typer.Exit(serve(Settings(), host, port))


def prepare_home() -> None:
    """Parse the dbt project, create Dagster's home and print its path."""
    from orchestration.instance import prepare_instance

    settings = Settings()
    prepare_instance(settings)
    parsed_project(settings)
    typer.echo(settings.dagster_home)

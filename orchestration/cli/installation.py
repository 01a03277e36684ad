"""Commands about the installation: doctor, serve, prepare."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import console
from warehouse.read.doctor import examine
from warehouse.release.store import current_release
from warehouse.settings import Settings
from warehouse.transform.manifest import parsed_project


def doctor() -> None:
    """Check the installation and the warehouse, and show a remedy for each problem."""
    findings = examine(Settings())
    rows = [("ok" if f.ok else "wrong", f.what, f.found) for f in findings]
    console.show_table("Doctor", ["", "check", "found"], rows)
    current = current_release(Settings())
    if current and current.about.get("content_hash"):
        console.out.print(f"Content hash of {current.version}:", current.about["content_hash"], soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


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

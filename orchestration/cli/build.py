"""Commands that build the warehouse: build, backfill."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.highlighter import NullHighlighter
from rich.logging import RichHandler

from orchestration.cli import console
from orchestration.open_faults import any_open
from sources.registry import publisher_codes
from warehouse.release.standing import remember, standing_release, what_is_read
from warehouse.release.store import current_release
from warehouse.settings import Settings

if TYPE_CHECKING:
    from orchestration.run import Outcome

_INCOMPLETE = 3
PROGRAM = Path(__file__).parents[1]
"""The code that makes a run."""
_FROM = {"snapshot": "snapshot", "live": "publishers", "landing": "landing"}
_SHOWN_FROM_S = 0.5
"""Shorter steps are left out of the build's summary."""
_NEXT = """
Next: ree tables
      ree sql "select year, edition, production_t_reo from fct_production
               where country_code = 'CHN' order by year, known_from"
"""
"""What to look at first; a shell takes the query as it is printed."""


def run_build(source: str | None, *, from_landing: bool, live: bool, accept_drift: str) -> None:
    """Build one publisher or all, and show the release or why there is none."""
    if from_landing and live:
        message = "--live and --from-landing are mutually exclusive."
        raise console.fail(message)
    bytes_from = "live" if live else "landing" if from_landing else ""
    _build(Settings.read(sources=bytes_from, accept_drift=accept_drift), source)


def run_backfill(source: str, first: str, last: str) -> None:
    """Fetch a span of one publisher, then build."""
    from orchestration.cli.publishers import live_source
    from warehouse.ingest.fetch_plan import not_asked
    from warehouse.ingest.windows import read_span

    live_source(source)
    try:
        read_span(first, last)
    except ValueError as error:
        raise console.fail(str(error)) from error
    settings = Settings(sources="live")
    if reason := not_asked(settings).get(source):
        message = f"{source} is {reason}"
        raise console.fail(message)
    _build(settings, source, first, last)


def _build(settings: Settings, source: str | None, first: str = "", last: str = "") -> None:
    """Make a run, unless it could find nothing new: then its imports and its events would be all of its work."""
    if source is not None:
        _check_publisher(settings, source)
    read = what_is_read(settings, PROGRAM)
    standing = None if any_open(settings) else standing_release(settings, read)
    if standing is not None:
        _show_unchanged(settings, standing.version)
        return
    outcome = _run(settings, source, first, last)
    if outcome.missing:
        console.err.print("Not in the release, since it did not arrive or could not be loaded:", style="bold yellow")
        console.err.print("\n".join(outcome.missing))
        raise typer.Exit(_INCOMPLETE)
    if source is None and read is not None and what_is_read(settings, PROGRAM) == read:
        remember(settings, outcome.run_id, read)
    console.out.print(_NEXT, soft_wrap=True)


def _run(settings: Settings, source: str | None, first: str, last: str) -> Outcome:
    """Run the job and show how it went.

    Raises:
        typer.Exit: it ended without a release.
    """
    from orchestration.cli.visit_display import shown_visits
    from orchestration.run import refresh  # imports Dagster, which takes seconds

    _log_to_console()
    console.out.print(f"Building the warehouse in {settings.home} from the {_FROM[settings.sources]} …")
    start = time.monotonic()
    with shown_visits(settings):
        outcome = refresh(settings, source, first, last)
    _show_seconds(outcome, time.monotonic() - start)
    if not outcome.success:
        raise console.fail("The build did not end in a release.\n" + "\n".join(outcome.errors))
    _show_release(settings, outcome)
    return outcome


def _in_a_line(warning: str) -> str:
    """A warning without its reason and example, which the page shows: `fct_trade_flow: two_layouts_agree: 1 found`."""
    return warning.partition(" found. ")[0] + " found" if " found. " in warning else warning


def _check_publisher(settings: Settings, source: str) -> None:
    if source not in publisher_codes():
        message = f"Unknown publisher '{source}'; known are {', '.join(publisher_codes())}."
        raise console.fail(message)
    if current_release(settings) is None:
        message = "Nothing is published yet: run `ree build` once for all publishers, then for single ones."
        raise console.fail(message)


def _log_to_console() -> None:
    from orchestration.cli.visit_display import hide_minute_lines

    handler = _terminal_handler() if console.out.is_terminal else _plain_handler()
    handler.setLevel(logging.INFO)
    handler.addFilter(hide_minute_lines)
    logging.getLogger("ree").setLevel(logging.INFO)
    logging.getLogger("ree").addHandler(handler)


def _terminal_handler() -> logging.Handler:
    return RichHandler(
        console=console.out,
        highlighter=NullHighlighter(),  # text of a publisher may be long, and Rich's highlighter takes minutes for it
        show_path=False,
        show_level=False,
        log_time_format="%H:%M:%S",
        markup=False,
    )


def _plain_handler() -> logging.Handler:
    """Lines as they are for a file or a pipe; Rich would fill each up to the width of its console."""
    handler = logging.StreamHandler(console.out.file)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    return handler


def _show_seconds(outcome: Outcome, total: float) -> None:
    for step, seconds in sorted(outcome.seconds_by_step.items(), key=lambda item: -item[1]):
        if seconds >= _SHOWN_FROM_S:
            console.out.print(f"  {step:<28}{seconds:6.1f} s")
    console.out.print(f"  {'total':<28}{total:6.1f} s")


def _show_release(settings: Settings, outcome: Outcome) -> None:
    passed = outcome.checks - outcome.failed_checks
    warned = f", {outcome.failed_checks} with warnings:" if outcome.failed_checks else "."
    console.out.print(f"{outcome.checks} checks: {passed} passed{warned}")
    for warning in outcome.warnings:
        console.out.print(f"  {_in_a_line(warning)}", soft_wrap=True)
    if outcome.warnings:
        console.out.print(f"  All results: {settings.published / 'validation.html'}", soft_wrap=True)
    if outcome.late:
        console.out.print(f"Late by their publishers' calendars: {', '.join(outcome.late)}.", soft_wrap=True)
    if outcome.is_new:
        console.out.print(f"Release {outcome.version} is published in {settings.published}", style="green")
    else:
        _show_unchanged(settings, str(outcome.version))


def _show_unchanged(settings: Settings, version: str) -> None:
    console.out.print(
        f"Nothing changed: release {version} stays current in {settings.published}", style="green", soft_wrap=True
    )

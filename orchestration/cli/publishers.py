"""Commands about live publishers: plan."""

from __future__ import annotations

from typing import Any

from orchestration.cli import console
from sources.model.source import Source
from sources.registry import fetchers, sources
from warehouse.ingest import fetch_plan
from warehouse.ingest.windows import read_span
from warehouse.settings import Settings


def show_plan(source: str | None, first: str, last: str, *, shows_tasks: bool) -> None:
    """Show the next fetch run of one publisher or all, and its tasks if they are wanted."""
    settings = Settings()
    try:
        window = read_span(first or str(settings.live_from), last)
    except ValueError as error:
        raise console.fail(str(error)) from error
    plans = [fetch_plan.plan(settings, live_source(code), window) for code in ([source] if source else fetchers())]
    columns = ["publisher", "tasks", "calls", "records", "calls left", "lists as of (UTC)"]
    console.show_table("Next fetch run", columns, [_row(p) for p in plans], unbroken="publisher")
    for p in plans:
        if p.cost:
            console.out.print(f"{p.source_code}: {p.cost}")
        if p.not_asked:
            console.out.print(f"{p.source_code}: {p.not_asked}")
        if p.not_before:
            console.out.print(f"{p.source_code}: no requests before {console.minute(p.not_before)} UTC.")
    for p in plans if shows_tasks else ():
        due = [(t.key, f"{t.first} {t.last}", t.calls, t.records, t.why) for t in p.tasks]
        console.show_table(f"Tasks of {p.source_code}", ["task", "first and last day", "calls", "records", "why"], due)
    if any(p.as_of is None and not p.not_asked for p in plans):
        console.out.print(
            "For a publisher whose lists were never fetched, the numbers are the most that its first fetch run can"
            " need, or – where they are unknown until then.",
            style="dim",
        )


def live_source(code: str) -> Source:
    """The publisher of this code, if a program can fetch from it; otherwise the command fails."""
    if code not in fetchers():
        message = f"'{code}' is not a live publisher; live are {', '.join(fetchers())}."
        raise console.fail(message)
    return sources()[code]


def _row(p: fetch_plan.Plan) -> tuple[Any, ...]:
    """A plan's row, without the number of tasks if only the publisher's lists can tell it."""
    is_unknown = p.as_of is None and not p.tasks
    tasks, calls = (None, None) if is_unknown else (len(p.tasks), p.calls)
    return p.source_code, tasks, calls, p.records, p.calls_left, console.minute(p.as_of)

"""Commands about releases: status, releases, diff, rollback."""

from __future__ import annotations

from datetime import datetime

from orchestration.cli import console
from warehouse.read.query import PUBLISHERS, RULES, QueryError, run_query
from warehouse.release import store
from warehouse.release.diff import TableDiff, compare
from warehouse.settings import Settings
from warehouse.storage.last_build import last_build
from warehouse.storage.lock import BusyError, active_writer, sole_writer


def show_status() -> None:
    """Show the current release, how current each publisher is, and how the last build ended."""
    settings = Settings()
    try:
        current = store.current_release(settings)
        _show_build(settings)
        if current is None:
            message = f"Nothing is published under {settings.home} yet: run `make warehouse` or `ree build`."
            raise console.fail(message)
        _show_release(settings, current)
        _show_fetch_runs(settings)
    except QueryError as error:
        raise console.fail(str(error)) from error


def _show_build(settings: Settings) -> None:
    from warehouse.ingest.visit_note import running_visits, time_left  # what fetches is imported for `ree status` alone

    writer = active_writer(settings)
    if writer:
        console.out.print(f"Being written: {writer}", soft_wrap=True)
    for visit in running_visits(settings):
        if visit.phase != "done":
            since = console.minute(datetime.fromisoformat(visit.since))
            tasks = f"{visit.tasks_done:,} of {visit.tasks:,} tasks" if visit.phase == "tasks" else "its lists"
            words = [f"{visit.source_code}: {tasks}", f"{visit.calls:,} calls since {since} UTC", time_left(visit)]
            console.out.print(f"Being fetched: {', '.join(filter(None, words))}", soft_wrap=True)
    console.out.print(f"Last build: {last_build(settings)}", soft_wrap=True)


def _show_release(settings: Settings, current: store.Release) -> None:
    about = current.about
    built = f", built {console.minute(about['built_at'])} UTC by {about['code_version']}" if about else ""
    console.out.print(f"Release {current.version}{built}")
    if harm := store.damage(settings, current):
        message = f"Release {current.version} is not what was published. {harm}. {store.remedy(settings)}"
        raise console.fail(message)
    for title, query in (("Publishers", PUBLISHERS), ("Rules", RULES)):
        result = run_query(settings, query)
        console.show_table(title, [column.replace("_", " ") for column in result.columns], result.rows)


def _show_fetch_runs(settings: Settings) -> None:
    from warehouse.ingest import fetch_plan

    rows = [
        (code, console.minute(at), console.minute(complete), failed, deferred, console.minute(not_before))
        for code, at, complete, failed, deferred, not_before in fetch_plan.last_runs(settings)
    ]
    if rows:
        columns = ["publisher", "last", "last complete", "failed", "deferred", "not before"]
        console.show_table("Fetch runs (UTC)", columns, rows, unbroken="publisher")
    if settings.sources == "live":
        for code, reason in fetch_plan.not_asked(settings).items():
            console.out.print(f"{code}: {reason}")


def show_releases() -> None:
    """List the releases on disk, each after its predecessor."""
    settings = Settings()
    rows = [
        (
            "→" if r.is_current else "",
            r.version,
            console.minute(r.about.get("built_at")),
            r.about.get("previous_version"),
            r.about.get("code_version"),
        )
        for r in store.releases(settings)
    ]
    console.show_table("Releases", ["", "version", "built (UTC)", "after", "code"], rows, unbroken="version")
    for folder in store.orphans(settings):
        console.out.print(
            f"{folder.name} was never published, since its build was interrupted. The next release deletes it.",
            soft_wrap=True,
        )


def show_diff(before: str | None, after: str | None) -> None:
    """Show what changed between two releases."""
    try:
        diffs = compare(Settings(), before, after)
    except (LookupError, store.DamagedError) as error:
        raise console.fail(str(error)) from error
    changed = [d for d in diffs if not d.is_empty]
    if changed:
        _show_changes(changed)
    else:
        console.out.print("The two releases are identical.")


def _show_changes(changed: list[TableDiff]) -> None:
    rows = [(d.table, d.rows_before, d.rows_after, d.added, d.removed, d.changed, d.revised) for d in changed]
    columns = ["table", "rows before", "rows after", "added", "removed", "changed", "figures revised"]
    console.show_table("Changes", columns, rows)
    revisions = [(d.table, e.key, e.column, e.before, e.after) for d in changed for e in d.revisions]
    if revisions:
        columns = ["table", "key", "column", "before", "after"]
        console.show_table("Figures revised by a later release", columns, revisions)
    examples = [(d.table, e.key, e.column, e.before, e.after) for d in changed for e in d.examples]
    if examples:
        console.show_table("Examples", ["table", "key", "column", "before", "after"], examples)


def roll_back(version: str | None) -> None:
    """Make an earlier release the current one."""
    settings = Settings()
    try:
        with sole_writer(settings, "ree rollback"):
            release = store.roll_back(settings, version)
    except (LookupError, store.DamagedError, BusyError) as error:
        raise console.fail(str(error)) from error
    console.out.print(f"Release {release.version} is current again.")

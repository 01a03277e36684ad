"""Years of figures that a publisher revises without dating them: which are due, and what a fetch found lost.

For publishers whose task is one year of one code. The intervals are data in the `[live]` table of `source.toml`:

    first_year, appears_after_days   the first year there is; days after a month's end until it may be out
    newest_years, newest_days        so many years are young: requested again after so many days
    older_days                       the others are requested again after so many days
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from sources.http.errors import FetchError
from sources.http.fetcher import FetchContext, FetchResult, Task, TaskState


def years(context: FetchContext) -> list[int]:
    """The years of the window of which a month may be out, the newest first: `[2026, 2025]`."""
    live = context.about["live"]
    first = max(live["first_year"], context.window.first.year)
    wait = timedelta(days=live["appears_after_days"])
    last = min(context.today.year, context.window.last.year)
    return [year for year in range(last, first - 1, -1) if date(year, 1, 31) + wait <= context.today]


def year_task(context: FetchContext, key: str, year: int, params: Mapping[str, str], updated: str = "") -> Task | None:
    """The task that requests one year in one call; None where it is not due. `updated` is as in `why_due`."""
    previous = context.states.get(key)
    why = why_due(context, previous, year, updated)
    if not why:
        return None
    records = int(previous.cursor["records"]) if previous else context.about["live"]["usual_records"]
    return Task(key, date(year, 1, 1), date(year, 12, 31), calls=1, records=records, why=why, params=params)


def why_due(context: FetchContext, previous: TaskState | None, year: int, updated: str = "") -> str:
    """Why a year is due; empty where it is not. `previous` is its last fetch.

    `updated` is the day on which the publisher last changed any figure, where it states one: figures fetched of that
    day are not due.
    """
    if previous is None:
        return "not fetched yet"
    seen = previous.fetched_at.date()
    if gone := previous.cursor.get("gone"):
        return f"{gone} was missing on {seen}"
    if updated and updated == previous.cursor.get("updated"):
        return ""
    live = context.about["live"]
    is_young = year > context.today.year - live["newest_years"]
    if is_young and updated and previous.cursor.get("updated"):
        return f"figures of {updated} are out, fetched were those of {previous.cursor['updated']}"
    age = (context.today - seen).days
    if age >= live["newest_days" if is_young else "older_days"]:
        return f"may have been revised since {seen}"
    return ""


def cursor_of(months: Collection[str], records: int, updated: str = "") -> dict[str, str]:
    """The cursor of a fetched year: its months with figures, the number of records, the day of its figures."""
    return {"months": " ".join(sorted(set(months))), "records": str(records), "updated": updated}


def refuse_loss(context: FetchContext, task: Task, months: Collection[str]) -> FetchResult | None:
    """What to do with an answer that lacks months which had landed; None where it lacks none, or is a withdrawal.

    `months` are those of the answer. A month without a record is not zero trade: it is taken for a withdrawal only if
    the next run finds the same. An answer without any record is never one.
    """
    previous = context.states.get(task.key)
    before = previous.cursor if previous else {}
    lost = sorted(set(before.get("months", "").split()) - set(months))
    gone = " ".join(lost)
    if months and (not lost or gone == before.get("gone")):
        return None
    if not months and not lost and task.key not in context.landed:
        return None
    missing = FetchError(
        task.key,
        f"has no record of {', '.join(lost) if months else 'any month'}, though figures had landed; that is not zero"
        " trade, and what has landed stays.",
        "the next run asks again, and takes a month for withdrawn if it is still missing."
        if months
        else "it is retried in the next run; look at the publisher's own page if it stays.",
    )
    cursor = {**cursor_of((), 0), **before, "gone": gone or str(task.first.year)}
    return FetchResult((), cursor, str(missing), missing)

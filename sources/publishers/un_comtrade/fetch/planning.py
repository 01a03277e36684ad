"""What of UN Comtrade is due: its data sets, what is known of each, and the tasks that fetch them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any, Self

from sources.http.fetcher import FetchContext, Task
from sources.model.artifact import KnownBasis
from sources.publishers.un_comtrade.partition import Partition
from sources.reading.layouts import declared
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parents[1]
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
WITHDRAWN = "withdrawn"
"""Begins the release of a partition that was withdrawn, and the key of a task that checks for it."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One reporter's figures of one year, by year (A) or by month (M): a partition, with the periods it has."""

    frequency: str
    reporter: int
    year: int
    flows: str
    periods: tuple[str, ...] = ()

    @property
    def partition(self) -> str:
        """Its name for good."""
        return str(Partition(self.frequency, area_of(self.reporter), tuple(self.flows.split("+")), (), self.year))

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Whether a record of the API is one of its figures."""
        return bool(record["reporterCode"] == self.reporter and record["period"].startswith(str(self.year)))


@dataclass(frozen=True, slots=True)
class PartitionCursor:
    """The state of a data set when it was last fetched: its newest release, the day, and its periods."""

    newest: str
    fetched_on: date
    periods: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse the text that `str` makes."""
        newest, fetched_on, periods = text.split(" ")
        return cls(newest.removeprefix("-"), date.fromisoformat(fetched_on), tuple(periods.split(",")))

    def __str__(self) -> str:
        return f"{self.newest or '-'} {self.fetched_on} {','.join(self.periods)}"


@dataclass(frozen=True, slots=True)
class Due:
    """A data set to fetch, the date of its newest release where one is known, and why."""

    data_set: DataSet
    newest: str
    is_listed: bool
    why: str


def area_of(reporter: int) -> str:
    """The ISO code of a reporter."""
    _, area = load_vocabulary(_HERE / "labels.csv", "m49").entries[str(reporter)]
    return area or str(reporter)


def cap_of(context: FetchContext) -> int:
    """How many records a page may hold: a page of just as many was cut."""
    caps = {row["id"]: row.get("cap", 0) for row in declared(_HERE)["layout"]}
    return int(caps["comtrade_data" if context.has_key else "comtrade_preview"])


def is_bulk(context: FetchContext) -> bool:
    """Whether bulk files are fetched, which needs a premium key."""
    return bool(context.has_key and context.settings["premium"])


def is_landed(context: FetchContext, data_set: DataSet) -> bool:
    """Whether figures of it have landed and were not withdrawn."""
    release = context.landed.get(data_set.partition, "")
    return bool(release) and not release.startswith(WITHDRAWN)


def tasks(context: FetchContext) -> list[Task]:
    """What is due, the newest years first and in a year the most wanted reporters.

    Months of which no list is known come after all else: most of them would be empty.

    A data set is due when its newest release or its periods differ from those last fetched. Where the list of
    data sets is not known, it is due by age. One that has landed and is no longer listed is requested once more, since
    it was withdrawn.
    """
    known = _cursors(context)
    ranked: list[tuple[tuple[bool, int, int, str], Task]] = []
    for frequency in context.about["live"]["frequencies"]:
        is_last = frequency == "M" and _listed(context, frequency) is None
        for rank, group in enumerate(_groups(context)):
            for years, name in _blocks(context, frequency):
                due = [
                    found
                    for year in reversed(years)
                    for reporter in group
                    if (found := _due(context, _data_set(context, frequency, reporter, year), known))
                ]
                if due:
                    task = _task(context, due, f"{frequency}/{'+'.join(map(area_of, group))}/{name}")
                    ranked.append(((is_last, -due[0].data_set.year, rank, frequency), task))
        for rank, (reporter, year) in enumerate(_places(context)):
            data_set = _data_set(context, frequency, reporter, year)
            if _is_unlisted(context, data_set):
                ranked.append(((is_last, -year, rank, frequency), _whether_withdrawn(context, data_set)))
    return [task for _, task in sorted(ranked, key=lambda one: one[0])]


def known_from(context: FetchContext, partition: str, newest: str) -> tuple[date, KnownBasis, str]:
    """From which day a statement was known, how that is known, and the name of its release.

    The publisher's date is used unless it is not later than that of the statement it replaces: that one was valid until
    now.
    """
    released = date.fromisoformat(newest[:10]) if newest else None
    before = _DATE.search(context.landed.get(partition, ""))
    if released and released <= context.today and not (before and before[0] >= released.isoformat()):
        return released, "release_feed", released.isoformat()
    return context.today, "assumed", f"as fetched {context.today}"


def _cursors(context: FetchContext) -> dict[str, PartitionCursor]:
    """The last cursor of each partition, from whichever task fetched it."""
    states = sorted(context.states.values(), key=lambda state: state.fetched_at)
    return {partition: PartitionCursor.read(text) for state in states for partition, text in state.cursor.items()}


def _listed(context: FetchContext, frequency: str) -> Mapping[str, Mapping[str, str]] | None:
    """Release dates by reporter and period; None where they are not known."""
    found: Mapping[str, Mapping[str, str]] | None = context.catalogue.get("listed", {}).get(frequency)
    return found


def _groups(context: FetchContext) -> list[list[int]]:
    """Reporters of one call: one alone where a page is short, or where each has its own file."""
    groups: list[list[int]] = context.about["live"]["groups"]
    if context.has_key and not is_bulk(context):
        return groups
    return [[reporter] for group in groups for reporter in group]


def _years(context: FetchContext) -> range:
    first = max(context.about["live"]["first_year"], context.window.first.year)
    return range(first, min(context.today.year, context.window.last.year) + 1)


def _blocks(context: FetchContext, frequency: str) -> Iterator[tuple[list[int], str]]:
    """Years of one call, and the name of the block they are of, which does not change with the window."""
    years = _years(context)
    first: int = context.about["live"]["first_year"]
    length = (
        context.about["live"]["periods_per_call"]
        if frequency == "A" and context.has_key and not is_bulk(context)
        else 1
    )
    blocks: dict[int, list[int]] = {}
    for year in years:
        blocks.setdefault((year - first) // length, []).append(year)
    for index, block in blocks.items():
        start = first + index * length
        yield block, str(start) if length == 1 else f"{start}-{start + length - 1}"


def _places(context: FetchContext) -> list[tuple[int, int]]:
    reporters = [reporter for group in context.about["live"]["groups"] for reporter in group]
    return [(reporter, year) for reporter in reporters for year in _years(context)]


def _data_set(context: FetchContext, frequency: str, reporter: int, year: int) -> DataSet:
    """A data set with the periods that are listed of it; all that may exist where none are known."""
    listed = _listed(context, frequency)
    if listed is not None:
        periods = [period for period in listed.get(str(reporter), {}) if period.startswith(str(year))]
    elif frequency == "A":
        periods = [str(year)] if year < context.today.year else []
    else:
        months = [date(year, month, 1) for month in range(1, 13)]
        periods = [f"{month:%Y%m}" for month in months if month < context.today.replace(day=1)]
    return DataSet(frequency, reporter, year, "+".join(context.about["live"]["flows"]), tuple(sorted(periods)))


def _due(context: FetchContext, data_set: DataSet, known: Mapping[str, PartitionCursor]) -> Due | None:
    if not data_set.periods:
        return None
    listed = _listed(context, data_set.frequency)
    dates = (listed or {}).get(str(data_set.reporter), {})
    newest = max((dates[period] for period in data_set.periods if period in dates), default="")
    cursor = known.get(data_set.partition)
    why = ""
    if cursor is None:
        why = f"released on {newest[:10]}, not landed yet" if newest else "not fetched yet"
    elif context.landed.get(data_set.partition, "").startswith(WITHDRAWN) and listed is not None:
        why = "listed again after it was withdrawn"
    elif not newest:
        why = _by_age(context, data_set, cursor)
    elif newest != cursor.newest if cursor.newest else newest > cursor.fetched_on.isoformat():
        why = f"released again on {newest[:10]}"
    elif data_set.periods != cursor.periods:
        why = "its list of periods changed"
    return Due(data_set, newest, listed is not None, why) if why else None


def _by_age(context: FetchContext, data_set: DataSet, cursor: PartitionCursor) -> str:
    ages: Mapping[str, int] = context.about["live"]["by_age"]
    is_new = data_set.year > context.today.year - ages["newest_years"]
    age = (context.today - cursor.fetched_on).days
    is_old = age >= ages["newest_days" if is_new else "older_days"]
    return f"fetched {age} days ago, and no release date is known" if is_old else ""


def _is_unlisted(context: FetchContext, data_set: DataSet) -> bool:
    return is_landed(context, data_set) and _listed(context, data_set.frequency) is not None and not data_set.periods


def _task(context: FetchContext, due: list[Due], key: str) -> Task:
    reporters, periods, records, calls = _cost(context, due)
    dates = "" if context.catalogue else "; at most, since it is not known yet which data sets exist"
    first, last = (edge(one.data_set.year for one in due) for edge in (min, max))
    return Task(
        key=key,
        first=date(first, 1, 1),
        last=date(last, 12, 31),
        calls=calls,
        records=records,
        why=f"{len(due)} of {len(reporters) * (last - first + 1)} due: {due[0].why}{dates}"
        if len(due) > 1 or len(reporters) > 1
        else f"{due[0].why}{dates}",
        params={"due": due, "reporters": reporters, "periods": periods},
    )


def _cost(context: FetchContext, due: list[Due]) -> tuple[list[int], list[str], int, int]:
    """Reporters and periods of the calls, the records expected, and how many calls it takes."""
    frequency = due[0].data_set.frequency
    reporters = list(dict.fromkeys(one.data_set.reporter for one in due))
    periods = sorted({period for one in due for period in one.data_set.periods})
    each: int = context.about["live"]["usual_records"][frequency]
    records = each * sum(len(one.data_set.periods) for one in due)
    if is_bulk(context):
        return reporters, periods, records, 1 + len(periods)
    if context.has_key:
        return reporters, periods, records, 1
    cap = cap_of(context)
    return reporters, periods, records, len(periods) * (1 if each < cap else 1 + 2 * ceil(each / cap))


def _whether_withdrawn(context: FetchContext, data_set: DataSet) -> Task:
    """Requests what is no longer listed once more: only an empty response means a withdrawal."""
    year = data_set.year
    months = tuple(f"{year}{month:02}" for month in range(1, 13))
    periods = (str(year),) if data_set.frequency == "A" else months
    return Task(
        key=f"{WITHDRAWN}/{data_set.partition}",
        first=date(year, 1, 1),
        last=date(year, 12, 31),
        calls=1 if context.has_key else len(periods),
        records=0,
        why="landed, and no longer listed",
        params={"unlisted": replace(data_set, periods=periods)},
    )

"""What of UN Comtrade is due: its data sets, what is known of each, and the tasks that fetch them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Self

from sources.http.fetcher import FetchContext, Task
from sources.model.artifact import KnownBasis
from sources.model.partition import key_of
from sources.publishers.un_comtrade.partition import Partition
from sources.reading.layouts import declared
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parents[1]
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
WITHDRAWN = "withdrawn"
"""Begins the release of a partition that was withdrawn, and the key of a task that checks for it."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One reporter's figures of one period, a year (`2024`) or a month (`202503`): what the publisher dates.

    `via` are second partners: then these are only the parts of flows that went by way of them.
    """

    frequency: str
    reporter: int
    period: str
    via: tuple[int, ...] = ()

    @property
    def year(self) -> int:
        """The year of the period."""
        return int(self.period[:4])

    @property
    def partition(self) -> str:
        """The name of its partition, such as `M/IND/all/all/202503` or `A/IND/all/all/2024/via/344+528+702`."""
        month = int(self.period[4:]) if self.period[4:] else None
        via = "+".join(map(str, self.via)) or None
        return str(Partition(self.frequency, area_of(self.reporter), (), (), self.year, month, via))


@dataclass(frozen=True, slots=True)
class PartitionCursor:
    """The state of a data set when it was last fetched: its release, the day, and how many records it had."""

    released: str
    fetched_on: date
    records: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse the text that `str` makes."""
        released, fetched_on, records = text.split(" ")
        return cls(released.removeprefix("-"), date.fromisoformat(fetched_on), int(records))

    def __str__(self) -> str:
        return f"{self.released or '-'} {self.fetched_on} {self.records}"


Counts = Mapping[tuple[str, int, bool], Mapping[str, int]]
"""Records of data sets that were fetched, by frequency, reporter and whether by second partner, then by period."""


class Turn(IntEnum):
    """Which tasks come first."""

    CORRIDOR = 0
    CORRIDOR_VIA = 1
    OTHERS = 2


@dataclass(frozen=True, slots=True)
class Due:
    """A data set to fetch, the date of its release where one is known, and why."""

    data_set: DataSet
    released: str
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
    """What is due: the corridor's reporters first, then their second partners, then the others.

    Of each the newest years come first. Months of which no list is known come after all else: most of them would be
    empty. Whole files hold second partners too, so nothing is requested for them then.

    A data set is due when it was released after it was last fetched. Where its release date is not known, it is due by
    age. One that has landed and is no longer listed is requested once more, since it was withdrawn.
    """
    known = _cursors(context)
    counts = counts_of(context)
    ranked: list[tuple[tuple[bool, Turn, int, int, str], Task]] = []
    for frequency in context.about["live"]["frequencies"]:
        is_last = frequency == "M" and _listed(context, frequency) is None
        for turn, rank, group in _requested(context):
            via = tuple(context.about["live"]["hubs"]) if turn == Turn.CORRIDOR_VIA else ()
            for years, name in _blocks(context, frequency):
                due = [
                    found
                    for year in reversed(years)
                    for reporter in group
                    for data_set in _data_sets(context, DataSet(frequency, reporter, str(year), via))
                    if (found := _due(context, data_set, known))
                ]
                if due:
                    key = f"{frequency}/{'+'.join(map(area_of, group))}/{name}{'/via' if via else ''}"
                    order = (is_last, turn, -due[0].data_set.year, rank, frequency)
                    ranked.append((order, _task(context, due, key, counts)))
    for data_set in _unlisted(context):
        turn = Turn.CORRIDOR if data_set.reporter in context.about["live"]["corridor"] else Turn.OTHERS
        order = (False, turn, -data_set.year, len(_groups(context)), data_set.frequency)
        ranked.append((order, _whether_withdrawn(data_set)))
    return [task for _, task in sorted(ranked, key=lambda one: one[0])]


def known_from(context: FetchContext, partition: str, released: str) -> tuple[date, KnownBasis, str]:
    """From which day a statement was known, how that is known, and the name of its release.

    The publisher's date is used unless it is not later than that of the statement it replaces: that one was valid until
    now.
    """
    day = date.fromisoformat(released[:10]) if released else None
    before = _DATE.search(context.landed.get(partition, ""))
    if day and day <= context.today and not (before and before[0] >= day.isoformat()):
        return day, "release_feed", day.isoformat()
    return context.today, "assumed", f"as fetched {context.today}"


def counts_of(context: FetchContext) -> Counts:
    """How many records the data sets had that were fetched."""
    cursors = _cursors(context)
    found: dict[tuple[str, int, bool], dict[str, int]] = {}
    for name, data_set in _fetched_as(context, cursors).items():
        found.setdefault(kind_of(data_set), {})[data_set.period] = cursors[name].records
    return found


def kind_of(data_set: DataSet) -> tuple[str, int, bool]:
    """Data sets of one kind have similar numbers of records: frequency, reporter, and whether by second partner."""
    return data_set.frequency, data_set.reporter, bool(data_set.via)


def expected_records(context: FetchContext, data_set: DataSet, counts: Counts) -> int:
    """How many records a data set may have: as many as the nearest period of its reporter that was fetched.

    Where none was, the usual number of `[live.usual_records]` or `[live.usual_via_records]` in `source.toml`.
    """
    fetched = {period: n for period, n in counts.get(kind_of(data_set), {}).items() if n}
    if not fetched:
        usual = context.about["live"]["usual_via_records" if data_set.via else "usual_records"]
        return int(usual[data_set.frequency])
    return fetched[min(fetched, key=lambda period: (abs(int(period) - int(data_set.period)), period))]


def calls_for(records: int, cap: int) -> int:
    """Calls for so many records: one, or where a page would be cut the calls for both halves."""
    return 1 if records < cap else 2 * calls_for(-(-records // 2), cap)


def _cursors(context: FetchContext) -> dict[str, PartitionCursor]:
    """The last cursor of each partition, from whichever task fetched it."""
    states = sorted(context.states.values(), key=lambda state: state.fetched_at)
    newest = {partition: text for state in states for partition, text in state.cursor.items()}
    return {partition: PartitionCursor.read(newest[partition]) for partition in _fetched_as(context, newest)}


def _fetched_as(context: FetchContext, names: Iterable[str]) -> dict[str, DataSet]:
    """The data sets of those partitions that are as they are fetched: one period of one of our reporters, whole."""
    live = context.about["live"]
    areas = {area_of(reporter): reporter for group in live["groups"] for reporter in group}
    found: dict[str, DataSet] = {}
    for name in names:
        key = key_of((Partition,), name)
        if isinstance(key, Partition) and key.reporter in areas:
            via = tuple(live["hubs"]) if key.via else ()
            data_set = DataSet(key.series, areas[key.reporter], key.period, via)
            if data_set.partition == name:
                found[name] = data_set
    return found


def _listed(context: FetchContext, frequency: str) -> Mapping[str, Mapping[str, str]] | None:
    """Release dates by reporter and period; None where they are not known."""
    found: Mapping[str, Mapping[str, str]] | None = context.catalogue.get("listed", {}).get(frequency)
    return found


def _may_have_via(context: FetchContext, data_set: DataSet) -> bool | None:
    """Whether the publisher's list says that a data set may have second partners; None where it is not known."""
    flags: Mapping[str, bool] = (
        context.catalogue.get("via", {}).get(data_set.frequency, {}).get(str(data_set.reporter), {})
    )
    return flags.get(data_set.period)


def _requested(context: FetchContext) -> Iterator[tuple[Turn, int, list[int]]]:
    """Reporters of one call in their order: whose turn it is, the place in it, and the reporters."""
    corridor: list[int] = context.about["live"]["corridor"]
    for rank, group in enumerate(_groups(context)):
        yield Turn.CORRIDOR if set(group) <= set(corridor) else Turn.OTHERS, rank, group
    if not is_bulk(context):
        groups = [corridor] if context.has_key else [[reporter] for reporter in corridor]
        yield from ((Turn.CORRIDOR_VIA, rank, group) for rank, group in enumerate(groups))


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


def _data_sets(context: FetchContext, of_year: DataSet) -> list[DataSet]:
    """The data sets of a year that are listed, the newest first; all that may exist where none are known.

    By second partner, only those that the list says may have some; before the first discovery all.
    """
    listed, year = _listed(context, of_year.frequency), of_year.year
    if listed is not None:
        periods = [period for period in listed.get(str(of_year.reporter), {}) if period.startswith(str(year))]
    elif of_year.frequency == "A":
        periods = [str(year)] if year < context.today.year else []
    else:
        months = [date(year, month, 1) for month in range(1, 13)]
        periods = [f"{month:%Y%m}" for month in months if month < context.today.replace(day=1)]
    found = [replace(of_year, period=period) for period in sorted(periods, reverse=True)]
    is_open = not of_year.via or not context.catalogue
    return [data_set for data_set in found if is_open or _may_have_via(context, data_set)]


def _due(context: FetchContext, data_set: DataSet, known: Mapping[str, PartitionCursor]) -> Due | None:
    listed = _listed(context, data_set.frequency)
    released = (listed or {}).get(str(data_set.reporter), {}).get(data_set.period, "")
    cursor = known.get(data_set.partition)
    why = ""
    if cursor is None:
        why = f"released on {released[:10]}, not landed yet" if released else "not fetched yet"
    elif context.landed.get(data_set.partition, "").startswith(WITHDRAWN) and listed is not None:
        why = "listed again after it was withdrawn"
    elif released > (cursor.released or cursor.fetched_on.isoformat()):
        why = f"released again on {released[:10]}"
    elif not released or (not cursor.records and not data_set.via):
        why = _by_age(context, data_set, cursor)
    return Due(data_set, released, listed is not None, why) if why else None


def _by_age(context: FetchContext, data_set: DataSet, cursor: PartitionCursor) -> str:
    """Why a data set is due of which no release date is known, or which had no record; empty where it is not due."""
    ages: Mapping[str, int] = context.about["live"]["by_age"]
    is_new = data_set.year > context.today.year - ages["newest_years"]
    age = (context.today - cursor.fetched_on).days
    is_old = age >= ages["newest_days" if is_new else "older_days"]
    missing = "no release date is known" if cursor.records else "it had no record"
    return f"fetched {age} days ago, and {missing}" if is_old else ""


def _unlisted(context: FetchContext) -> list[DataSet]:
    """What has landed of our reporters in these years and is no longer listed, where lists are known."""
    years = _years(context)
    return [
        data_set
        for data_set in _fetched_as(context, sorted(context.landed)).values()
        if data_set.year in years
        and not _is_listed(context, data_set)
        and is_landed(context, data_set)
        and not _was_asked(context, data_set)
    ]


def _is_listed(context: FetchContext, data_set: DataSet) -> bool:
    """Whether the list has a data set, with second partners if it is of those; true where the list does not say."""
    listed = _listed(context, data_set.frequency)
    if listed is None:
        return True
    is_there = data_set.period in listed.get(str(data_set.reporter), {})
    return is_there and not (data_set.via and _may_have_via(context, data_set) is False)


def _was_asked(context: FetchContext, data_set: DataSet) -> bool:
    """Whether a data set that is not listed was requested since the last complete list."""
    asked = context.states.get(_withdrawal_key(data_set))
    complete = context.catalogue.get("complete", {}).get(data_set.frequency, "")
    return asked is not None and str(asked.fetched_at.date()) >= complete


def _withdrawal_key(data_set: DataSet) -> str:
    return f"{WITHDRAWN}/{data_set.partition}"


def _task(context: FetchContext, due: list[Due], key: str, counts: Counts) -> Task:
    reporters = list(dict.fromkeys(one.data_set.reporter for one in due))
    periods = sorted({one.data_set.period for one in due}, reverse=True)
    expected = [expected_records(context, one.data_set, counts) for one in due]
    dates = "" if context.catalogue else "; at most, since it is not known yet which data sets exist"
    several = f"{len(due)} data sets, the newest: " if len(due) > 1 else ""
    is_via = bool(due[0].data_set.via)
    return Task(
        key=key,
        first=date(int(periods[-1][:4]), 1, 1),
        last=date(int(periods[0][:4]), 12, 31),
        calls=_calls(context, due, periods, expected),
        records=sum(expected),
        why=f"{'by second partner: ' if is_via else ''}{several}{due[0].why}{dates}",
        params={"due": due, "reporters": reporters, "periods": periods},
        service="second partners" if is_via else "",
    )


def _calls(context: FetchContext, due: list[Due], periods: list[str], expected: list[int]) -> int:
    """Calls of a task: one with a key, one a period and what is split without one, of bulk files their list too."""
    if is_bulk(context):
        return 1 + len(periods)
    cap = cap_of(context)
    if context.has_key:
        return calls_for(sum(expected), cap)
    return sum(calls_for(records, cap) for records, _ in zip(expected, due, strict=True))


def _whether_withdrawn(data_set: DataSet) -> Task:
    """Requests what is no longer listed once more: only an empty response means a withdrawal."""
    return Task(
        key=_withdrawal_key(data_set),
        first=date(data_set.year, 1, 1),
        last=date(data_set.year, 12, 31),
        calls=1,
        records=0,
        why="landed, and no longer listed",
        params={"unlisted": data_set},
    )

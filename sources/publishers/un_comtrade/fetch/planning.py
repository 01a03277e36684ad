"""What of UN Comtrade is due: its data sets, what is known of each, and the tasks that ask for them.

Belongs here: partitions, release dates held against what was asked before, and the order of tasks. Does not belong
here: any call (`fetch_lists.py`, `fetch_pages.py`, `fetch_bulk.py`), or what the figures mean (`parse.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any, Self

from sources.http.fetcher import Task, Visit
from sources.model.artifact import KnownBasis
from sources.publishers.un_comtrade.partition import Partition
from sources.reading.layouts import declared
from sources.reading.vocabulary import load_vocabulary

_HERE = Path(__file__).parents[1]
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
WITHDRAWN = "withdrawn"
"""Begins the release of a partition that was withdrawn, and the key of a task that asks whether one was."""


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
class Mark:
    """What was known of a data set when it was last taken: its newest release, the day, and its periods."""

    newest: str
    asked: date
    periods: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """From the text a look holds."""
        newest, asked, periods = text.split(" ")
        return cls(newest.removeprefix("-"), date.fromisoformat(asked), tuple(periods.split(",")))

    def __str__(self) -> str:
        return f"{self.newest or '-'} {self.asked} {','.join(self.periods)}"


@dataclass(frozen=True, slots=True)
class Due:
    """A data set that is to be asked for, the date of its newest release where one is known, and why."""

    data_set: DataSet
    newest: str
    is_listed: bool
    why: str


def area_of(reporter: int) -> str:
    """The ISO code of a reporter."""
    _, area = load_vocabulary(_HERE / "labels.csv", "m49").entries[str(reporter)]
    return area or str(reporter)


def cap_of(visit: Visit) -> int:
    """How many records a page may hold: a page of just as many was cut."""
    caps = {row["id"]: row.get("cap", 0) for row in declared(_HERE)["layout"]}
    return int(caps["comtrade_data" if visit.has_key else "comtrade_preview"])


def is_bulk(visit: Visit) -> bool:
    """Whether whole files are asked for, which takes a premium key."""
    return bool(visit.has_key and visit.about["live"]["bulk"])


def is_held(visit: Visit, data_set: DataSet) -> bool:
    """Whether figures of it are held that stand."""
    held = visit.held.get(data_set.partition, "")
    return bool(held) and not held.startswith(WITHDRAWN)


def tasks(visit: Visit) -> list[Task]:
    """What is due, the newest years first and in a year the most wanted reporters.

    Months of which no list is known come after all else: most of them would be asked for in vain.

    A data set is due when its newest release or its periods are others than when it was last taken. Where the list of
    data sets is not known, it is due by age. One that was held and is listed no longer is asked for once more, since
    it was withdrawn.
    """
    known = _marks(visit)
    ranked: list[tuple[tuple[bool, int, int, str], Task]] = []
    for frequency in visit.about["live"]["frequencies"]:
        is_last = frequency == "M" and _listed(visit, frequency) is None
        for rank, group in enumerate(_groups(visit)):
            for years, name in _blocks(visit, frequency):
                due = [
                    found
                    for year in reversed(years)
                    for reporter in group
                    if (found := _due(visit, _data_set(visit, frequency, reporter, year), known))
                ]
                if due:
                    task = _task(visit, due, f"{frequency}/{'+'.join(map(area_of, group))}/{name}")
                    ranked.append(((is_last, -due[0].data_set.year, rank, frequency), task))
        for rank, (reporter, year) in enumerate(_places(visit)):
            data_set = _data_set(visit, frequency, reporter, year)
            if _is_gone(visit, data_set):
                ranked.append(((is_last, -year, rank, frequency), _whether_withdrawn(visit, data_set)))
    return [task for _, task in sorted(ranked, key=lambda one: one[0])]


def known_from(visit: Visit, partition: str, newest: str) -> tuple[date, KnownBasis, str]:
    """From which day a statement was known, how that is known, and the name of its release.

    The publisher's date stands, unless it is not later than that of the statement it replaces: that one stood until
    now.
    """
    released = date.fromisoformat(newest[:10]) if newest else None
    before = _DATE.search(visit.held.get(partition, ""))
    if released and released <= visit.today and not (before and before[0] >= released.isoformat()):
        return released, "release_feed", released.isoformat()
    return visit.today, "assumed", f"as asked {visit.today}"


def _marks(visit: Visit) -> dict[str, Mark]:
    """The last mark of each partition, in whatever task it was asked for."""
    looks = sorted(visit.looks.values(), key=lambda look: look.at)
    return {partition: Mark.read(text) for look in looks for partition, text in look.marks.items()}


def _listed(visit: Visit, frequency: str) -> Mapping[str, Mapping[str, str]] | None:
    """Release dates by reporter and period; None where they are not known."""
    found: Mapping[str, Mapping[str, str]] | None = visit.catalogue.get("listed", {}).get(frequency)
    return found


def _groups(visit: Visit) -> list[list[int]]:
    """Reporters of one call: one alone where a page is short, or where each has its own file."""
    groups: list[list[int]] = visit.about["live"]["groups"]
    if visit.has_key and not is_bulk(visit):
        return groups
    return [[reporter] for group in groups for reporter in group]


def _years(visit: Visit) -> range:
    first = max(visit.about["live"]["first_year"], visit.window.first.year)
    return range(first, min(visit.today.year, visit.window.last.year) + 1)


def _blocks(visit: Visit, frequency: str) -> Iterator[tuple[list[int], str]]:
    """Years of one call, and the name of the block they are of, which does not change with the window."""
    years = _years(visit)
    first: int = visit.about["live"]["first_year"]
    length = visit.about["live"]["periods_per_call"] if frequency == "A" and visit.has_key and not is_bulk(visit) else 1
    blocks: dict[int, list[int]] = {}
    for year in years:
        blocks.setdefault((year - first) // length, []).append(year)
    for index, block in blocks.items():
        start = first + index * length
        yield block, str(start) if length == 1 else f"{start}-{start + length - 1}"


def _places(visit: Visit) -> list[tuple[int, int]]:
    reporters = [reporter for group in visit.about["live"]["groups"] for reporter in group]
    return [(reporter, year) for reporter in reporters for year in _years(visit)]


def _data_set(visit: Visit, frequency: str, reporter: int, year: int) -> DataSet:
    """A data set with the periods that are listed of it; all that may exist where none are known."""
    listed = _listed(visit, frequency)
    if listed is not None:
        periods = [period for period in listed.get(str(reporter), {}) if period.startswith(str(year))]
    elif frequency == "A":
        periods = [str(year)] if year < visit.today.year else []
    else:
        months = [date(year, month, 1) for month in range(1, 13)]
        periods = [f"{month:%Y%m}" for month in months if month < visit.today.replace(day=1)]
    return DataSet(frequency, reporter, year, "+".join(visit.about["live"]["flows"]), tuple(sorted(periods)))


def _due(visit: Visit, data_set: DataSet, known: Mapping[str, Mark]) -> Due | None:
    if not data_set.periods:
        return None
    listed = _listed(visit, data_set.frequency)
    dates = (listed or {}).get(str(data_set.reporter), {})
    newest = max((dates[period] for period in data_set.periods if period in dates), default="")
    mark = known.get(data_set.partition)
    why = ""
    if mark is None:
        why = f"released on {newest[:10]}, not held yet" if newest else "not asked for yet"
    elif visit.held.get(data_set.partition, "").startswith(WITHDRAWN) and listed is not None:
        why = "listed again after it was withdrawn"
    elif not newest:
        why = _by_age(visit, data_set, mark)
    elif newest != mark.newest if mark.newest else newest > mark.asked.isoformat():
        why = f"released again on {newest[:10]}"
    elif data_set.periods != mark.periods:
        why = "its list of periods changed"
    return Due(data_set, newest, listed is not None, why) if why else None


def _by_age(visit: Visit, data_set: DataSet, mark: Mark) -> str:
    ages: Mapping[str, int] = visit.about["live"]["by_age"]
    is_new = data_set.year > visit.today.year - ages["newest_years"]
    age = (visit.today - mark.asked).days
    is_old = age >= ages["newest_days" if is_new else "older_days"]
    return f"asked for {age} days ago, and no release date is known" if is_old else ""


def _is_gone(visit: Visit, data_set: DataSet) -> bool:
    return is_held(visit, data_set) and _listed(visit, data_set.frequency) is not None and not data_set.periods


def _task(visit: Visit, due: list[Due], key: str) -> Task:
    reporters, periods, records, calls = _cost(visit, due)
    dates = "" if visit.catalogue else "; at most, since it is not known yet which data sets exist"
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
        ask={"due": due, "reporters": reporters, "periods": periods},
    )


def _cost(visit: Visit, due: list[Due]) -> tuple[list[int], list[str], int, int]:
    """Reporters and periods of the calls, the records they are taken to bring, and how many calls it takes."""
    frequency = due[0].data_set.frequency
    reporters = list(dict.fromkeys(one.data_set.reporter for one in due))
    periods = sorted({period for one in due for period in one.data_set.periods})
    each: int = visit.about["live"]["usual_records"][frequency]
    records = each * sum(len(one.data_set.periods) for one in due)
    if is_bulk(visit):
        return reporters, periods, records, 1 + len(periods)
    if visit.has_key:
        return reporters, periods, records, 1
    cap = cap_of(visit)
    return reporters, periods, records, len(periods) * (1 if each < cap else 1 + 2 * ceil(each / cap))


def _whether_withdrawn(visit: Visit, data_set: DataSet) -> Task:
    """Asks once more for what is listed no longer: only an empty answer tells that it was withdrawn."""
    year = data_set.year
    months = tuple(f"{year}{month:02}" for month in range(1, 13))
    periods = (str(year),) if data_set.frequency == "A" else months
    return Task(
        key=f"{WITHDRAWN}/{data_set.partition}",
        first=date(year, 1, 1),
        last=date(year, 12, 31),
        calls=1 if visit.has_key else len(periods),
        records=0,
        why="held, and listed no longer",
        ask={"gone": replace(data_set, periods=periods)},
    )

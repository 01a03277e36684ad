"""Days that cannot be: statements of the future, periods that are not over, years that no run covers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sources.model import artifact as artifacts
from sources.model.artifact import FIRST_YEAR, Artifact, SourceError
from sources.model.feeds import FEED_TIMES
from sources.model.paths import project_path
from sources.model.source import ParsedTable


def require_possible_days(artifact: Artifact, today: date) -> None:
    """Refuse an artifact that is known from a day to come, or of a year that no run covers.

    `today` is the day of arrival: the clock's where an artifact arrives, the landing's where it is loaded.

    Raises:
        SourceError: it would end statements that stand, or be skipped silently.
    """
    if artifact.known_from > today:
        raise SourceError(
            artifact,
            f"{artifact.partition} is known from {artifact.known_from}, after its day of arrival, {today} (UTC).",
            "correct known_from in its provenance row: nothing is known before it is stated. If the day is right, the"
            " clock of this machine is wrong.",
        )
    if not FIRST_YEAR <= artifact.year <= today.year:
        raise SourceError(
            artifact,
            f"belongs to the year {artifact.year}; runs cover {FIRST_YEAR} to {today.year}, the current year.",
            "correct the year in its provenance row or in the file; older figures have the year of their edition"
            f" (FIRST_YEAR in {project_path(artifacts.__file__)}).",
        )


def last_measured_day(tables: Iterable[ParsedTable]) -> date | None:
    """The last day of the newest period that is measured; None where all rows are forward or there are none."""
    days: list[date] = []
    for table in tables:
        time = FEED_TIMES[table.spec.feed]
        if not time.is_forward:
            days += [day for day in table.frame[time.last_day].to_list() if day is not None]
    return max(days, default=None)


def require_ended(artifact: Artifact, tables: Iterable[ParsedTable], today: date) -> None:
    """Refuse figures of a period that is not over today.

    Raises:
        SourceError: names the last day of the newest period.
    """
    last = last_measured_day(tables)
    if last is not None and last > today:
        raise SourceError(
            artifact,
            f"has a figure of a period that ends on {last}; it is {today} (UTC), and a period that is not over has no"
            " figure.",
            "look whether the month or the year is misprinted; otherwise download it again when the period is over.",
        )

"""Which figures are late: the newest period held against a publisher's calendar."""

from __future__ import annotations

from datetime import date

import pytest

from sources.registry import sources
from tests.helpers.violators import assert_none
from warehouse.project_vars import project_vars
from warehouse.read.freshness import calendar_of, currency_of

ONE_REPORTER = {
    "india_tradestat": "IND",
    "china_customs": "CHN",
    "uk_hmrc": "GBR",
    "brazil_comexstat": "BRA",
    "us_census": "USA",
}
"""Publishers that are the customs of one reporter."""


@pytest.mark.parametrize(
    ("period_type", "newest", "days", "on", "n_late", "words"),
    [
        ("month", "2026-06-01", 60, "2026-09-29", 0, "newest month 2026-06; 2026-07 is due by 2026-09-29."),
        (
            "month", "2026-06-01", 60, "2026-09-30", 1,
            "newest month 2026-06; 2026-07 is late, since 2026-09-29 (1 day).",
        ),
        (
            "month", "2025-11-01", 45, "2026-04-30", 3,
            "newest month 2025-11; 2025-12 to 2026-02 are late, since 2026-02-14 (75 days).",
        ),
        ("calendar_year", "2024-01-01", 400, "2026-12-31", 0, "newest year 2024; 2025 is due by 2027-02-04."),
        (
            "fiscal_year", "2024-04-01", 75, "2026-11-27", 1,
            "newest fiscal year FY2024-25; FY2025-26 is late, since 2026-06-14 (166 days).",
        ),
    ],
)  # fmt: skip
def test_a_period_is_late_the_day_after_its_figure_is_due(period_type, newest, days, on, n_late, words) -> None:
    found = currency_of("x", period_type, date.fromisoformat(newest), days, date.fromisoformat(on))
    assert (found.n_late, str(found)) == (n_late, words)
    assert (found.days_late > 0) == (n_late > 0)


def test_a_calendar_names_kinds_of_periods_and_days() -> None:
    kinds = {"month", "calendar_year", "fiscal_year"}
    calendars = {code: calendar_of(code) for code in sources()}
    assert_none(
        f"{code}: {kind} = {days}"
        for code, calendar in calendars.items()
        for kind, days in calendar.items()
        if kind not in kinds or not 0 < days < 1200
    )
    assert_none(
        code
        for code, source in sources().items()
        if source.about["cadence"] == "monthly" and not calendars[code]
    )  # fmt: skip


def test_a_customs_office_is_due_when_the_calendar_of_coverage_awaits_its_reports() -> None:
    """One number for each: `mart_coverage_calendar` and the checks of Dagster call the same month late."""
    lags = {reporter: about["lag_days"] for reporter, about in project_vars()["calendar_reporters"].items()}
    assert_none(
        f"{code} {kind}: {days}, and {lags[reporter].get(kind)} in dbt_project.yml"
        for code, reporter in ONE_REPORTER.items()
        for kind, days in calendar_of(code).items()
        if lags[reporter].get(kind) != days
    )
    assert calendar_of("usgs_mcs") == {"calendar_year": project_vars()["production_calendar"]["lag_days"]}

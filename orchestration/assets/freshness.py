"""How current the figures are: the newest period held against each publisher's calendar, after every build.

Dagster's own freshness policies (`publishers.py`) say when a step last ran; these checks say which figures are late.
"""

from collections.abc import Iterator
from datetime import date

import dagster as dg
from dagster import AssetCheckExecutionContext

from orchestration.assets.publishers import raw_key
from orchestration.assets.release import PUBLISHED
from orchestration.resources import Warehouse
from sources.registry import sources
from warehouse.read.freshness import Currency, Gap, calendar_of, currency, gaps, judged_on
from warehouse.release.store import current_release

CURRENT = "figures_are_current"
CALENDAR = dg.AssetKey(["marts", "mart_coverage_calendar"])


def _followed() -> dict[str, dg.AssetKey]:
    """The publishers with a calendar, each with the raw table that its check is shown on."""
    return {code: raw_key(source.tables[0].name) for code, source in sources().items() if calendar_of(code)}


def _specs() -> list[dg.AssetCheckSpec]:
    of_publishers = [
        dg.AssetCheckSpec(
            CURRENT,
            asset=key,
            description="The newest period held is the newest that is due: "
            + ", ".join(
                f"{kind.replace('_', ' ')} {days} days after its end" for kind, days in calendar_of(code).items()
            )
            + ". Late figures stop nothing.",
        )
        for code, key in _followed().items()
    ]
    return [
        *of_publishers,
        dg.AssetCheckSpec(
            CURRENT, asset=CALENDAR, description="Every series that was held is held up to what its reporter has due."
        ),
        dg.AssetCheckSpec(CURRENT, asset=PUBLISHED, description="No publisher's figures are late by its calendar."),
    ]


def freshness_checks() -> dg.AssetChecksDefinition:
    """Hold the figures of the current release against the publishers' calendars. A late publisher is a warning.

    A run before the first release, such as one of a publisher's tables alone, has none to hold.
    """

    @dg.multi_asset_check(name="freshness", specs=_specs(), can_subset=True)
    def freshness(context: AssetCheckExecutionContext, warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
        with warehouse.step("freshness"):
            day = judged_on(warehouse.settings)
            is_published = current_release(warehouse.settings) is not None
            found = currency(warehouse.settings, day) if is_published else []
            behind = gaps(warehouse.settings) if is_published else []
            results = {**_of_publishers(found), CALENDAR: _of_series(behind), PUBLISHED: _of_release(found, day)}
        wanted = context.selected_asset_check_keys
        yield from (result for key, result in results.items() if dg.AssetCheckKey(key, CURRENT) in wanted)

    return freshness


def _of_publishers(found: list[Currency]) -> dict[dg.AssetKey, dg.AssetCheckResult]:
    results = {}
    for code, key in _followed().items():
        own = [one for one in found if one.source_code == code]
        results[key] = _result(
            key,
            late=[str(one) for one in own if one.n_late],
            otherwise=" ".join(str(one) for one in own) or "No figures are held.",
            metadata={
                "periods late": sum(one.n_late for one in own),
                "days late": max((one.days_late for one in own), default=0),
                **{f"newest {one.period_type}": one.newest_start.isoformat() for one in own},
                **{f"next {one.period_type} due by": one.next_due_on.isoformat() for one in own},
            },
        )
    return results


def _of_series(behind: list[Gap]) -> dg.AssetCheckResult:
    return _result(
        CALENDAR,
        late=[str(gap) for gap in behind],
        otherwise="Every series that was held is held up to what is due.",
        metadata={"series late": sum(gap.n_series for gap in behind)},
    )


def _of_release(found: list[Currency], day: date) -> dg.AssetCheckResult:
    late = [one for one in found if one.n_late]
    return _result(
        PUBLISHED,
        late=[f"{one.source_code}: {one}" for one in late],
        otherwise="No publisher is late by its calendar.",
        metadata={
            "judged on": day.isoformat(),
            "publishers late": len({one.source_code for one in late}),
            "days late": max((one.days_late for one in late), default=0),
        },
    )


def _result(
    key: dg.AssetKey, *, late: list[str], otherwise: str, metadata: dict[str, int | str]
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CURRENT,
        passed=not late,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(late) or otherwise,
        metadata=metadata,
    )

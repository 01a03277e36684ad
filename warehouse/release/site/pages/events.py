"""Policy steps: what was decided, and whether trade moved by more than it does at other times."""

from __future__ import annotations

import math
from itertools import groupby

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import held
from warehouse.release.site.section import Entry, Section
from warehouse.release.site.tables import Row, Selection, Tables
from warehouse.release.site.wording import day, phrase, significant

_ACTORS = {"CN": "China", "IN": "India", "WTO": "WTO", "CN-IN": "China and India"}


def page(tables: Tables) -> Page:
    """The page on policy steps."""
    return Page(
        path="events.html",
        title="Policy steps, and whether trade moved",
        lead="A step is claimed to have moved trade only where the change is larger than at other dates, against a "
        "comparison, after correction for all tests. Most are not, and that is no evidence of no effect.",
        template="topic.html.j2",
        content={
            "sections": [
                Section(
                    "Tested by year",
                    [
                        "Steps before 2018, on China's yearly exports. A change is drawn as a ratio to what it was "
                        "compared with: 1 is no difference."
                    ],
                    charts=held([_annual(tables)]),
                ),
                Section("Tested by month", charts=held([_monthly(tables)])),
                Section("Every test of a step that bears on a flow", table=_verdicts(tables)),
                Section("All steps", _all_text(tables), entries=_entries(tables)),
            ],
        },
        search_text="announcement 18 april 2025 export controls licences quota Japan IREL suspension q-value placebo",
    )


def _measure(row: Row) -> str:
    return {"unit_value": "US$ per kg", "weight": "weight", "value": "value"}[row["effect_measure"]]


def _annual(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_event_effect_annual",
        {
            "event_ids": "Steps",
            "partner_name": "Buyer",
            "product_key": "Code",
            "effect_measure": "Of",
            "year_before": "From",
            "year_after": "To",
            "level_before": "Level before",
            "level_after": "Level after",
            "effect_ratio": "Ratio to comparison",
            "p_value": "p",
            "q_value": "q",
            "verdict": "Verdict",
            "reason": "Why",
        },
        "p_value is not null",
        "year_before, product_key, partner_name, effect_measure desc",
    )
    if not data.rows:
        return None
    claimed = [row for row in data if row["verdict"] in ("drop", "rise")]
    rows = [
        Bar(
            f"{row['year_before']} to {row['year_after']}: {row['product_key'].replace(':', ' ')} to "
            f"{'all' if row['partner_name'] == 'World' else row['partner_name']}, {_measure(row)}",
            min(row["effect_ratio"], 4),
            f"{significant(row['effect_ratio'], 2)} (q {significant(row['q_value'], 2)})",
            "china" if row in claimed else "other",
            row not in claimed,
            says=f"{phrase(row['verdict'])} · {row['reason']}",
        )
        for row in data
    ]
    return Chart(
        slug="events-annual",
        title=f"{len(claimed)} of {len(data)} tests by year claim a change: " + _claims(claimed),
        unit=(
            "Change of China's exports against a comparison, as a ratio; filled bars are claimed (p ≤ 0.05, q ≤ "
            "0.1 and more)."
        ),
        drawing=bars(rows, reference=1.0),
        data=[data],
        sources=["un_comtrade", "policy_events"],
        notes=[
            "A claim says that a series moved at that time by more than at others. What moved it is not in the "
            "figures. The rule was not fixed before the figures of 2010 were seen: read it as a description. Bars "
            "are cut at 4."
        ],
    )


def _claims(rows: list[Row]) -> str:
    if not rows:
        return "none"
    parts = [
        f"{_measure(row)} {significant(row['effect_ratio'], 2)} times from {row['year_before']} to {row['year_after']}"
        for row in rows
    ]
    return ", ".join(parts)


def _monthly_data(tables: Tables) -> Selection:
    return tables.select(
        "marts.mart_event_effect",
        {
            "event_date": "Date",
            "reporter_name": "Reporter",
            "partner_name": "Partner",
            "flow": "Flow",
            "product_key": "Code",
            "effect_measure": "Of",
            "effect_ratio": "Ratio to comparison",
            "effect_low_log": "From (log)",
            "effect_high_log": "To (log)",
            "p_value": "p",
            "q_value": "q",
            "verdict": "Verdict",
            "reason": "Why",
        },
        "p_value is not null",
        "event_date, p_value",
    )


def _monthly(tables: Tables) -> Chart | None:
    data = _monthly_data(tables)
    if not data.rows:
        return None
    top = 6.0
    rows = [
        Bar(
            f"{row['reporter_name']}, {row['product_key'][3:]} from {row['partner_name']}, {_measure(row)}",
            min(row["effect_ratio"], top),
            f"{significant(row['effect_ratio'], 2)} (q {significant(row['q_value'], 2)})",
            "other",
            row["verdict"] == "no_evidence",
            min(math.exp(row["effect_low_log"]), top),
            min(math.exp(row["effect_high_log"]), top),
            f"{phrase(row['verdict'])} · {row['reason']}",
        )
        for row in data
    ]
    claimed = sum(row["verdict"] in ("drop", "rise") for row in data)
    when = day(data.rows[0]["event_date"])
    return Chart(
        slug="events-monthly",
        title=(
            f"Around {when} {claimed or 'none'} of the {len(data)} tests with enough months "
            f"{'claim' if claimed != 1 else 'claims'} a change"
        ),
        unit=(
            "Six months after against six before, relative to a comparison; lines are intervals at 95 %, cut at "
            f"{top:g}."
        ),
        drawing=bars(rows, top, reference=1.0),
        data=[data],
        sources=["india_tradestat", "uk_hmrc", "policy_events"],
        notes=["The intervals are wide: a month of one code is a few shipments. Only large changes can be seen."],
    )


def _verdicts(tables: Tables) -> Selection:
    return tables.select(
        "marts.mart_event_effect",
        {
            "event_date": "Date",
            "reporter_name": "Reporter",
            "partner_name": "Partner",
            "flow": "Flow",
            "product_key": "Code",
            "effect_measure": "Of",
            "effect_ratio": "Ratio",
            "q_value": "q",
            "verdict": "Verdict",
            "reason": "Why",
        },
        "does_bear and effect_measure <> 'unit_value'",
        "event_date desc, reporter_name, product_key, effect_measure",
    )


def _all_text(tables: Tables) -> list[str]:
    row = tables.rows(
        "select count(*) as n, min(event_date) as first, max(event_date) as last from core.dim_policy_event"
    )[0]
    if not row["n"]:
        return []
    return [
        f"{row['n']} dated steps from {row['first'].year} to {row['last'].year}, each with its notice. The list is "
        "this project's and not complete."
    ]


def _entries(tables: Tables) -> list[Entry]:
    rows = tables.rows(
        "select event_id, event_date, date_precision, actor, title, policy_status, effective_from, suspended_on,"
        " suspended_until, source_url, direction from core.dim_policy_event where same_step_as is null"
        " order by event_date desc, event_id"
    )
    return [
        Entry(
            day(row["event_date"], row["date_precision"]),
            f"{_ACTORS.get(row['actor'], row['actor'])}: {row['title']}.",
            _state(row),
            row["source_url"],
            row["event_id"],
        )
        for _, some in groupby(rows, key=lambda row: row["event_date"])
        for row in some
    ]


def _state(row: Row) -> str:
    parts = [phrase(row["direction"]).capitalize()] if row["direction"] else []
    if row["effective_from"]:
        parts.append(f"in force from {day(row['effective_from'])}")
    if row["suspended_on"]:
        until = f" until {day(row['suspended_until'])}" if row["suspended_until"] else ""
        parts.append(f"suspended on {day(row['suspended_on'])}{until}")
    return "; ".join(parts) + "." if parts else ""

"""Processing and quotas: what is known of separation and refining, and the ceilings that China set."""

from __future__ import annotations

from itertools import groupby

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.charts.lines import Line, Point, Scale, lines
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import colour, held, with_gaps
from warehouse.release.site.section import Fact, Section
from warehouse.release.site.tables import Row, Tables, decimal_year
from warehouse.release.site.wording import FORMATS, day, listing, moved, percent, phrase, tonnes, weight

_YEAR = "quota_type = 'mining' and batch = 'year' and earths = 'all' and is_latest"
_SCENARIOS = {"STEPS": "stated policies", "APS": "announced pledges", "NZE": "net zero by 2050"}


def page(tables: Tables) -> Page:
    """The page on processing and quotas."""
    return Page(
        path="processing.html",
        title="Processing and quotas",
        lead="Between the mine and the magnet lies separation. No publisher states how much of all rare earths China "
        "refines; what is known is a share for magnet elements, a ceiling, and what China imports as feed.",
        template="topic.html.j2",
        content={
            "summary": _summary(tables),
            "sections": [
                Section("Refining", charts=held([_refining(tables), _imports(tables)])),
                Section(
                    "Quotas",
                    [
                        "A quota is a ceiling, not an output. The USGS prints the mining quota as China's "
                        "production: that is one figure twice, not a confirmation."
                    ],
                    charts=held([_quotas(tables), _batches(tables)]),
                ),
                Section("What is to come", charts=held([_outlook(tables)])),
            ],
        },
        search_text="refining separation smelting quota IEA outlook demand scenarios light medium heavy",
    )


def _summary(tables: Tables) -> list[Fact]:
    newest = "period_start desc"
    facts = [
        Fact(
            tables.cell("marts.mart_processed_output", "magnet_refining_share", "country_code = 'CHN'", newest),
            "percent",
            "of magnet rare earths are refined in China, by the IEA",
        ),
        Fact(
            tables.cell("marts.mart_processed_output", "magnet_mining_share", "country_code = 'CHN'", newest),
            "percent",
            "of the same elements are mined there",
        ),
        Fact(
            tables.cell("core.fct_quota", "quota_t_reo", _YEAR, newest),
            "tonnes",
            "is the last mining quota that was published",
        ),
    ]
    return [fact for fact in facts if fact.cell]


def _refining(tables: Tables) -> Chart | None:
    data = tables.select(
        "core.fct_outlook",
        {
            "outlook_measure": "Of",
            "country_name": "Country",
            "year": "Year",
            "outlook_kt": "kt of magnet rare earths",
            "edition": "Edition",
        },
        "is_latest and outlook_measure in ('refining', 'mining') and outlook_scenario = 'base_year'"
        " and scope = 'country' and outlook_kt > 0",
        "outlook_measure desc, outlook_kt desc",
        also=["country_code"],
    )
    world = {
        row["outlook_measure"]: row["outlook_kt"]
        for row in tables.rows(
            "select outlook_measure, outlook_kt from core.fct_outlook where is_latest and scope = 'world'"
            " and outlook_measure in ('refining', 'mining') and outlook_scenario = 'base_year'"
        )
    }
    if not data.rows or len(world) < 2:
        return None
    share = {
        (row["outlook_measure"], row["country_code"]): row["outlook_kt"] / world[row["outlook_measure"]] for row in data
    }
    rows = [
        Bar(
            f"{row['country_name']}, {'refines' if row['outlook_measure'] == 'refining' else 'mines'}",
            row["outlook_kt"],
            f"{FORMATS['kilotonnes'](row['outlook_kt'])}, "
            f"{percent(share[row['outlook_measure'], row['country_code']])}",
            colour(row["country_code"]),
        )
        for row in data
    ]
    year = data.rows[0]["year"]
    refined, mined = (share.get((measure, "CHN"), 0) for measure in ("refining", "mining"))
    return Chart(
        slug="refining",
        title=f"China mined {percent(mined)} of magnet rare earths in {year} and refined {percent(refined)}",
        unit=f"Refined and mined magnet rare earths in {year}, kt, with the share of the world, by the IEA.",
        drawing=bars(rows),
        data=[data],
        sources=["iea"],
        notes=["Magnet rare earths only. Of all rare earths no publisher states a share of refining."],
    )


def _imports(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_processed_output",
        {
            "year": "Year",
            "compound_imports_kg": "Imports, kg",
            "compound_imports_estimated_kg": "Of which estimated, kg",
            "compound_imports_usd": "Imports, US$",
        },
        "country_code = 'CHN' and compound_imports_kg is not null",
        "year",
        also=["period_start", "period_type"],
    )
    if len(data) < 2:
        return None
    told = [
        Point(
            decimal_year(row["period_start"]),
            row["compound_imports_kg"],
            f"{row['year']} · {weight(row['compound_imports_kg'])} · "
            f"{weight(row['compound_imports_estimated_kg'] or 0)} estimated",
            is_estimate=(row["compound_imports_estimated_kg"] or 0) > 0.1 * row["compound_imports_kg"],
        )
        for row in data
    ]
    last, before = data.rows[-1], data.rows[-2]
    return Chart(
        slug="china-compound-imports",
        title=(
            "China's imports of compounds "
            f"{moved(before['compound_imports_kg'], last['compound_imports_kg'], 'weight')} between "
            f"{before['year']} and {last['year']}: feed for its refineries"
        ),
        unit=(
            "China's imports of rare-earth compounds (HS 2846), gross tonnes a year. Hollow: more than a tenth is "
            "estimated."
        ),
        drawing=lines([Line("China", "china", with_gaps(told))], Scale("weight", height=300, right=70)),
        data=[data],
        sources=["un_comtrade"],
        notes=["Feed for separation beside finished oxides. Ores are not in it."],
    )


def _quotas(tables: Tables) -> Chart | None:
    data = tables.select(
        "core.fct_quota",
        {
            "quota_type": "Quota",
            "year": "Year",
            "quota_t_reo": "t REO",
            "value_status": "Status",
            "known_from": "Known from",
            "known_basis": "Basis of that day",
        },
        "batch = 'year' and earths = 'all' and is_latest and quota_t_reo is not null",
        "quota_type, year",
        also=["period_start"],
    )
    names = {"mining": ("Mining", "china"), "smelting_separation": ("Smelting", "third")}
    series = []
    for kind, some in groupby(data, key=lambda row: row["quota_type"]):
        name, tint = names.get(kind, (phrase(kind), "other"))
        told = [
            Point(
                decimal_year(row["period_start"]),
                row["quota_t_reo"],
                f"{row['year']} · {tonnes(row['quota_t_reo'])}",
                is_estimate=row["value_status"] == "estimated",
            )
            for row in some
        ]
        series.append(Line(name, tint, with_gaps(told)))
    mining = [row for row in data if row["quota_type"] == "mining"]
    if len(mining) < 2:
        return None
    first, last = mining[0], mining[-1]
    return Chart(
        slug="quotas",
        title=(
            f"China's mining quota {moved(first['quota_t_reo'], last['quota_t_reo'], 'tonnes')} between "
            f"{first['year']} "
            f"and {last['year']}, the last one published"
        ),
        unit="Quotas of the year, all earths, t REO. Hollow points are worked out or added up.",
        drawing=lines(series, Scale("tonnes", height=340, right=80)),
        data=[data],
        sources=["china_quotas"],
        notes=["A break is a year for which no quota is held."],
    )


def _batches(tables: Tables) -> Chart | None:
    data = tables.select(
        "core.fct_quota",
        {
            "year": "Year",
            "batch": "Batch",
            "quota_t_reo": "t REO",
            "known_from": "Known from",
            "known_basis": "Basis of that day",
            "is_forward": "Before the year was over",
        },
        "quota_type = 'mining' and earths = 'all' and is_latest and known_basis = 'stated' and quota_t_reo is not null"
        " and year >= 2018",
        "year, known_from",
    )
    if len(data) < 3:
        return None
    last: dict[int, Row] = {}
    for row in data:
        last[row["year"]] = row
    newest = data.rows[-1]
    return Chart(
        slug="quota-batches",
        title=f"The newest notice with a day is of {day(newest['known_from'])}: {tonnes(newest['quota_t_reo'])}, "
        f"{_batch(newest['batch'])} of {newest['year']}",
        unit="Mining quotas by the day on which they were known, t REO; batches are parts of their year.",
        drawing=bars(
            [
                Bar(
                    f"{day(row['known_from'])}: {_batch(row['batch'])} of {row['year']}",
                    row["quota_t_reo"],
                    tonnes(row["quota_t_reo"]),
                    "china" if row["batch"] == "year" else "soft",
                )
                for row in data
            ],
        ),
        data=[data],
        sources=["china_quotas"],
        notes=["Only notices whose day is stated; quotas known from an undated page are in the table of all quotas."],
    )


def _batch(name: str) -> str:
    return "the whole" if name == "year" else f"the {name} batch"


def _outlook(tables: Tables) -> Chart | None:
    data = tables.select(
        "core.fct_outlook",
        {
            "outlook_scenario": "Scenario",
            "year": "Year",
            "outlook_kt": "kt of magnet rare earths",
            "edition": "Edition",
            "is_forward": "Projection",
        },
        "is_latest and outlook_measure = 'demand' and magnet_use = 'all_uses'",
        "outlook_scenario, year",
        also=["period_start"],
    )
    base = next((row for row in data if row["outlook_scenario"] == "base_year"), None)
    if base is None:
        return None
    tints = {"STEPS": "accent", "APS": "reference", "NZE": "third"}
    series = []
    for scenario, some in groupby(data, key=lambda row: row["outlook_scenario"]):
        if scenario == "base_year":
            continue
        told = [
            Point(
                decimal_year(row["period_start"]),
                row["outlook_kt"],
                f"{row['year']} · {FORMATS['kilotonnes'](row['outlook_kt'])} · {_SCENARIOS.get(scenario, scenario)}",
                is_estimate=True,
            )
            for row in (base, *some)
        ]
        series.append(Line(_SCENARIOS.get(scenario, scenario), tints.get(scenario, "other"), told, is_dashed=True))
    ends = sorted({line.last.y for line in series if line.last and line.last.y})
    last = max(row["year"] for row in data)
    return Chart(
        slug="outlook",
        title=f"Demand for magnet rare earths is projected to go from {FORMATS['kilotonnes'](base['outlook_kt'])} in "
        f"{base['year']} to {listing(dict.fromkeys(FORMATS['kilotonnes'](end) for end in (ends[0], ends[-1])))} in "
        f"{last}, by scenario",
        unit="Demand of all uses, kt of magnet rare earths, by the IEA. All but the first year are projections.",
        drawing=lines(series, Scale("plain", height=320, right=140)),
        data=[data],
        sources=["iea"],
        notes=["Kilotonnes of magnet elements are never added to tonnes of all rare-earth oxide."],
    )

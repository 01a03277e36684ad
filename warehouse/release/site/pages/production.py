"""Production and reserves: what each edition said, from the day it said it."""

from __future__ import annotations

from itertools import groupby

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.charts.lines import Line, Point, Scale, lines
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import colour, held, last_with
from warehouse.release.site.section import Fact, Section
from warehouse.release.site.tables import Row, Selection, Tables, decimal_year
from warehouse.release.site.wording import day, moved, percent, significant, tonnes

_QUOTA = "The USGS prints China's mining quota as its production: what was mined without one is not in it."
_LEADING = 10
_USGS = "source_code = 'usgs_mcs'"


def page(tables: Tables) -> Page:
    """The page on production and reserves."""
    return Page(
        path="production.html",
        title="Production and reserves, edition by edition",
        lead="A figure of last year is a first guess. Later editions restate it, and the "
        "earlier statement stays here beside the later one.",
        template="topic.html.j2",
        content={"summary": _summary(tables), "sections": _sections(tables)},
        search_text="USGS mineral commodity summaries mined tonnes REO monazite AMD world",
    )


def _summary(tables: Tables) -> list[Fact]:
    newest = "period_start desc"
    facts = [
        Fact(
            tables.cell(
                "marts.mart_share_by_edition",
                "share_of_countries",
                f"country_code = 'CHN' and measure = 'production' and {_USGS} and is_latest",
                newest,
            ),
            "percent",
            "of what the listed countries mined in the newest year is China's",
        ),
        Fact(
            tables.cell(
                "marts.mart_production_by_year",
                "production_t_reo",
                "country_code = 'IND' and holding_status = 'held'",
                newest,
            ),
            "tonnes",
            "mined in India in the newest year",
        ),
        Fact(
            tables.cell("core.fct_reserves", "reserves_t_reo", f"country_code = 'IND' and {_USGS}", "known_from desc"),
            "tonnes",
            "of reserves in India, as last stated by an edition",
        ),
    ]
    return [fact for fact in facts if fact.cell]


def _sections(tables: Tables) -> list[Section]:
    return [
        Section("What was known when", charts=held([vintages(tables), _share_steps(tables)])),
        Section("Who mines", charts=held([_producers(tables), _years(tables)])),
        Section(
            "Reserves and resources",
            [
                "Reserves could be mined at a profit; resources are in the ground, and no source states a profit. "
                "The two are never added."
            ],
            charts=held([_reserves(tables), _monazite(tables)]),
        ),
    ]


def vintages(tables: Tables) -> Chart | None:
    """The world's printed total of each year, from the day each edition stated it."""
    data = tables.select(
        "core.fct_world_total",
        {
            "year": "Year",
            "edition": "Edition",
            "known_from": "Known from",
            "known_to": "Until",
            "total_t_reo": "World, t REO",
            "value_status": "Status",
        },
        f"measure = 'production' and {_USGS} and total_t_reo is not null",
        "year, known_from",
    )
    end = tables.release["as_of_day"]
    series: list[Line] = []
    revised: list[tuple[float, Row, Row]] = []
    for at, (year, some) in enumerate(groupby(data, key=lambda row: row["year"])):
        rows = list(some)
        told = [
            Point(
                decimal_year(row["known_from"]),
                row["total_t_reo"],
                f"{row['edition']} · {tonnes(row['total_t_reo'])} · known from {day(row['known_from'])}",
                is_estimate=row["value_status"] == "estimated",
            )
            for row in rows
        ]
        told.append(
            Point(
                decimal_year(end), rows[-1]["total_t_reo"], f"still the last word · {tonnes(rows[-1]['total_t_reo'])}"
            )
        )
        tint = ("china", "india", "reference", "third", "fourth", "other")[at % 6]
        series.append(Line(f"of {year}", tint, told, is_step=True))
        if len(rows) > 1 and rows[0]["total_t_reo"]:
            revised.append((abs(rows[-1]["total_t_reo"] / rows[0]["total_t_reo"] - 1), rows[0], rows[-1]))
    if not revised:
        return None
    _, was, now = max(revised, key=lambda found: found[0])
    change = moved(was["total_t_reo"], now["total_t_reo"], "tonnes")
    return Chart(
        slug="world-production-vintages",
        title=f"The world's output of {was['year']} {change} from one edition to the next",
        unit="World mine production of each year, t REO, as it was known over time. Each line is one year's figure.",
        drawing=lines(series, Scale("tonnes", height=360, right=84, from_zero=False)),
        data=[data],
        sources=["usgs_mcs"],
        notes=["A line begins on the day the year was first stated, and steps on the day an edition restated it."],
    )


def _share_steps(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_share_by_edition",
        {
            "measure": "Of",
            "year": "Year",
            "edition": "Edition",
            "known_from": "Known from",
            "share_of_countries": "China's share",
            "value_t_reo": "China, t REO",
        },
        f"country_code = 'CHN' and {_USGS} and measure = 'reserves' and share_of_countries is not null",
        "known_from",
    )
    if len(data) < 2:
        return None
    first, last = data.rows[0], data.rows[-1]
    same = first["value_t_reo"] == last["value_t_reo"]
    told = [
        Point(
            decimal_year(row["known_from"]),
            row["share_of_countries"],
            f"{row['edition']} · {percent(row['share_of_countries'])} · known from {day(row['known_from'])}",
        )
        for row in data
    ]
    told.append(Point(decimal_year(tables.release["as_of_day"]), last["share_of_countries"], "still the last word"))
    change = moved(first["share_of_countries"], last["share_of_countries"])
    return Chart(
        slug="reserves-share-steps",
        title=f"China's share of the world's reserves {change}, "
        + (f"with the same {tonnes(last['value_t_reo'])}: the others changed" if same else "as editions restated it"),
        unit=(
            "China's share of the reserves of the countries that an edition lists with a number, from the day it "
            "was known."
        ),
        drawing=lines(
            [Line("China", "china", told, is_step=True)], Scale("percent", height=280, right=70, top_value=0.7)
        ),
        data=[data],
        sources=["usgs_mcs"],
        notes=["A share moves when another country's figure is revised, or is no longer stated."],
    )


def _producers(tables: Tables) -> Chart | None:
    where = "holding_status = 'held' and production_t_reo > 0"
    newest = tables.cell("marts.mart_production_by_year", "year", where, "year desc")
    if newest is None:
        return None
    data = tables.select(
        "marts.mart_production_by_year",
        {
            "country_name": "Country",
            "year": "Year",
            "production_t_reo": "t REO",
            "production_status": "Status",
            "basis_code": "Rests on",
            "edition": "Edition",
        },
        f"{where} and year = {newest.value}",
        "production_t_reo desc",
        also=["country_code"],
    )
    most = data.rows[:_LEADING]
    india = next((row for row in data if row["country_code"] == "IND"), None)
    if india and india not in most:
        most = [*most, india]
    times = (
        f"{significant(most[0]['production_t_reo'] / most[1]['production_t_reo'], 2)} times" if len(most) > 1 else ""
    )
    return Chart(
        slug="producers",
        title=f"{most[0]['country_name']} mined {tonnes(most[0]['production_t_reo'])} in {newest.value}, {times} what "
        f"{_the(most[1]['country_name'])} did"
        if len(most) > 1
        else f"{most[0]['country_name']} mined most",
        unit=f"Mine production in {newest.value}, t REO. Dashed bars are estimates.",
        drawing=bars(
            [
                Bar(
                    row["country_name"],
                    row["production_t_reo"],
                    tonnes(row["production_t_reo"]),
                    colour(row["country_code"]),
                    row["production_status"] == "estimated",
                )
                for row in most
            ]
        ),
        data=[data],
        sources=["usgs_mcs"],
        notes=[_QUOTA],
    )


def _the(name: str) -> str:
    return f"the {name}" if name.startswith("United") else name


def _years(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_production_by_year",
        {
            "country_name": "Country",
            "year": "Year",
            "production_t_reo": "t REO",
            "production_status": "Status",
            "edition": "Edition",
        },
        "holding_status = 'held' and country_code in ('CHN', 'USA', 'AUS', 'MMR', 'IND') and year >= (select min(year)"
        " from marts.mart_production_by_year where country_code = 'CHN' and production_t_reo is not null)",
        "country_name, year",
        also=["country_code", "period_start"],
    )
    names = {"CHN": "china", "IND": "india", "USA": "reference", "AUS": "third", "MMR": "fourth"}
    series = [
        Line(
            rows[0]["country_name"].replace("United States", "US"),
            names[code],
            [
                Point(
                    decimal_year(row["period_start"]),
                    row["production_t_reo"],
                    f"{row['year']} · {tonnes(row['production_t_reo'] or 0)}",
                    is_estimate=row["production_status"] == "estimated",
                )
                for row in rows
            ],
        )
        for code, some in groupby(data, key=lambda row: row["country_code"])
        for rows in [list(some)]
    ]
    china = [row for row in data if row["country_code"] == "CHN" and row["production_t_reo"]]
    if len(china) < 2:
        return None
    return Chart(
        slug="production-years",
        title=f"China's output {moved(china[0]['production_t_reo'], china[-1]['production_t_reo'], 'tonnes')} between "
        f"{china[0]['year']} and {china[-1]['year']}" + _india(data),
        unit="Mine production, t REO, latest statement of each year. Hollow points are estimates.",
        drawing=lines([line for line in series if line.last], Scale("tonnes", height=340, right=90)),
        data=[data],
        sources=["usgs_mcs"],
        notes=[_QUOTA],
    )


def _india(data: Selection) -> str:
    """What India's output did over the same years, if it is held."""
    india = [row["production_t_reo"] for row in data if row["country_code"] == "IND" and row["production_t_reo"]]
    return f"; India's {moved(india[0], india[-1], 'tonnes')}" if len(india) > 1 else ""


def _reserves(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_reserve_life",
        {
            "country_name": "Country",
            "edition": "Edition",
            "reserves_t_reo": "Reserves, t REO",
            "reserves_status": "Status",
            "reserve_life_years": "Years of the newest output",
        },
        "is_current",
        "reserves_t_reo desc nulls last, country_name",
        also=["country_code"],
    )
    rows = [row for row in data if row["reserves_t_reo"] is not None or row["country_code"] == "IND"]
    if not rows:
        return None
    missing = [row["country_name"] for row in data if row["reserves_t_reo"] is None]
    return Chart(
        slug="reserves",
        title=f"{rows[0]['country_name']} holds {tonnes(rows[0]['reserves_t_reo'])}; {len(missing)} of the {len(data)} "
        "countries listed have no figure" + (", India among them" if "India" in missing else ""),
        unit=f"Reserves, t REO, {rows[0]['edition']}.",
        drawing=bars(
            [
                Bar(
                    row["country_name"],
                    row["reserves_t_reo"],
                    tonnes(row["reserves_t_reo"]) if row["reserves_t_reo"] is not None else "not available",
                    colour(row["country_code"]),
                )
                for row in rows
            ]
        ),
        data=[data],
        sources=["usgs_mcs"],
        notes=["A long life of reserves says how little is mined, not how long a mine lasts."],
    )


def _monazite(tables: Tables) -> Chart | None:
    data = tables.select(
        "core.fct_resources",
        {
            "period_end": "As of",
            "resources_t_monazite": "Monazite, t",
            "value_status": "Status",
            "known_from": "Known from",
        },
        "country_code = 'IND' and substance = 'monazite' and resource_level = 'deposit'",
        "period_end",
    )
    first, last = (data.rows[0], last_with(data.rows, "resources_t_monazite")) if data.rows else (None, None)
    if not first or not last or first is last or not first["resources_t_monazite"]:
        return None
    told = [
        Point(
            decimal_year(row["period_end"]),
            row["resources_t_monazite"],
            f"{day(row['period_end'], 'month')} · {tonnes(row['resources_t_monazite'] or 0)}",
        )
        for row in data
    ]
    change = moved(first["resources_t_monazite"], last["resources_t_monazite"], "tonnes")
    return Chart(
        slug="monazite",
        title=f"India's monazite in the ground {change}",
        unit="Resources of monazite in beach sands, t of mineral, by India's Atomic Minerals Directorate.",
        drawing=lines([Line("India", "india", told)], Scale("tonnes", height=280, right=60)),
        data=[Selection(data.table, data.key, data.labels, data.rows)],
        sources=["india_amd"],
        notes=["Tonnes of mineral: monazite holds 55 to 60 % of oxide. Not reserves."],
    )

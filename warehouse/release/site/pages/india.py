"""India's balance: imports and exports by stage, China's share, and what India's demand for magnets lacks."""

from __future__ import annotations

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.charts.lines import Line, Point, Scale, lines
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import held, last_with, period, with_gaps
from warehouse.release.site.section import Fact, Section
from warehouse.release.site.tables import Row, Tables, decimal_year
from warehouse.release.site.wording import money, moved, number, percent, phrase

_MISSING = {
    "intensity": "cited kilograms of magnet per unit",
    "deployment": "units put to use",
    "deployment and intensity": "both",
}
_STAGES = {"compound": "compounds", "metal": "metals", "magnet": "magnets"}


def page(tables: Tables) -> Page:
    """The page on India."""
    return Page(
        path="india.html",
        title="India's balance and demand",
        lead="India sells compounds and buys magnets. What it imports and exports by stage, how much of it is China's, "
        "and why its demand for magnets cannot be stated yet.",
        template="topic.html.j2",
        content={
            "summary": _summary(tables),
            "sections": [
                Section(
                    "Imports and exports", charts=held([_balance(tables, stage) for stage in ("magnet", "compound")])
                ),
                Section("China's share", charts=held([_stages(tables), _compound_share(tables)])),
                Section("Demand", _demand_text(tables), charts=held([_vehicles(tables)])),
            ],
        },
        search_text="net importer exporter supply balance electric vehicles wind demand magnets compounds metals",
    )


def _summary(tables: Tables) -> list[Fact]:
    table, newest, year = "marts.mart_india_supply_balance", "period_start desc", "period_type = 'fiscal_year'"
    facts = [
        Fact(
            tables.cell(table, "exports_usd", f"stage_code = 'compound' and {year}", newest),
            "money",
            "of compounds exported in the newest fiscal year",
        ),
        Fact(
            tables.cell(table, "imports_usd", f"stage_code = 'compound' and {year}", newest),
            "money",
            "of compounds imported",
        ),
        Fact(
            tables.cell(table, "imports_usd", f"stage_code = 'magnet' and {year}", newest),
            "money",
            "of magnets imported in the newest fiscal year held",
        ),
        Fact(
            tables.cell(table, "exports_usd", f"stage_code = 'magnet' and {year}", newest),
            "money",
            "of magnets exported",
        ),
    ]
    return [fact for fact in facts if fact.cell]


def _balance(tables: Tables, stage: str) -> Chart | None:
    data = tables.select(
        "marts.mart_india_supply_balance",
        {
            "period_label": "Fiscal year",
            "imports_usd": "Imports, US$",
            "exports_usd": "Exports, US$",
            "imports_kg": "Imports, kg",
            "exports_kg": "Exports, kg",
            "net_position_by_value": "Position by value",
            "unknowns": "Unknown",
        },
        f"stage_code = '{stage}' and period_type = 'fiscal_year'",
        "period_start",
        also=["stage_code"],
    )
    last = last_with(data.rows, "imports_usd", "exports_usd")
    if last is None:
        return None
    series = [
        Line(
            name,
            tint,
            [
                Point(decimal_year(row["period_start"]), row[column], f"{period(row)} · {money(row[column] or 0)}")
                for row in data
            ],
        )
        for name, tint, column in (("Imports", "third", "imports_usd"), ("Exports", "india", "exports_usd"))
    ]
    larger = last["exports_usd"] > last["imports_usd"]
    most, least = (last["exports_usd"], last["imports_usd"]) if larger else (last["imports_usd"], last["exports_usd"])
    verb, other = ("sold", "bought") if larger else ("bought", "sold")
    return Chart(
        slug=f"india-balance-{stage}",
        title=f"India {verb} {money(most)} of {_STAGES[stage]} in {period(last)} and {other} {money(least)}",
        unit=(
            f"India's trade in {_STAGES[stage]} with all countries, US$ a fiscal year (April to March); imports "
            "CIF, exports FOB."
        ),
        drawing=lines([line for line in series if line.last], Scale("money", height=310, right=80)),
        data=[data],
        sources=["pib_india", "india_tradestat"] if stage == "magnet" else ["india_tradestat"],
        notes=[
            "Ferrite is left out: the line 85051190."
            if stage == "magnet"
            else "Oxide inside the goods has bounds only (`net_imports_reo_tonnes_low`, `net_imports_reo_tonnes_high`)."
        ],
    )


def _stages(tables: Tables) -> Chart | None:
    """China's share of each stage by value and weight, the newest year of each."""
    data = tables.select(
        "marts.mart_import_dependence",
        {
            "product_key": "Code",
            "period_start": "Year from",
            "period_type": "Kind of year",
            "china_value_share": "China's share by value",
            "china_weight_share": "by weight",
            "source_code": "Source",
            "figure_basis": "How it was had",
        },
        "reporter_code = 'IND' and product_key in ('HS:850511', 'HS:2846', 'HS:280530')"
        " and period_type in ('calendar_year', 'fiscal_year')"
        " and (china_value_share is not null or china_weight_share is not null)",
        "product_key, period_start",
    )
    rows: list[Bar] = []
    for key, name in (("HS:850511", "Magnets of metal"), ("HS:280530", "Metals"), ("HS:2846", "Compounds")):
        for column, how in (("china_value_share", "by value"), ("china_weight_share", "by weight")):
            some = [row for row in data if row["product_key"] == key]
            if row := last_with(sorted(some, key=lambda row: row["period_start"]), column):
                rows.append(
                    Bar(
                        f"{name}, {how}",
                        row[column],
                        f"{percent(row[column])}, {_short_year(row)}",
                        "china" if how == "by value" else "third",
                    )
                )
    if not rows:
        return None
    most = max(rows, key=lambda row: row.value or 0)
    return Chart(
        slug="india-stages",
        title=f"Of what India imports, China's share is largest in {most.name.lower()}: {percent(most.value or 0)}",
        unit="China's share of India's imports by stage, the newest year that is held of each, by India's own reports.",
        drawing=bars(rows, 1.0),
        data=[data],
        sources=["un_comtrade", "india_tradestat", "pib_india"],
        notes=["Magnets are HS 850511, with ferrite cores that India files there; metals 280530; compounds 2846."],
    )


def _short_year(row: Row) -> str:
    start = row["period_start"].year
    return f"FY{start}-{(start + 1) % 100:02d}" if row["period_type"] == "fiscal_year" else str(start)


def _compound_share(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_import_dependence",
        {
            "period_start": "Fiscal year from",
            "china_value_share": "By value",
            "china_weight_share": "By weight",
            "listed_usd": "All suppliers, US$",
            "china_usd": "China, US$",
        },
        "reporter_code = 'IND' and product_key = 'HS:2846' and period_type = 'fiscal_year'"
        " and source_code = 'india_tradestat'",
        "period_start",
        also=["period_type"],
    )
    first, last = (
        next((row for row in data if row["china_weight_share"]), None),
        last_with(data.rows, "china_weight_share"),
    )
    if first is None or last is None or first is last:
        return None
    series = [
        Line(
            name,
            tint,
            with_gaps(
                [
                    Point(
                        decimal_year(row["period_start"]), row[column], f"{period(row)} · {percent(row[column] or 0)}"
                    )
                    for row in data
                ]
            ),
        )
        for name, tint, column in (
            ("By weight", "third", "china_weight_share"),
            ("By value", "china", "china_value_share"),
        )
    ]
    return Chart(
        slug="india-compounds-share",
        title=f"China's share of India's compounds {moved(first['china_weight_share'], last['china_weight_share'])} by "
        f"weight, and {moved(first['china_value_share'], last['china_value_share'])} by value",
        unit="China's share of India's imports of HS 2846, fiscal years, by India's own report.",
        drawing=lines(series, Scale("percent", height=300, right=90, top_value=1.0)),
        data=[data],
        sources=["india_tradestat"],
        notes=[
            "A break is a year whose partners are in quarantine or not held. Cerium compounds are heavy and cheap, "
            "so the two shares differ."
        ],
    )


def _demand_text(tables: Tables) -> list[str]:
    rows = tables.rows(
        "select magnet_use, string_agg(distinct missing_input, ' and ' order by missing_input) as missing, "
        "count(*) as n, count(*) filter (demand_availability = 'held') as held from marts.mart_india_magnet_demand "
        "group by all order by 1"
    )
    held_rows = sum(row["held"] for row in rows)
    if not rows:
        return []
    if held_rows:
        return [
            f"Demand is held for {held_rows} of {sum(row['n'] for row in rows)} uses and years: "
            "`marts.mart_india_magnet_demand`."
        ]
    missing = "; ".join(f"{phrase(row['magnet_use'])}: {_MISSING.get(row['missing'], row['missing'])}" for row in rows)
    return [
        "How many magnets India needs is units put to use times cited kilograms of magnet per unit. For every use "
        f"one of the two is not held, so no tonnage is given here. Missing are: {missing}."
    ]


def _vehicles(tables: Tables) -> Chart | None:
    data = tables.select(
        "core.fct_deployment",
        {
            "period_start": "Fiscal year from",
            "use_class": "Class",
            "deployed": "Vehicles",
            "known_from": "Known from",
            "value_status": "Status",
        },
        "country_code = 'IND' and magnet_use = 'electric_vehicles' and use_class = 'all' and period_type = "
        "'fiscal_year'"
        " and is_latest",
        "period_start",
        also=["period_type"],
    )
    if len(data) < 2:
        return None
    first, last = data.rows[0], data.rows[-1]
    told = [
        Point(decimal_year(row["period_start"]), row["deployed"], f"{period(row)} · {number(row['deployed'])} vehicles")
        for row in data
    ]
    return Chart(
        slug="india-vehicles",
        title=f"Electric vehicles registered in India {moved(first['deployed'], last['deployed'], 'number')} a year "
        f"between {period(first)} and {period(last)}",
        unit="Registrations by fiscal year, all classes, as stated to Parliament.",
        drawing=lines([Line("", "india", told)], Scale("plain", height=280, right=20, left=84)),
        data=[data],
        sources=["india_vahan"],
        notes=["No cited figure of magnets per vehicle is held, so this is no demand in tonnes."],
    )

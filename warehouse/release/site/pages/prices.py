"""Prices: what the USGS prints of each oxide and metal, how often it was revised, and unit values beside."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.lines import Line, Point, Scale, lines
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import held, with_gaps
from warehouse.release.site.section import Fact, Section
from warehouse.release.site.tables import Row, Selection, Tables, decimal_year
from warehouse.release.site.wording import day, moved, prices

_MAGNET = ("NdPr oxide", "Neodymium oxide", "Praseodymium oxide", "Dysprosium oxide", "Terbium oxide", "Samarium oxide")
_OTHER = (
    "Lanthanum oxide",
    "Cerium oxide",
    "Yttrium oxide",
    "Gadolinium oxide",
    "Europium oxide",
    "Lutetium oxide",
    "Holmium oxide",
    "Erbium oxide",
    "Ytterbium oxide",
    "Mischmetal",
)


def page(tables: Tables) -> Page:
    """The page on prices."""
    return Page(
        path="prices.html",
        title="Prices",
        lead=(
            "Averages of the year as traders publish them and the USGS prints them, the newest statement of each "
            "year. A price is of one material and purity; a unit value is what customs recorded for a whole code, "
            "and no price."
        ),
        template="topic.html.j2",
        content={
            "summary": _summary(tables),
            "sections": [
                Section("Revised editions", charts=held([_vintages(tables)])),
                Section("Magnet rare earths", charts=held([_price(tables, name) for name in _MAGNET]), is_grid=True),
                Section("Other rare earths", charts=held([_price(tables, name) for name in _OTHER]), is_grid=True),
                *_not_held(tables),
            ],
        },
        search_text="NdPr neodymium dysprosium terbium oxide US$ per kg",
    )


def _summary(tables: Tables) -> list[Fact]:
    def newest(name: str, text: str) -> Fact:
        where = f"material_name = '{name}'"
        return Fact(tables.cell("marts.mart_price", "price_usd_per_kg", where, "period_start desc"), "price", text)

    facts = [
        newest("NdPr oxide", "neodymium-praseodymium oxide, newest year"),
        newest("Dysprosium oxide", "dysprosium oxide"),
        newest("Terbium oxide", "terbium oxide"),
    ]
    return [fact for fact in facts if fact.cell]


def _price(tables: Tables, name: str) -> Chart | None:
    data = tables.select(
        "marts.mart_price",
        {
            "year": "Year",
            "price_usd_per_kg": "US$ per kg",
            "price_status": "Status",
            "purity": "Purity",
            "price_edition": "Edition",
            "price_availability": "Availability",
        },
        f"material_name = '{name}'",
        "year",
        also=["period_start"],
    )
    rows = [row for row in data if row["price_usd_per_kg"] is not None]
    if len(rows) < 2:
        return None
    told = [
        Point(
            decimal_year(row["period_start"]),
            row["price_usd_per_kg"],
            f"{row['year']} · {prices(row['price_usd_per_kg'])} · {row['price_edition']}",
            is_estimate=row["price_status"] == "estimated",
        )
        for row in rows
    ]
    last = rows[-1]
    peak = max(reversed(rows), key=lambda row: row["price_usd_per_kg"])
    now, then = (f"{prices(row['price_usd_per_kg'])} in {row['year']}" for row in (last, peak))
    went = f"at its highest, {now}" if peak is last else f"{now}, {then}"
    return Chart(
        slug=f"price-{name.lower().replace(' ', '-')}",
        title=f"{name}: {went}",
        unit=f"US$ per kg, {rows[-1]['purity'] or 'purity not stated'}.",
        drawing=lines([Line("", "accent", with_gaps(told))], Scale("price", height=230, right=20, first=_first(data))),
        data=[data],
        sources=["usgs_mcs"],
        is_compact=True,
    )


def _first(data: Selection) -> float:
    return min(decimal_year(row["period_start"]) for row in data)


def _vintages(tables: Tables) -> Chart | None:
    """The price whose year was revised most, edition by edition."""
    found = tables.rows(
        "select elements, form, purity, year, max(price_usd_per_kg) / min(price_usd_per_kg) as moved from "
        "core.fct_price"
        " where price_usd_per_kg > 0 and lot is null and elements in ('Nd', 'Dy', 'Tb', 'La', 'Ce', 'Eu')"
        " group by all having count(distinct price_usd_per_kg) > 1 order by moved desc, year desc limit 1"
    )
    if not found:
        return None
    most = found[0]
    data = tables.select(
        "core.fct_price",
        {
            "year": "Year",
            "edition": "Edition",
            "known_from": "Known from",
            "known_to": "Until",
            "price_usd_per_kg": "US$ per kg",
            "value_status": "Status",
        },
        f"elements = '{most['elements']}' and form = '{most['form']}' and purity is not distinct from "
        f"{_literal(most['purity'])} and price_usd_per_kg is not null and lot is null",
        "year, known_from",
        also=["label"],
    )
    end = decimal_year(tables.release["as_of_day"])
    series = [
        _stepped(year, list(some), end, is_it=year == most["year"])
        for year, some in groupby(data, key=lambda row: row["year"])
    ]
    of_year = [row for row in data if row["year"] == most["year"]]
    change = moved(of_year[0]["price_usd_per_kg"], of_year[-1]["price_usd_per_kg"], "price")
    name = tables.rows("select element_name from core.dim_element where element_symbol = ?", [most["elements"]])
    what = f"{name[0]['element_name'].lower() if name else most['elements']} {most['form']}"
    return Chart(
        slug="price-vintages",
        title=f"The price of {what} in {most['year']} {change} when a later edition restated it",
        unit=f"Price of {what}, US$ per kg, of each year as it was known over time.",
        drawing=lines(series, Scale("price", height=320, right=80)),
        data=[data],
        sources=["usgs_mcs"],
        notes=["Each line is one year's price, from the day an edition first stated it."],
    )


def _literal(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def _stepped(year: int, rows: Sequence[Row], end: float, *, is_it: bool) -> Line:
    told = [
        Point(
            decimal_year(row["known_from"]),
            row["price_usd_per_kg"],
            f"{row['edition']} · {prices(row['price_usd_per_kg'])} · known from {day(row['known_from'])}",
            is_estimate=row["value_status"] == "estimated",
        )
        for row in rows
    ]
    told.append(
        Point(end, rows[-1]["price_usd_per_kg"], f"still the last word · {prices(rows[-1]['price_usd_per_kg'])}")
    )
    return Line(f"of {year}", "china" if is_it else "other", told, is_step=True, is_context=not is_it, has_marks=is_it)


def _not_held(tables: Tables) -> list[Section]:
    names = tables.rows(
        "select material_name from marts.mart_price group by material_name"
        " having count(price_usd_per_kg) = 0 and count(price_usd_per_kg_low) = 0 order by material_name"
    )
    if not names:
        return []
    text = ", ".join(row["material_name"] for row in names)
    return [
        Section(
            "Not held", [f"No price is held of: {text}. What customs recorded for magnets of metal is a unit value."]
        )
    ]

"""Revisions: how far first figures move, by publisher and age, and which moved most."""

from __future__ import annotations

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.charts.grid import Square, grid
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import colour, held
from warehouse.release.site.section import Fact, Section
from warehouse.release.site.tables import Row, Selection, Tables
from warehouse.release.site.wording import percent, tonnes

_NAMES = {
    "fct_production": "Mine production",
    "fct_price": "Prices",
    "fct_salient": "US statistics",
    "fct_world_total": "World totals",
}
_SHOWN = 12


def _name(table: str) -> str:
    """A table of facts in words: `Other countries total`."""
    return _NAMES.get(table) or table.removeprefix("fct_").replace("_", " ").capitalize()


def page(tables: Tables) -> Page:
    """The page on revisions."""
    return Page(
        path="revisions.html",
        title="How far first figures move",
        lead=(
            "A figure is stated, restated and at last left alone. This page shows how far the publishers' figures "
            "moved, at which age, so that a number quoted today is quoted with its usual error."
        ),
        template="topic.html.j2",
        content={
            "summary": _summary(tables),
            "sections": [
                Section(charts=held([_heat(tables)])),
                Section("The largest revisions", charts=held([_largest(tables)])),
                Section("By age, in full", table=_sizes(tables)),
            ],
        },
        search_text="edition restated final after months vintages USGS",
    )


def _summary(tables: Tables) -> list[Fact]:
    table = "marts.mart_revision_size"

    def of(name: str, text: str) -> Fact:
        where = f"table_name = '{name}' and is_sufficient and age_months = 0"
        return Fact(tables.cell(table, "p90_deviation", where, "age_months"), "percent", text)

    facts = [
        of("fct_production", "or more is how far one in ten first figures of mine production is from the last"),
        of("fct_price", "the same of prices"),
        of("fct_salient", "the same of the United States' statistics"),
    ]
    return [fact for fact in facts if fact.cell]


def _sizes(tables: Tables) -> Selection:
    return tables.select(
        "marts.mart_revision_size",
        {
            "source_code": "Source",
            "table_name": "Of",
            "age_months": "Age, months",
            "n_restated": "Figures restated",
            "n_revised": "Revised",
            "median_deviation": "Median distance",
            "p90_deviation": "90th percentile",
            "final_after_months": "Final after, months",
        },
        "true",
        "source_code, table_name, age_months",
        also=["is_sufficient"],
    )


def _heat(tables: Tables) -> Chart | None:
    data = _sizes(tables)
    rows = [row for row in data if row["is_sufficient"] or row["n_restated"]]
    if not rows:
        return None
    label = {row["table_name"]: f"{_name(row['table_name'])}, USGS" for row in rows}
    ages = sorted({row["age_months"] for row in data})
    squares = [
        Square(
            label[row["table_name"]],
            _age(row["age_months"]),
            "china" if row["is_sufficient"] else "gap",
            _says(row),
            percent(row["p90_deviation"], 0 if row["p90_deviation"] >= 0.1 else 1)
            if row["is_sufficient"]
            else "too few",
            opacity=_strength(row),
            ink="ink",
        )
        for row in rows
    ]
    worst = max((row for row in rows if row["is_sufficient"]), key=lambda row: row["p90_deviation"], default=None)
    if worst is None:
        return None
    return Chart(
        slug="revisions-heat",
        title=f"One in ten first figures of {_name(worst['table_name']).lower()} was off by "
        f"{percent(worst['p90_deviation'], 0)} or more, the median one by {percent(worst['median_deviation'])}",
        unit="90th percentile of the distance between a figure at an age and the last edition's, by kind of figure.",
        drawing=grid(squares, list(dict.fromkeys(label.values())), [_age(age) for age in ages]),
        data=[data],
        sources=["usgs_mcs"],
        notes=[
            "Darker is further from the last word. `too few`: fewer restated figures than a statement needs. A "
            "figure that is held in one release only has no revision to see."
        ],
    )


def _age(months: int) -> str:
    return "first" if months == 0 else f"after {months} months"


def _strength(row: Row) -> float:
    return 1.0 if not row["is_sufficient"] else max(0.08, min(row["p90_deviation"], 0.6))


def _says(row: Row) -> str:
    if not row["is_sufficient"]:
        return f"{row['n_restated']} figures restated: too few"
    return (
        f"90th percentile {percent(row['p90_deviation'])} · median {percent(row['median_deviation'])} · "
        f"{row['n_revised']} of {row['n_restated']} revised"
    )


def _largest(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_revision_history",
        {
            "country_name": "Country",
            "period_start": "Year from",
            "edition": "In",
            "previous_value": "Was, t REO",
            "figure_value": "Is, t REO",
            "change_relative": "Change",
            "known_from": "Known from",
        },
        "table_name = 'fct_production' and figure_name = 'production_t_reo' and source_code = 'usgs_mcs'"
        " and change_absolute <> 0 and previous_value > 0 and figure_value > 0",
        "abs(figure_value - previous_value) desc",
        also=["country_code", "change_absolute"],
    )
    if not data.rows:
        return None
    most = data.rows[:_SHOWN]
    first = most[0]
    rows = [
        Bar(
            f"{row['country_name']} {row['period_start'].year}",
            abs(row["change_absolute"]),
            f"{'+' if row['change_absolute'] > 0 else '−'}{tonnes(abs(row['change_absolute']))} ({_signed(row)})",
            colour(row["country_code"]),
            says=f"{tonnes(row['previous_value'])} to {tonnes(row['figure_value'])} · {row['edition']}",
        )
        for row in most
    ]
    return Chart(
        slug="revisions-largest",
        title=(
            f"{first['country_name']}'s {first['period_start'].year} moved most: from "
            f"{tonnes(first['previous_value'])} to {tonnes(first['figure_value'])} in {first['edition']}"
        ),
        unit="Changes of mine production from one edition to the next, t REO, the largest first.",
        drawing=bars(rows),
        data=[data],
        sources=["usgs_mcs"],
    )


def _signed(row: Row) -> str:
    return ("+" if row["change_relative"] > 0 else "") + percent(row["change_relative"], 0)

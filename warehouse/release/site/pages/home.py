"""The first page: five figures, what both sides say, what changed, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.release.site.page import Page
from warehouse.release.site.pages import corridor, magnets, production
from warehouse.release.site.pages.common import held
from warehouse.release.site.pages.figures import Figure
from warehouse.release.site.tables import Cell, Row, Tables
from warehouse.release.site.wording import day, moved

_HERO = (
    "india-magnets-from-china-by-value",
    "magnets-china-to-india-value",
    "compounds-china-to-india-value",
    "china-share-of-refining",
    "india-mine-production",
)
_ROUTES = (
    ("chain.html", "The chain", "From the ground to a motor, stage by stage: who leads, and how sure that is."),
    ("corridor.html", "Corridor", "China and India, month by month, by both accounts."),
    ("magnets.html", "Magnets", "Who supplies India, and who else depends on China."),
    ("production.html", "Production and reserves", "What each edition said, and when."),
    ("prices.html", "Prices", "Oxides and metals, as printed and as revised."),
    ("events.html", "Policy steps", "What was decided, and whether trade moved more than usual."),
    ("explorer.html", "Explorer", "Filter, sort and download the tables."),
    ("docs/cookbook.html", "Cookbook", "Questions answered with SQL that runs on this release."),
)


def page(tables: Tables, figures: Sequence[Figure]) -> Page:
    """The first page."""
    by_slug = {figure.slug: figure for figure in figures}
    hero = [by_slug[slug] for slug in _HERO if slug in by_slug]
    hero += [figure for figure in figures if figure not in hero][: len(_HERO) - len(hero)]
    share = magnets.share_over_time(tables)
    charts = held([share, corridor.compounds_by_month(tables, []), production.vintages(tables)])
    return Page(
        path="index.html",
        title="Rare earths between India and China",
        lead=(
            f"Production, reserves, prices and trade from {_publishers(tables)} publishers, each figure with who "
            "says it, since when, and how sure it is."
        ),
        template="home.html.j2",
        content={
            "headline": _headline(tables),
            "hero": hero,
            "charts": charts,
            "changes": _changes(tables),
            "gaps": _gaps(tables),
            "routes": _ROUTES,
            "newest": day(tables.release["as_of_day"]),
        },
        search_text="overview state of the corridor changes gaps not known",
    )


def _publishers(tables: Tables) -> int:
    return int(tables.rows("select count(distinct source_code) as n from meta.artifacts")[0]["n"])


def _headline(tables: Tables) -> str:
    where = "importer_code = 'IND' and supply_basis = 'reference'"
    table = "marts.mart_magnet_dependence"
    last = tables.select(table, {"china_value_share": ""}, f"{where} and coverage = 'complete'", "period_start desc")
    if not last.rows:
        return "Rare earths between India and China"
    return (
        f"{_out_of_ten(last.rows[0]['china_value_share'])} of the magnets that India imports come from China, by value"
    )


def _out_of_ten(share: float) -> str:
    words = (
        "None",
        "One tenth",
        "A fifth",
        "Three tenths",
        "Four tenths",
        "Half",
        "Six tenths",
        "Seven tenths",
        "Four fifths",
        "Nine tenths",
        "All",
    )
    nearest = round(share * 10)
    apart = share * 10 - nearest
    if abs(apart) < 0.15:
        return f"About {words[nearest].lower()}"
    return f"{'More' if apart > 0 else 'Less'} than {words[nearest].lower()}"


def _changes(tables: Tables) -> list[tuple[str, str]]:
    """What was revised last, by the publishers: the newest statements that changed a figure."""
    rows = tables.rows(
        "select country_name, year(period_start) as year, edition, known_from, table_name, previous_value, figure_value"
        " from marts.mart_revision_history where change_absolute <> 0 and is_latest"
        " and table_name in ('fct_production', 'fct_reserves') and source_code = 'usgs_mcs'"
        " order by known_from desc, abs(change_log) desc nulls last limit 6"
    )
    names = {"fct_production": "mine production", "fct_reserves": "reserves"}
    return [(day(row["known_from"]), _revision(row, names[row["table_name"]])) for row in rows]


def _revision(row: Row, what: str) -> str:
    change = moved(row["previous_value"], row["figure_value"], "tonnes")
    return f"{row['country_name']}'s {what} of {row['year']} {change} ({row['edition']})."


def _gaps(tables: Tables) -> list[tuple[str, Cell | None, str]]:
    """What is not known: sentence, the count that shows it, and where to read on."""
    corridor_rows = tables.rows(
        "select count(*) filter (value_basis = 'both_weighted') as both, count(*) filter (holding_status = "
        "'held') as held"
        " from marts.mart_corridor"
    )[0]
    months = tables.rows(
        "select count(*) filter (holding_status = 'held') as held, count(*) as n from marts.mart_coverage_calendar"
        " where product_key = 'HS:850511' and reporter_code in ('CHN', 'IND') and partner_code in ('CHN', 'IND')"
        " and period_type = 'month'"
    )[0]
    demand = tables.rows(
        "select count(*) filter (demand_availability = 'held') as held, count(*) as n from "
        "marts.mart_india_magnet_demand"
    )[0]
    quarantined = tables.rows("select count(*) as n from meta.quarantine where not is_expected")[0]["n"]
    found: list[tuple[str, Cell | None, str]] = []
    if months["n"] and not months["held"]:
        found.append(("No month of magnets between China and India is held: years only.", None, "coverage.html"))
    if demand["n"] and not demand["held"]:
        found.append(
            (
                "How many magnets India needs cannot be said: no source held here cites kilograms per vehicle.",
                None,
                "india.html",
            )
        )
    found.append(
        (
            f"The corridor is mostly one-sided: {corridor_rows['both']:,} of {corridor_rows['held']:,} figures rest "
            "on both countries' reports.",
            None,
            "corridor.html",
        )
    )
    if quarantined:
        found.append(
            (
                f"{quarantined:,} records are set aside, since their partner labels are wrong or they are not final.",
                None,
                "coverage.html",
            )
        )
    found.append(
        (
            "What China refines of all rare earths no publisher states; the IEA's share is of magnet elements only.",
            None,
            "processing.html",
        )
    )
    return found

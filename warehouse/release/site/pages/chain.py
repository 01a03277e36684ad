"""The chain, from the ground to India's use: one band a stage, with who leads it and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import colour
from warehouse.release.site.pages.figures import Certainty, Figure
from warehouse.release.site.tables import Row, Tables
from warehouse.release.site.wording import data, percent

_LED = 4
"""Countries of a band that are named; the rest are one part."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a band: its share of the whole, and its colour."""

    name: str
    share: float
    colour: str

    @property
    def shown(self) -> str:
        """The share as the page writes it; nothing for an unknown whole."""
        return "" if self.colour == "unknown" else percent(self.share)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the chain as the page shows it."""

    name: str
    story: Markup
    parts: Sequence[Part]
    of: str
    when: str
    certainty: Certainty
    sources: Sequence[str]
    more: Sequence[tuple[str, str]]


def page(tables: Tables, figures: Sequence[Figure]) -> Page:
    """The page on the chain."""
    by_slug = {figure.slug: figure for figure in figures}
    builders: tuple[Callable[[Tables, dict[str, Figure]], Stage | None], ...] = (
        _reserves,
        _mined,
        _refined,
        _compounds,
        _metals,
        _magnets,
        _use,
    )
    stages = [stage for build in builders if (stage := build(tables, by_slug)) is not None]
    return Page(
        path="chain.html",
        title="From the ground to a motor",
        lead=(
            "Rare earths are mined in several countries, and separated, made into metal and into magnets in one. "
            "At each stage: who leads, by whose figures, and how sure they are."
        ),
        template="chain.html.j2",
        content={"stages": stages},
        search_text="reserves mined separated refined compounds metals alloys magnets demand stages supply chain",
    )


def _band(rows: Sequence[Row], column: str, name: str = "country_name", code: str = "country_code") -> list[Part]:
    """The shares of the leading rows, India's always, and one part for all others."""
    seen = sorted((row for row in rows if row[column]), key=lambda row: -row[column])
    total = sum(row[column] for row in seen)
    named = [row for at, row in enumerate(seen) if at < _LED or row[code] == "IND"]
    parts = [Part(row[name], row[column] / total, colour(row[code])) for row in named]
    rest = 1 - sum(part.share for part in parts)
    return [*parts, Part("all others", rest, "soft")] if rest > 0.001 else parts


def _link(figures: dict[str, Figure], *slugs: str) -> list[tuple[str, str]]:
    return [(figures[slug].path, figures[slug].title) for slug in slugs if slug in figures]


def _value(figures: dict[str, Figure], slug: str) -> Markup | None:
    return data(figures[slug].cell, figures[slug].form) if slug in figures else None


def _reserves(tables: Tables, figures: dict[str, Figure]) -> Stage | None:
    rows = tables.select(
        "marts.mart_reserve_life",
        {"reserves_t_reo": ""},
        "is_current and reserves_t_reo is not null",
        also=["country_name", "country_code", "edition", "reserves_year", "reserves_status"],
    )
    china = _value(figures, "china-reserves")
    if not rows.rows or china is None:
        return None
    india = next((row for row in rows if row["country_code"] == "IND"), None)
    last = _value(figures, "india-reserves-last-stated")
    story = Markup("China holds {} of reserves. ").format(china)
    if india is None and last:
        story += Markup("India's are not stated in the newest edition; the last figure was {}. ").format(last)
    if monazite := _value(figures, "india-monazite-resources"):
        story += Markup("India counts {} of monazite in its sands: a resource, not a reserve.").format(monazite)
    return Stage(
        "Reserves",
        story,
        _band(rows.rows, "reserves_t_reo"),
        "Share of the countries that the edition lists with a number",
        rows.rows[0]["edition"],
        Certainty("reported", "Printed by the USGS, from national sources"),
        ["usgs_mcs"],
        [("production.html", "Reserves and resources"), *_link(figures, "china-reserves", "india-monazite-resources")],
    )


def _mined(tables: Tables, figures: dict[str, Figure]) -> Stage | None:
    china, india = (_value(figures, f"{who}-mine-production") for who in ("china", "india"))
    if china is None or india is None:
        return None
    year = figures["china-mine-production"].cell.key["year"]
    rows = tables.select(
        "marts.mart_production_by_year",
        {"production_t_reo": ""},
        f"year = {int(year)} and holding_status = 'held' and production_t_reo is not null",
        also=["country_name", "country_code"],
    )
    story = Markup(
        "China mined {} in {}, India {}. The USGS prints China's mining quota as its production, so what was mined "
        "without a quota is missing."
    ).format(china, year, india)
    return Stage(
        "Mined",
        story,
        _band(rows.rows, "production_t_reo"),
        "Share of mine production, tonnes of oxide",
        year,
        figures["china-mine-production"].certainty,
        ["usgs_mcs"],
        [
            ("production.html", "Production by edition"),
            *_link(figures, "china-share-of-mine-production", "india-mine-production"),
        ],
    )


def _refined(tables: Tables, figures: dict[str, Figure]) -> Stage | None:
    share = _value(figures, "china-share-of-refining")
    if share is None:
        return None
    rows = tables.select(
        "core.fct_outlook",
        {"outlook_kt": ""},
        "is_latest and outlook_measure = 'refining' and outlook_scenario = 'base_year' and scope <> 'world'",
        also=["country_name", "country_code", "edition"],
    )
    mined = _value(figures, "china-share-of-magnet-element-mining")
    story = Markup("Separation and refining is where the chain narrows: China refines {} of magnet rare earths").format(
        share
    )
    story += Markup(", and mines {} of them. ").format(mined) if mined else Markup(". ")
    story += Markup("Of all rare earths no publisher states a share.")
    named = [row | {"country_name": row["country_name"] or "all others listed by the IEA"} for row in rows]
    return Stage(
        "Separated and refined",
        story,
        _band(named, "outlook_kt"),
        "Share of refining of magnet rare earths",
        figures["china-share-of-refining"].period,
        figures["china-share-of-refining"].certainty,
        ["iea"],
        [("processing.html", "Processing and quotas"), *_link(figures, "china-share-of-refining")],
    )


def _two(figure: Figure) -> list[Part]:
    share = figure.cell.value
    return [Part("China", share, "china"), Part("all others", 1 - share, "soft")]


def _compounds(_: Tables, figures: dict[str, Figure]) -> Stage | None:
    value, kilograms = (figures.get(f"india-compounds-from-china-by-{how}") for how in ("value", "weight"))
    if value is None:
        return None
    story = Markup("Of the compounds that India imports, China sends {} by value").format(data(value.cell, value.form))
    if kilograms:
        story += Markup(" and {} by weight ({})").format(data(kilograms.cell, kilograms.form), kilograms.period)
        if kilograms.cell.value > value.cell.value:
            story += Markup(": its goods are the cheap, heavy ones")
    story += Markup(". India itself sells compounds")
    if exports := figures.get("india-compound-exports-value"):
        story += Markup(", {} in {}").format(data(exports.cell, exports.form), exports.period)
    return Stage(
        "Compounds",
        story + ".",
        _two(value),
        "Share of India's imports of compounds (HS 2846), by value",
        value.period,
        value.certainty,
        value.sources,
        [("corridor.html", "The corridor"), *_link(figures, value.slug, "india-compound-exports-value")],
    )


def _metals(_: Tables, figures: dict[str, Figure]) -> Stage | None:
    figure = figures.get("india-metals-from-china-by-weight")
    if figure is None:
        return None
    story = Markup(
        "Of the metals that India imports, China sends {} by weight. That is as the government states it to "
        "Parliament, in tonnes."
    ).format(data(figure.cell, figure.form))
    return Stage(
        "Metals",
        story,
        _two(figure),
        "Share of India's imports of metals (HS 280530), by weight",
        figure.period,
        figure.certainty,
        figure.sources,
        [("india.html", "India's balance"), *_link(figures, figure.slug)],
    )


def _magnets(tables: Tables, figures: dict[str, Figure]) -> Stage | None:
    value, kilograms = (figures.get(f"india-magnets-from-china-by-{how}") for how in ("value", "weight"))
    if value is None:
        return None
    year = value.cell.key["period_start"]
    rows = tables.select(
        "core.fct_trade_reference",
        {"value_usd": ""},
        "importer_code = 'IND' and product_key = 'HS:850511' and is_latest and coverage <> 'world_total'"
        f" and period_start = date '{year}'",
        also=["exporter_name", "exporter_code"],
    )
    story = Markup("China supplies {} of India's imported magnets by value").format(data(value.cell, value.form))
    if kilograms:
        story += Markup(" and {} by weight").format(data(kilograms.cell, kilograms.form))
    story += Markup(". The code holds all magnets of metal")
    if line := figures.get("india-magnet-line-from-china"):
        story += Markup("; of the line without ferrite the share is {} ({})").format(
            data(line.cell, line.form), line.period
        )
    return Stage(
        "Magnets",
        story + ".",
        _band(rows.rows, "value_usd", "exporter_name", "exporter_code"),
        "Share of India's imports of magnets (HS 850511), by value",
        value.period,
        value.certainty,
        value.sources,
        [("magnets.html", "Magnets"), *_link(figures, value.slug, "magnets-china-to-india-value")],
    )


def _use(tables: Tables, figures: dict[str, Figure]) -> Stage | None:
    vehicles = figures.get("india-electric-vehicles")
    if vehicles is None:
        return None
    held_rows = tables.rows(
        "select count(*) filter (demand_availability = 'held') as n from marts.mart_india_magnet_demand"
    )[0]["n"]
    story = Markup("India registered {} electric vehicles in {}. ").format(
        data(vehicles.cell, vehicles.form), vehicles.period
    )
    if not held_rows:
        story += Markup(
            "How many tonnes of magnets they and its wind turbines need is not known: kilograms per vehicle or "
            "megawatts installed are not held from any source that can be cited."
        )
    return Stage(
        "India's use",
        story,
        [] if held_rows else [Part("not known", 1.0, "unknown")],
        "India's demand for magnets, tonnes",
        vehicles.period,
        vehicles.certainty,
        vehicles.sources,
        [("india.html", "India's balance and demand"), *_link(figures, vehicles.slug)],
    )

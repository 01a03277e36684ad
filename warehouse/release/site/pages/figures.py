"""The headline figures: one page each, at a permanent address, with all that stands behind the number."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.lines import Line, Scale, lines
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import period, points, with_gaps
from warehouse.release.site.tables import Cell, Row, Selection, Tables
from warehouse.release.site.wording import FORMATS, day, moved
from warehouse.storage.literals import literal

_DECLARED = Path(__file__).parents[1] / "headline_figures.toml"
_CERTAINTY = {
    "reported": "Reported by the publisher",
    "estimated": "The publisher's estimate",
    "both": "Both countries report it",
    "one": "One country's report only",
    "derived": "Computed from reported figures",
    "reconciled": "Reconciled by CEPII from both reports",
}
_LEAST_PERIODS = 3
_SCALES = {"number": "plain", "kilotonnes": "plain", "significant": "plain", "years": "plain"}
_BOTH_SIDES = ("both_weighted",)


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a figure is: a kind that the page draws, and a sentence."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """What another account says of the same thing."""

    label: str
    cell: Cell
    form: str
    period: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure of this release."""

    slug: str
    topic: str
    title: str
    note: str
    form: str
    cell: Cell
    period: str
    certainty: Certainty
    sources: tuple[str, ...]
    low: Cell | None
    high: Cell | None
    beside: tuple[Account, ...]
    fact_ids: tuple[str, ...]
    where: str
    status: str | None

    @property
    def path(self) -> str:
        """Its address in the site."""
        return f"figures/{self.slug}.html"

    @property
    def written(self) -> str:
        """Its value in words."""
        return FORMATS[self.form](self.cell.value)


def headline_figures(tables: Tables) -> list[Figure]:
    """The declared figures that this release holds, newest period of each."""
    declared = tomllib.loads(_DECLARED.read_text(encoding="utf-8"))["figure"]
    return [figure for about in declared if (figure := _figure(tables, about)) is not None]


def _figure(tables: Tables, about: dict[str, Any]) -> Figure | None:
    found = _newest(tables, about)
    if found is None:
        return None
    selection, row = found
    cell = selection.cell(row, about["column"])
    kind = _kind(about, row)
    low, high = (selection.cell(row, about[end]) if end in about else None for end in ("low", "high"))
    return Figure(
        slug=about["slug"],
        topic=about["topic"],
        title=about["title"],
        note=about["note"],
        form=about["form"],
        cell=cell,
        period=about.get("period") or period(row),
        certainty=Certainty(kind, _CERTAINTY[kind]),
        sources=tuple(code for code in about["sources"] if code in tables.sources),
        low=low,
        high=high,
        beside=tuple(account for other in about["beside"] if (account := _account(tables, other)) is not None),
        fact_ids=_facts(tables, about["evidence"], row),
        where=about.get("history", about["where"]),
        status=about.get("status"),
    )


def _newest(tables: Tables, about: dict[str, Any]) -> tuple[Selection, Row] | None:
    """The row that a declaration picks: the newest period with a value, unless it has an order of its own."""
    columns = tables.columns(about["table"])
    newest = "period_start desc" if "period_start" in columns else next(iter(columns))
    selection = tables.select(
        about["table"],
        {name: name for name in columns},
        f"({about['where']}) and {about['column']} is not null",
        about.get("order", newest),
    )
    return (selection, selection.rows[0]) if selection.rows else None


def _account(tables: Tables, about: dict[str, Any]) -> Account | None:
    found = _newest(tables, about)
    if found is None:
        return None
    selection, row = found
    when = period(row) if "period_start" in row else ""
    return Account(about["label"], selection.cell(row, about["column"]), about["form"], when)


def _kind(about: dict[str, Any], row: Row) -> str:
    if "basis" in about:
        return "both" if row[about["basis"]] in _BOTH_SIDES else "one"
    if "status" in about:
        return "estimated" if row[about["status"]] == "estimated" else "reported"
    return str(about["certainty"])


def _facts(tables: Tables, query: str, row: Row) -> tuple[str, ...]:
    """The ids of the facts behind a figure; `$name` in the query is a column of its row."""
    if not query:
        return ()
    wanted = {name: row[name] for name in re.findall(r"\$(\w+)", query)}
    return tuple(found["fact_id"] for found in tables.rows(query, wanted) if found["fact_id"])


def pages(tables: Tables, figures: Sequence[Figure]) -> list[Page]:
    """The list of figures, and the page of each."""
    groups = [(topic, list(some)) for topic, some in groupby(figures, key=lambda figure: figure.topic)]
    overview = Page(
        path="figures/index.html",
        title="Figures to quote",
        lead=f"{len(figures)} figures with a permanent address each: the value, who says it, since when it was known, "
        "what other accounts say, and the file it comes from.",
        template="figures.html.j2",
        content={"groups": groups},
        search_text=" ".join(figure.title for figure in figures),
    )
    ids = sorted({fact_id for figure in figures for fact_id in figure.fact_ids})
    statements, files = (_statements(tables, ids), _files(tables, ids)) if ids else ({}, {})
    return [overview, *(_page(tables, figure, statements, _behind(figure, files)) for figure in figures)]


def _page(tables: Tables, figure: Figure, statements: Mapping[str, Row], files: list[Row]) -> Page:
    return Page(
        path=figure.path,
        title=figure.title,
        lead=f"{figure.written}, {figure.period}.",
        template="figure.html.j2",
        content={
            "figure": figure,
            "history": _history(tables, figure),
            "vintages": _vintages(tables, figure),
            "statements": [statements[fact_id] for fact_id in figure.fact_ids if fact_id in statements],
            "files": files,
            "citation": _citation(tables, figure),
        },
        search_text=f"{figure.note} {figure.period} {figure.topic}",
    )


def _history(tables: Tables, figure: Figure) -> Chart | None:
    """The same figure of every period that is held, where there are three or more and each has one value."""
    table, column = figure.cell.table, figure.cell.column
    columns = tables.columns(table)
    if "period_start" not in columns:
        return None
    status = figure.status or ("coverage" if "coverage" in columns else None)
    labels = {"period_start": "Period from", column: "Value"} | ({status: "Status"} if status else {})
    also = [name for name in ("period_type", "period_end") if name in columns]
    data = tables.select(table, labels, f"({figure.where}) and {column} is not null", "period_start", also=also)
    days = [row["period_start"] for row in data]
    if len(set(days)) < _LEAST_PERIODS or len(set(days)) < len(days):
        return None
    write = FORMATS[figure.form]
    told = points(
        data.rows,
        column,
        lambda row: f"{period(row)} · {write(row[column])}",
        is_estimate=lambda row: status is not None and row[status] in ("estimated", "partial"),
    )
    first, last = data.rows[0], data.rows[-1]
    change = moved(first[column], last[column], figure.form)
    scale = Scale(_SCALES.get(figure.form, figure.form), height=260, right=24, left=84)
    return Chart(
        slug=f"history-{figure.slug}",
        title=f"It {change} between {period(first)} and {period(last)}",
        unit=f"{figure.title}, by period.",
        drawing=lines([Line("", "accent", with_gaps(told))], scale),
        data=[data],
        sources=figure.sources,
        notes=["A break is a period that is not held. Hollow points are estimates, or rest on part of the partners."],
    )


def _vintages(tables: Tables, figure: Figure) -> Selection | None:
    """Every statement of the figure, where it is a single one that a publisher states."""
    if len(figure.fact_ids) != 1:
        return None
    measured = ", ".join(
        f"'{name}'"
        for name in (
            "production_t_reo",
            "reserves_t_reo",
            "total_t_reo",
            "quota_t_reo",
            "price_usd_per_kg",
            "resources_t_monazite",
            "deployed",
        )
    )
    found = tables.select(
        "marts.mart_revision_history",
        {
            "known_from": "Known from",
            "known_to": "Until",
            "edition": "Edition",
            "figure_value": "Value",
            "figure_unit": "Unit",
            "value_status": "Status",
        },
        "figure_id in (select figure_id from marts.mart_revision_history"
        f" where fact_id = '{figure.fact_ids[0]}') and figure_name in ({measured})",
        "known_from, statement_number",
    )
    return found if found.rows else None


def _statements(tables: Tables, fact_ids: Sequence[str]) -> dict[str, Row]:
    """The facts by their ids, as `mart_why` has them, in one query."""
    found = tables.rows(
        "select fact_id, table_name, figure_key, figures, value_raw, known_from, file_name, n_files, n_records,"
        " artifact_sha256, artifact_row, url, transcription, corrections, conflict_class"
        f" from marts.mart_why where fact_id in ({', '.join(map(literal, fact_ids))})"
    )
    return {row["fact_id"]: row for row in found}


def _files(tables: Tables, fact_ids: Sequence[str]) -> dict[str, list[Row]]:
    """The publishers' files behind each fact, with their hashes and checks, in one query."""
    found = tables.rows(
        "select lineage.fact_id, artifacts.name, artifacts.source_code, artifacts.sha256, artifacts.known_from,"
        " artifacts.known_basis, artifacts.transcription, artifacts.url, artifacts.bytes, checks.n_checks_passed,"
        " checks.checks_warned, count(*) as n_records"
        " from meta.lineage as lineage"
        " inner join meta.artifacts as artifacts on lineage.artifact_sha256 = artifacts.sha256"
        " left join meta.artifact_checks as checks on artifacts.sha256 = checks.artifact_sha256"
        f" where lineage.fact_id in ({', '.join(map(literal, fact_ids))})"
        " group by all"
    )
    files: dict[str, list[Row]] = {}
    for row in found:
        files.setdefault(row.pop("fact_id"), []).append(row)
    return files


def _behind(figure: Figure, files: Mapping[str, list[Row]]) -> list[Row]:
    """The files behind a figure, each with its records of all facts of the figure."""
    together: dict[tuple[Any, ...], Row] = {}
    for row in (row for fact_id in figure.fact_ids for row in files.get(fact_id, ())):
        of_file = together.setdefault(tuple(row[name] for name in row if name != "n_records"), row | {"n_records": 0})
        of_file["n_records"] += row["n_records"]
    return sorted(together.values(), key=lambda row: (row["source_code"], row["name"], row["known_from"]))


def _citation(tables: Tables, figure: Figure) -> str:
    publishers = "; ".join(tables.sources[code]["citation"] for code in figure.sources)
    release = tables.release
    return (
        f"{figure.title}, {figure.period}: {figure.written}. Source: {publishers}. As held by rare-earth-warehouse, "
        f"release {release['version']} (what was known until {day(release['as_of_day'])}), {figure.cell.table}, "
        f"site/{figure.path}, content hash {release['content_hash'][:12]}."
    )

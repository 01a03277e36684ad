"""Validation of a page before it lands: it is the requested page and complete; whether its period is published."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, RetryableError
from sources.http.fetcher import FetchContext
from sources.http.response import Body
from sources.model.artifact import Artifact, SourceError
from sources.model.source import ParsedTable
from sources.publishers.india_tradestat.fetch.form import ReportQuery, read_form
from sources.publishers.india_tradestat.fetch.session import SessionExpiredError
from sources.publishers.india_tradestat.parse import parse
from sources.publishers.india_tradestat.parse.grid import find_figures, has_table, require_columns
from sources.publishers.india_tradestat.parse.html import read_page
from sources.publishers.india_tradestat.parse.shaping import HERE
from sources.reading.layouts import layout_of

State = Literal["out", "year_before", "not_out"]
"""What a page has: a figure of the requested period, of the same month of the year before alone, or neither."""

_FIGURES = {
    "usd": ("value_usd", "value_rounding_usd", 1.0),
    "inr": ("value_local", "value_rounding_local", 100.0),
    "quantity": ("net_weight_kg", "weight_rounding_kg", 0.001),
}


@dataclass(slots=True)
class Reader:
    """Validates the responses to one query, and keeps the result of the last one.

    `refusal` is why the last response was refused although it holds a report: another attempt may repair a damaged
    download, but not a report in another layout.
    """

    context: FetchContext
    query: ReportQuery
    state: State = "not_out"
    has_report: bool = True
    refusal: SourceError | None = field(default=None)

    def __call__(self, body: Body) -> None:
        """Check one answer.

        Raises:
            SessionExpiredError: it is the form, or a page to sign in.
            RetryableError: it is another page, one cut short, or one that cannot be read.
        """
        self.refusal = None
        artifact = artifact_of(self.context, self.query, body)
        try:
            self.has_report = self._has_report(artifact, body)
            self.state = state_of(artifact, self.query) if self.has_report else "not_out"
        except FetchError:
            raise
        except SourceError as error:
            self.refusal = error
            raise RetryableError(body.url, f"is refused: {error}", RETRIED_NEXT_RUN) from error

    def _has_report(self, artifact: Artifact, body: Body) -> bool:
        """Whether the page has the report; a form that repeats the query without a report is valid too."""
        data = body.read()
        if b"<html" in data.lower() and b"</html" not in data.lower():
            raise RetryableError(body.url, "ends before its last tag.", RETRIED_NEXT_RUN)
        page = read_page(artifact)
        if has_table(layout_of(artifact, HERE), page):
            return True
        form = read_form(data)
        if form is not None and form.repeats(self.query) and not page.tables:
            return False
        require_columns(artifact, layout_of(artifact, HERE), page)
        if form is not None and form.token:
            raise SessionExpiredError(
                body.url,
                f"shows a form where the report is due: {page.found()}.",
                "check whether the portal changed the names of its form's controls, or asks to sign in.",
            )
        if page.tables:
            self.refusal = SourceError(artifact, f"is another report: {page.found()}.", "declare its layout.")
        raise RetryableError(body.url, f"is no report: {page.found()}.", RETRIED_NEXT_RUN)


def artifact_of(context: FetchContext, query: ReportQuery, body: Body) -> Artifact:
    """The artifact that an answer is. The day is that of asking: what a page prints as its date is the same day."""
    if body.path is None:
        raise RetryableError(body.url, "has no body.", RETRIED_NEXT_RUN)
    return context.artifact(body.path, url=body.url, **fields_of(query, context.today))


def fields_of(query: ReportQuery, read_on: date) -> dict[str, Any]:
    """The fields of a page's artifact, read on a day; the caller adds its address."""
    return {
        "name": f"{query.partition.replace('/', '_')}.html",
        "layout": query.report["layout"],
        "partition": query.partition,
        "year": query.year,
        "release": f"as read {read_on}",
        "known_from": read_on,
        "known_basis": "assumed",
    }


def state_of(artifact: Artifact, query: ReportQuery) -> State:
    """What a page says of the period of a query, read as the warehouse will.

    Raises:
        SourceError: it cannot be read, is of another unit or period, or its partners and its total do not agree.
    """
    (table,) = parse(artifact)
    figures = find_figures(artifact, layout_of(artifact, HERE), read_page(artifact))
    if figures is None:
        return "not_out"
    measures = {str(column.unit["measure"]) for column in figures.columns}
    starts = {column.period.start for column in figures.columns}
    due = date(query.year, query.month or 4, 1)
    if measures != {query.measure} or due not in starts:
        raise SourceError(
            artifact,
            f"is of {sorted(measures)} and of periods from {min(starts)} to {max(starts)}; requested were"
            f" {query.measure} and {query.period}.",
            "the form was not filled as the portal reads it: compare its controls with form.toml.",
        )
    other = set(table.frame["hs_code"]) - {query.code}
    if other:
        raise SourceError(artifact, f"is of {sorted(other)}; requested was {query.code}.", "inspect the form.")
    _require_footing(artifact, table, query)
    if _states_a_figure(table, query, due):
        return "out"
    if query.month and _states_a_figure(table, query, due.replace(year=due.year - 1)):
        return "year_before"
    return "not_out"


def _states_a_figure(table: ParsedTable, query: ReportQuery, due: date) -> bool:
    """Whether the page states one of the period that begins on `due`.

    Money printed as 0.00 is a figure where the month is out, a quantity of 0 is not.

    A figure under a wrong partner shows that the month is out, too.
    """
    wrong = pl.col("reason_code") == "suspect_partner_labels"
    if table.rejects.filter(wrong, pl.col("row_json").str.contains(f'"period":"{due} to', literal=True)).height:
        return True
    rows = table.frame
    if query.month:
        rows = rows.filter(pl.col("period_type") == "month", pl.col("period_start") == due)
    if query.measure == "quantity":
        rows = rows.filter(pl.col("net_weight_kg").is_not_null() | pl.col("quantity").is_not_null())
    return not rows.is_empty()


def _require_footing(artifact: Artifact, table: ParsedTable, query: ReportQuery) -> None:
    """A page whose partners do not add up to its total was cut or damaged: retried here, not refused by gate 1."""
    if query.partner != "all":
        return
    figure, rounding, more = _FIGURES[query.measure]
    partners, world = pl.col(figure).filter(~pl.col("is_partner_world")), pl.col(figure).filter("is_partner_world")
    added = (
        table.frame.group_by("period_type", "period_start", "period_end")
        .agg(
            partners.sum().alias("partners"),
            partners.len().alias("n_partners"),
            world.sum().alias("world"),
            world.drop_nulls().len().alias("n_world"),
            (pl.col(rounding).sum() + more).alias("within"),
        )
        .filter(pl.col("n_world") > 0, pl.col("n_partners") > 0)
    )
    off = added.filter((pl.col("partners") - pl.col("world")).abs() > pl.col("within")).sort("period_start")
    if off.height:
        shown = [re.sub(r"datetime\.date", "", str(row)) for row in off.rows()[:2]]
        raise SourceError(
            artifact,
            f"its partners do not add up to its total: {shown}.",
            "the page was cut or damaged; it is requested again.",
        )

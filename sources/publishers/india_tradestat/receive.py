"""Identify a page of TradeStat that a person saved: its report, code, flow, partner, period and measure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, UnknownLabelError, artifact_of_file
from sources.model.partition import ALL
from sources.model.products import HS_CODES
from sources.publishers.india_tradestat.fetch.form import ReportQuery, known, read_form, role_of
from sources.publishers.india_tradestat.fetch.planning import age_in_months
from sources.publishers.india_tradestat.fetch.validation import fields_of, state_of
from sources.publishers.india_tradestat.parse.grid import find_figures, has_table
from sources.publishers.india_tradestat.parse.html import Page, read_page
from sources.publishers.india_tradestat.parse.pages import flows_named, optional_words
from sources.publishers.india_tradestat.parse.shaping import HERE, countries
from sources.publishers.india_tradestat.partition import PagePartition
from sources.reading.layouts import layout_of

_HERE = Path(__file__).parent
_EXAMPLE = "MEIDB_2846_import_all_2026-06_usd.html"
_NAME = re.compile(PagePartition.PATTERN.pattern.replace("/", "_"))
_CODE = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{8}")


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:  # noqa: ARG001 - nothing is unpacked
    """Say what a saved page is: one page of a report, known from the day it was saved, as a fetched one is.

    The table says bank, period and measure, the page's words flow, code and partner. What the page does not say comes
    from the file's name, written like the partition: `MEIDB_2846_import_all_2026-06_usd.html`.

    Raises:
        LayoutError: another page, one without a figure, or one that contradicts its name or does not say what it is.
        SourceError: it cannot be read, or its partners do not add up to its total.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    page = _read(path, about["code"])
    query = _query_of(page)
    artifact = artifact_of_file(path, source_code=about["code"], url=about["url"], **fields_of(query, received_on))
    state = state_of(artifact, query)
    is_out = not query.month or age_in_months(received_on, query) >= about["live"]["certainly_out_after_months"]
    if state == "not_out" or (state == "year_before" and not is_out):
        raise LayoutError(
            path.name,
            f"has no figure of {query.period}: it is not published, or there was no trade.",
            "save the page again once the period is published.",
        )
    return (artifact,)


@dataclass(frozen=True, slots=True)
class _SavedPage:
    """A saved page, the report it is of, and its name."""

    artifact: Artifact
    page: Page
    bank: str
    layout: Mapping[str, Any]


def _read(path: Path, code: str) -> _SavedPage:
    draft = artifact_of_file(
        path, source_code=code, name=path.name, layout="", partition="", year=0, release="", known_from=date.min,
        known_basis="assumed", url="",
    )  # fmt: skip
    page = read_page(draft)
    for bank, report in known()["report"].items():
        artifact = replace(draft, layout=report["layout"])
        layout = layout_of(artifact, HERE)
        if has_table(layout, page):
            return _SavedPage(artifact, page, bank, layout)
    raise LayoutError(
        path.name,
        f"is no page of a followed report: {page.found()}.",
        "save MEIDB's page commodity-wise, all countries, or EIDB's commodity x country-wise, with its report.",
    )


def _query_of(saved: _SavedPage) -> ReportQuery:
    """What the page was asked for, by its words and by its name, which must agree."""
    found = _by_page(saved)
    name = _NAME.search(saved.artifact.name)
    if name is not None:
        named = asdict(PagePartition.parse(name[0].replace("_", "/")))
        named |= {"code": named["code"] or ALL, "partner": named["partner"] or ALL, "month": named["month"] or 0}
        other = [f"{what} {found[what]}" for what in found if found[what] not in {None, named[what]}]
        if other:
            raise LayoutError(
                saved.artifact.name,
                f"is of {', '.join(other)}; its name says {name[0]}.",
                "rename it after what the page shows, and drop it again.",
            )
        found = named
    lacks = [what for what, value in found.items() if value is None]
    if lacks:
        raise LayoutError(
            saved.artifact.name,
            f"does not say of which {' and '.join(lacks)} it is, and neither does its name.",
            f"rename it like {_EXAMPLE} (bank, code, flow, partner or all, last period, usd, inr or quantity), and"
            " drop it again.",
        )
    if not str(found["code"]).startswith(HS_CODES):
        raise LayoutError(
            saved.artifact.name, f"is of the code {found['code']}, which is not followed.", "save a followed code."
        )
    return ReportQuery(**found)


def _by_page(saved: _SavedPage) -> dict[str, Any]:
    """What the page itself says; None where it does not."""
    artifact, page, layout = saved.artifact, saved.page, dict(saved.layout)
    figures = find_figures(artifact, layout, page)
    if figures is None:
        raise LayoutError(artifact.name, "has no record: it is not zero trade.", "save a page that has figures.")
    flows, measures = flows_named(page), {str(column.unit["measure"]) for column in figures.columns}
    is_monthly = saved.bank == "MEIDB"
    periods = [column.period for column in figures.columns if not is_monthly or column.period.kind == "month"]
    last = max((period.start for period in periods), default=None)
    words = {what: page.after(before) for what, before in layout["heading"].items()}
    words |= optional_words(artifact, layout, page)
    return {
        "bank": saved.bank,
        "code": words.get("code") or _code_in_form(artifact),
        "flow": flows.pop() if len(flows) == 1 else None,
        "partner": _area_of(artifact, words["partner"]) if "partner" in words else ALL,
        "year": last.year if last else None,
        "month": (last.month if last else None) if is_monthly else 0,
        "measure": measures.pop() if len(measures) == 1 else None,
    }


def _area_of(artifact: Artifact, label: str | None) -> str | None:
    """The area of a partner as the page prints it."""
    if label is None:
        return None
    entry = countries().entries.get(label)
    if entry is None or not entry[1]:
        raise UnknownLabelError(
            artifact.name, f"is of the partner {label!r}, which is not known.", "save another page."
        )
    return entry[1]


def _code_in_form(artifact: Artifact) -> str | None:
    """The code that the page's form holds; None where it holds none."""
    form = read_form(artifact.read_bytes())
    held = [control.holds for control in form.controls if role_of(control) == "code"] if form else []
    return next((code for code in held if code and _CODE.fullmatch(code)), None)

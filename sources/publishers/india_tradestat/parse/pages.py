"""The portal's own pages: what their rows, periods and units say of India's trade."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from sources.model.artifact import Artifact, LayoutError, UnknownLabelError
from sources.model.feeds import FEEDS
from sources.model.partition import ALL
from sources.model.products import HS_CODES
from sources.publishers.india_tradestat.parse.grid import Figures, find_figures, is_named
from sources.publishers.india_tradestat.parse.html import Page, read_page
from sources.publishers.india_tradestat.parse.shaping import (
    HERE,
    PRINTED_TOTAL,
    RUPEES,
    WRONG_LABELS,
    as_trade,
    countries,
    no_value,
    no_weight,
    weight_in_kg,
)
from sources.publishers.india_tradestat.partition import PagePartition
from sources.reading.columns import printed_local_value, printed_value
from sources.reading.layouts import declared
from sources.reading.numbers import printed_number, read_number
from sources.reading.partners import set_aside_small
from sources.reading.tables import rejects_from, unreadable

_TITLE = re.compile(r"(Import|Export) :: ?(.+)")
_ACTION = re.compile(r"_(import|export)$")
_TOTAL_WORDS = re.compile(r"(?:India's Total|Total) (Import|Export|import|export)\b")
_CELLS = ("money", "amount")
_RAW = ["place", "label", "code", "unit", "period", "money", "amount"]
_TEXT = dict.fromkeys(
    ["label", "what", "code", "partner", "unit", "period", "period_type", "flag", "money", "amount"], pl.String()
)
_RECORD = {"artifact_row": pl.Int64(), "place": pl.Int64(), **_TEXT, "period_start": pl.Date(), "period_end": pl.Date()}


def read_portal_page(artifact: Artifact, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One page of the portal: a row for every printed row and period.

    What the page does not name (the flow, the commodity) comes from the partition's name; gate 1 checks the rows
    against that name. An empty cell or "-" is no figure (`blank_cells`); a column whose national total is 0.00 is a
    month not yet published; a page that says it has no record is set aside whole. Of a page of many goods those that
    the warehouse follows are kept; a page that has none of them keeps its rows, for gate 1 to refuse by name.
    """
    partition = PagePartition.of(artifact)
    page = read_page(artifact)
    flow = _flow(artifact, layout, page, partition)
    figures = find_figures(artifact, layout, page)
    if figures is None:
        return _no_record(artifact, page, flow)
    records = _records(artifact, layout, page, figures, partition).with_columns(
        pl.lit(flow).alias("flow"),
        *_numbers(figures),
    )
    kept, rejects = _set_aside(records, layout)
    size = kept.with_columns(pl.coalesce("money_number", "amount_number").alias("size"))
    kept, unknown = set_aside_small(
        artifact, size, countries(), "partner", flow=["code", "period"], value="size", raw=_RAW
    )
    return _as_facts(artifact, layout, figures, kept), pl.concat([rejects, unknown])


def _flow(artifact: Artifact, layout: dict[str, Any], page: Page, partition: PagePartition) -> str:
    """The flow by the page's title, form and totals, which must agree; else by the partition's name."""
    titles = [match for piece in page.pieces if (match := _TITLE.search(piece))]
    other = [match[0] for match in titles if layout["title"] and match[2].casefold() != layout["title"].casefold()]
    if other:
        raise LayoutError(artifact, f"is the page '{other[0]}', not '{layout['title']}'.", "declare the right layout.")
    named = flows_named(page)
    if named - {partition.flow}:
        raise LayoutError(
            artifact,
            f"says that it is of {sorted(named)}, its partition that it is of {partition.flow}.",
            "offer the page under its own partition.",
        )
    return partition.flow


def flows_named(page: Page) -> set[str]:
    """The flows that a page's title, form and totals name: {"import"}, none, or where they do not agree both."""
    named = {match[1].lower() for piece in page.pieces if (match := _TITLE.search(piece))}
    named |= {match[1] for action in page.actions if (match := _ACTION.search(action))}
    return named | {match[1].lower() for piece in page.pieces if (match := _TOTAL_WORDS.match(piece))}


def _no_record(artifact: Artifact, page: Page, flow: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    record = pl.DataFrame({"artifact_row": [1], "flow": [flow], "partition": [artifact.partition]})
    text = pl.lit(f"the page has no record: not zero trade; {page.found()}")
    return pl.DataFrame(schema=FEEDS["trade"]), rejects_from(record, "no_record_found", text, ["flow", "partition"])


def _records(
    artifact: Artifact, layout: dict[str, Any], page: Page, figures: Figures, partition: PagePartition
) -> pl.DataFrame:
    """One record a printed row and period, its money and its quantity side by side, all as printed."""
    heading = {what: page.after(words) for what, words in layout["heading"].items()}
    lost = sorted(words for what, words in layout["heading"].items() if not heading[what])
    if lost:
        raise LayoutError(artifact, f"does not say {lost}: found {page.found()}.", "fetch the page again.")
    heading |= optional_words(artifact, layout, page)
    meanings = _meanings(artifact, layout, figures)
    totals = countries().entries
    records: dict[tuple[int, Any], dict[str, Any]] = {}
    for row, what in zip(figures.rows, meanings, strict=True):
        label = figures.cell(row, layout["label"])
        known = {
            "artifact_row": row.place,
            "place": row.place,
            "label": label,
            "what": what,
            "code": figures.cell(row, "HSCode").strip("* ") if "HSCode" in figures.named else
            heading.get("code") or partition.code or ALL,
            "partner": (label if label in totals else PRINTED_TOTAL) if what == "world" else
            label if layout["names"] == "partner" else heading.get("partner") or layout["partner"],
            "unit": figures.cell(row, "UNIT") or heading.get("unit") or _sole_unit(figures),
        }  # fmt: skip
        for column in figures.columns:
            period = column.period
            record = records.setdefault(
                (row.place, period),
                known
                | {
                    "period": f"{period.start} to {period.end}",
                    "period_type": period.kind,
                    "period_start": period.start,
                    "period_end": period.end,
                    "flag": period.flag,
                    "money": "",
                    "amount": "",
                },
            )
            record[_cell_of(column.unit)] = row.cells[column.at]
    frame = pl.DataFrame(list(records.values()), schema=_RECORD)
    unknown = sorted(set(frame["flag"]) - {"", *declared(HERE)["flags"]})
    if unknown:
        raise UnknownLabelError(artifact, f"marks periods with {unknown}.", "declare the mark in layouts.toml, flags.")
    blank = declared(HERE)["blank"]
    return frame.with_columns(
        pl.when(pl.col(cell).is_in(blank)).then(pl.lit("")).otherwise(pl.col(cell)).alias(cell) for cell in _CELLS
    )


def _numbers(figures: Figures) -> list[pl.Expr]:
    """`money_number` and `amount_number`, with no more decimals than the page's units have."""
    decimals = dict.fromkeys(_CELLS, 0)
    for column in figures.columns:
        cell = _cell_of(column.unit)
        decimals[cell] = max(decimals[cell], column.unit["decimals"])
    return [printed_number(cell, most, "indian").alias(f"{cell}_number") for cell, most in decimals.items()]


def _cell_of(unit: dict[str, Any]) -> str:
    return "amount" if unit["measure"] == "quantity" else "money"


def optional_words(artifact: Artifact, layout: dict[str, Any], page: Page) -> dict[str, str | None]:
    """Words that a page may print, by a pattern; where it does not, the partition's name has them."""
    words: dict[str, str | None] = {}
    for what, pattern in layout.get("may_say", {}).items():
        found = sorted(set(re.findall(pattern, page.text)))
        if len(found) > 1:
            raise LayoutError(artifact, f"says several {what}s: {found}.", "a page is of one; look at it.")
        words |= dict.fromkeys([what], found[0]) if found else {}
    return words


def _sole_unit(figures: Figures) -> str:
    """The unit of a row that has none of its own (a total), where all other rows of the page have one and the same."""
    units = {figures.cell(row, "UNIT") for row in figures.rows} - {""}
    return units.pop() if len(units) == 1 else ""


def _meanings(artifact: Artifact, layout: dict[str, Any], figures: Figures) -> list[str]:
    """What each row is; where the commodity's total may be called India's, it is if there is no other."""
    meanings = [_what(artifact, layout, figures.cell(row, layout["label"])) for row in figures.rows]
    if layout.get("sole_total") and "world" not in meanings and not _is_of_all(figures, meanings, layout["dwarfs"]):
        return ["world" if what == "all_commodities" else what for what in meanings]
    return meanings


def _is_of_all(figures: Figures, meanings: list[str], dwarfs: float) -> bool:
    """Whether the only total dwarfs the sum of the partners wherever it is not 0, as that of all commodities does."""
    labelled = zip(figures.rows, meanings, strict=True)
    cells = [(row.cells[column.at], what, column.at) for row, what in labelled for column in figures.columns]
    sums: dict[int, float] = {}
    totals: dict[int, float] = {}
    for text, what, at in cells:
        number = read_number(text, grouping="indian") or 0.0
        into = totals if what == "all_commodities" else sums
        into[at] = into.get(at, 0.0) + number
    printed = [(total, sums.get(at, 0.0)) for at, total in totals.items() if total]
    return bool(printed) and all(total > dwarfs * (added + 1) for total, added in printed)


def _what(artifact: Artifact, layout: dict[str, Any], label: str) -> str:
    found: str | None = next((what for pattern, what in layout["rows"] if is_named(pattern, label)), None)
    if found is None and not layout["names"]:
        raise UnknownLabelError(
            artifact,
            f"holds a row '{label}' that the layout does not know.",
            f"say in layouts.toml, {layout['id']}, rows, what it is.",
        )
    return found or str(layout["names"])


def _set_aside(records: pl.DataFrame, layout: dict[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part the figures that can be facts from those that cannot, each under the first reason that holds."""
    national = records.filter(_is_label(layout["national"]))
    if national.is_empty() and layout.get("sole_total"):
        national = records.filter(pl.col("what") == "world")
    zero_columns = national.filter(pl.col("money_number") == 0)
    unpublished = pl.col("period").is_in(zero_columns["period"].to_list())
    is_code = pl.col("code").str.contains(r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{8})$")
    reads = {cell: (pl.col(cell) == "") | pl.col(f"{cell}_number").is_not_null() for cell in _CELLS}
    reads["code"] = is_code
    goods = records.filter(is_code, ~pl.col("what").is_in(["all_commodities", "derived"]))["code"].unique()
    followed = [code for code in goods if code.startswith(HS_CODES)]
    other = pl.col("code").is_in(set(goods) - set(followed)) if followed else pl.lit(value=False)
    mislabelled = _is_mislabelled() if layout.get("labels_go_wrong") else pl.lit(value=False)
    reasons: list[tuple[pl.Expr, str, pl.Expr | str]] = [
        (is_code & other & ~pl.col("what").is_in(["all_commodities", "derived"]), "not_followed",
         "a good the warehouse does not follow, on a page of many"),
        (unpublished, "not_yet_published", "India's total is 0.00: the month is not yet published, not zero trade"),
        (pl.col("what") == "all_commodities", "all_commodities", "a total of all commodities"),
        (pl.col("what") == "derived", "derived_figure", "a growth or a share, computed from the figures beside it"),
        (~pl.all_horizontal(*reads.values()), "unreadable_value", unreadable(reads)),
        ((pl.col("what") == "partner") & mislabelled, "suspect_partner_labels", WRONG_LABELS),
        (pl.all_horizontal(pl.col(cell) == "" for cell in _CELLS), "blank_cells", "no figure printed"),
    ]  # fmt: skip
    rejects = []
    for which, reason, detail in reasons:
        rejects.append(rejects_from(records.filter(which), reason, detail, _RAW))
        records = records.filter(~which)
    return records, pl.concat(rejects)


def _is_label(pattern: str) -> pl.Expr:
    return pl.col("label").str.contains(f"^({pattern})$") if pattern else pl.lit(value=False)


def _is_mislabelled() -> pl.Expr:
    """Periods that touch the mislabelled months; of calendar years, those the December report leaves spoilt."""
    first, last = declared(HERE)["mislabelled_months"]
    touches = (pl.col("period_start").dt.strftime("%Y-%m") <= last) & (
        pl.col("period_end").dt.strftime("%Y-%m") >= first
    )
    years = [int(year) for year in declared(HERE)["mislabelled_years"]]
    is_year = pl.col("period_type") == "calendar_year"
    return pl.when(is_year).then(pl.col("period_start").dt.year().is_in(years)).otherwise(touches)


def _as_facts(artifact: Artifact, layout: dict[str, Any], figures: Figures, kept: pl.DataFrame) -> pl.DataFrame:
    units = {column.unit["measure"]: column.unit for column in figures.columns}
    frame = kept.with_columns(
        pl.col("code").alias("hs_code"),
        (pl.col("flag") == declared(HERE)["revised_flag"]).alias("is_revised"),
        *_money(units),
        *_quantity(artifact, units, kept),
    )
    return as_trade(artifact, frame, layout["rank"])


def _money(units: dict[str, dict[str, Any]]) -> list[pl.Expr]:
    """US$ or rupees to two decimals; an empty cell of money beside a quantity is not available."""
    number = pl.col("money_number")
    unit = units.get("usd") or units.get("inr")
    if unit is None:
        return no_value()
    *money, status = printed_value(number, "money", unit["scale"])
    if unit["measure"] == "inr":
        raw = pl.when(number.is_not_null()).then(pl.col("money")).alias("value_raw")
        money = [*printed_local_value(number, RUPEES, unit["scale"]), raw]
    is_blank = pl.when(number.is_null()).then(pl.lit("not_available"))
    return [*money, is_blank.otherwise(status).alias("value_status")]


def _quantity(artifact: Artifact, units: dict[str, dict[str, Any]], kept: pl.DataFrame) -> list[pl.Expr]:
    """Kilograms where the page names the unit; else a number of a unit it does not name, never a weight."""
    if "quantity" not in units:
        return no_weight()
    if (kept["unit"] != "").any():
        return weight_in_kg(artifact, kept, "amount_number", "amount", "unit", zero_status="not_available")
    scaled = pl.col("amount_number") * units["quantity"]["scale"]
    return [*no_weight(), pl.when(scaled > 0).then(scaled).alias("quantity")]

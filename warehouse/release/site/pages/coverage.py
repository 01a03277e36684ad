"""Coverage: what is held of each reporter's trade, year by year, and why the rest is not."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.grid import Square, grid
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import PRODUCTS, held
from warehouse.release.site.section import Section
from warehouse.release.site.tables import Row, Tables
from warehouse.release.site.wording import number, percent, phrase

_FIRST = 2005
_COLOURS = {
    "held": "held",
    "not_listed": "partly",
    "quarantined": "quarantined",
    "not_published_yet": "soft",
    "not_held": "gap",
}
_LEGEND = (
    ("held", "held: a figure, or a whole listing without the partner"),
    ("partly", "listed without the partner"),
    ("quarantined", "in quarantine: partner labels are wrong"),
    ("soft", "not published yet"),
    ("gap", "not held"),
)
_FLOWS = (("CHN", "IND", "export"), ("IND", "CHN", "import"), ("IND", "CHN", "export"), ("CHN", "IND", "import"))
_NAMES = {"CHN": "China", "IND": "India", "WLD": "the world"}
_GOODS = ("HS:280530", "HS:2846", "HS:284690", "HS:850511")


def page(tables: Tables) -> Page:
    """The page on coverage."""
    return Page(
        path="coverage.html",
        title="What is held, and what is not",
        lead="Every report that India, China and their partners may make has a mark. A gap is a row that says why: not "
        "held, not published yet, or set aside because its labels are wrong. None is a zero.",
        template="topic.html.j2",
        content={
            "sections": [
                Section(charts=held([_years(tables)])),
                Section("Month by month", charts=held([_months(tables)])),
                Section(
                    "By table and source",
                    ["Every series of every fact, with its first and last period and the periods it misses."],
                    table=tables.select(
                        "marts.mart_coverage",
                        {
                            "table_name": "Table",
                            "source_code": "Source",
                            "reporter_name": "Reporter",
                            "flow": "Flow",
                            "product_key": "Code",
                            "series": "Series",
                            "period_type": "Period",
                            "first_period_start": "First",
                            "last_period_start": "Last",
                            "n_periods": "Periods",
                            "n_missing_periods": "Missing",
                        },
                        "n_missing_periods > 0 or table_name not like 'fct_trade%'",
                        "table_name, source_code, reporter_name, flow, product_key, series, period_type",
                    ),
                ),
                Section("In quarantine", _quarantine(tables)),
            ]
        },
        search_text="gaps months years quarantined not published yet held calendar",
    )


def _report(row: Row) -> str:
    goods = PRODUCTS.get(row["product_key"], row["product_key"])
    return f"{_NAMES[row['reporter_code']]}'s {row['flow']}s, {goods}"


def _rows(tables: Tables, kind: str, since: int) -> tuple[list[Row], list[str]]:
    flows = " or ".join(
        f"(reporter_code = '{reporter}' and partner_code = '{partner}' and flow = '{flow}')"
        for reporter, partner, flow in _FLOWS
    )
    goods = ", ".join(f"'{key}'" for key in _GOODS)
    rows = tables.rows(
        "select reporter_code, flow, product_key, period_start, period_label, holding_status, held_basis, has_value,"
        f" has_weight from marts.mart_coverage_calendar where ({flows}) and product_key in ({goods})"
        f" and period_type = '{kind}' and year(period_start) >= {since}"
        " order by flow <> 'export' or reporter_code <> 'CHN', flow <> 'import' or reporter_code <> 'IND', "
        "reporter_code, product_key, period_start"
    )
    return rows, list(dict.fromkeys(_report(row) for row in rows))


def _chart(tables: Tables, kind: str, since: int, slug: str, unit: str) -> Chart | None:
    rows, names = _rows(tables, kind, since)
    if not rows:
        return None
    head = {row["period_start"]: _head(row, kind) for row in rows}
    columns = [head[start] for start in sorted(head)]
    squares = [
        Square(_report(row), head[row["period_start"]], _COLOURS.get(row["holding_status"], "gap"), _says(row))
        for row in rows
    ]
    heads = {head[start]: str(start.year) for start in sorted(head) if start.month == 1} if kind == "month" else None
    share = sum(row["holding_status"] == "held" for row in rows) / len(rows)
    quarantined = sum(row["holding_status"] == "quarantined" for row in rows)
    data = tables.select(
        "marts.mart_coverage_calendar",
        {
            "reporter_name": "Reporter",
            "flow": "Flow",
            "product_key": "Code",
            "period_label": "Period",
            "holding_status": "Holding",
            "held_basis": "Basis",
            "has_value": "Value",
            "has_weight": "Weight",
        },
        "reporter_code in ('CHN', 'IND') and partner_code in ('CHN', 'IND')"
        f" and product_key in ({', '.join(repr(key) for key in _GOODS)})"
        f" and period_type = '{kind}' and year(period_start) >= {since}",
        "reporter_name, flow, product_key, period_start",
    )
    return Chart(
        slug=slug,
        title=(
            f"{percent(share, 0)} of the {'monthly' if kind == 'month' else 'yearly'} reports that China and India "
            f"could have made on each other since {since} are held; {number(quarantined)} stand in quarantine"
        ),
        unit=unit,
        drawing=grid(squares, names, columns, heads),
        data=[data],
        sources=_sources(tables),
        notes=["A pair of countries has two reports of each flow: the exporter's and the importer's."],
        legend=_LEGEND,
    )


def _years(tables: Tables) -> Chart | None:
    return _chart(
        tables,
        "calendar_year",
        _FIRST,
        "coverage-years",
        f"China's and India's reports on each other by calendar year since {_FIRST}.",
    )


def _months(tables: Tables) -> Chart | None:
    return _chart(tables, "month", 2018, "coverage-months", "The same by month since 2018.")


def _head(row: Row, kind: str) -> str:
    start = row["period_start"]
    return str(start.year) if kind == "calendar_year" else f"{start.year}-{start.month:02d}"


def _says(row: Row) -> str:
    what = phrase(row["holding_status"])
    if row["holding_status"] != "held":
        return what
    measures = [name for name, has in (("value", row["has_value"]), ("weight", row["has_weight"])) if has]
    return f"{what}: {' and '.join(measures) or phrase(row['held_basis'] or '')}"


def _sources(tables: Tables) -> list[str]:
    return [code for code in ("un_comtrade", "india_tradestat", "china_customs") if code in tables.sources]


def _quarantine(tables: Tables) -> Sequence[str]:
    rows = tables.rows(
        "select source_code, reason_code, any_value(detail) as detail, count(*) as n, is_expected from meta.quarantine"
        " group by all order by n desc"
    )
    if not rows:
        return ["Nothing is set aside."]
    return [
        f"{number(row['n'])} records of {tables.source_name(row['source_code'])}: "
        f"{phrase(row['reason_code'])}{', as expected' if row['is_expected'] else ''}. "
        f"{_sentence(row['detail'] or '')}"
        for row in rows
    ]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""

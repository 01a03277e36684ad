"""The corridor: what China and India each say of one flow, by month and by year, with policy steps and unit values."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.lines import Line, Mark, Point, Scale, lines
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import PRODUCTS, held, last_with, period, points, with_gaps
from warehouse.release.site.section import Entry, Fact, Section
from warehouse.release.site.tables import Row, Selection, Tables, decimal_year
from warehouse.release.site.wording import day, money, phrase, prices, weight

_MONTH = 1 / 12
_CHINA_TO_INDIA = "exporter_code = 'CHN' and importer_code = 'IND'"
_INDIA_TO_CHINA = "exporter_code = 'IND' and importer_code = 'CHN'"
_INTERVAL = (
    "The green band is the interval of the figure made of both reports, nominally 80 %. The pale band is that of a "
    "report that stands alone: so far apart two reports of such flows usually lie."
)
_GAPS = "A break in a line is a period that is not held, in quarantine, or not published yet: never a zero."


def page(tables: Tables) -> Page:
    """The page on the corridor."""
    steps = _steps(tables)
    marks = [Mark(decimal_year(row["event_date"]), str(at), _step_says(row)) for at, row in steps]
    return Page(
        path="corridor.html",
        title="The corridor, by both accounts",
        lead="China and India each report their trade with the other. Both accounts stand side by side here, with the "
        "figure made of them and its interval. Where only one side reports, that is all there is.",
        template="topic.html.j2",
        content={"summary": _summary(tables), "sections": _sections(tables, marks, steps)},
        search_text="months compounds cerium metals magnets exports imports FOB CIF unit value policy steps",
    )


def _summary(tables: Tables) -> list[Fact]:
    newest = "period_start desc"
    table, year = "marts.mart_corridor", "period_type = 'calendar_year' and value_usd > 0"
    facts = [
        Fact(
            tables.cell(table, "value_usd", f"{_CHINA_TO_INDIA} and product_key = 'HS:850511' and {year}", newest),
            "money",
            "of magnets from China to India in the newest year held, both accounts together",
        ),
        Fact(
            tables.cell(table, "value_usd", f"{_CHINA_TO_INDIA} and product_key = 'HS:284690' and {year}", newest),
            "money",
            "of compounds other than cerium from China to India in the newest year held",
        ),
        Fact(
            tables.cell(table, "value_usd", f"{_INDIA_TO_CHINA} and product_key = 'HS:2846' and {year}", newest),
            "money",
            "of compounds from India to China in the newest year held",
        ),
    ]
    return [fact for fact in facts if fact.cell]


def _sections(tables: Tables, marks: Sequence[Mark], steps: Sequence[tuple[int, Row]]) -> list[Section]:
    shown = [mark for mark in marks if mark.x >= 2018]
    return [
        Section(
            "China to India, month by month",
            charts=held(
                [
                    compounds_by_month(tables, shown),
                    _weights_by_month(tables, shown),
                    _unit_values(tables, shown),
                ]
            ),
        ),
        Section(
            "China to India, year by year",
            charts=held(
                [
                    _years(tables, _CHINA_TO_INDIA, "HS:850511", marks),
                    _years(tables, _CHINA_TO_INDIA, "HS:284690", marks),
                    _years(tables, _CHINA_TO_INDIA, "HS:280530", marks),
                ]
            ),
        ),
        Section(
            "India to China",
            charts=held(
                [
                    _months(tables, _INDIA_TO_CHINA, "HS:2846", shown, "china-india-exports-months"),
                    _years(tables, _INDIA_TO_CHINA, "HS:2846", marks),
                ]
            ),
        ),
        Section(
            "Policy steps marked in the charts",
            [
                "Steps of China and India that restrict or free exports of goods. A mark says when; whether trade "
                "moved more than usual is tested on the page on policy steps."
            ],
            entries=[
                Entry(
                    f"{at} · {day(row['event_date'], row['date_precision'])}",
                    row["title"],
                    "",
                    row["source_url"],
                    f"step-{at}",
                )
                for at, row in steps
            ],
        ),
    ]


def _steps(tables: Tables) -> list[tuple[int, Row]]:
    rows = tables.rows(
        "select event_date, date_precision, actor, title, source_url, policy_status from core.dim_policy_event"
        " where affected_flow = 'export' and subject like 'goods%' and direction in ('restrict', 'liberalise')"
        " and same_step_as is null and split_part(actor, '-', 1) in ('CN', 'IN') and event_date >= date '2010-01-01'"
        " order by event_date, event_id"
    )
    return list(enumerate(rows, 1))


def _step_says(row: Row) -> str:
    return f"{day(row['event_date'], row['date_precision'])} · {row['title']}"


def _select(tables: Tables, direction: str, product: str, kind: str, columns: dict[str, str]) -> Selection:
    return tables.select(
        "marts.mart_corridor",
        {"period_start": "Period from"} | columns | {"holding_status": "Holding"},
        f"{direction} and product_key = '{product}' and period_type = '{kind}'",
        "period_start",
        also=["period_type", "exporter_code", "importer_code"],
    )


def _values(tables: Tables, direction: str, product: str, kind: str) -> Selection:
    china_first = direction == _CHINA_TO_INDIA
    seller, buyer = ("China", "India") if china_first else ("India", "China")
    return _select(
        tables,
        direction,
        product,
        kind,
        {
            "exporter_fob_usd": f"{seller} says, US$ FOB",
            "importer_cif_usd": f"{buyer} says, US$ CIF",
            "value_usd": "Reconciled, US$",
            "value_low_usd": "From",
            "value_high_usd": "To",
            "value_basis": "Rests on",
        },
    )


def _accounts(data: Selection, direction: str) -> list[Line]:
    """Both accounts, and the reconciled figure with its interval."""
    seller, buyer = ("China", "India") if direction == _CHINA_TO_INDIA else ("India", "China")
    span = _trimmed(data.rows, "value_usd", "exporter_fob_usd", "importer_cif_usd")

    def told(column: str) -> list[Row]:
        return [row | {"y": row[column]} for row in span]

    lines_of = [
        Line("", "other", _intervals(span, is_both=False), is_dashed=True, is_context=True, has_marks=False),
        Line("", "reference", _intervals(span, is_both=True), is_context=True, has_marks=False),
        Line(
            f"{seller} says",
            seller.lower(),
            points(
                told("exporter_fob_usd"), "y", lambda row: f"{period(row)} · {money(row['exporter_fob_usd'] or 0)} FOB"
            ),
        ),
        Line(
            f"{buyer} says",
            buyer.lower(),
            points(
                told("importer_cif_usd"), "y", lambda row: f"{period(row)} · {money(row['importer_cif_usd'] or 0)} CIF"
            ),
        ),
    ]
    return [line for line in lines_of if line.last or not line.name]


def _intervals(rows: Sequence[Row], *, is_both: bool) -> list[Point]:
    """The reconciled figure and its interval, of the periods that both sides report, or of those that one does."""
    return [
        Point(
            decimal_year(row["period_start"]),
            row["value_usd"] if is_both else None,
            period(row),
            row["value_low_usd"],
            row["value_high_usd"],
        )
        if (row["value_basis"] == "both_weighted") is is_both
        else Point(decimal_year(row["period_start"]), None, "")
        for row in rows
    ]


def _trimmed(rows: Sequence[Row], *columns: str) -> list[Row]:
    """The rows from the first to the last that has a figure."""
    has = [at for at, row in enumerate(rows) if any(row[column] for column in columns)]
    return list(rows[has[0] : has[-1] + 1]) if has else []


def _top(data: Selection, *columns: str) -> float | None:
    """The top of the scale: the reports', with room; an interval that goes beyond is cut, and the note says so."""
    seen = [row[column] for row in data for column in columns if row[column]]
    return max(seen) * 1.35 if seen else None


def compounds_by_month(tables: Tables, marks: Sequence[Mark]) -> Chart | None:
    """China's compounds other than cerium to India by month."""
    return _months(tables, _CHINA_TO_INDIA, "HS:284690", marks, "china-india-compounds-months")


def _months(tables: Tables, direction: str, product: str, marks: Sequence[Mark], slug: str) -> Chart | None:
    data = _values(tables, direction, product, "month")
    series = _accounts(data, direction)
    span = _trimmed(data.rows, "value_usd", "exporter_fob_usd", "importer_cif_usd")
    if len(span) < 3:
        return None
    both = [row for row in data if row["exporter_fob_usd"] and row["importer_cif_usd"]]
    seller, buyer = ("China", "India") if direction == _CHINA_TO_INDIA else ("India", "China")
    if both:
        apart = sum(row["exporter_fob_usd"] > 2 * row["importer_cif_usd"] for row in both)
        title = f"In {apart} of the {len(both)} months that both report, {seller}'s value is more than twice {buyer}'s"
    else:
        last, most = last_with(span, "value_usd") or span[-1], max(span, key=lambda row: row["value_usd"] or 0)
        title = (
            f"{seller}'s exports to {buyer} were {money(last['value_usd'])} in {period(last)}, against "
            f"{money(most['value_usd'])} at their highest in {period(most)}"
        )
    return Chart(
        slug=slug,
        title=title,
        unit=f"{PRODUCTS[product].capitalize()} (HS {product[3:]}) from {seller} to {buyer}, US$ a month.",
        drawing=lines(
            series,
            Scale(
                "money",
                height=360,
                right=100,
                top_value=_top(data, "exporter_fob_usd", "importer_cif_usd"),
                marks=[mark for mark in marks if span and mark.x >= decimal_year(span[0]["period_start"])],
            ),
        ),
        data=[data],
        sources=_sources(tables, data, direction, product),
        notes=[
            _INTERVAL + " It is cut at the top of the chart.",
            _GAPS + (" Numbers are policy steps, listed below." if marks else ""),
            "Goods take weeks: one country's month may be the next month of the other.",
        ],
    )


def _years(tables: Tables, direction: str, product: str, marks: Sequence[Mark]) -> Chart | None:
    data = _values(tables, direction, product, "calendar_year")
    span = _trimmed(data.rows, "value_usd")
    if len(span) < 2:
        return None
    seller, buyer = ("China", "India") if direction == _CHINA_TO_INDIA else ("India", "China")
    last = last_with(span, "value_usd") or span[-1]
    both = last["value_basis"] == "both_weighted"
    goods = PRODUCTS[product]
    title = (
        f"{period(last)}: {money(last['value_usd'])} of {goods}, between {money(last['value_low_usd'])} and "
        f"{money(last['value_high_usd'])}"
        if both
        else f"{period(last)}: {money(last['value_usd'])} of {goods}, by one side's report alone"
    )
    return Chart(
        slug=f"{seller.lower()}-{buyer.lower()}-{product[3:]}-years",
        title=title,
        unit=f"{goods.capitalize()} (HS {product[3:]}) from {seller} to {buyer}, US$ a year.",
        drawing=lines(
            _accounts(data, direction),
            Scale(
                "money",
                height=320,
                right=100,
                top_value=_top(data, "exporter_fob_usd", "importer_cif_usd"),
                marks=[m for m in marks if m.x >= decimal_year(span[0]["period_start"])],
                last=decimal_year(span[-1]["period_start"]),
            ),
        ),
        data=[data],
        sources=_sources(tables, data, direction, product),
        notes=[_INTERVAL, _GAPS],
    )


def _weights_by_month(tables: Tables, marks: Sequence[Mark]) -> Chart | None:
    data = _select(
        tables,
        _CHINA_TO_INDIA,
        "HS:284690",
        "month",
        {
            "exporter_kg": "China says, kg",
            "importer_kg": "India says, kg",
            "weight_kg": "Reconciled, kg",
            "weight_basis": "Rests on",
        },
    )
    span = _trimmed(data.rows, "exporter_kg", "importer_kg")
    if len(span) < 3:
        return None
    peak = max(span, key=lambda row: row["importer_kg"] or 0)
    series = [
        Line(name, tint, points(span, column, lambda row, column=column: f"{period(row)} · {weight(row[column] or 0)}"))  # type: ignore[misc]
        for name, tint, column in (("China says", "china", "exporter_kg"), ("India says", "india", "importer_kg"))
    ]
    return Chart(
        slug="china-india-compounds-weight",
        title=f"By weight India's imports were highest in {period(peak)}, {weight(peak['importer_kg'] or 0)}",
        unit="Compounds other than cerium (HS 284690) from China to India, tonnes a month.",
        drawing=lines([line for line in series if line.last], Scale("weight", height=300, right=100, marks=marks)),
        data=[data],
        sources=_sources(tables, data, _CHINA_TO_INDIA, "HS:284690"),
        notes=["India's weights are those of its tariff lines, added up. " + _GAPS],
    )


def _unit_values(tables: Tables, marks: Sequence[Mark]) -> Chart | None:
    data = tables.select(
        "marts.mart_unit_value",
        {
            "period_start": "Month",
            "reporter_name": "Reporter",
            "unit_value_usd_per_kg": "US$ per kg",
            "median_usd_per_kg": "Median of the year's trade",
            "unit_value_flag": "Flag",
        },
        "product_key = 'HS:284690' and period_type = 'month' and ((reporter_code = 'CHN' and partner_code = 'IND'"
        " and flow = 'export') or (reporter_code = 'IND' and partner_code = 'CHN' and flow = 'import'))",
        "reporter_name, period_start",
        also=["reporter_code", "period_type"],
    )
    series = [
        Line(
            f"{name} says",
            name.lower(),
            with_gaps(
                points(
                    [row for row in data if row["reporter_code"] == code],
                    "unit_value_usd_per_kg",
                    lambda row: (
                        f"{period(row)} · {prices(row['unit_value_usd_per_kg'])} · {phrase(row['unit_value_flag'])}"
                    ),
                    is_estimate=lambda row: row["unit_value_flag"] == "outlier",
                ),
                _MONTH,
            ),
        )
        for code, name in (("CHN", "China"), ("IND", "India"))
    ]
    series = [line for line in series if line.last]
    if not series or len(data) < 3:
        return None
    cheapest, dearest = (pick(data.rows, key=lambda row: row["unit_value_usd_per_kg"]) for pick in (min, max))
    return Chart(
        slug="china-india-compounds-unit-value",
        title=f"A kilogram was declared at {prices(cheapest['unit_value_usd_per_kg'])} to "
        f"{prices(dearest['unit_value_usd_per_kg'])}: a basket of goods, not a price",
        unit="Unit value of compounds other than cerium (HS 284690) from China to India, US$ per kg by month.",
        drawing=lines(
            series,
            Scale(
                "price",
                height=300,
                right=100,
                marks=[m for m in marks if m.x >= min(p.x for s in series for p in s.points)],
            ),
        ),
        data=[data],
        sources=["china_customs", "un_comtrade"],
        notes=[
            "Value over reported weight. The code holds cheap carbonates and dear oxides; hollow points are outliers."
        ],
    )


def _sources(tables: Tables, data: Selection, direction: str, product: str) -> list[str]:
    """The publishers whose reports the rows rest on."""
    found = tables.rows(
        "select distinct unnest([exporter_source_code, importer_source_code, exporter_weight_source_code,"
        " importer_weight_source_code]) as code from marts.mart_corridor"
        f" where {direction} and product_key = '{product}'"
    )
    return sorted({row["code"] for row in found if row["code"] in tables.sources and len(data)})

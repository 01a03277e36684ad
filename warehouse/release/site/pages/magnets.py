"""Magnets: China's share of imports since 2002, who supplies India, and three accounts of one flow."""

from __future__ import annotations

from itertools import groupby

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.charts.lines import Line, Scale, lines
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import colour, held, last_with, period, points, with_gaps
from warehouse.release.site.section import Fact, Section
from warehouse.release.site.tables import Row, Selection, Tables
from warehouse.release.site.wording import money, moved, percent, weight

_BACI_PARTIAL = (
    "Hollow points: the source holds the largest suppliers only (`partial`), so the share is the most it can be."
)
_CODE = "HS 850511 is all permanent magnets of metal, not rare-earth ones only; India files ferrite cores under it."
_LEADING = 8


def page(tables: Tables) -> Page:
    """The page on magnets."""
    return Page(
        path="magnets.html",
        title="Magnets",
        lead="Permanent magnets are where India depends on China most. What is known of that dependence, by value and "
        "by weight, by whose account, beside other importers.",
        template="topic.html.j2",
        content={"summary": _summary(tables), "sections": _sections(tables)},
        search_text="NdFeB 850511 share suppliers dependence ferrite BACI",
    )


def _summary(tables: Tables) -> list[Fact]:
    table, india = "marts.mart_magnet_dependence", "importer_code = 'IND' and supply_basis = 'reference'"
    newest = f"{india} and coverage = 'complete'"
    facts = [
        Fact(
            tables.cell(table, "china_value_share", newest, "period_start desc"),
            "percent",
            "of India's magnet imports by value come from China, in BACI's newest complete year",
        ),
        Fact(tables.cell(table, "china_weight_share", newest, "period_start desc"), "percent", "by weight"),
        Fact(
            tables.cell(table, "china_value_share", india, "period_start"),
            "percent",
            "by value in the first year held, at most",
        ),
    ]
    return [fact for fact in facts if fact.cell]


def _sections(tables: Tables) -> list[Section]:
    return [
        Section(charts=held([share_over_time(tables), _importers(tables)])),
        Section("Who supplies India", charts=held([_suppliers(tables)])),
        Section(
            "Three accounts of one flow",
            [
                "China reports what it ships, India what arrives, and CEPII reconciles both in BACI. The "
                "values are close "
                "where all three are held; the weights are not of the same goods."
            ],
            charts=held([three_accounts(tables), _weights(tables)]),
        ),
    ]


def share_over_time(tables: Tables) -> Chart | None:
    """China's share of five importers' magnets since 2002, India's in front."""
    data = tables.select(
        "marts.mart_magnet_dependence",
        {
            "importer_name": "Importer",
            "period_start": "Year from",
            "china_value_share": "China's share",
            "china_value_share_low": "At least",
            "coverage": "Coverage",
        },
        "supply_basis = 'reference'",
        "importer_code = 'IND' desc, importer_name, period_start",
        also=["importer_code", "period_type"],
    )
    india = [row for row in data if row["importer_code"] == "IND"]
    first, last = (
        next((row for row in india if row["china_value_share"] is not None), None),
        last_with(india, "china_value_share"),
    )
    if not first or not last or first is last:
        return None
    series = [
        Line(
            _short(rows[0]["importer_name"]),
            colour(code),
            with_gaps(
                points(rows, "china_value_share", _share_says, is_estimate=lambda row: row["coverage"] != "complete")
            ),
            is_context=code != "IND",
            has_marks=code == "IND",
        )
        for code, some in groupby(data, key=lambda row: row["importer_code"])
        for rows in [list(some)]
    ]
    shares = moved(first["china_value_share"], last["china_value_share"])
    return Chart(
        slug="magnets-china-share",
        title=f"China's share of India's magnet imports {shares} between {period(first)} and {period(last)}",
        unit="China's share of the imports of HS 850511 by value, as reconciled in BACI (FOB).",
        drawing=lines(series, Scale("percent", height=380, top_value=1.0, right=120)),
        data=[data],
        sources=["cepii_baci"],
        notes=[_BACI_PARTIAL, _CODE],
    )


def _short(name: str) -> str:
    return {"European Union (27 members)": "EU", "United States": "US", "United Kingdom": "UK"}.get(name, name)


def _share_says(row: Row) -> str:
    if row["china_value_share"] is None:
        return ""
    bound = "at most " if row["coverage"] != "complete" else ""
    return f"{period(row)} · {bound}{percent(row['china_value_share'])}"


def _importers(tables: Tables) -> Chart | None:
    year = tables.cell("marts.mart_importer_supply", "year", _SUPPLY, "year desc")
    if year is None:
        return None
    data = tables.select(
        "marts.mart_importer_supply",
        {
            "importer_name": "Importer",
            "year": "Year",
            "china_value_share": "China's share by value",
            "china_weight_share": "by weight",
            "supply_basis": "Whose report",
        },
        f"{_SUPPLY} and year = {year.value}",
        "china_value_share desc nulls last",
        also=["importer_code"],
    )
    rows = [
        Bar(
            _short(row["importer_name"]) + (" *" if row["supply_basis"] == "exporter_mirror" else ""),
            row["china_value_share"],
            percent(row["china_value_share"]),
            colour(row["importer_code"]),
            row["supply_basis"] == "exporter_mirror",
        )
        for row in data
    ]
    place = (
        [row["importer_code"] for row in data].index("IND") + 1 if any(r["importer_code"] == "IND" for r in data) else 0
    )
    return Chart(
        slug="magnets-importers",
        title=f"India's dependence is not exceptional: by value it is number {place} of {len(data)} large importers"
        if place > 1
        else "China's share of the magnets that large importers buy",
        unit=f"China's share of imports of HS 850511 in {year.value}, by value, by the importers' own reports.",
        drawing=bars(rows, 1.0),
        data=[data],
        sources=["un_comtrade"],
        notes=["* By what exporters say they sent, since the importer's own report is not held.", _CODE],
    )


_SUPPLY = "product_key = 'HS:850511' and china_value_share is not null"


def _suppliers(tables: Tables) -> Chart | None:
    where = "importer_code = 'IND' and product_key = 'HS:850511' and is_latest and coverage = 'complete'"
    newest = tables.cell("core.fct_trade_reference", "period_start", where, "period_start desc")
    if newest is None:
        return None
    data = tables.select(
        "core.fct_trade_reference",
        {"exporter_name": "Supplier", "period_start": "Year from", "value_usd": "US$ (FOB)", "net_weight_kg": "kg"},
        f"{where} and period_start = date '{newest.value}'",
        "value_usd desc",
        also=["exporter_code"],
    )
    most = [row for row in data if row["value_usd"] is not None][:_LEADING]
    second = f"{most[1]['exporter_name']} comes second with {money(most[1]['value_usd'])}" if len(most) > 1 else ""
    return Chart(
        slug="magnets-india-suppliers",
        title=f"{most[0]['exporter_name']} supplied {money(most[0]['value_usd'])} in {newest.value.year}; {second}",
        unit=f"India's imports of HS 850511 by supplier, the {len(most)} largest of {len(data)}, BACI, US$ (FOB).",
        drawing=bars(
            [
                Bar(row["exporter_name"], row["value_usd"], money(row["value_usd"]), colour(row["exporter_code"]))
                for row in most
            ],
        ),
        data=[data],
        sources=["cepii_baci"],
        notes=["Goods that pass through Hong Kong or Singapore may be China's: nobody states which part."],
    )


def _flows(tables: Tables, *columns: str) -> Selection:
    names = {
        "period_start": "Year from",
        "exporter_fob_usd": "China reports, US$ FOB",
        "importer_cif_usd": "India reports, US$ CIF",
        "reference_fob_usd": "BACI, US$ FOB",
        "exporter_kg": "China reports, kg",
        "importer_kg": "India reports, kg",
        "reference_kg": "BACI, kg",
        "holding_status": "Holding",
    }
    return tables.select(
        "marts.mart_magnet_trade",
        {name: label for name, label in names.items() if name in (*columns, "period_start", "holding_status")},
        "exporter_code = 'CHN' and importer_code = 'IND' and product_key = 'HS:850511'"
        " and period_type = 'calendar_year' and period_start >= date '2002-01-01'"
        " and (exporter_fob_usd is not null or importer_cif_usd is not null or reference_fob_usd is not null)",
        "period_start",
    )


def three_accounts(tables: Tables) -> Chart | None:
    """Value of China's magnets to India by each account."""
    data = _flows(tables, "exporter_fob_usd", "importer_cif_usd", "reference_fob_usd")
    both = last_with(data.rows, "exporter_fob_usd", "importer_cif_usd")
    if both is None:
        return None
    accounts = (
        ("BACI", "reference", "reference_fob_usd"),
        ("China says", "china", "exporter_fob_usd"),
        ("India says", "india", "importer_cif_usd"),
    )
    series = [
        Line(
            name,
            tint,
            with_gaps(
                points(
                    [row for row in data if row[column] is not None],
                    column,
                    lambda row, column=column: f"{period(row)} · {money(row[column])}",  # type: ignore[misc]
                )
            ),
        )
        for name, tint, column in accounts
    ]
    return Chart(
        slug="magnets-three-accounts",
        title=f"For {period(both)} China reports {money(both['exporter_fob_usd'])} of magnets to India, "
        f"India {money(both['importer_cif_usd'])}",
        unit="China's magnets (HS 850511) to India, US$ a year: China's exports FOB, India's imports CIF, BACI FOB.",
        drawing=lines([line for line in series if line.last], Scale("money", height=360, right=100)),
        data=[data],
        sources=["un_comtrade", "cepii_baci"],
        notes=["A break in a line is a year that is not held."],
    )


def _weights(tables: Tables) -> Chart | None:
    data = _flows(tables, "exporter_kg", "importer_kg", "reference_kg")
    row = last_with(data.rows, "exporter_kg", "importer_kg")
    if row is None:
        return None
    accounts = (
        ("China says", "exporter_kg", "china"),
        ("BACI", "reference_kg", "reference"),
        ("India says", "importer_kg", "india"),
    )
    return Chart(
        slug="magnets-weights",
        title=f"By weight the accounts do not speak of the same goods: {weight(row['exporter_kg'])} leave China, "
        f"{weight(row['importer_kg'])} reach India",
        unit=f"China's magnets (HS 850511) to India in {period(row)}, tonnes.",
        drawing=bars(
            [Bar(name, row[column], weight(row[column]), tint) for name, column, tint in accounts if row[column]],
        ),
        data=[Selection(data.table, data.key, data.labels, [row])],
        sources=["un_comtrade", "cepii_baci"],
        notes=["India files ferrite cores under the code, so the weights are not reconciled (`scope_differs`)."],
    )

"""Reconciliation: how near each way of making one figure from two reports comes to BACI, and who reports how well."""

from __future__ import annotations

from warehouse.release.site.chart import Chart
from warehouse.release.site.charts.bars import Bar, bars
from warehouse.release.site.page import Page
from warehouse.release.site.pages.common import PRODUCTS, held
from warehouse.release.site.section import Fact, Section
from warehouse.release.site.tables import Selection, Tables
from warehouse.release.site.wording import percent, phrase, significant

_METHODS = {
    "reconciled": "Here: by each reporter's record",
    "fixed_weight": "A fixed weight of 0.25",
    "arithmetic_mean": "Mean of both reports",
    "importer_report": "The importer's report",
    "exporter_report": "The exporter's report",
}
_TRUTH = "BACI is CEPII's own reconciliation: an outside yardstick, and no truth. It is never an input here."
_LEAST_PAIRS = 30
_SHOWN = 14


def page(tables: Tables) -> Page:
    """The page on reconciliation."""
    return Page(
        path="reconciliation.html",
        title="One figure from two reports, and its score",
        lead="Each flow has two reports that disagree. The figure made of them is scored against an outside "
        "reconciliation, beside the naive choices. Where the naive choice is as good, this page says so.",
        template="topic.html.j2",
        content={
            "summary": _summary(tables),
            "sections": [
                Section("Score against BACI", charts=held([_score(tables, "value"), _score(tables, "weight")])),
                Section("Where both report, how far apart are China and India?", charts=held([_classes(tables)])),
                Section("Who reports how well", charts=held([_reporters(tables)])),
                Section("All scores", table=_scores(tables, "true")),
            ],
        },
        search_text="mirror BACI score interval coverage weights reliability CIF FOB conflict class",
    )


def _summary(tables: Tables) -> list[Fact]:
    table, ours = "marts.mart_reconciliation_score", "reconciliation_method = 'reconciled' and figure_kind = 'value'"
    facts = [
        Fact(
            tables.cell(table, "supplier_share_error", ours),
            "percent",
            "of supplier shares are misplaced, against BACI",
        ),
        Fact(
            tables.cell(
                table, "supplier_share_error", "reconciliation_method = 'arithmetic_mean' and figure_kind = 'value'"
            ),
            "percent",
            "with the plain mean of both reports",
        ),
        Fact(
            tables.cell(table, "interval_coverage", ours),
            "percent",
            "of BACI's figures lie inside an interval of nominally 80 %",
        ),
    ]
    return [fact for fact in facts if fact.cell]


def _scores(tables: Tables, where: str) -> Selection:
    return tables.select(
        "marts.mart_reconciliation_score",
        {
            "reconciliation_method": "Method",
            "figure_kind": "Of",
            "year": "Year",
            "n_flows": "Flows",
            "supplier_share_error": "Supplier share error",
            "median_abs_log": "Median |log|",
            "two_sided_mean_clipped_abs_log": "Mean |log|, both report",
            "hhi_correlation": "Correlation of HHI",
            "level_ratio": "Level",
            "interval_coverage": "BACI inside",
        },
        where,
        "figure_kind, supplier_share_error",
    )


def _score(tables: Tables, kind: str) -> Chart | None:
    data = _scores(tables, f"figure_kind = '{kind}'")
    if not data.rows:
        return None
    best = data.rows[0]
    others = {row["reconciliation_method"]: row["supplier_share_error"] for row in data}
    ours = others.get("reconciled", 0)
    rows = [
        Bar(
            _METHODS.get(row["reconciliation_method"], phrase(row["reconciliation_method"])),
            row["supplier_share_error"],
            percent(row["supplier_share_error"]),
            "accent" if row["reconciliation_method"] == "reconciled" else "other",
        )
        for row in data
    ]
    mean = others.get("arithmetic_mean", ours)
    title = (
        f"By {kind}, {percent(ours)} of supplier shares are misplaced, against {percent(mean)} with the plain mean"
        if best["reconciliation_method"] == "reconciled"
        else f"By {kind} a naive choice does better: {_METHODS.get(best['reconciliation_method'])}"
    )
    return Chart(
        slug=f"score-{kind}",
        title=title,
        unit=(
            f"Supplier share error of magnets (HS 850511) in {best['year']} by {kind}: half the sum of "
            "absolute differences "
            "from BACI's shares, averaged over importers. Smaller is better."
        ),
        drawing=bars(rows),
        data=[data],
        sources=["un_comtrade", "cepii_baci"],
        notes=[_TRUTH, "The fixed weight comes within a hair: the gain on a new code is small."]
        if kind == "value" and others.get("fixed_weight", 1) - ours < 0.005
        else [_TRUTH],
    )


def _classes(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_corridor",
        {
            "exporter_name": "From",
            "product_key": "Code",
            "period_label": "Period",
            "exporter_fob_usd": "Exporter says, US$",
            "importer_cif_usd": "Importer says, US$",
            "value_usd": "Reconciled, US$",
            "value_low_usd": "From, US$",
            "value_high_usd": "To, US$",
            "conflict_class": "Class",
        },
        "conflict_class is not null and period_type = 'calendar_year'",
        "product_key, exporter_name, period_start",
        also=["period_start", "exporter_code"],
    )
    if not data.rows:
        return None
    rows = [
        Bar(
            f"{row['exporter_name']}, {PRODUCTS.get(row['product_key'], row['product_key'])}, "
            f"{row['period_start'].year}",
            row["exporter_fob_usd"] / row["importer_cif_usd"],
            f"{significant(row['exporter_fob_usd'] / row['importer_cif_usd'], 2)} · {phrase(row['conflict_class'])}",
            "china" if row["exporter_code"] == "CHN" else "india",
        )
        for row in data
        if row["exporter_fob_usd"] and row["importer_cif_usd"]
    ]
    near = sum(0.8 <= (row.value or 0) <= 1.25 for row in rows)
    return Chart(
        slug="corridor-classes",
        title=(
            f"In {near} of the {len(rows)} years that both report, the exporter's value is within 25 % of the "
            "importer's"
        ),
        unit=(
            "The exporter's value over the importer's, by flow and calendar year, with the class of disagreement; "
            "1 is agreement."
        ),
        drawing=bars(rows, reference=1.0),
        data=[data],
        sources=["un_comtrade", "india_tradestat", "china_customs"],
        notes=["The importer's value holds freight (CIF), the exporter's does not (FOB): a few per cent."],
    )


def _reporters(tables: Tables) -> Chart | None:
    data = tables.select(
        "marts.mart_reporter_reliability",
        {
            "reporter_name": "Reporter",
            "n_pairs": "Pairs of reports",
            "n_panel_pairs": "In the panel",
            "usual_value_weight": "Weight beside a usual importer",
            "record": "Record",
        },
        f"reporter_role = 'exporter' and n_panel_pairs >= {_LEAST_PAIRS}",
        "usual_value_weight",
        also=["reporter_code"],
    )
    if len(data) < 5:
        return None
    few = len(data) <= _SHOWN
    shown = list(data.rows) if few else [*data.rows[: _SHOWN // 2], *data.rows[-_SHOWN // 2 :]]
    rows = [
        Bar(
            row["reporter_name"],
            row["usual_value_weight"],
            significant(row["usual_value_weight"], 2),
            {"CHN": "china", "IND": "india"}.get(row["reporter_code"], "other"),
        )
        for row in shown
    ]
    first, last = data.rows[0], data.rows[-1]
    return Chart(
        slug="reporters",
        title=f"Among large exporters {first['reporter_name']}'s reports weigh least, "
        f"{significant(first['usual_value_weight'], 2)}, and {last['reporter_name']}'s most, "
        f"{significant(last['usual_value_weight'], 2)}",
        unit=(
            "Weight of an exporter's value beside a usual importer's, from its record; exporters with "
            f"{_LEAST_PAIRS} pairs of "
            "reports or more" + ("." if few else f", the {_SHOWN // 2} lowest and highest of {len(data)}.")
        ),
        drawing=bars(rows),
        data=[data],
        sources=["un_comtrade"],
        notes=[
            "A low weight says that goods leaving the country are often booked elsewhere by their buyers, not that "
            "its figures are wrong."
        ],
    )

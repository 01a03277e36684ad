"""India's trade of rare-earth lines as TradeStat's reports have it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sources.publishers.india_tradestat.partition import ReportPartition
from sources.snapshot.build.snapshot_file import SnapshotFile, by_year, records, table

_TRACKER_MONTHLY = "public repository Vasuki8/india-critical-trade-tracker @ 72837d7"
_TRACKER_KG = "public repository Vasuki8/india-critical-trade-tracker @ cd7484a"
_TRACKER_CALENDAR = "public repository Vasuki8/india-critical-trade-tracker @ 7177198"
_INGESTOR = "public repository dassoumyajitsenrysa-dataminer/tradestat-ingestor"
_MEIDB = {
    flow: f"https://tradestat.commerce.gov.in/meidb/commodity_wise_all_countries_{flow}"
    for flow in ("import", "export")
}
_EIDB = "https://tradestat.commerce.gov.in/eidb/commodity_wise_all_countries_export"
_PRINTED_TOTAL = "Total (printed)"
_EIDB_COUNTRIES = "eidb_exports_hs8_country_fy2017-18_to_fy2024-25.csv"
_MONTHS_KG = (
    "meidb_2846_kg_monthly_2018-01_2021-12_transcribed.csv",
    "meidb_2846_kg_monthly_2022-01_2024-06_transcribed.csv",
    "meidb_2846_kg_monthly_2024-07_2026-06_transcribed.csv",
)
_SIX_EXPORT_LINES_FROM = "2022"
"""First year whose monthly exports in kg are transcribed for all six lines."""
_MONTHS_KG_COLUMNS = (
    *("period", "flow", "hs8", "partner_country", "quantity", "unit", "flag"),
    *("report_month", "report_dated"),
)
_RANGE_KG_COLUMNS = (
    *("period", "flow", "hs8", "partner_country", "quantity", "unit", "minuend", "subtrahend"),
    *("report_month", "report_dated"),
)
_YEARLY = (
    # layout, file, name of the partition, day of the report, taken from, how
    ("lines_kg", "meidb_2846_imports_hs8_kg_calendar_2018_2022_2024_2025_transcribed.csv", "2026-09-15", _TRACKER_KG,
     "the year's rows of a transcription of the December reports; every line's partners add up to its printed total"),
    ("calendar_usd", "meidb_2846_imports_calendar_2024_2025_by_partner_usd_million_transcribed.csv", "2026-09-14",
     _TRACKER_CALENDAR, "the year's rows of a transcription of the December report, checked against its total"),
)  # fmt: skip


def _monthly(folder: Path) -> Iterator[SnapshotFile]:
    """India's monthly trade of 2846 by partner, and the printed totals, one file per year of each."""
    for what, name in (("partners", "monthly_by_partner"), ("totals", "monthly_totals")):
        original = folder / "india_tradestat" / f"meidb_2846_{name}_2018-01_2026-06_transcribed.csv"
        header, years = by_year(original, "period")
        for year, rows in years.items():
            yield SnapshotFile(
                file=f"india_tradestat/meidb_2846_{what}_{year}.csv",
                data=table([header, *rows]),
                original=original,
                row={
                    "source_code": "india_tradestat",
                    "layout": f"extract_meidb_{what}",
                    "partition": str(ReportPartition("MEIDB", "2846", what, int(year))),
                    "year": year,
                    "release": "as read 2026-09-14",
                    "known_from": "2026-09-14",
                    "known_basis": "assumed",
                    "known_from_note": "the date of the reports read with them; the monthly rows carry none",
                    "transcription": "transcribed",
                    "how": "the year's rows of a transcription of the portal's reports, checked against its totals",
                    "url": _MEIDB["import"],
                    "taken_from": _TRACKER_MONTHLY,
                },
            )


def _calendar_years(folder: Path) -> Iterator[SnapshotFile]:
    """Calendar years of India's imports of 2846: its six lines in kg, and the heading in US$ million."""
    for what, name, day, taken_from, how in _YEARLY:
        original = folder / "india_tradestat" / name
        header, years = by_year(original, "calendar_year")
        for year, rows in years.items():
            yield SnapshotFile(
                file=f"india_tradestat/meidb_2846_{what}_{year}.csv",
                data=table([header, *rows]),
                original=original,
                row=_report(what, year, how, taken_from, day),
            )


def _months_kg(folder: Path) -> Iterator[SnapshotFile]:
    """India's monthly trade of the six lines of 2846 in kg, one file a flow and year.

    A report prints a month and the same month of the year before, so that January to March of 2023 stand in two; the
    later one is taken, and both say the same.
    """
    rows: dict[tuple[str, ...], list[str]] = {}
    originals: dict[tuple[str, str], set[Path]] = defaultdict(set)
    for name in _MONTHS_KG:
        original = folder / "india_tradestat" / name
        header, *body = records(original)
        for cells in body:
            row = dict(zip(header, cells, strict=True))
            is_total = row["is_printed_total"] == "1"
            partner = _PRINTED_TOTAL if is_total else row["partner_label"]
            dated = datetime.strptime(row["report_dated"], "%d %b %Y").date().isoformat()  # noqa: DTZ007
            rows[row["flow"], row["period"], row["hs8"], str(is_total), partner] = [
                *(row["period"], row["flow"], row["hs8"], partner, row["kg"], "KGS", row["flag"]),
                *(row["report_month"], dated),
            ]
            originals[row["flow"], row["period"][:4]].add(original)
    for (flow, year), parts in originals.items():
        report, layout, how = _report_of_months(flow, year)
        of_year = (row for of, row in sorted(rows.items()) if of[0] == flow and of[1].startswith(year))
        yield SnapshotFile(
            file=f"india_tradestat/meidb_2846_{report}_{year}.csv",
            data=table([_MONTHS_KG_COLUMNS, *of_year]),
            original=max(parts),
            row=_report(report, year, how + "; of two transcriptions, the later named" * (len(parts) - 1), _TRACKER_KG)
            | {"layout": layout, "url": _MEIDB[flow]},
        )


def _report_of_months(flow: str, year: str) -> tuple[str, str, str]:
    """The report of a flow's months in kg, its layout in a year, and how the year's rows were had."""
    if flow == "import":
        return (
            *("lines_month_kg", "extract_meidb_lines_month_kg"),
            "the year's imports of a transcription of the monthly reports in quantity; every line's partners add up to"
            " its printed total",
        )
    how = "the year's exports of a transcription of the monthly reports in quantity: the lines' printed totals, and "
    if year < _SIX_EXPORT_LINES_FROM:
        return (
            *("export_lines_month_kg", "extract_meidb_export_five_lines_month_kg"),
            how + "of the partners Japan and China; 28469090 but for a month is missing",
        )
    return (
        *("export_lines_month_kg", "extract_meidb_export_lines_month_kg"),
        how + "of the partners Japan and China, from July 2024 those above 500 kg",
    )


def _first_quarter_2024(folder: Path) -> Iterator[SnapshotFile]:
    """Trade of January to March 2024 by line and partner, which the portal prints under wrong labels by month."""
    original = folder / "india_tradestat" / "meidb_2846_kg_2024Q1_derived_from_cumulatives.csv"
    header, *body = records(original)
    rows = [dict(zip(header, cells, strict=True)) for cells in body]
    difference = "January to April of the report of April 2024 less its April, by line and partner"
    for flow, report, how in (
        ("import", "lines_range_kg", "; with the later months it is the calendar year in every cell"),
        ("export", "export_lines_range_kg", "; of the partners Japan and China"),
    ):
        lines = [
            [
                *(row["period"], row["flow"], row["hs8"]),
                _PRINTED_TOTAL if row["is_total"] == "1" else row["partner_label"],
                *(row["kg"], "KGS", "2024-01..2024-04", "2024-04", "2024-04", "2026-09-15"),
            ]
            for row in rows
            if row["flow"] == flow
        ]
        yield SnapshotFile(
            file=f"india_tradestat/meidb_2846_{report}_2024.csv",
            data=table([_RANGE_KG_COLUMNS, *lines]),
            original=original,
            row=_report(report, "2024", difference + how, _TRACKER_KG) | {"url": _MEIDB[flow]},
        )


def _report(what: str, year: str, how: str, taken_from: str, day: str = "2026-09-15") -> dict[str, str]:
    """Provenance of a year of a report on 2846 that has its day printed on it."""
    return {
        "source_code": "india_tradestat",
        "layout": f"extract_meidb_{what}",
        "partition": str(ReportPartition("MEIDB", "2846", what, int(year))),
        "year": year,
        "release": f"as read {day}",
        "known_from": day,
        "known_basis": "stated",
        "known_from_note": "the date printed on the report",
        "transcription": "transcribed",
        "how": how,
        "url": _MEIDB["import"],
        "taken_from": taken_from,
    }


def printed_totals(folder: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """(line, fiscal year) → its printed total in US$ million and rupees crore.

    A page has two fiscal years, and its row of totals no serial number, so the scraper's keys are one column too far
    to the left: under the first year is the total of the second, under the second the growth. The first year's total
    is lost, and with it all of 2017-18. A test checks the totals against the countries' sums and the printed growth.
    """
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for money, name in (("usd", "usd_million"), ("inr", "inr_crore_MISLABELLED_import")):
        for path in sorted((folder / "india_tradestat" / "eidb_export_hs8_json").glob(f"*_export_{name}.json")):
            body = json.loads(path.read_bytes())
            for asked, page in body["years"].items():
                total = page["totals"]["total"]["values_usd"]["y2023_2024"]
                if total is not None:
                    found[body["hsn_code"], f"{asked}-{int(asked) + 1}"][money] = repr(total)
    return {of: (printed["usd"], printed["inr"]) for of, printed in found.items()}


def _eidb_exports(folder: Path) -> Iterator[SnapshotFile]:
    """India's exports of 25 lines by country with the lines' printed totals, one file a fiscal year."""
    original = folder / "india_tradestat" / _EIDB_COUNTRIES
    header, *body = records(original)
    line, year, country = header.index("hs8"), header.index("financial_year"), header.index("country")
    totals = printed_totals(folder)
    rows: dict[tuple[str, str], list[list[str]]] = defaultdict(list)
    for row in body:
        rows[row[year], row[line]].append(row)
    for (fiscal_year, hs8), of_line in rows.items():
        if (hs8, fiscal_year) in totals:
            total = list(of_line[0])
            total[country] = _PRINTED_TOTAL
            total[header.index("export_value_usd_million") :] = [*totals[hs8, fiscal_year], ""]
            of_line.append(total)
    for fiscal_year in sorted({fiscal_year for fiscal_year, _ in rows}):
        first = fiscal_year[:4]
        yield SnapshotFile(
            file=f"india_tradestat/eidb_exports_lines_{first}.csv",
            data=table([header, *(row for (of, _), found in rows.items() if of == fiscal_year for row in found)]),
            original=original,
            row={
                "source_code": "india_tradestat",
                "layout": "extract_eidb_exports",
                "partition": str(ReportPartition("EIDB", None, "lines", int(first))),
                "year": first,
                "release": "as read 2026-01-27",
                "known_from": "2026-01-27",
                "known_basis": "stated",
                "known_from_note": "the date printed on the reports",
                "transcription": "extract",
                "how": "the fiscal year's rows of scraped pages, US$ and rupees side by side, with the lines' totals",
                "url": _EIDB,
                "taken_from": _INGESTOR,
            },
        )


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Every file made from TradeStat's reports."""
    for files in (_monthly, _calendar_years, _months_kg, _first_quarter_2024, _eidb_exports):
        yield from files(folder)

"""Electric vehicles registered in India: one file for each page that quotes the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sources.publishers.india_vahan.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, records, table

_PAGES = {
    # part of the page's address: day, basis, why
    "tech%2Fover-1392-lakh-evs": ("2022-08-05", "stated", "the page dates the answer it quotes"),
    "ls-101675393834647": ("2023-02-03", "assumed", "the time that the number in the page's address gives"),
    "PRID=2040885": ("2024-08-02", "stated", "the day on which the release was posted"),
    "use-electric-vehicles-2237556": ("2026-03-10", "stated", "the day on which the release was posted"),
}
_LAKH = " lakh"
Figure = tuple[str, str, str, str, str]


def _figures(totals: Path, classes: Path) -> Iterator[Figure]:
    """Period, class, figure as printed, unit and page of every figure."""
    header, *body = records(totals)
    for row in body:
        by_name = dict(zip(header, row, strict=True))
        printed = by_name["printed_as"]
        unit = "lakh" if printed.endswith(_LAKH) else "number"
        yield by_name["fiscal_year"], "all", printed.removesuffix(_LAKH), unit, by_name["source_url"]
    header, *body = records(classes)
    for row in body:
        by_name = dict(zip(header, row, strict=True))
        yield by_name["period"], by_name["vehicle_class"], by_name["registered"], "number", by_name["source_url"]


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Every figure of both tables, by the page it was read on."""
    demand = folder / "demand"
    totals = demand / "india_ev_registrations_vahan_transcribed.csv"
    classes = demand / "india_ev_registrations_by_class_transcribed.csv"
    by_page: dict[str, list[Figure]] = defaultdict(list)
    for figure in _figures(totals, classes):
        by_page[figure[-1]].append(figure)
    days = {url: known for url in by_page for part, known in _PAGES.items() if part in url}
    for url, figures in sorted(by_page.items(), key=lambda page: days[page[0]]):
        day, basis, why = days[url]
        yield SnapshotFile(
            file=f"india_vahan/vahan_{day}.csv",
            data=table([["period", "vehicle_class", "registered", "unit", "page_url"], *figures]),
            original=totals if figures[0][1] == "all" else classes,
            row={
                "source_code": "india_vahan",
                "layout": "extract_registrations",
                "partition": str(Partition(date.fromisoformat(day))),
                "year": day[:4],
                "release": day,
                "known_from": day,
                "known_basis": basis,
                "known_from_note": why,
                "transcription": "transcribed",
                "how": "figures as the page quotes them from the register",
                "url": url,
                "taken_from": "the page, as a stored public copy",
            },
        )

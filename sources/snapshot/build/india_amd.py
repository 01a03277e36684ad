"""India's resources of monazite and rare-earth oxide: figures of public pages, one file per statement.

The figures were read off stored copies of the pages, and agree with the collection's own table of them; where the page
prints more digits (tonnes in 2022), the page's are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.india_amd.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, table

_COLUMNS = ("as_of", "region", "deposit", "substance", "resource", "unit", "basis", "page_url")
_YEARBOOK = "http://www.docstoc.com/docs/69887540/Rare-Earths"
_PIB_2011 = "http://pib.gov.in/newsite/hindirelease.aspx?relid=12113"
_MINING_WEEKLY = "http://www.miningweekly.com/print-version/india-reports-increase-in-monazite-reserves-2014-11-28"
_ANSWER_2018 = "https://bestcurrentaffairs.com/atomic-mineral-molybdenum-ores-in-india/"
_ANSWER_2022 = (
    "https://orissadiary.com/"
    "union-minister-dr-jitendra-says-india-is-not-reliant-on-china-for-accessing-rare-earth-minerals/"
)
_PIB_2025 = "https://www.pib.gov.in/PressReleasePage.aspx?PRID=2147282"
_PRESS_2025 = (
    "https://indusbusinessjournal.com/2025/07/india-holds-8-52-million-tonnes-of-rare-earth-reserves-jitendra-singh/"
)
_ANSWER_2026 = "https://ianslive.in/india-doubles-down-on-exploration-mining-of-rare-earths--20260204090959"

_END = "the end of the window the figures speak of; the page carries no day"
_PAGE = "the day the page carries"

_STATEMENTS: tuple[tuple[str, str, str, str, tuple[tuple[str, str, str, str, str, str, str], ...]], ...] = (
    # as of, known from, basis, why, rows of region, deposit, substance, figure, unit, basis of the figure, page
    ("2002", "2002-12-31", "assumed", _END, (("", "beach_sand", "monazite", "7.90", "Mt", "", _YEARBOOK),)),
    ("2005", "2005-12-31", "assumed", _END, (("", "beach_sand", "monazite", "10.21", "Mt", "", _YEARBOOK),)),
    ("2009-08", "2011-11-23", "stated", _PAGE, (
        ("", "beach_sand", "monazite", "about 10.70", "Mt", "", _PIB_2011),
        ("", "beach_sand", "reo", "about 5", "Mt", "", _PIB_2011),
    )),
    ("2014-11", "2014-11-30", "assumed", "the end of the month; the page is of the 28th", (
        ("", "beach_sand", "monazite", "11.93", "Mt", "", _MINING_WEEKLY),
        ("Andhra Pradesh", "beach_sand", "monazite", "3.72", "Mt", "", _MINING_WEEKLY),
        ("Tamil Nadu", "beach_sand", "monazite", "2.46", "Mt", "", _MINING_WEEKLY),
        ("Odisha", "beach_sand", "monazite", "2.41", "Mt", "", _MINING_WEEKLY),
        ("Kerala", "beach_sand", "monazite", "1.90", "Mt", "", _MINING_WEEKLY),
        ("West Bengal", "beach_sand", "monazite", "1.22", "Mt", "", _MINING_WEEKLY),
        ("Jharkhand", "beach_sand", "monazite", "0.22", "Mt", "", _MINING_WEEKLY),
    )),
    ("2018-05", "2018-05-31", "assumed", _END, (("", "beach_sand", "monazite", "12.47", "Mt", "", _ANSWER_2018),)),
    ("2022-09", "2022-12-14", "stated", _PAGE, (
        ("", "beach_sand", "monazite", "13.07", "Mt", "", _ANSWER_2022),
        ("Ambadungar (Gujarat)", "hard_rock", "reo", "7,37,283", "t", "", _ANSWER_2022),
        ("Bhatikhera (Rajasthan)", "hard_rock", "reo", "36,945", "t", "", _ANSWER_2022),
    )),
    ("2025-07", "2025-07-31", "assumed", "the end of the month; the answers are of the 21st and the 23rd", (
        ("", "beach_sand", "monazite", "13.15", "Mt", "", _PIB_2025),
        ("", "beach_sand", "reo", "approximately 7.23", "Mt", "", _PIB_2025),
        ("", "hard_rock", "reo", "1.29", "Mt", "", _PIB_2025),
        ("", "all", "reo", "estimated 8.52", "Mt", "added_up_by_press", _PRESS_2025),
    )),
    ("2026-01-28", "2026-02-04", "stated", _PAGE, (
        ("", "beach_sand", "monazite", "13.15", "Mt", "", _ANSWER_2026),
        ("", "beach_sand", "reo", "approximately 7.23", "Mt", "", _ANSWER_2026),
        ("", "hard_rock", "reo", "1.29", "Mt", "", _ANSWER_2026),
    )),
)  # fmt: skip


def build(folder: Path) -> Iterator[SnapshotFile]:
    """One file per statement."""
    for as_of, known, basis, why, rows in _STATEMENTS:
        yield SnapshotFile(
            file=f"india_amd/amd_{as_of}.csv",
            data=table([_COLUMNS, *((as_of, *row) for row in rows)]),
            original=folder / "PRODUCTION_PROVENANCE.md",
            row={
                "source_code": "india_amd",
                "layout": "extract_resources",
                "partition": str(Partition.parse(f"AMD {as_of}")),
                "year": as_of[:4],
                "release": known,
                "known_from": known,
                "known_basis": basis,
                "known_from_note": why,
                "transcription": "transcribed",
                "how": "figures and units as the page prints them; original_sha256 is that of the list of pages",
                "url": rows[0][-1],
                "taken_from": "stored copies of the public pages named on each row",
            },
        )

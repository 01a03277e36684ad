"""Does filtering a BACI archive take memory that grows with its years? `python -m benchmarks.baci_zip`.

Writes two archives of one made-up year each, of 200,000 records and of 13 million (as many as a real year has), filters
each in a process of its own as a fetch run does, and prints peak memory and time as ratios of one run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from sources.model.products import HS_CODES
from sources.publishers.cepii_baci.fetch.years import Limits, keep_years, members_by_year

_COLUMNS = ("t", "i", "j", "k", "v", "q")
_BLOCK = 100_000
_SIZES = (200_000, 13_000_000)


def _write(path: Path, rows: int) -> None:
    """An archive of one year, in which one record in a thousand is of a followed code."""
    codes = ["850511" if row % 1000 == 0 else f"{row % 999983:06}" for row in range(_BLOCK)]
    block = "".join(
        f"2024,{row % 900},{row % 899},{code},{row * 7 % 99991}.{row % 1000:03},{row * 3 % 9973}.{row % 997:03}\n"
        for row, code in enumerate(codes)
    ).encode()
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("BACI_HS17_Y2024_V202601.csv", "w", force_zip64=True) as member,
    ):
        member.write((",".join(_COLUMNS) + "\n").encode())
        for _ in range(rows // _BLOCK):
            member.write(block)


def _measure(path: Path) -> None:
    """In a process of its own: filter, and print peak memory in MB, seconds, records read and kept."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        members = members_by_year(path, "HS17", "V202601")
        (year,) = keep_years(path, members, Path(folder), _COLUMNS, "k", HS_CODES, Limits(4_000_000_000, 1000))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{peak / 1024} {time.perf_counter() - began} {year.records} {year.kept}\n")


def main() -> None:
    """Write the archives, filter them, print the ratios."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in _SIZES:
            path = Path(folder) / f"{rows}.zip"
            _write(path, rows)
            done = subprocess.run(  # noqa: S603 - this script, on a file it wrote
                [sys.executable, __file__, str(path)], capture_output=True, text=True, check=True
            )
            found.append([float(number) for number in done.stdout.split()])
    (small, small_s, *_), (large, large_s, records, kept) = found
    sys.stdout.write(
        f"{_SIZES[1] // _SIZES[0]} × the records: memory of the process × {large / small:.2f}"
        f" ({small:.0f} → {large:.0f} MB), time × {large_s / small_s:.1f}; {kept:,.0f} of {records:,.0f} records kept\n"
    )


if __name__ == "__main__":
    if len(sys.argv) == 2:
        _measure(Path(sys.argv[1]))
    else:
        main()

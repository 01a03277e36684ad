"""Does reading a Comtrade bulk file take memory that grows with the file? `python benchmarks/bulk_memory.py`.

Writes two bulk files of made-up records, the second four times as long, reads each in a process of its own with the
project's streaming reader and with a whole-file reader, and prints peak memory and time as ratios of one run.
"""

from __future__ import annotations

import gzip
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl

from sources.model.artifact import Artifact
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS, FIELDS, read_bulk

_ROWS = 400_000
_FOLLOWED = ("850511",)


def _write(path: Path, rows: int) -> None:
    """A bulk file in which one record in a thousand is of a followed code."""
    plain = {"typeCode": "C", "freqCode": "A", "period": "2024", "flowCode": "M", "classificationCode": "H6",
             "classificationSearchCode": "HS", "customsCode": "C00", "mosCode": "0"}  # fmt: skip
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write("\t".join(BULK_FIELDS) + "\n")
        for row in range(rows):
            values = {
                name: plain.get(name, "false" if FIELDS[name] == pl.Boolean() else "0") for name in BULK_FIELDS
            } | {"cmdCode": "850511" if row % 1000 == 0 else f"{row % 999999:06d}", "partnerCode": str(row)}
            file.write("\t".join(values.values()) + "\n")


def _artifact(path: Path) -> Artifact:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return Artifact(
        source_code="un_comtrade",
        name=path.name,
        layout="comtrade_bulk",
        partition="benchmark",
        year=2024,
        edition=None,
        release="",
        known_from=date(2024, 1, 1),
        known_basis="assumed",
        transcription="original",
        url="",
        sha256=sha256,
        original_sha256=None,
        path=path,
    )


def _measure(how: str, path: str) -> None:
    """In a process of its own: read, and print peak memory in MB, seconds and rows kept."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    artifact = _artifact(Path(path)) if how == "streamed" else None
    began = time.perf_counter()
    if artifact is not None:
        kept = read_bulk(artifact, _FOLLOWED).height
    else:
        whole = pl.read_csv(gzip.open(path).read(), separator="\t", infer_schema=False)  # noqa: SIM115
        kept = whole.filter(pl.col("cmdCode").is_in(_FOLLOWED)).height
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{(peak - before) / 1024} {time.perf_counter() - began} {kept}\n")


def _run(how: str, path: Path) -> tuple[float, float, int]:
    done = subprocess.run(  # noqa: S603 - this script, on a file it wrote
        [sys.executable, __file__, how, str(path)], capture_output=True, text=True, check=True
    )
    megabytes, seconds, kept = done.stdout.split()
    return float(megabytes), float(seconds), int(kept)


def main() -> None:
    """Write the files, read them both ways, print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        files = {rows: Path(folder) / f"{rows}.tsv.gz" for rows in (_ROWS, 4 * _ROWS)}
        for rows, path in files.items():
            _write(path, rows)
        found = {(how, rows): _run(how, path) for how in ("streamed", "whole") for rows, path in files.items()}
    for how in ("streamed", "whole"):
        (small, small_s, _), (large, large_s, kept) = found[how, _ROWS], found[how, 4 * _ROWS]
        sys.stdout.write(
            f"{how:<9} 4 × the rows: memory × {large / small:.2f} ({small:.0f} → {large:.0f} MB),"
            f" time × {large_s / small_s:.2f}, {kept} rows kept\n"
        )
    ratio = found["streamed", 4 * _ROWS][0] / found["whole", 4 * _ROWS][0]
    sys.stdout.write(f"streamed / whole at {4 * _ROWS:,} rows: memory × {ratio:.2f}\n")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _measure(sys.argv[1], sys.argv[2])
    else:
        main()

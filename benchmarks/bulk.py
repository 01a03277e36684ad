"""What does reading a large Comtrade bulk file cost beside a bare scan of it? `python -m benchmarks.bulk [MILLIONS …]`.

Writes one gzip file of so many million made-up records (by default 2 and 8), one in a thousand of a followed code, and
reads each in processes of their own: with the project's reader, and with a Polars scan that keeps the same records and
checks nothing. Prints processor seconds and the memory that reading adds, and the ratios.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import resource
import subprocess
import sys
import tempfile
import zlib
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from sources.model.artifact import Artifact
from sources.publishers import un_comtrade
from sources.publishers.un_comtrade.parse.records import BULK_FIELDS, FIELDS, read_bulk
from sources.reading.layouts import layout_of

_FOLLOWED = ("850511",)
_PUBLISHER = Path(un_comtrade.__file__).parent
_BLOCK = 100_000
_MILLION = 1_000_000


def _block(rng: np.random.Generator) -> bytes:
    """The text of a block of records, without its header."""
    number = np.arange(_BLOCK)
    value = np.round(rng.lognormal(10, 3, _BLOCK), 3)
    drawn = {
        "reporterCode": rng.integers(4, 895, _BLOCK),
        "partnerCode": rng.integers(0, 895, _BLOCK),
        "cmdCode": np.where(number % 1000 == 0, "850511", np.char.zfill((number % 999_999).astype(str), 6)),
        "netWgt": np.round(value / 7, 3),
        "qty": np.round(value / 7, 3),
        "primaryValue": value,
        "cifvalue": value,
    }
    plain = {"typeCode": "C", "freqCode": "A", "period": "2024", "flowCode": "M", "classificationCode": "H6",
             "classificationSearchCode": "HS", "customsCode": "C00", "mosCode": "0"}  # fmt: skip
    constant = {name: plain.get(name, "false" if FIELDS[name] == pl.Boolean() else "0") for name in BULK_FIELDS}
    columns = {name: drawn.get(name, np.full(_BLOCK, constant[name])) for name in BULK_FIELDS}
    text = io.BytesIO()
    pl.DataFrame(columns).write_csv(text, separator="\t", include_header=False)
    return text.getvalue()


def _write(path: Path, records: int) -> None:
    blocks = [_block(np.random.default_rng(seed)) for seed in range(10)]
    with gzip.open(path, "wb", compresslevel=zlib.Z_BEST_SPEED) as file:
        file.write(("\t".join(BULK_FIELDS) + "\n").encode())
        for number in range(records // _BLOCK):
            file.write(blocks[number % len(blocks)])


def _artifact(path: Path) -> Artifact:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
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


def _seconds() -> float:
    """Processor seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _peak_mb() -> float:
    """Peak of resident memory of this program alone: `ru_maxrss` starts at that of the process that started it."""
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


def _measure(how: str, path: Path) -> None:
    """In a process of its own: read, and print processor seconds, the MB that reading added, and records kept."""
    artifact = _artifact(path) if how == "reader" else None
    before = _peak_mb()
    began = _seconds()
    if artifact is not None:
        kept = read_bulk(artifact, layout_of(artifact, _PUBLISHER), _FOLLOWED).height
    else:
        scan = pl.scan_csv(path, separator="\t", infer_schema=False).filter(pl.col("cmdCode").is_in(_FOLLOWED))
        kept = scan.collect(engine="streaming").height
    seconds = _seconds() - began
    sys.stdout.write(f"{seconds} {_peak_mb() - before} {kept}\n")


def _run(how: str, path: Path) -> tuple[float, float, int]:
    done = subprocess.run(  # noqa: S603 (this script, on a file it wrote)
        [sys.executable, "-m", "benchmarks.bulk", how, str(path)], stdout=subprocess.PIPE, text=True, check=True
    )
    seconds, megabytes, kept = done.stdout.split()
    return float(seconds), float(megabytes), int(kept)


def main() -> None:
    """Write a file of each size, read it both ways, print figures and ratios."""
    for millions in [int(one) for one in sys.argv[1:]] or [2, 8]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bulk.tsv.gz"
            _write(path, millions * _MILLION)
            size = path.stat().st_size
            (reader_s, reader_mb, kept), (scan_s, scan_mb, same) = _run("reader", path), _run("scan", path)
        if kept != same:
            msg = f"the reader kept {kept} records and the scan {same}"
            raise ValueError(msg)
        sys.stdout.write(
            f"{millions} million records, {size / 1e6:,.0f} MB gz, {kept:,} kept: reader {reader_s:.0f} CPU s,"
            f" {reader_mb:.0f} MB; Polars scan {scan_s:.0f} CPU s, {scan_mb:.0f} MB;"
            f" CPU × {reader_s / scan_s:.2f}, memory × {reader_mb / scan_mb:.2f}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in {"reader", "scan"}:
        _measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main()

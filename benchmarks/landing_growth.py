"""Do a request and a landed artifact cost more after years of fetch runs? `python -m benchmarks.landing_growth`.

Fills one home with a journal of 20,000 tasks and requests and a ledger of 20,000 artifacts, another with 200 of each.
In both it counts requests against the quota and lands artifacts, as a fetch run does, and prints the cost of each as a
ratio of one run.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from statistics import median

from sources.model.artifact import Artifact
from warehouse.storage.journal import Journal
from warehouse.storage.landing import Landing

_SIZES = (200, 20_000)
_TIMES = 50
_CODE = "india_tradestat"


def _artifact(folder: Path, n: int) -> Artifact:
    data = f"page {n}".encode()
    path = folder / f"{n}.html"
    path.write_bytes(data)
    return Artifact(
        source_code=_CODE, name=path.name, layout="meidb", partition=f"MEIDB/{n}", year=2026, edition=None,
        release="as read 2026-11-24", known_from=date(2026, 11, 24), known_basis="assumed", transcription="original",
        url="https://example.org", sha256=hashlib.sha256(data).hexdigest(), original_sha256=None, path=path,
    )  # fmt: skip


def _fill(home: Path, size: int) -> tuple[Journal, Landing]:
    journal, landing = Journal(home / "journal.sqlite", _CODE), Landing(home / "landing")
    scratch = home / "scratch"
    scratch.mkdir()
    landing.land([_artifact(scratch, 0)])
    (line,) = (home / "landing" / "ledger.jsonl").read_text().splitlines()
    landed = {name: value for name, value in json.loads(line).items() if name not in {"line", "check"}}
    (home / "landing" / "ledger.jsonl").write_text(json.dumps(landed) + "\n")
    rows = (landed | {"partition": f"MEIDB/old {n}", "sha256": f"{n:064}"} for n in range(size))
    with (home / "landing" / "ledger.jsonl").open("a") as ledger:
        ledger.writelines(json.dumps(row) + "\n" for row in rows)
    journal.count_request()  # creates the file
    with closing(sqlite3.connect(journal.file)) as db, db:
        moment = datetime.now(UTC).isoformat()
        tasks = [(_CODE, f"MEIDB/old {n}", moment, '{"found": "out"}') for n in range(size)]
        db.executemany("insert into tasks values (?, ?, ?, ?)", tasks)
        db.execute("update requests set requests = ?", (size,))
    landing = Landing(home / "landing")
    landing.landed(_CODE)  # a run reads the ledger once
    return journal, landing


def _request(journal: Journal) -> None:
    journal.requests_on(datetime.now(UTC))
    journal.count_request()


def _land(landing: Landing, artifact: Artifact) -> None:
    landing.newest(_CODE, {artifact.partition})
    landing.land([artifact], came_by="fetch")


def _milliseconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Fill both homes, measure both steps in each by turns, print the ratios of the medians."""
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(size) for size in _SIZES]
        for home in homes:
            home.mkdir()
        filled = [_fill(home, size) for home, size in zip(homes, _SIZES, strict=True)]
        requests: list[list[float]] = [[], []]
        artifacts: list[list[float]] = [[], []]
        for n in range(1, _TIMES + 1):
            for index, (journal, landing) in enumerate(filled):
                artifact = _artifact(homes[index] / "scratch", n)
                requests[index].append(_milliseconds(partial(_request, journal)))
                artifacts[index].append(_milliseconds(partial(_land, landing, artifact)))
    for what, (small, large) in {"a request": requests, "an artifact": artifacts}.items():
        before, after = median(small), median(large)
        sys.stdout.write(
            f"{_SIZES[1] // _SIZES[0]} × the records: {what} × {after / before:.2f} ({before:.1f} → {after:.1f} ms)\n"
        )


if __name__ == "__main__":
    main()

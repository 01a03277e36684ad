"""How much faster do two workers load small files than one? `python -m benchmarks.workers [MONTHS]`.

Writes 375 months of a made-up world of twelve reporters, a file for each of six codes: 2,250 files of 288 records.
Loads them into a home by one worker and into another by two, each worker with one thread, and prints the ratios of the
seconds and of the processor's seconds a file, and the most memory of a process. A machine that is busy with other work
gives two workers no more than one: the ratio that its processor's seconds allow is printed beside it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.made_up_world import world, write_world
from sources.registry import sources
from warehouse.ingest.ingest import ingest, land
from warehouse.settings import Settings

_CODES = ("280530", "284610", "284690", "720299", "850511", "850519")
_ONE_THREAD = {"POLARS_MAX_THREADS": "1", "REE_THREADS": "1", "OMP_NUM_THREADS": "1"}


def load(home: Path) -> dict[str, float]:
    """Land and load the files that `REE_OWN_FILES` names; what loading alone took."""
    settings, source = Settings(home=home), sources()["un_comtrade"]
    land(settings, source)
    before, cpu, own_cpu = time.monotonic(), _processor_s(), time.process_time()
    done = ingest(settings, "benchmark", source)
    done.raise_failures()
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "files": len(done.landed),
        "rows": done.rows_loaded,
        "seconds": time.monotonic() - before,
        "processor_s": _processor_s() - cpu,
        "own_s": time.process_time() - own_cpu,
        "mb": most / 1000,
    }


def _processor_s() -> float:
    """Of this process and of those that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _loaded(folder: Path, workers: int) -> dict[str, float]:
    here = {"REE_SNAPSHOT": str(folder / "none"), "REE_OWN_FILES": str(folder / "world"), "REE_WORKERS": str(workers)}
    done = subprocess.run(  # noqa: S603 - this file
        [sys.executable, "-m", "benchmarks.workers", "load", folder / f"home-{workers}"],
        env=os.environ | _ONE_THREAD | here,
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(
        f"{workers} worker(s): {figures['files']:,.0f} files, {figures['rows']:,.0f} rows, {figures['seconds']:.0f} s,"
        f" {1000 * figures['processor_s'] / figures['files']:.1f} ms of processor a file,"
        f" {1000 * figures['own_s'] / figures['files']:.1f} of them in the build's own process,"
        f" at most {figures['mb']:,.0f} MB a process\n"
    )
    sys.stdout.flush()
    return figures


def _path_s(two: dict[str, float]) -> float:
    """Seconds of processor of two workers on the longest path: the workers side by side, then the rest.

    The build's own process takes rows while the workers read on, so this is rather too much.
    """
    return two["own_s"] + (two["processor_s"] - two["own_s"]) / 2


def main(months: int) -> None:
    """Write the files, load them twice, print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for code in _CODES:
            write_world(folder / "world", world(12, (code,)), range(months))
        (folder / "none").mkdir()
        header = (folder / "world" / "provenance.csv").read_text(encoding="utf-8").splitlines()[0]
        (folder / "none" / "provenance.csv").write_text(f"{header}\n", encoding="utf-8")
        one, two = (_loaded(folder, workers) for workers in (1, 2))
    sys.stdout.write(
        f"two workers: {one['seconds'] / two['seconds']:.2f} × as fast,"
        f" {two['processor_s'] / one['processor_s'] - 1:+.0%} of processor a file;"
        f" by its seconds alone, were both cores free, {one['processor_s'] / _path_s(two):.2f} × as fast\n"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        sys.stdout.write(f"{json.dumps(load(Path(sys.argv[2])))}\n")
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 375)

"""The whole pipeline against fake publishers on this machine: `make demo-live`.

A first live build, a month that arrives, a figure that is revised, and a fault that the next run repairs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tests.fakes.all_publishers import FakePublishers, serving_all
from tests.fakes.server import Fault
from tests.fakes.small_snapshot import small_snapshot
from tests.helpers.project import PROJECT
from tests.publishers.cepii_baci.fake import FakeBaci

out = Console()
KEY = "a-key-of-the-demo"
_AS_TABLE = ("--format", "table")
_REE = "from orchestration.cli import main; from tests.fakes.small_snapshot import reduce_scope; reduce_scope(); main()"

_INDIAS_MONTHS = """select period_start as month, round(value_usd) as usd, known_from from core.fct_trade_total
where source_code = 'india_tradestat' and product_key = 'HS:2846' and flow = 'import' and period_type = 'month'
    and stated_in = 'usd' and is_latest order by month desc limit 3"""
_CHINAS_YEAR = """select value_usd as usd, known_from, known_to, is_latest from core.fct_trade_flow
where source_code = 'un_comtrade' and reporter_code = 'CHN' and partner_code = 'IND' and flow = 'import'
    and product_key = 'HS:2846' and period_type = 'calendar_year' and year(period_start) = 2024
order by known_from"""
_BRAZILS_RESERVES = """select reserves_t_reo, known_from, known_to, is_latest from core.fct_reserves
where source_code = 'usgs_mcs' and edition = 'MCS 2026' and country_code = 'BRA' order by known_from"""


def main() -> int:
    """Run all acts; 0 when every act ended as expected."""
    root = Path(tempfile.mkdtemp(prefix="ree-demo-"))
    out.print(f"State of the demo: {root}", highlight=False)
    out.print("Nine fake publishers run on this machine. A few of their codes and months are fetched.")
    with serving_all(key=KEY, cepii_baci=FakeBaci(years=(2024,))) as publishers:
        ree = _Terminal(root, publishers)
        for act in (_first_build, _a_month_later, _the_repair):
            if not act(ree, publishers):
                out.print("[red]This act did not end as expected.[/]")
                return 1
    leaked = _files_with(root, KEY)
    out.print(f"Files under {root} that hold the key: {len(leaked)}.", highlight=False)
    shutil.rmtree(root)
    return 1 if leaked else 0


class _Terminal:
    """Runs `ree` as a person would, pointed at the fake publishers."""

    def __init__(self, root: Path, publishers: FakePublishers) -> None:
        given = {
            "REE_HOME": str(root / "home"),
            "REE_SOURCES": "live",
            "REE_SNAPSHOT": str(small_snapshot(root / "snapshot")),
            "REE_LIVE_FROM": "2024",
            "REE_UN_COMTRADE__KEY": KEY,
            "REE_PACE": "0.1",
        }
        self._environment = {**os.environ, **given, **publishers.environment()}

    def __call__(self, *words: str) -> int:
        shown = " ".join(f'"{word}"' if " " in word else word for word in words)
        out.print(f"\n$ ree {shown}", style="bold", highlight=False, markup=False)
        done = subprocess.run([sys.executable, "-c", _REE, *words], cwd=PROJECT, env=self._environment, check=False)
        return done.returncode


@contextmanager
def _act(title: str) -> Iterator[None]:
    out.rule(f"[bold]{title}")
    yield


def _first_build(ree: _Terminal, publishers: FakePublishers) -> bool:
    with _act("1. Every publisher that a program can reach is fetched for the first time"):
        ree("plan")
        return ree("build") == 0 and ree("status") == 0


def _a_month_later(ree: _Terminal, publishers: FakePublishers) -> bool:
    with _act("2. A month later"):
        out.print("India prints a new month: it is a new release of the warehouse.")
        publishers.next_month()
        out.print("China revises a year: the old figure is kept with its dates, the new one is added.")
        publishers.revision()
        out.print(
            "The USGS corrects Brazil's reserves and breaks down: the build says what is missing, and ends with 3."
        )
        publishers.fakes["usgs_mcs"].revise()
        publishers.servers["usgs_mcs"].add_fault(Fault("status", 503), times=-1)
        return ree("build") == 3 and ree("sql", _INDIAS_MONTHS, *_AS_TABLE) == 0 and ree("sql", _CHINAS_YEAR) == 0


def _the_repair(ree: _Terminal, publishers: FakePublishers) -> bool:
    with _act("3. The USGS is back: the next run repairs it without help"):
        publishers.servers["usgs_mcs"].clear_faults()
        return (
            ree("build", "--source", "usgs_mcs") == 0
            and ree("sql", _BRAZILS_RESERVES, *_AS_TABLE) == 0
            and ree("releases") == 0
        )


def _files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


if __name__ == "__main__":
    sys.exit(main())

"""The whole pipeline against publishers played on this machine: `make demo-live`.

Belongs here: the story a newcomer watches (a first live build, a month that arrives, a figure that is revised, a fault
that is survived). Does not belong here: how a publisher is played, or what is left out
to be soon done (`small_snapshot.py`).
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

from tests.fakes.all_publishers import Stage, on_stage
from tests.fakes.server import Fault
from tests.fakes.small_snapshot import little_snapshot
from tests.helpers.project import PROJECT
from tests.publishers.cepii_baci.fake import PlayedBaci

out = Console()
KEY = "a-key-of-the-demo"
_REE = "from orchestration.cli import main; from tests.fakes.small_snapshot import follow_less; follow_less(); main()"

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
    """Play all of it; 0 when every act ended as it should."""
    root = Path(tempfile.mkdtemp(prefix="ree-demo-"))
    out.print(f"State of the demo: {root}", highlight=False)
    out.print("Five publishers are played on this machine and asked for a few of their codes and months.")
    with on_stage(key=KEY, cepii_baci=PlayedBaci(years=(2024,))) as stage:
        ree = _Terminal(root, stage)
        for act in (_first_build, _a_month_later, _the_repair):
            if not act(ree, stage):
                out.print("[red]This act did not end as it should.[/]")
                return 1
    leaked = _files_with(root, KEY)
    out.print(f"Files under {root} that hold the key: {len(leaked)}.", highlight=False)
    shutil.rmtree(root)
    return 1 if leaked else 0


class _Terminal:
    """Runs `ree` as a person would, pointed at the played publishers."""

    def __init__(self, root: Path, stage: Stage) -> None:
        given = {
            "REE_HOME": str(root / "home"),
            "REE_SOURCES": "live",
            "REE_SNAPSHOT": str(little_snapshot(root / "snapshot")),
            "REE_LIVE_FROM": "2024",
            "REE_COMTRADE_KEY": KEY,
            "REE_PACE": "0.1",
        }
        self._environment = {**os.environ, **given, **stage.environment()}

    def __call__(self, *words: str) -> int:
        shown = " ".join(f'"{word}"' if " " in word else word for word in words)
        out.print(f"\n$ ree {shown}", style="bold", highlight=False, markup=False)
        done = subprocess.run([sys.executable, "-c", _REE, *words], cwd=PROJECT, env=self._environment, check=False)
        return done.returncode


@contextmanager
def _act(title: str) -> Iterator[None]:
    out.rule(f"[bold]{title}")
    yield


def _first_build(ree: _Terminal, stage: Stage) -> bool:
    with _act("1. Every publisher that a program can reach is asked, from nothing"):
        ree("plan")
        return ree("build") == 0 and ree("status") == 0


def _a_month_later(ree: _Terminal, stage: Stage) -> bool:
    with _act("2. A month later"):
        out.print("India prints a new month: it is a new release of the warehouse.")
        stage.next_month()
        out.print("China revises a year: the old figure stays as known before, the new one stands beside it.")
        stage.revision()
        out.print("The USGS mends Brazil's reserves and breaks down: the build says what is missing, and ends with 3.")
        stage.plays["usgs_mcs"].revise()
        stage.servers["usgs_mcs"].misbehave(Fault("status", 503), times=-1)
        return ree("build") == 3 and ree("sql", _INDIAS_MONTHS) == 0 and ree("sql", _CHINAS_YEAR) == 0


def _the_repair(ree: _Terminal, stage: Stage) -> bool:
    with _act("3. The USGS is back: the next run repairs it without help"):
        stage.servers["usgs_mcs"].behave()
        return ree("build", "--source", "usgs_mcs") == 0 and ree("sql", _BRAZILS_RESERVES) == 0 and ree("releases") == 0


def _files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


if __name__ == "__main__":
    sys.exit(main())

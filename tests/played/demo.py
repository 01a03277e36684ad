"""The whole pipeline against publishers played on this machine: `make demo-live`.

Belongs here: the story a newcomer watches (a first live build, a month that arrives, a figure that is revised, faults
that are survived). Does not belong here: how a publisher is played.
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

from tests.played.publishers import Stage, on_stage
from tests.played.server import Fault

out = Console()
REE = Path(sys.executable).with_name("ree")
PROJECT = Path(__file__).resolve().parents[2]
KEY = "a-key-of-the-demo"


def main() -> int:
    """Play all of it; 0 when every act ended as it should."""
    home = Path(tempfile.mkdtemp(prefix="ree-demo-"))
    out.print(f"State of the demo: {home}", highlight=False)
    with on_stage(key=KEY) as stage:
        ree = _Terminal(home, stage)
        for act in (_first_build, _a_month_arrives, _a_revision, _a_fault, _its_repair):
            if not act(ree, stage):
                out.print("[red]This act did not end as it should.[/]")
                return 1
    leaked = _files_with(home, KEY)
    out.print(f"Files under {home} that hold the key: {len(leaked)}.", highlight=False)
    shutil.rmtree(home)
    return 1 if leaked else 0


class _Terminal:
    """Runs `ree` as a person would, pointed at the played publishers."""

    def __init__(self, home: Path, stage: Stage) -> None:
        given = {"REE_HOME": str(home), "REE_SOURCES": "live", "REE_LIVE_FROM": "2024", "REE_COMTRADE_KEY": KEY}
        self._environment = {**os.environ, **given, **stage.environment()}

    def __call__(self, *words: str) -> int:
        out.print(f"\n[bold]$ ree {' '.join(words)}[/]", highlight=False)
        return subprocess.run([REE, *words], cwd=PROJECT, env=self._environment, check=False).returncode


@contextmanager
def _act(title: str) -> Iterator[None]:
    out.rule(f"[bold]{title}")
    yield


def _first_build(ree: _Terminal, stage: Stage) -> bool:
    with _act("1. Every publisher that a program can reach is asked, from nothing"):
        ree("plan")
        return ree("build") == 0 and ree("status") == 0


def _a_month_arrives(ree: _Terminal, stage: Stage) -> bool:
    with _act("2. A month later India prints a new month: a new release"):
        stage.next_month()
        return ree("build", "--source", "india_tradestat") == 0 and ree("diff") == 0


def _a_revision(ree: _Terminal, stage: Stage) -> bool:
    with _act("3. China revises a year: the old figure stays as known before, the new one is a new release"):
        stage.revision()
        return ree("build", "--source", "un_comtrade") == 0 and ree("diff") == 0


def _a_fault(ree: _Terminal, stage: Stage) -> bool:
    with _act("4. The USGS mends Brazil's reserves and breaks down: the build says what is missing (exit 3)"):
        stage.plays["usgs_mcs"].revise()
        stage.servers["usgs_mcs"].misbehave(Fault("status", 503), times=-1)
        return ree("build", "--source", "usgs_mcs") == 3


def _its_repair(ree: _Terminal, stage: Stage) -> bool:
    with _act("5. It is back: the next run repairs it without help"):
        stage.servers["usgs_mcs"].behave()
        return ree("build", "--source", "usgs_mcs") == 0 and ree("diff") == 0 and ree("releases") == 0


def _files_with(home: Path, text: str) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


if __name__ == "__main__":
    sys.exit(main())

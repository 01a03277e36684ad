"""The whole pipeline against played publishers: a first build, the same again, a bad month, and its repair.

One home goes through four builds; each test reads what one of them left. What single publishers do stands in the files
beside this one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.played.publishers import Stage, on_stage
from tests.played.server import Fault
from warehouse.landing import Landing
from warehouse.release import current_release, database
from warehouse.settings import Settings

pytestmark = pytest.mark.slow

KEY = "a-secret-key-of-the-test"
TODAY = datetime.now(UTC).date()
CHINA_2024 = """
select value_usd, known_from, known_to, is_latest from core.fct_trade_flow
where source_code = 'un_comtrade' and reporter_code = 'CHN' and partner_code = 'IND' and flow = 'import'
    and product_key = 'HS:2846' and period_type = 'calendar_year' and period_start = date '2024-01-01'
order by known_from
"""
INDIA_JUNE = """
select value_raw, known_to, is_latest from core.fct_trade_total
where source_code = 'india_tradestat' and flow = 'import' and product_key = 'HS:2846' and period_type = 'month'
    and period_start = date '2026-06-01' and stated_in = 'usd'
"""


@dataclass
class Builds:
    """The four builds: what each came to, how many calls it made, and a copy of the release it left."""

    settings: Settings
    stage: Stage
    outcomes: list[Any]
    calls: list[dict[str, int]]
    files: list[Path]

    def ask(self, build: int, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.files[build]), read_only=True) as con:
            return con.execute(query).fetchall()


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory, build) -> Iterator[Builds]:
    root = tmp_path_factory.mktemp("live")
    with on_stage(key=KEY) as stage:
        given = {"sources": "live", "live_from": 2024, "comtrade_key": KEY, "pace": 0, "timeout_s": 2, "deadline_s": 20}
        done = Builds(Settings(home=root / "home"), stage, [], [], [])

        def run() -> None:
            before = {code: len(server.asked) for code, server in stage.servers.items()}
            with pytest.MonkeyPatch.context() as patch:
                for name, url in stage.environment().items():
                    patch.setenv(name, url)
                _, outcome = build(root / "home", **given)
            done.outcomes.append(outcome)
            done.calls.append({code: len(server.asked) - before[code] for code, server in stage.servers.items()})
            done.files.append(shutil.copyfile(database(done.settings), root / f"after-{len(done.files)}.duckdb"))

        run()
        run()
        stage.revision()
        stage.withdrawal()
        stage.plays["usgs_mcs"].change_columns(2026)
        stage.servers["bgs_wms"].misbehave(Fault("status", 503), times=-1)
        stage.servers["cepii_baci"].misbehave(Fault("hang"), times=-1)
        run()
        stage.mend()
        run()
        yield done


def test_the_first_build_asks_every_publisher_and_ends_in_a_release(builds: Builds) -> None:
    first = builds.outcomes[0]
    assert first.success, "\n".join(first.errors)
    assert first.is_new
    assert first.missing == ()
    assert all(builds.calls[0].values())
    held = dict(
        builds.ask(0, "select source_code, count(*) from meta.artifacts where url like 'http://127%' group by 1")
    )
    assert set(held) == set(builds.stage.servers)


def test_every_landed_answer_was_loaded_and_none_twice(builds: Builds) -> None:
    loads = builds.ask(0, "select status, count(*), count(distinct load_id) from meta.loads group by status")
    assert [(status, n == distinct) for status, n, distinct in loads] == [("loaded", True)]
    assert builds.ask(0, "select sha256 from meta.artifacts group by sha256 having count(*) > 1") == []


def test_the_same_month_again_lands_nothing_and_keeps_the_release(builds: Builds) -> None:
    again = builds.outcomes[1]
    assert again.success
    assert not again.is_new
    assert again.version == builds.outcomes[0].version
    assert sum(builds.calls[1].values()) < 0.2 * sum(builds.calls[0].values()), "only lists, and what is not out yet"


def test_what_a_publisher_revises_is_a_new_statement_beside_the_old(builds: Builds) -> None:
    (before,) = [row for row in builds.ask(1, CHINA_2024) if row[3]]
    *_, old, new = builds.ask(2, CHINA_2024)
    assert old[0] == before[0]
    assert new[0] == pytest.approx(1.03 * before[0], rel=1e-6)
    assert (old[2], old[3]) == (new[1], False)
    assert (new[2], new[3]) == (None, True)


def test_what_a_publisher_takes_back_ends_and_nothing_stands_in_its_place(builds: Builds) -> None:
    (before,) = builds.ask(1, INDIA_JUNE)
    assert before[1:] == (None, True)
    after = builds.ask(2, INDIA_JUNE)
    assert [row for row in after if row[2]] == []


def test_a_build_with_three_publishers_in_trouble_is_released_and_says_what_is_missing(builds: Builds) -> None:
    bad = builds.outcomes[2]
    assert bad.success, "\n".join(bad.errors)
    assert bad.is_new
    told = "\n".join(bad.missing)
    assert "bgs_wms" in told
    assert "503" in told
    assert "cepii_baci" in told
    assert "asked for again" in told


def test_a_changed_layout_names_the_columns_and_its_bytes_are_kept(builds: Builds) -> None:
    told = "\n".join(builds.outcomes[2].missing)
    assert "lost [" in told
    assert "gained [" in told
    landed = [
        item for item in Landing(builds.settings.landing).landed("usgs_mcs") if item.artifact.edition == "MCS 2026"
    ]
    assert len(landed) >= 2, "what could not be read is kept"
    count = "select count(*) from core.fct_production where edition = 'MCS 2026' and is_latest"
    assert builds.ask(2, count) == builds.ask(1, count), "what the edition said before stands"


def test_the_next_build_repairs_everything_without_help(builds: Builds) -> None:
    mended = builds.outcomes[3]
    assert mended.success, "\n".join(mended.errors)
    assert mended.missing == ()


def test_the_key_is_in_no_file(builds: Builds) -> None:
    files = [path for path in builds.settings.home.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    release = current_release(builds.settings)
    assert release is not None
    assert KEY not in str(release.about)

"""A home built from the bundle goes live against servers that serve the publishers' full files.

The bundle and the publishers state the same figures in other layouts and at other days: a fetched statement that
repeats a bundled one changes nothing, and every fact that ends differs from the one that follows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.fakes.all_publishers import FakePublishers, serving_all
from tests.fakes.server import serving
from tests.fakes.small_snapshot import live_tables
from tests.helpers.arrivals import load
from tests.helpers.homes import copy_home
from tests.helpers.publisher_files import PUBLISHER_FILES, WITHOUT_THEM
from tests.helpers.violators import assert_none
from tests.publishers.bgs_wms.fake import FakeBgs
from tests.publishers.un_comtrade.fake import FakeComtrade, first_release, real_records
from tests.publishers.usgs_mcs.fake import FakeUsgs
from warehouse.facts import facts
from warehouse.read.as_of import query_as_of
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.landing import Landed, Landing

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PUBLISHER_FILES is None, reason=WITHOUT_THEM)]

KEY = "0123456789abcdef0123456789abcdef"
SIGNATURE = "c0ffee5ea1edbeefc0ffee5ea1edbeef01"
STATED = {fact.table: fact for fact in facts().values() if fact.is_stated}
NO_MEANING = {
    "fact_id", "release", "known_from", "known_to", "known_basis", "is_latest", "is_revised", "value_raw", "weight_raw",
    "note", "page_url", "country_name", "reporter_name", "partner_name", "exporter_name", "importer_name",
}  # fmt: skip
"""Columns in which two facts may differ and say the same: when it was said, in which words, and names of codes."""
BRAZIL = """select reserves_t_reo from core.fct_reserves
where source_code = 'usgs_mcs' and country_code = 'BRA' and edition = 'MCS 2026'"""


@dataclass
class Visit:
    """The home after its first live build, and a connection with the releases before (`old`) and after it (`new`)."""

    settings: Settings
    outcome: Any
    landed: list[Landed]
    publishers: FakePublishers
    con: duckdb.DuckDBPyConnection

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query).fetchall()

    def meaning(self, table: str) -> list[str]:
        """The columns that say what a fact means."""
        columns = [name for name, *_ in self.ask(f"describe new.core.{table}")]
        marks = {*STATED[table].marks, *(name for name in columns if name.startswith("reo_"))}
        return [name for name in columns if name not in NO_MEANING | marks]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, warehouse: Settings) -> Iterator[Visit]:
    from orchestration.run import refresh

    assert PUBLISHER_FILES is not None
    home = tmp_path_factory.mktemp("bundle then live") / "home"
    copy_home(warehouse.home, home)
    usgs = FakeUsgs(PUBLISHER_FILES)
    fakes = {
        "usgs_mcs": usgs,
        "bgs_wms": FakeBgs(PUBLISHER_FILES),
        "un_comtrade": FakeComtrade(key=KEY, records=real_records(PUBLISHER_FILES)),
    }
    with (
        serving(usgs.stored) as storage,
        serving_all(key=KEY, **fakes) as publishers,
        pytest.MonkeyPatch.context() as p,
    ):
        usgs.storage, usgs.signature = storage.url, SIGNATURE
        given = {"HOME": home, "SOURCES": "live", "PACE": 0, "LIVE_FROM": 2010, "UN_COMTRADE__KEY": KEY}
        names = {f"REE_{name}": value for name, value in given.items()} | publishers.environment()
        for name, value in names.items():
            p.setenv(name, str(value))
        for table, changes in live_tables():
            for name, change in changes.items():
                p.setitem(table, name, change)
        settings = Settings()
        outcome = refresh(settings)
        assert len(storage.requests) == 8, "every edition came from the storage host, three with salient statistics"
        with duckdb.connect() as con:
            for name, of in {"old": warehouse, "new": settings}.items():
                con.execute(f"attach '{str(database(of)).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
            yield Visit(settings, outcome, Landing(settings.landing).landed(), publishers, con)


def test_there_is_a_release_that_misses_nothing(live: Visit) -> None:
    assert live.outcome.success, "\n".join(live.outcome.errors)
    assert live.outcome.is_new
    assert live.outcome.missing == ()
    fetched = {item.artifact.source_code for item in live.landed if item.artifact.url.startswith("http://127")}
    assert fetched >= {"bgs_wms", "un_comtrade", "india_tradestat"}


@pytest.mark.parametrize(
    "query",
    [
        "select edition, year, series, count(*), sum(production_t_reo) from {}.core.fct_production",
        "select edition, year, measure, count(*), sum(total_t_reo) from {}.core.fct_world_total",
        "select edition, as_of_year, country_code, count(*), sum(reserves_t_reo) from {}.core.fct_reserves",
    ],
    ids=["production", "world totals", "reserves"],
)
def test_nothing_of_the_usgs_is_doubled_or_lost(live: Visit, query: str) -> None:
    rows = query + " where source_code = 'usgs_mcs' and is_latest group by 1, 2, 3 order by all"
    assert len(live.ask(rows.format("new"))) >= 5
    assert live.ask(rows.format("new")) == live.ask(rows.format("old"))


def test_a_correction_that_the_full_table_does_not_have_stays_the_latest(live: Visit) -> None:
    assert live.ask(BRAZIL.replace("core.", "new.core.") + " and is_latest") == [(11_000_000.0,)]
    corrected, *_ = live.ask(
        BRAZIL.replace("reserves_t_reo from core.", "known_from from new.core.") + " and is_latest"
    )
    before = query_as_of(live.settings, date.fromordinal(corrected[0].toordinal() - 1), BRAZIL).rows
    assert before == [(21_000_000.0,)]
    assert query_as_of(live.settings, corrected[0], BRAZIL).rows == [(11_000_000.0,)]


@pytest.mark.parametrize("table", STATED)
def test_a_fact_that_ends_differs_from_its_successor(live: Visit, table: str) -> None:
    same = " and ".join(f"ended.{name} is not distinct from next.{name}" for name in live.meaning(table))
    assert_none(
        live.ask(
            f"select ended, next from new.core.{table} as ended join new.core.{table} as next"
            f" on ended.known_to = next.known_from and {same}"
        )
    )


@pytest.mark.parametrize("table", STATED)
def test_what_the_publisher_repeats_keeps_the_bundle_s_fact(live: Visit, table: str) -> None:
    """A statement that the publisher dates before the bundle's is the first one: it starts the fact."""
    same = " and ".join(f"held.{name} is not distinct from current.{name}" for name in live.meaning(table))
    assert_none(
        live.ask(
            f"select held, current from old.core.{table} as held join new.core.{table} as current on {same}"
            " where held.is_latest and current.is_latest and current.known_from >= held.known_from"
            f" and current.fact_id not in (select fact_id from old.core.{table})"
        )
    )


@pytest.mark.parametrize("table", STATED)
def test_on_any_day_at_most_one_statement_of_a_fact_is_known(live: Visit, table: str) -> None:
    columns = {name for name, *_ in live.ask(f"describe new.core.{table}")}
    key = [*STATED[table].key, *(columns & {"period_type", "period_end"})]
    same = " and ".join(f"one.{name} is not distinct from other.{name}" for name in key)
    assert_none(
        live.ask(
            f"select one, other from new.core.{table} as one join new.core.{table} as other on {same}"
            " and one.fact_id < other.fact_id and one.known_from < coalesce(other.known_to, date '9999-12-31')"
            " and other.known_from < coalesce(one.known_to, date '9999-12-31')"
        )
    )


def test_kilograms_of_the_bundle_stay_current_beside_fetched_values(live: Visit) -> None:
    weights = """select period_start, net_weight_kg from {}.core.fct_trade_flow where source_code = 'india_tradestat'
    and is_latest and flow = 'export' and partner_code = 'CHN' and hs_code = '28469090' and net_weight_kg is not null
    and period_type = 'fiscal_year' order by all"""
    held = live.ask(weights.format("old"))
    assert len(held) >= 5
    assert set(held) <= set(live.ask(weights.format("new")))


def test_every_month_of_comtrade_is_known_from_its_own_release(live: Visit) -> None:
    found = live.ask(
        "select distinct strftime(period_start, '%Y%m'), known_from from new.core.fct_trade_flow"
        " where source_code = 'un_comtrade' and period_type = 'month' and reporter_code = 'IND' and is_latest"
        " and fact_id not in (select fact_id from old.core.fct_trade_flow)"
    )
    assert len(found) >= 10
    assert_none(row for row in found if str(row[1]) != first_release(row[0])[:10])


def test_no_key_and_no_signature_is_kept(live: Visit) -> None:
    words = [word.encode() for word in (KEY, SIGNATURE, "X-Amz-", "ASIAKEYOFTHEFAKE")]
    files = [path for path in live.settings.home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 50
    pages = [path for path in files if "site" in path.parts]  # the documentation names the signature's parameter
    assert_none(path for path in files if any(word in path.read_bytes() for word in words if word != b"X-Amz-"))
    assert_none(path for path in files if path not in pages and b"X-Amz-" in path.read_bytes())
    kept = str(live.ask("select * from new.meta.artifacts")) + str(live.ask("select * from new.meta.loads"))
    assert_none(word for word in words if word.decode() in kept)


def test_the_next_visits_land_nothing_but_months_that_were_left_to_a_page_not_yet_out(live: Visit) -> None:
    """India's portal has printed June 2026 last."""
    landed = [live.landed]
    for _ in range(2):
        again = load(live.settings)
        assert again.success, "\n".join(again.errors)
        assert again.missing == ()
        landed.append(Landing(live.settings.landing).landed())
    late = {item.artifact.partition for item in landed[1]} - {item.artifact.partition for item in landed[0]}
    assert len(landed[1]) == len(landed[0]) + len(late)
    assert_none(partition for partition in late if not "2025-06" < partition.split("/")[-2] <= "2026-06")
    assert landed[2] == landed[1]

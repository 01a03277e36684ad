"""The whole pipeline against fake publishers: a first build, the same again, a bad month, and its repair.

One home goes through four runs of the same job; each test reads what one of them left. The bad month is built and
released; the other three stop before the models, since what is new in them is what arrives and loads. The demo
(`tests/fakes/demo.py`) releases a first build and a repair too. Tests of single publishers are in the files beside
this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pytest

from tests.fakes.all_publishers import FakePublishers, serving_all
from tests.fakes.server import Fault, Request
from tests.fakes.small_snapshot import live_tables, small_snapshot
from tests.helpers.arrivals import load
from tests.publishers.cepii_baci.fake import FakeBaci
from tests.publishers.un_comtrade.fake import first_release
from warehouse import clock
from warehouse.release.store import current_release, database
from warehouse.settings import Settings
from warehouse.storage.landing import Landed, Landing

pytestmark = pytest.mark.slow

KEY = "a-secret-key-of-the-test"
CHINA_2024 = """
select value_usd, known_from, known_to, is_latest from core.fct_trade_flow
where source_code = 'un_comtrade' and reporter_code = 'CHN' and partner_code = 'IND' and flow = 'import'
    and product_key = 'HS:2846' and period_type = 'calendar_year' and period_start = date '2024-01-01'
order by known_from
"""
COMTRADES_MONTHS = """
select reporter_code, strftime(period_start, '%Y%m') as period, list(distinct known_from order by known_from) as days
from core.fct_trade_total where source_code = 'un_comtrade' and period_type = 'month' group by all order by all
"""
INDIA_JUNE = """
select value_raw, known_to, is_latest from core.fct_trade_total
where source_code = 'india_tradestat' and flow = 'import' and product_key = 'HS:2846' and period_type = 'month'
    and period_start = date '2026-06-01' and stated_in = 'usd'
"""


@dataclass
class Runs:
    """The four runs by name: their outcomes, the requests each publisher received, what was landed and loaded after it.

    Loads are (status, load_id, artifact_sha256).
    """

    settings: Settings
    publishers: FakePublishers
    outcomes: dict[str, Any] = field(default_factory=dict)
    requests: dict[str, dict[str, list[Request]]] = field(default_factory=dict)
    landed: dict[str, list[Landed]] = field(default_factory=dict)
    loads: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)

    def run(self, name: str, job: Callable[[Settings], Any]) -> None:
        before = {code: len(server.requests) for code, server in self.publishers.servers.items()}
        self.outcomes[name] = job(self.settings)
        self.requests[name] = {
            code: server.requests[before[code] :] for code, server in self.publishers.servers.items()
        }
        self.landed[name] = Landing(self.settings.landing).landed()
        loads = "select status, load_id, artifact_sha256 from ledger.loads order by all"
        with duckdb.connect(str(self.settings.work_file), read_only=True) as con:
            self.loads[name] = con.execute(loads).fetchall()

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the release of the bad month."""
        with duckdb.connect(str(database(self.settings)), read_only=True) as con:
            return con.execute(query).fetchall()


def build(settings: Settings) -> Any:
    from orchestration.run import refresh

    return refresh(settings)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    root = tmp_path_factory.mktemp("live")
    with serving_all(key=KEY, cepii_baci=FakeBaci(years=(2024,))) as publishers, pytest.MonkeyPatch.context() as patch:
        given = {
            "HOME": root / "home", "SOURCES": "live", "SNAPSHOT": small_snapshot(root / "snapshot"),
            "LIVE_FROM": 2024, "UN_COMTRADE__KEY": KEY, "PACE": 0, "TIMEOUT_S": 10,
        }  # fmt: skip
        for name, value in {
            **{f"REE_{name}": value for name, value in given.items()},
            **publishers.environment(),
        }.items():
            patch.setenv(name, str(value))
        for table, changes in live_tables():
            for name, change in changes.items():
                patch.setitem(table, name, change)
        settings = Settings()

        done = Runs(settings, publishers)
        done.run("first", load)
        done.run("again", load)
        publishers.revision()
        publishers.withdrawal()
        publishers.fakes["usgs_mcs"].change_columns(2026)
        publishers.servers["bgs_wms"].add_fault(Fault("status", 503), times=-1)
        publishers.servers["cepii_baci"].add_fault(Fault("close"), times=-1)
        done.run("bad", build)
        publishers.restore()
        done.run("repair", load)
        yield done


def test_the_first_run_asks_every_publisher_and_misses_nothing(runs: Runs) -> None:
    first = runs.outcomes["first"]
    assert first.success, "\n".join(first.errors)
    assert first.missing == ()
    assert all(runs.requests["first"].values())
    came = {item.artifact.source_code for item in runs.landed["first"] if item.artifact.url.startswith("http://127")}
    assert came == set(runs.publishers.servers)


def test_every_landed_answer_was_loaded_and_none_twice(runs: Runs) -> None:
    loads = runs.loads["first"]
    assert {status for status, *_ in loads} <= {"loaded", "to_compare"}
    assert len({load_id for _, load_id, _ in loads}) == len(loads)
    landed = [item.artifact.sha256 for item in runs.landed["first"]]
    assert len(set(landed)) == len(landed)
    assert {sha256 for *_, sha256 in loads} == set(landed)


def test_the_same_month_again_lands_and_loads_nothing(runs: Runs) -> None:
    again = runs.outcomes["again"]
    assert again.success, "\n".join(again.errors)
    assert again.missing == ()
    assert runs.landed["again"] == runs.landed["first"]
    assert runs.loads["again"] == runs.loads["first"]


def test_the_same_month_again_asks_for_lists_and_what_may_have_changed_only(runs: Runs) -> None:
    again = {code: [request.path for request in requests] for code, requests in runs.requests["again"].items()}
    assert not [path for path in again["un_comtrade"] if path.startswith("/data/v1/get/")]
    assert not [path for path in again["usgs_mcs"] if path.startswith("/catalog/file/")]
    assert not [path for path in again["cepii_baci"] if path.endswith(".zip")]
    assert len(again["india_tradestat"]) < len(runs.requests["first"]["india_tradestat"])


def test_what_a_publisher_revises_is_a_new_statement_beside_the_old(runs: Runs) -> None:
    *_, old, new = runs.ask(CHINA_2024)
    assert new[0] == pytest.approx(1.03 * old[0], rel=1e-6)
    assert (old[2], old[3]) == (new[1], False)
    assert (new[2], new[3]) == (None, True)


def test_every_month_is_known_from_the_day_its_publisher_states_for_it(runs: Runs) -> None:
    found = {(area, period): days for area, period, days in runs.ask(COMTRADES_MONTHS)}
    assert {period for area, period in found if area == "IND"} >= {"202512", "202601", "202602", "202603"}
    assert {period for area, period in found if area == "CHN"} >= {"202401", "202512"}
    revised = found.pop(("IND", "202602"))
    assert [str(day) for day in revised] == [first_release("202602")[:10], str(clock.today())]
    stated = {(area, period): [first_release(period)[:10]] for area, period in found}
    assert {place: [str(day) for day in days] for place, days in found.items()} == stated


def test_between_two_releases_of_a_month_the_former_was_known(runs: Runs) -> None:
    query = COMTRADES_MONTHS.replace("group by", "and known_from <= date '2026-06-30' group by")
    periods = [period for area, period, _ in runs.ask(query) if area == "IND"]
    assert periods[-1] == "202603"
    ends = runs.ask(
        "select distinct strftime(period_start, '%Y%m'), known_to from core.fct_trade_total where reporter_code = 'IND'"
        " and source_code = 'un_comtrade' and period_type = 'month' and known_to is not null"
    )
    assert ends == [("202602", clock.today())]


def test_what_a_publisher_takes_back_ends_and_nothing_stands_in_its_place(runs: Runs) -> None:
    (ended,) = runs.ask(INDIA_JUNE)
    assert ended[1] is not None
    assert not ended[2]


def test_a_build_with_three_publishers_in_trouble_is_released_and_says_what_is_missing(runs: Runs) -> None:
    bad = runs.outcomes["bad"]
    assert bad.success, "\n".join(bad.errors)
    assert bad.is_new
    missing = "\n".join(bad.missing)
    assert "bgs_wms" in missing
    assert "503" in missing
    assert "cepii_baci" in missing
    assert "The next run retries each of them" in missing


def test_a_changed_layout_names_the_columns_and_its_bytes_are_kept(runs: Runs) -> None:
    missing = "\n".join(runs.outcomes["bad"].missing)
    assert "lost [" in missing
    assert "gained [" in missing
    landed = [item.artifact.sha256 for item in runs.landed["bad"] if item.artifact.edition == "MCS 2026"]
    assert len(landed) == 2, "what could not be read is kept"
    loaded = {sha256 for status, _, sha256 in runs.loads["bad"] if status == "loaded" and sha256 in landed}
    assert len(loaded) == 1
    count = "select count(*) from core.fct_production where edition = 'MCS 2026' and is_latest"
    assert runs.ask(count) != [(0,)], "the rows of the edition before stay active"


def test_the_next_run_repairs_everything_without_help(runs: Runs) -> None:
    repaired = runs.outcomes["repair"]
    assert repaired.success, "\n".join(repaired.errors)
    assert repaired.missing == ()
    newest = max(
        (item for item in runs.landed["repair"] if item.artifact.edition == "MCS 2026"), key=lambda item: item.sequence
    )
    assert newest not in runs.landed["bad"]
    assert "loaded" in {status for status, _, sha256 in runs.loads["repair"] if sha256 == newest.artifact.sha256}


def test_the_key_is_in_no_file(runs: Runs) -> None:
    files = [path for path in runs.settings.home.rglob("*") if path.is_file()]
    assert len(files) > 50
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    release = current_release(runs.settings)
    assert release is not None
    assert KEY not in str(release.about)

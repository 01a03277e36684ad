"""Files with a wrong meaning are refused beside their neighbours; real revisions are not.

That nothing of the bundle misfits, although China's unit values rose six times from 2010 to 2011, the fixture
`warehouse` proves: its build compares every load and stops at the first misfit.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from warehouse.ingest.comparison import ComparisonError, compare
from warehouse.quality.neighbours import figures
from warehouse.quality.neighbours.compare import misfits_of
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances

TRADE, MCS, BACI = "un_comtrade__trade", "usgs_mcs__world", "cepii_baci__flows"
INDIA, PIB, GACC = "india_tradestat__trade", "pib_india__trade", "china_customs__trade"
EXCHANGED = "value_usd = net_weight_kg, net_weight_kg = value_usd"
WITS_2012, WITS_2015 = "WITS/CHN/X/280530+284690+850511/2012", "WITS/CHN/X/280530+284690+850511/2015"
GACC_2025, CHN_2017 = "GACC/CHN/X/IND/284690/2025", "A/CHN/M/2846/2017"

WRONG = {
    "values in thousands": (TRADE, "A/CHN/M/2846/2005", "value_usd = value_usd / 1000", "true"),
    "values times ten": (TRADE, "A/CHN/M/2846/2015", "value_usd = value_usd * 10", "true"),
    "values and weights in thousands": (TRADE, WITS_2012, "value_usd = value_usd / 1000", "true"),
    "tonnes as kilograms": (TRADE, WITS_2015, "net_weight_kg = net_weight_kg / 1000", "true"),
    "value and weight exchanged, yearly": (TRADE, WITS_2015, EXCHANGED, "net_weight_kg is not null"),
    "value and weight exchanged, monthly": (GACC, GACC_2025, EXCHANGED, "net_weight_kg is not null"),
    "one code of a file in another unit": (TRADE, WITS_2015, "value_usd = value_usd / 1000", "hs_code = '284690'"),
    "tonnes divided by a thousand": (
        PIB, "PIB 2117701",
        "net_weight_kg = net_weight_kg / 1000, weight_rounding_kg = weight_rounding_kg / 1000", "true",
    ),
    "crores as lakhs": (INDIA, "EIDB/exports/lines/2020", "value_local = value_local / 100", "true"),
    "a reference in US$": (BACI, "BACI V202601/HS17/850511/2024", "value_usd = value_usd / 1000", "true"),
    "thousands of tonnes": (MCS, "MCS 2024", "value_t = value_t / 1000", "measure = 'production'"),
    "reserves of one edition times ten": (MCS, "MCS 2023", "value_t = value_t * 10", "measure = 'reserves'"),
    "the years of an edition exchanged": (
        MCS, "MCS 2025",
        "year = 4047 - year, period_start = make_date(4047 - year(period_start), 1, 1),"
        " period_end = make_date(4047 - year(period_end), 12, 31)",
        "measure = 'production'",
    ),
    "two partners exchanged": (
        TRADE, CHN_2017, "partner_code = case partner_code when 'USA' then 'MYS' else 'USA' end",
        "partner_code in ('USA', 'MYS')",
    ),
    "the largest partner times ten": (TRADE, CHN_2017, "value_usd = value_usd * 10", "partner_code = 'MYS'"),
    "one partner of a month times ten": (
        INDIA, "MEIDB/2846/partners/2022", "value_usd = value_usd * 10",
        "partner_code = 'CHN' and period_start = date '2022-07-01'",
    ),
}  # fmt: skip

REAL = {
    "an edition revised by a third": (MCS, "MCS 2024", "value_t = value_t * 1.3", "measure = 'production'"),
    "values revised by a third": (TRADE, "A/CHN/M/2846/2005", "value_usd = value_usd * 1.3", "true"),
    "weights revised by a third": (TRADE, WITS_2015, "net_weight_kg = net_weight_kg * 0.7", "true"),
    "a year of twice the trade": (
        GACC, GACC_2025, "value_usd = value_usd * 2, net_weight_kg = net_weight_kg * 2", "true",
    ),
    "one partner of four times the trade": (
        TRADE, WITS_2015, "value_usd = value_usd * 4, net_weight_kg = net_weight_kg * 4", "partner_code = 'IND'",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def work(warehouse: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the work file of the bundle."""
    return shutil.copy(warehouse.work_file, tmp_path_factory.mktemp("neighbours") / "work.duckdb")


@pytest.fixture
def con(work: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The work file in a transaction that is rolled back."""
    with duckdb.connect(str(work)) as connection:
        connection.begin()
        yield connection
        connection.rollback()


def restated(con: duckdb.DuckDBPyConnection, table: str, partition: str, change: str, where: str) -> str:
    """Change a partition and let it wait for comparison; return its load."""
    (load_id,) = con.execute(
        "update ledger.loads set status = 'to_compare' where table_name = ? and partition = ? returning load_id",
        [table, partition],
    ).fetchall()[0]
    (changed,) = con.execute(
        f"update raw.{table} set {change} where load_id = ? and {where}", [load_id]
    ).fetchone() or (0,)
    assert changed
    return str(load_id)


@pytest.mark.parametrize("kind", WRONG)
def test_a_partition_of_wrong_meaning_is_named(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    load_id = restated(con, *WRONG[kind])
    found = misfits_of(con)
    assert {misfit.load_id for misfit in found} == {load_id}


@pytest.mark.parametrize("kind", REAL)
def test_a_real_revision_fits(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    restated(con, *REAL[kind])
    assert not [misfit for misfit in misfits_of(con) if misfit.rule != "partners_add_up_to_the_current_total"]


def test_of_a_wrong_partition_and_its_neighbours_the_wrong_one_is_named(con: duckdb.DuckDBPyConnection) -> None:
    load_id = restated(con, *WRONG["value and weight exchanged, yearly"])
    con.execute("update ledger.loads set status = 'to_compare' where partition like '%CHN%'")
    assert {misfit.load_id for misfit in misfits_of(con)} == {load_id}


def test_what_is_found_does_not_depend_on_how_many_loads_are_compared_at_once(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("values and weights in thousands", "tonnes as kilograms", "tonnes divided by a thousand"):
        restated(con, *WRONG[kind])
    con.execute(
        "update ledger.loads set status = 'to_compare' where partition like 'WITS/CHN/X%' or source_code = 'pib_india'"
    )
    at_once = misfits_of(con)
    monkeypatch.setattr(figures, "MOST_FIGURES", 1_600)
    monkeypatch.setattr(figures, "SMALL_TABLE", 0)
    assert len(figures.batches(con, "to_compare")) > 2
    assert len({misfit.load_id for misfit in at_once}) == 3
    assert misfits_of(con) == at_once


def test_partners_beside_a_total_of_another_release_are_named(con: duckdb.DuckDBPyConnection) -> None:
    """A total that is stated later than its partners is the current one."""
    load_id = restated(
        con, INDIA, "MEIDB/2846/totals/2022", "value_usd = value_usd * 1.02", "period_start = date '2022-07-01'"
    )
    con.execute("update ledger.loads set known_from = known_from + 1 where load_id = ?", [load_id])
    rules = {(misfit.load_id, misfit.rule) for misfit in misfits_of(con)}
    assert rules == {(load_id, "partners_add_up_to_the_current_total")}


def test_january_and_the_year_so_far_are_two_periods(con: duckdb.DuckDBPyConnection) -> None:
    """A portal's page of January prints the month and, with the same first and last day, the year so far."""
    load_id = restated(con, INDIA, "MEIDB/2846/totals/2022", "value_usd = value_usd", "true")
    con.execute(
        f"insert into raw.{INDIA} by name select * replace ('month_range' as period_type) from raw.{INDIA}"
        " where load_id = ? and period_start = date '2022-01-01'",
        [load_id],
    )
    assert not misfits_of(con)


def _stated_again(con: duckdb.DuckDBPyConnection) -> None:
    """MCS 2024 as it is, once more, known a month later: load `new`, which waits for comparison."""
    columns = ", ".join(row[0] for row in con.execute(f"describe raw.{MCS}").fetchall() if row[0] != "load_id")
    con.execute(
        f"insert into raw.{MCS} by name select 'new' as load_id, {columns} from raw.{MCS} where load_id ="
        " (select load_id from ledger.loads where partition = 'MCS 2024')"
    )
    con.execute(
        "insert into ledger.loads by name select * replace ('new' as load_id, 'to_compare' as status,"
        " known_from + 30 as known_from) from ledger.loads where partition = 'MCS 2024'"
    )


@pytest.mark.parametrize("power", [1, -1, -3])
def test_one_figure_that_is_exactly_a_power_of_ten_of_the_statement_before_is_named(
    con: duckdb.DuckDBPyConnection, power: int
) -> None:
    """A small country does not show in the printed world; beside what was stated before it does."""
    _stated_again(con)
    assert not misfits_of(con)
    con.execute(
        f"update raw.{MCS} set value_t = value_t * {10.0**power}"
        " where load_id = 'new' and country_code = 'IND' and measure = 'production' and year = 2022"
    )
    assert [(misfit.load_id, misfit.rule) for misfit in misfits_of(con)] == [
        ("new", "single_figures_fit_their_neighbours")
    ]


def test_two_figures_that_changed_places_since_the_statement_before_are_named(con: duckdb.DuckDBPyConnection) -> None:
    _stated_again(con)
    con.execute(
        f"update raw.{MCS} set country_code = case country_code when 'IND' then 'RUS' else 'IND' end,"
        " country_label = case country_code when 'IND' then 'Russia' else 'India' end"
        " where load_id = 'new' and country_code in ('IND', 'RUS')"
    )
    assert {(misfit.load_id, misfit.rule) for misfit in misfits_of(con)} == {("new", "labels_fit_their_neighbours")}


def _home_with(tmp_path: Path, work: Path, kind: str, **given: str) -> tuple[Settings, str, str]:
    """A home whose work file has a partition of wrong meaning; its partition and the hash of its bytes."""
    settings = Settings(home=tmp_path, **given)
    settings.work_file.parent.mkdir(parents=True)
    shutil.copy(work, settings.work_file)
    with duckdb.connect(str(settings.work_file)) as con:
        load_id = restated(con, *WRONG[kind])
        (sha256,) = con.execute("select artifact_sha256 from ledger.loads where load_id = ?", [load_id]).fetchall()[0]
    return settings, WRONG[kind][1], str(sha256)


def _status(settings: Settings, partition: str) -> tuple[str, int]:
    with duckdb.connect(str(settings.work_file), read_only=True) as con:
        (row,) = con.execute(
            f"select status, (select count(*) from raw.{TRADE} as t where t.load_id = loads.load_id)"
            " from ledger.loads as loads where partition = ? and table_name = ?",
            [partition, TRADE],
        ).fetchall()
    return row


def test_a_misfitting_partition_is_refused_with_its_remedy(tmp_path: Path, work: Path) -> None:
    settings, partition, sha256 = _home_with(tmp_path, work, "values in thousands")
    done = compare(settings, "b1")
    with pytest.raises(ComparisonError) as refused:
        done.raise_failures()
    message = str(refused.value)
    assert partition in message
    assert "values times 1e3" in message
    assert f"ree landing accept {sha256[:12]} REASON" in message
    assert _status(settings, partition) == ("refused", 0)
    assert all(result.stops for result in done.results)


def test_a_live_publisher_that_misfits_stops_no_release(tmp_path: Path, work: Path) -> None:
    settings, partition, _ = _home_with(tmp_path, work, "values in thousands", sources="live")
    done = compare(settings, "b1")
    done.raise_failures()
    assert done.refused == {"un_comtrade": [partition]}
    assert not any(result.stops for result in done.results)
    assert _status(settings, partition)[0] == "refused"


def test_an_accepted_partition_is_loaded_with_a_warning(tmp_path: Path, work: Path) -> None:
    settings, partition, sha256 = _home_with(tmp_path, work, "values in thousands")
    Acceptances(settings.landing).add(sha256[:12], "confirmed by the UN on the telephone")
    done = compare(settings, "b1")
    done.raise_failures()
    assert _status(settings, partition)[0] == "loaded"
    assert [result.why.endswith("accepted: confirmed by the UN on the telephone") for result in done.results] == [True]


def test_other_bytes_of_the_partition_are_not_accepted_with_it(tmp_path: Path, work: Path) -> None:
    settings, _, _ = _home_with(tmp_path, work, "values in thousands")
    Acceptances(settings.landing).add("0" * 64, "another file")
    assert compare(settings, "b1").failures

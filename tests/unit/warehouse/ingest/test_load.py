"""Loading: one transaction per partition, and identical figures are no revision."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable
from sources.reading.tables import rejects_from
from sources.registry import sources
from sources.snapshot.reader import Snapshot
from warehouse.ingest import load
from warehouse.settings import Settings
from warehouse.storage import work
from warehouse.storage.landing import Landed, Landing
from warehouse.storage.work import open_work

SOURCE = sources()["usgs_mcs"]
TABLE = "raw.usgs_mcs__world"


class FailingAt:
    """A connection that fails on statements with this prefix."""

    def __init__(self, con: duckdb.DuckDBPyConnection, statement: str) -> None:
        self._con = con
        self._statement = statement

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def execute(self, query: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        if query.startswith(self._statement):
            msg = "the disk is full"
            raise duckdb.IOException(msg)
        return self._con.execute(query, *arguments)

    def executemany(self, query: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        if query.startswith(self._statement):
            msg = "the disk is full"
            raise duckdb.IOException(msg)
        return self._con.executemany(query, *arguments)


@pytest.fixture
def con(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(settings) as con:
        yield con


@pytest.fixture
def landing(settings: Settings) -> Landing:
    return Landing(settings.landing)


def land(landing: Landing, artifact: Artifact) -> Landed:
    landing.land([artifact])
    return next(
        item for item in landing.landed() if (item.artifact.sha256, item.artifact.partition)
        == (artifact.sha256, artifact.partition)
    )  # fmt: skip


def load_one(con: Any, item: Landed, parsed: ParsedTable | None = None, build_id: str = "build") -> load.Loaded:
    one = load.Loadable.of(item, parsed or SOURCE.parse(item.artifact)[0], [])
    return load.load_all(con, build_id, SOURCE, [one])[0]


def counts(con: duckdb.DuckDBPyConnection) -> tuple[int, int, int, int]:
    return con.execute(
        f"select (select count(*) from {TABLE}), (select count(*) from quarantine.rejects),"
        " (select count(*) from ledger.loads), (select count(*) from ledger.artifacts)"
    ).fetchall()[0]


def with_rejects(parsed: ParsedTable) -> ParsedTable:
    """The same rows, the last two of them rejected."""
    aside = parsed.frame.tail(2)
    rejects = rejects_from(aside, "unreadable_value", "a smudge", ["country_label", "value_raw"])
    return dataclasses.replace(parsed, frame=parsed.frame.head(-2), rejects=rejects)


def test_every_row_of_an_artifact_is_loaded_with_its_load(con, landing, offer, mcs_2025) -> None:
    item = land(landing, offer(mcs_2025))
    loaded = load_one(con, item)
    assert loaded.rows_parsed == loaded.rows_loaded == counts(con)[0] > 40
    assert con.execute(f"select count(distinct load_id) from {TABLE}").fetchall() == [(1,)]


def test_rows_parsed_are_rows_loaded_plus_quarantined_in_the_ledger(con, landing, offer, mcs_2025) -> None:
    item = land(landing, offer(mcs_2025))
    load_one(con, item, with_rejects(SOURCE.parse(item.artifact)[0]))
    parsed, loaded, quarantined = con.execute(
        "select rows_parsed, rows_loaded, rows_quarantined from ledger.loads"
    ).fetchall()[0]
    assert parsed == loaded + quarantined
    assert (loaded, quarantined) == counts(con)[:2]
    assert quarantined == 2


def test_a_quarantined_record_keeps_its_reason_its_row_and_its_bytes(con, landing, offer, mcs_2025) -> None:
    item = land(landing, offer(mcs_2025))
    load_one(con, item, with_rejects(SOURCE.parse(item.artifact)[0]))
    rows = con.execute(
        "select reason_code, artifact_sha256, row_json, is_expected from quarantine.rejects order by all"
    ).fetchall()
    assert {row[0] for row in rows} == {"unreadable_value"}
    assert {row[1] for row in rows} == {item.artifact.sha256}
    assert all('"country_label":"' in row[2] for row in rows)
    assert {row[3] for row in rows} == {False}, "usgs_mcs expects no reject"


@pytest.mark.parametrize(
    "statement",
    [
        "insert into raw.",
        "insert into quarantine.rejects",
        "insert into ledger.loads",
        "delete from ledger.artifacts",
        "insert into ledger.artifacts",
    ],
)
def test_a_failure_in_the_middle_of_a_load_leaves_nothing_of_it(con, landing, offer, mcs_2025, statement) -> None:
    item = land(landing, offer(mcs_2025))
    with pytest.raises(duckdb.IOException, match="disk is full"):
        load_one(FailingAt(con, statement), item, with_rejects(SOURCE.parse(item.artifact)[0]))
    assert counts(con) == (0, 0, 0, 0)
    assert load_one(con, item).rows_loaded, "the next attempt succeeds"


def test_a_failure_while_an_artifact_is_loaded_again_keeps_its_rows(con, landing, offer, mcs_2025) -> None:
    item = land(landing, offer(mcs_2025))
    load_one(con, item)
    before = counts(con)
    with pytest.raises(duckdb.IOException):
        load_one(FailingAt(con, "insert into ledger.loads"), item)
    assert counts(con) == before


def test_a_loaded_artifact_is_no_longer_to_load(con, landing, offer, mcs_2025) -> None:
    item = land(landing, offer(mcs_2025))
    assert load.still_to_load(con, SOURCE, [item]) == [item]
    load_one(con, item)
    assert load.still_to_load(con, SOURCE, [item]) == []


def test_the_same_bytes_with_a_corrected_date_wait_again_and_replace_their_load(con, landing, offer, mcs_2025) -> None:
    load_one(con, land(landing, offer(mcs_2025)))
    corrected = land(landing, offer(mcs_2025, known_from=date(2025, 2, 4)))
    assert load.still_to_load(con, SOURCE, [corrected]) == [corrected]
    before = counts(con)
    assert load.delete_stale_loads(con, SOURCE, landing.landed()) == 1
    load_one(con, corrected)
    assert counts(con) == before
    assert con.execute("select known_from from ledger.loads").fetchall() == [(date(2025, 2, 4),)]


def test_a_new_parser_version_loads_its_artifacts_again_and_replaces_their_rows(con, landing, offer, mcs_2025) -> None:
    item = land(landing, offer(mcs_2025))
    load_one(con, item)
    con.execute("update ledger.loads set parser_version = 'older'")
    assert load.still_to_load(con, SOURCE, [item]) == [item]
    before = counts(con)
    load_one(con, item, build_id="later")
    assert counts(con) == before


def test_the_same_rows_in_another_order_have_the_same_content(con, landing, offer, mcs_2025) -> None:
    load_one(con, land(landing, offer(mcs_2025)))
    header, *rows = mcs_2025.splitlines(keepends=True)
    load_one(con, land(landing, offer(header + b"".join(reversed(rows)), known_from=date(2025, 6, 1))))
    contents = con.execute("select count(*), count(distinct content_sha256) from ledger.loads").fetchall()
    assert contents == [(2, 1)]


def test_a_changed_figure_is_loaded_and_the_old_one_is_kept(con, landing, offer, mcs_2025) -> None:
    first = load_one(con, land(landing, offer(mcs_2025)))
    revised = mcs_2025.replace(b"41600,45000", b"41700,45000")
    assert revised != mcs_2025
    second = load_one(con, land(landing, offer(revised, release="1.1", known_from=date(2025, 6, 1))))
    assert counts(con)[0] == first.rows_loaded + second.rows_loaded
    values = con.execute(f"select value_t from {TABLE} where country_code = 'USA' and year = 2023 and value_t < 1e6")
    assert sorted(values.fetchall()) == [(41600.0,), (41700.0,)]


def test_a_work_file_of_another_ledger_version_is_replaced_by_a_new_one(settings) -> None:
    with open_work(settings) as con:
        con.execute("update ledger.version set version = 0")
        con.execute("insert into ledger.loads by name select 'old' as load_id")
    with open_work(settings) as con:
        assert con.execute("select count(*) from ledger.loads").fetchall() == [(0,)]
    assert settings.work_file.with_suffix(".duckdb.outdated").exists()


def test_a_work_file_that_lacks_nothing_is_opened_without_a_write(settings) -> None:
    with open_work(settings):
        pass
    before = settings.work_file.read_bytes()
    with open_work(settings):
        pass
    assert settings.work_file.read_bytes() == before


def test_a_work_file_gets_the_tables_and_publishers_that_later_code_has(settings, monkeypatch) -> None:
    with open_work(settings) as con:
        con.execute("insert into ledger.loads by name select 'old' as load_id")
    monkeypatch.setattr(work, "_LEDGER", work._LEDGER + "create table if not exists ledger.later (name varchar);")
    later = {"later": SimpleNamespace(about=dict.fromkeys(work._SOURCE_COLUMNS, "later") | {"fresh_for_days": 1})}
    monkeypatch.setattr(work, "sources", lambda: sources() | later)
    with open_work(settings) as con:
        assert con.execute("select count(*) from ledger.later").fetchall() == [(0,)]
        assert con.execute("select publisher from ledger.sources where code = 'later'").fetchall() == [("later",)]
        assert con.execute("select count(*) from ledger.loads").fetchall() == [(1,)]


def test_a_raw_table_has_exactly_the_declared_columns_and_its_load(con) -> None:
    columns = con.execute(f"describe {TABLE}").fetchall()
    assert [column[0] for column in columns] == ["load_id", *SOURCE.tables[0].schema]


def test_an_artifact_that_fills_one_table_of_several_is_done_when_that_one_is_loaded(con, landing) -> None:
    source = sources()["pib_india"]
    items = [land(landing, artifact) for artifact in Snapshot().offers(source.code)]
    assert load.still_to_load(con, source, items) == items
    load.load_all(
        con,
        "build",
        source,
        [load.Loadable.of(item, parsed, []) for item in items for parsed in source.parse(item.artifact)],
    )
    assert load.still_to_load(con, source, items) == []


def test_a_refusal_is_noted_for_the_table_the_artifact_would_have_filled(con, landing) -> None:
    source = sources()["pib_india"]
    item = land(landing, Snapshot().offers(source.code)[0])
    load.record_refusal(con, "build", source, item)
    assert con.execute("select table_name, status from ledger.loads").fetchall() == [("pib_india__trade", "refused")]
    assert load.still_to_load(con, source, [item]) == [item]


def test_a_refused_artifact_of_an_unknown_layout_is_tried_again(con, landing) -> None:
    source = sources()["pib_india"]
    item = land(landing, dataclasses.replace(Snapshot().offers(source.code)[0], layout="no_such_layout"))
    load.record_refusal(con, "build", source, item)
    assert load.still_to_load(con, source, [item]) == [item]


def test_only_newer_bytes_of_the_same_table_and_partition_supersede(landing) -> None:
    source = sources()["pib_india"]
    offers = {offered.layout: offered for offered in Snapshot().offers("pib_india")}
    trade, shares = offers["extract_pib_imports_tonnes"], offers["extract_pib_import_shares"]
    failed = land(landing, trade)
    same_partition = dataclasses.replace(shares, partition=trade.partition)
    other_table = dataclasses.replace(failed, artifact=same_partition, sequence=failed.sequence + 1)
    newer = dataclasses.replace(failed, sequence=failed.sequence + 2)
    assert not load.is_past(source, failed, [failed, other_table])
    assert load.is_past(source, failed, [failed, other_table, newer])
    assert not load.is_past(source, newer, [failed, other_table, newer])

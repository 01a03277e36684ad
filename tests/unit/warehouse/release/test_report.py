"""The pages of a release, rendered from invented results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pytest

from sources.snapshot.reader import Snapshot
from warehouse.quality.expectations.runner import Result
from warehouse.release.diff import Change, TableDiff
from warehouse.release.report import changes_page, validation_page
from warehouse.settings import Settings
from warehouse.storage.landing import SetAside
from warehouse.storage.work import open_work

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def con(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_work(settings) as con:
        yield con


def result(**about) -> Result:
    given = {
        "gate": 1, "table_name": "usgs_mcs__world", "partition": None, "rule": "year_is_plausible",
        "expectation": "ExpectColumnValuesToBeBetween", "column_name": "year", "severity": "critical", "success": True,
        "raised": False, "observed": None, "unexpected_count": 0, "element_count": 50, "sample": None,
        "why": "a year, not a code", "checked_at": NOW,
    }  # fmt: skip
    return Result(**(given | about))


def test_a_page_of_a_refused_build_starts_with_the_reason(con) -> None:
    failed = result(success=False, unexpected_count=3, sample='[{"year": 20230}]', partition="MCS 2025")
    page = validation_page(con, "b1", [result(rule="value_is_plausible"), failed], None, "year is wrong")
    assert "Refused: not published" in page
    assert "year is wrong" in page
    stopped = page.index("What stopped it")
    assert stopped < page.index("MCS 2025") < page.index("Every rule</h2>")
    assert "3 found of 50" in page


def test_a_rule_that_could_not_be_evaluated_is_shown_as_such(con) -> None:
    page = validation_page(con, "b1", [result(success=False, raised=True, observed="no such column")], None)
    assert "could not be evaluated: <code>no such column</code>" in page


def test_a_warning_is_shown_and_refuses_nothing(con) -> None:
    page = validation_page(con, "b1", [result(success=False, severity="warning")], "2026.11.23.1")
    assert "Every critical rule passed" in page
    assert "<h2>Warnings</h2>" in page


def test_what_publishers_wrote_is_text_on_the_page_and_never_markup(con) -> None:
    evil = "<script>alert(1)</script>"
    con.execute("insert into quarantine.rejects values ('l', 's', 't', ?, ?, '{}', 'sha', 1, false)", [evil, evil])
    page = validation_page(
        con, evil, [result(success=False, sample=json.dumps([{evil: evil}]), partition=evil)], None, evil
    )
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_records_in_quarantine_are_counted_by_reason(con) -> None:
    con.executemany(
        "insert into quarantine.rejects values ('l', 's', 't', ?, 'why', '{}', 'sha', ?, true)",
        [["breakdown_row", 1], ["breakdown_row", 2], ["not_yet_published", 3]],
    )
    page = validation_page(con, "b1", [], None)
    assert "<b>3</b><span>records in quarantine</span>" in page
    assert "breakdown row" in page


ABOUT = {
    "version": "2026.11.23.2", "built_at": NOW, "code_version": "0.1.0+abc", "previous_version": "2026.11.23.1",
    "accepted_drift": None, "build_id": "b1",
}  # fmt: skip


def test_changes_name_the_tables_that_differ_and_leave_out_those_that_do_not(con) -> None:
    same = TableDiff("core.dim_area", 5, 5, 0, 0, 0, (), (), ())
    differs = TableDiff(
        "core.fct_reserves", 5, 6, 1, 0, 1, ("note",), (), (Change("BRA, 2024", "reserves_t_reo", "21.0", "22.0"),)
    )
    page = changes_page(con, ABOUT, [same, differs], None, [])
    assert "core.dim_area" not in page
    assert "| core.fct_reserves | 5 | 6 | 1 | 0 | 1 |" in page
    assert "- BRA, 2024: `reserves_t_reo` 21.0 → 22.0" in page
    assert "Columns gained: note." in page
    assert "Nothing new was loaded." in page


def test_changes_name_each_load_since_the_release_before_and_its_rows(con) -> None:
    load = "insert into ledger.loads by name select ? as build_id, ? as status, 'usgs_mcs' as source_code,"
    load += " ? as partition, '1.0' as release, ?::date as known_from, 50 as rows_loaded, 2 as rows_quarantined,"
    load += " ?::timestamptz as loaded_at"
    con.execute(load, ["b1", "loaded", "MCS 2026", date(2026, 2, 6), "2026-03-02"])
    con.execute(load, ["b1", "refused", "MCS 2025", date(2026, 2, 6), "2026-03-02"])
    con.execute(load, ["b0", "loaded", "MCS 2024", date(2026, 2, 6), "2026-02-28"])
    page = changes_page(con, ABOUT | {"accepted_drift": "a new method"}, [], datetime(2026, 3, 1, tzinfo=UTC), [])
    assert "| usgs_mcs | MCS 2026 | 1.0 | 2026-02-06 | 50 | 2 |" in page
    assert "MCS 2025" not in page
    assert "MCS 2024" not in page
    assert "Accepted drift: a new method" in page
    assert "No table changed." in page


def test_the_first_release_is_described_as_the_first(con) -> None:
    page = changes_page(con, ABOUT | {"previous_version": None}, [], None, [])
    assert "the first release of this warehouse" in page
    assert "Changes by table" not in page
    assert "left out" not in page


def test_bytes_that_are_set_aside_are_named_with_the_reason_and_the_day(con) -> None:
    artifact = Snapshot().offers("usgs_mcs")[0]
    page = changes_page(con, ABOUT, [], None, [SetAside(artifact, "withdrawn by the publisher", NOW)])
    assert (
        f"- usgs_mcs: {artifact.partition} ({artifact.name}, sha256 {artifact.sha256[:12]}…), since {NOW:%Y-%m-%d}:"
        " withdrawn by the publisher" in page
    )

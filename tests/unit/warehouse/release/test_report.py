"""The pages of a release, rendered from invented results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from sources.snapshot.reader import Snapshot
from warehouse.quality.expectations.runner import Result
from warehouse.release.diff import Change, TableDiff
from warehouse.release.report import changes_page, validation_page
from warehouse.release.store import Release
from warehouse.settings import Settings
from warehouse.storage.landing import SetAside
from warehouse.storage.literals import literal
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


def test_changes_name_the_tables_that_differ_and_leave_out_those_that_do_not(con, tmp_path) -> None:
    same = TableDiff("core.dim_area", 5, 5, 0, 0, 0, (), (), ())
    differs = TableDiff(
        "core.fct_reserves",
        5,
        6,
        1,
        0,
        1,
        ("note",),
        (),
        (Change({"country_code": "BRA", "year": "2024"}, "reserves_t_reo", "21.0", "22.0"),),
    )
    page = changes_page(con, ABOUT, [same, differs], before(con, tmp_path))
    assert "core.dim_area" not in page
    assert "| core.fct_reserves | 5 | 6 | 1 | 0 | 1 |" in page
    assert "- BRA, 2024: `reserves_t_reo` 21.0 → 22.0" in page
    assert "Columns gained: note." in page
    assert "Nothing new was loaded." in page


def test_changes_name_each_load_that_the_release_before_lacks_whatever_the_clock_says(con, tmp_path) -> None:
    load = "insert into ledger.loads by name select ? as status, 'usgs_mcs' as source_code, 'usgs_mcs__world' as"
    load += " table_name, ? as partition, ? as artifact_sha256, '1.0' as release, '2026-02-06'::date as known_from,"
    load += " 50 as rows_loaded, 2 as rows_quarantined, ?::timestamptz as loaded_at"
    con.execute(load, ["loaded", "MCS 2024", "a", "2026-03-02"])
    release = before(con, tmp_path)
    con.execute(load, ["loaded", "MCS 2026", "b", "2026-02-28"])
    con.execute(load, ["refused", "MCS 2025", "c", "2026-02-28"])
    page = changes_page(con, ABOUT | {"accepted_drift": "a new method"}, [], release)
    assert "| usgs_mcs | MCS 2026 | 1.0 | 2026-02-06 | 50 | 2 |" in page
    assert "MCS 2025" not in page
    assert "MCS 2024" not in page
    assert "Accepted drift: a new method" in page
    assert "No table changed." in page


def before(con, folder: Path) -> Release:
    """The release before, with the loads that are in the ledger now."""
    file = folder / "parquet" / "meta" / "loads.parquet"
    file.parent.mkdir(parents=True)
    con.execute(f"copy ledger.loads to {literal(file)} (format parquet)")
    return Release("2026.11.23.1", folder, is_current=True, about={})


@pytest.mark.parametrize("has_intact", [True, False])
def test_changes_say_that_the_release_before_was_damaged_and_what_is_compared_instead(
    con, tmp_path, has_intact
) -> None:
    compared = before(con, tmp_path) if has_intact else None
    page = changes_page(con, ABOUT, [], compared, "rare_earths.duckdb is missing")
    assert "Release 2026.11.23.1 was damaged after its publication" in page
    assert "rare_earths.duckdb is missing" in page
    assert ("Compared below with" in page) == has_intact
    assert ("No table changed." in page) == has_intact


def test_the_first_release_is_described_as_the_first(con) -> None:
    page = changes_page(con, ABOUT | {"previous_version": None}, [], None)
    assert "the first release of this warehouse" in page
    assert "Changes by table" not in page
    assert "left out" not in page


def test_bytes_that_are_set_aside_are_named_with_the_reason_and_the_day(con) -> None:
    artifact = Snapshot().offers("usgs_mcs")[0]
    page = changes_page(con, ABOUT, [], None, set_aside=[SetAside(artifact, "withdrawn by the publisher", NOW)])
    assert (
        f"- usgs_mcs: {artifact.partition} ({artifact.name}, sha256 {artifact.sha256[:12]}…), since {NOW:%Y-%m-%d}:"
        " withdrawn by the publisher" in page
    )

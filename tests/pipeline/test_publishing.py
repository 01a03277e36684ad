"""A candidate is published completely or refused, and readers are never blocked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys

import duckdb
import pytest

from tests.helpers.unprivileged import make_writable, run_unprivileged
from warehouse.release import publish as publishing
from warehouse.release import store
from warehouse.release.diff import diff_releases
from warehouse.release.publish import RefusedError, last_core, publish
from warehouse.release.store import current_release, database
from warehouse.storage.last_build import last_build
from warehouse.storage.work import open_work

ANOTHER_VALUE = "update core.fct_production set production_t_reo = 241000 where production_t_reo = 240000"


def spoil(settings, sql: str) -> None:
    with open_work(settings) as con:
        con.execute(sql)


def test_a_candidate_with_other_figures_is_a_new_release(copy_of_small, candidate) -> None:
    before = current_release(copy_of_small)
    release, is_new, changes = publish(copy_of_small, candidate(copy_of_small, ANOTHER_VALUE))
    assert is_new
    assert list(changes) == diff_releases(before.folder, release.folder), "tables that stayed are not compared"
    assert [change.table for change in changes if not change.is_empty] == ["core.fct_production"]
    assert current_release(copy_of_small).version == release.version != before.version
    assert release.about["previous_version"] == before.version
    assert not copy_of_small.candidate.exists()


def test_a_candidate_with_the_same_figures_is_not_published_again(copy_of_small, candidate) -> None:
    before = current_release(copy_of_small)
    release, is_new, _ = publish(copy_of_small, candidate(copy_of_small))
    assert (release.version, is_new) == (before.version, False)
    assert len(store.releases(copy_of_small)) == 1


@pytest.mark.parametrize("harm", ["changed", "unreadable", "deleted"])
def test_a_release_that_was_harmed_is_published_again(copy_of_small, candidate, caplog, harm) -> None:
    before = current_release(copy_of_small)
    file = before.folder / "rare_earths.duckdb"
    build_id = candidate(copy_of_small)
    make_writable(before.folder)
    if harm == "changed":
        with duckdb.connect(str(file)) as con:
            con.execute(ANOTHER_VALUE)
    elif harm == "unreadable":
        file.write_bytes(b"not a database")
    else:
        file.unlink()
    caplog.set_level("WARNING", "ree.release")
    release, is_new, _ = publish(copy_of_small, build_id)
    assert is_new
    assert release.version != before.version
    assert store.damage(copy_of_small, release) is None
    assert f"release {before.version} is damaged, so a fresh one is published" in caplog.text
    assert "rare_earths.duckdb" in caplog.text
    changes = (release.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert f"Release {before.version} was damaged after its publication" in changes
    assert "No intact release is on disk" in changes
    with pytest.raises(store.DamagedError):
        store.roll_back(copy_of_small)
    assert current_release(copy_of_small).version == release.version


def test_a_release_whose_meta_and_parquet_are_damaged_is_published_again(copy_of_small, candidate) -> None:
    before = current_release(copy_of_small)
    build_id = candidate(copy_of_small)
    make_writable(before.folder)
    for file in before.folder.rglob("*.parquet"):
        file.write_bytes(b"")
    release, is_new, _ = publish(copy_of_small, build_id)
    assert is_new
    assert release.about["previous_version"] == before.version


def test_drift_and_changes_are_compared_with_the_nearest_intact_release(copy_of_small, candidate) -> None:
    first = current_release(copy_of_small)
    second, *_ = publish(copy_of_small, candidate(copy_of_small, ANOTHER_VALUE))
    assert last_core(copy_of_small) == second.folder / "parquet" / "core"
    build_id = candidate(copy_of_small)
    make_writable(second.folder)
    (second.folder / "CHANGES.md").write_text("other text")
    assert last_core(copy_of_small) == first.folder / "parquet" / "core"
    third, *_ = publish(copy_of_small, build_id)
    text = (third.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert f"Compared below with {first.version}, the nearest intact release." in text
    assert "`production_t_reo` 240000.0 → 241000.0" in text


def test_a_published_database_cannot_be_opened_for_writing_and_can_be_read(copy_of_small, candidate) -> None:
    """DuckDB and BI tools open a file for writing unless told otherwise."""
    release, *_ = publish(copy_of_small, candidate(copy_of_small, ANOTHER_VALUE))
    file = str(release.folder / "rare_earths.duckdb")
    opened = run_unprivileged("import duckdb, sys; duckdb.connect(sys.argv[1])", file)
    assert "Permission denied" in opened.stderr
    read = run_unprivileged(
        "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).sql('from meta.release'))", file
    )
    assert release.version in read.stdout
    assert store.damage(copy_of_small, release) is None
    shutil.rmtree(copy_of_small.home)


def test_the_same_figures_by_other_code_are_a_new_release(copy_of_small, candidate, monkeypatch) -> None:
    build_id = candidate(copy_of_small)
    monkeypatch.setattr(publishing, "code_version", lambda: "0.2.0+abcdef123456")
    assert publish(copy_of_small, build_id)[1]


FAILED = "update ledger.validation_results set success = false, unexpected_count = 3"
WHERE = "where rule = 'known_to_follows_known_from' and table_name = 'fct_production'"


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (f"{FAILED} {WHERE}", "fct_production: known_to_follows_known_from"),
        (
            f"update ledger.validation_results set success = true, raised = true {WHERE}",
            "fct_production: known_to_follows_known_from",
        ),
        (
            f"{FAILED} where gate = 1 and rule = 'rejects_are_expected' and table_name = 'usgs_mcs__world'",
            "usgs_mcs__world: rejects_are_expected",
        ),
        ("delete from ledger.validation_results where gate = 2", "was not judged at gate 2"),
        (
            "delete from ledger.validation_results where table_name = 'fct_reserves'",
            "fct_reserves: has_at_least_one_row was not judged at gate 2",
        ),
    ],
    ids=["critical failed", "critical raised", "gate 1 failed", "gate 2 not judged", "one table not judged"],
)
def test_publishing_is_refused_by_the_stored_results_of_its_own_build(copy_of_small, candidate, sql, why) -> None:
    before = current_release(copy_of_small)
    build_id = candidate(copy_of_small, ANOTHER_VALUE)
    spoil(copy_of_small, sql)
    with pytest.raises(RefusedError) as refused:
        publish(copy_of_small, build_id)
    assert why in str(refused.value)
    assert f"release {before.version} stays current" in str(refused.value)
    assert current_release(copy_of_small).version == before.version
    page = copy_of_small.refused / build_id / "validation.html"
    assert str(page) in str(refused.value)
    assert page.exists()
    assert last_build(copy_of_small).startswith("refused, started")
    assert why in last_build(copy_of_small)


def test_of_the_pages_of_refused_builds_the_newest_twenty_are_kept(copy_of_small, candidate) -> None:
    for number in range(25):
        page = copy_of_small.refused / f"{number:02}" / "validation.html"
        page.parent.mkdir(parents=True)
        os.utime(page.parent, (number, number))
    build_id = candidate(copy_of_small, ANOTHER_VALUE)
    spoil(copy_of_small, f"delete from ledger.validation_results {WHERE}")
    with pytest.raises(RefusedError):
        publish(copy_of_small, build_id)
    assert {folder.name for folder in copy_of_small.refused.iterdir()} == {
        build_id,
        *(f"{number:02}" for number in range(6, 25)),
    }


def test_a_rule_that_was_deleted_from_the_results_does_not_pass_unnoticed(copy_of_small, candidate) -> None:
    """A critical rule without a result is a gate that was not passed."""
    build_id = candidate(copy_of_small, ANOTHER_VALUE)
    spoil(copy_of_small, f"delete from ledger.validation_results {WHERE}")
    with pytest.raises(RefusedError, match="known_to_follows_known_from"):
        publish(copy_of_small, build_id)


def test_a_warning_does_not_stop_a_release(copy_of_small, candidate) -> None:
    build_id = candidate(copy_of_small, ANOTHER_VALUE)
    spoil(copy_of_small, f"{FAILED} where severity = 'warning'")
    assert publish(copy_of_small, build_id)[1]


def test_another_builds_failure_does_not_stop_this_release(copy_of_small, candidate) -> None:
    build_id = candidate(copy_of_small, ANOTHER_VALUE)
    spoil(
        copy_of_small,
        "insert into ledger.validation_results select * replace ('another' as build_id, false as success)"
        f" from ledger.validation_results {WHERE}",
    )
    assert publish(copy_of_small, build_id)[1]


def test_the_last_three_releases_are_kept_and_going_back_is_going_back(copy_of_small, candidate) -> None:
    first = current_release(copy_of_small).version
    versions = [first]
    for tonnes in (1, 2, 3):
        sql = f"update core.fct_production set production_t_reo = {tonnes} where country_code = 'CHN' and year = 2023"
        versions.append(publish(copy_of_small, candidate(copy_of_small, sql))[0].version)
    assert [release.version for release in store.releases(copy_of_small)] == versions[1:]
    assert store.roll_back(copy_of_small).version == versions[2]
    query = "select distinct production_t_reo from core.fct_production where country_code = 'CHN' and year = 2023"
    with duckdb.connect(str(database(copy_of_small).resolve()), read_only=True) as con:
        assert con.execute(query).fetchall() == [(2.0,)]


def test_a_reader_keeps_its_release_while_a_new_one_is_published(copy_of_small, candidate) -> None:
    query = "select version from meta.release"
    before = current_release(copy_of_small).version
    build_id = candidate(copy_of_small, ANOTHER_VALUE)
    with duckdb.connect(str(database(copy_of_small)), read_only=True) as reader:
        after = publish(copy_of_small, build_id)[0].version
        assert reader.execute(query).fetchall() == [(before,)]
        assert reader.execute("select count(*) from core.trade_preferred_all_levels").fetchall()[0][0] > 100
        code = f"import duckdb; print(duckdb.connect(r'{database(copy_of_small)}', read_only=True).sql('{query}'))"
        shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        assert after in shown.stdout


def test_a_published_release_matches_its_data_package(copy_of_small, candidate) -> None:
    release, *_ = publish(copy_of_small, candidate(copy_of_small, ANOTHER_VALUE))
    package = json.loads((release.folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        digest = hashlib.sha256((release.folder / resource["path"]).read_bytes()).hexdigest()
        assert resource["hash"] == f"sha256:{digest}"
    text = (release.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert "`production_t_reo` 240000.0 → 241000.0" in text


def test_a_column_that_nothing_describes_is_not_published(copy_of_small, candidate) -> None:
    before = current_release(copy_of_small).version
    build_id = candidate(copy_of_small, "alter table core.dim_stage add column secret integer")
    with pytest.raises(ValueError, match=r"core\.dim_stage\.secret"):
        publish(copy_of_small, build_id)
    assert current_release(copy_of_small).version == before

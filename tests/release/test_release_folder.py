"""Contents of a release folder, which is readable without the project."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from sources.registry import sources
from warehouse.release.store import current_release, database
from warehouse.transform.dbt import STORAGE_VERSION


@pytest.fixture(scope="module")
def folder(warehouse) -> Path:
    return warehouse.published.resolve()


@pytest.fixture(scope="module")
def package(folder) -> dict:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def tables(published) -> list[tuple[str, str]]:
    return published.execute(
        "select table_schema, table_name from information_schema.tables where table_catalog = current_database()"
    ).fetchall()


def test_the_folder_holds_the_database_its_tables_as_files_the_package_and_pages_and_nothing_else(folder) -> None:
    names = {path.name for path in folder.iterdir()}
    pages = {"datapackage.json", "validation.html", "CHANGES.md"}
    assert names == {"rare_earths.duckdb", "rare_earths.xlsx", "parquet", "csv", "site", *pages}


def test_every_table_and_view_is_there_as_parquet_with_the_same_rows(published, folder) -> None:
    files = {(path.parent.name, path.stem) for path in folder.glob("parquet/*/*.parquet")}
    assert files == set(tables(published)) - {("marts", "mart_why")}, "made when it is read, for one fact or a few"
    assert ("core", "trade_preferred_all_levels") in files
    for schema, table in files:
        parquet = f"read_parquet('{folder}/parquet/{schema}/{table}.parquet')"
        here, there = published.execute(
            f"select (select count(*) from {schema}.{table}), (select count(*) from {parquet})"
        ).fetchall()[0]
        assert here == there, table


def test_only_core_marts_bi_and_meta_are_published(published) -> None:
    assert {schema for schema, _ in tables(published)} == {"core", "marts", "bi", "meta"}


def test_every_resource_of_the_package_has_its_bytes_and_hash(folder, package) -> None:
    for resource in package["resources"]:
        data = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data), resource["path"]
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}", resource["path"]


def test_every_file_of_the_folder_is_a_resource_of_the_package(folder, package) -> None:
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {resource["path"] for resource in package["resources"]} == files - {"datapackage.json"}
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names)


def test_the_packages_fields_are_the_columns_of_the_files(folder, package) -> None:
    for resource in package["resources"]:
        if resource["path"].partition("/")[0] not in {"parquet", "csv"}:
            continue
        columns = duckdb.sql(f"describe from '{folder / resource['path']}'").fetchall()
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == [column[0] for column in columns]
        assert set(resource["schema"]["primaryKey"]) <= {field["name"] for field in fields}
        assert all(field["description"] and field["type"] != "any" for field in fields), resource["path"]


def test_the_package_names_version_sources_and_licences(warehouse, package) -> None:
    assert package["version"] == current_release(warehouse).version
    assert len(package["sources"]) == len(package["licenses"]) == len(sources())
    unsecured = {source["path"] for source in package["sources"] if not source["path"].startswith("https://")}
    assert unsecured == {"http://stats.customs.gov.cn"}, "China's customs answer without TLS only"


class References(HTMLParser):
    """Every address a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attributes if name in {"src", "href", "srcset", "data", "action"}]


def test_the_validation_page_is_self_contained(folder) -> None:
    text = (folder / "validation.html").read_text(encoding="utf-8")
    page = References()
    page.feed(text)
    assert page.found == []
    assert not page.tags & {"script", "link", "iframe", "img", "object", "embed"}
    assert not re.search(r"@import|url\(", text)


def test_the_validation_page_shows_every_rule_of_the_build(published, folder) -> None:
    text = (folder / "validation.html").read_text(encoding="utf-8")
    rules = published.execute("select distinct rule from meta.validation_results").fetchall()
    assert rules
    assert [rule for (rule,) in rules if rule.replace("_", " ") not in text] == []
    assert "Every critical rule passed" in text


def test_every_rule_of_a_suite_has_one_result_or_one_per_load_of_a_partition(published) -> None:
    """Two loads of a partition are not judged together: the second has results of its own."""
    from warehouse.quality.beside import BESIDE_RULES
    from warehouse.quality.expectations.suites import gate_one, gate_two
    from warehouse.quality.losses import LOSS_RULES

    loaded = {table for (table,) in published.execute("select distinct table_name from meta.loads").fetchall()}
    suites = [suite for suite in gate_one().values() if suite.table in loaded] + list(gate_two().values())
    wanted = {(suite.gate, suite.table, rule.name) for suite in suites for rule in suite.rules}
    not_bundled = {"bgs_wms__production", "eurostat_comext__trade", "us_census__trade"}
    assert set(gate_one()) - loaded == not_bundled
    rows = [
        row
        for row in published.execute("select gate, table_name, rule from meta.validation_results").fetchall()
        if row[2] not in {*LOSS_RULES, *BESIDE_RULES}  # results of statements that have another beside them
    ]
    assert set(rows) == wanted
    loads = published.execute("select table_name, partition, count(*) from meta.loads group by all").fetchall()
    again = [(table, partition, n) for table, partition, n in loads if n > 1]
    assert again == [("usgs_mcs__world", "MCS 2026", 2)], "its table and its chapter"
    for row, n_results in Counter(rows).items():
        assert n_results == (2 if row[:2] == (1, "usgs_mcs__world") else 1), row


def test_the_changes_page_names_the_release_and_what_was_loaded(warehouse, folder) -> None:
    text = (folder / "CHANGES.md").read_text(encoding="utf-8")
    assert text.startswith(f"# Release {current_release(warehouse).version}\n")
    assert "the first release" in text
    assert "| usgs_mcs | MCS 2025 |" in text


def test_the_release_describes_itself_in_meta_release(warehouse, published) -> None:
    version, schema_version, code_version, previous = published.execute(
        "select version, schema_version, code_version, previous_version from meta.release"
    ).fetchall()[0]
    assert version == current_release(warehouse).version
    assert re.fullmatch(r"\d+\.\d+\.\d+", schema_version)
    assert re.fullmatch(r"\S+\+[0-9a-f]{12}", code_version)
    assert previous is None


def test_the_file_is_of_the_storage_version_older_drivers_open(published) -> None:
    tags = published.execute("select tags from duckdb_databases() where not internal").fetchall()
    assert tags[0][0]["storage_version"].rstrip("+") == STORAGE_VERSION


def test_the_file_is_checkpointed_and_has_no_write_ahead_log(folder) -> None:
    assert not list(folder.glob("*.wal"))


def test_views_do_not_depend_on_the_name_under_which_the_file_is_attached(warehouse) -> None:
    with duckdb.connect() as con:
        con.execute(f"attach '{database(warehouse)}' as any_name (read_only)")
        assert con.execute("select count(*) from any_name.core.trade_preferred_all_levels").fetchall()[0][0] > 1000
        con.execute("use any_name")
        assert con.execute("select count(*) from core.trade_preferred_all_levels").fetchall()[0][0] > 1000


def test_nothing_published_names_a_path_of_the_machine_that_built_it(warehouse, folder) -> None:
    for path in (folder / "datapackage.json", folder / "validation.html", folder / "CHANGES.md"):
        assert str(warehouse.home) not in path.read_text(encoding="utf-8"), path.name

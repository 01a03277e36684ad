"""The bundled snapshot: every file has its provenance, and the script that wrote it writes it again."""

from __future__ import annotations

import csv
import hashlib
import shutil
from datetime import date
from pathlib import Path

import pytest

from sources.model.artifact import SourceError, TruncatedError
from sources.registry import sources, table_specs
from sources.snapshot import BUNDLED
from sources.snapshot.build.write import write_snapshot
from sources.snapshot.provenance import PROVENANCE_COLUMNS
from sources.snapshot.reader import Snapshot
from tests.helpers.artifacts import bundled, parse, parsed
from tests.helpers.violators import assert_none

PROJECT = BUNDLED.parents[2]


def provenance() -> list[dict[str, str]]:
    with (BUNDLED / "provenance.csv").open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture
def a_copy(tmp_path: Path) -> Path:
    """A copy of the USGS part of the snapshot that a test may damage."""
    shutil.copytree(BUNDLED / "usgs_mcs", tmp_path / "usgs_mcs")
    shutil.copy(BUNDLED / "provenance.csv", tmp_path)
    return tmp_path


def test_every_file_has_one_provenance_row_and_every_row_its_file():
    rows = [row["file"] for row in provenance()]
    files = [p.relative_to(BUNDLED).as_posix() for p in BUNDLED.rglob("*") if p.is_file()]
    assert sorted(rows) == sorted(set(files) - {"provenance.csv"})
    assert len(rows) == len(set(rows))


def test_every_file_has_the_hash_its_row_records():
    for row in provenance():
        assert hashlib.sha256((BUNDLED / row["file"]).read_bytes()).hexdigest() == row["sha256"], row["file"]


def test_no_row_leaves_out_where_its_file_comes_from():
    needed = [column for column in PROVENANCE_COLUMNS if column != "edition"]
    assert_none(f"{row['file']}: {column}" for row in provenance() for column in needed if not row[column].strip())


def test_days_are_days_and_no_file_was_known_after_it_was_taken():
    for row in provenance():
        assert date.fromisoformat(row["known_from"]) <= date.fromisoformat(row["taken_on"]), row["file"]


def test_no_two_files_state_the_same_partition_of_one_table():
    stated = [
        (spec.name, row["partition"], row["release"])
        for row in provenance()
        for spec in sources()[row["source_code"]].tables
        if not spec.layouts or row["layout"] in spec.layouts
    ]
    assert len(stated) == len(set(stated))


def test_every_file_parses_with_no_surprise():
    specs = table_specs()
    for offer in bundled().values():
        table = parsed(offer.name)
        assert table.frame.height > 0 or table.spec.may_be_empty, offer.name
        surprises = set(table.rejects["reason_code"]) - specs[table.spec.name].expected_rejects
        assert not surprises, offer.name


def test_a_bundled_file_that_was_altered_is_refused(a_copy):
    altered = a_copy / "usgs_mcs" / "mcs2024-raree_world.csv"
    altered.write_bytes(altered.read_bytes().replace(b"240000", b"250000"))
    offers = {offer.name: offer for offer in Snapshot(a_copy).offers("usgs_mcs")}
    with pytest.raises(TruncatedError, match=r"mcs2024-raree_world\.csv.*sha256"):
        parse(offers["mcs2024-raree_world.csv"])
    assert parse(offers["mcs2023-raree_world.csv"]).frame.height == 51


def test_a_file_without_a_row_is_refused_by_name(a_copy):
    (a_copy / "usgs_mcs" / "mcs2027.csv").write_bytes(b"x")
    with pytest.raises(SourceError, match=r"usgs_mcs/mcs2027\.csv"):
        Snapshot(a_copy).offers("usgs_mcs")


def test_a_row_without_its_file_is_refused_by_name(a_copy):
    (a_copy / "usgs_mcs" / "MCS2025_World_Data.csv").unlink()
    with pytest.raises(SourceError, match=r"usgs_mcs/MCS2025_World_Data\.csv"):
        Snapshot(a_copy).offers("usgs_mcs")


def test_a_provenance_of_other_columns_or_none_is_refused(a_copy):
    table = a_copy / "provenance.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("known_from,", "", 1), encoding="utf-8")
    with pytest.raises(SourceError, match=r"lacks 'known_from'.*it needs"):
        Snapshot(a_copy).offers("usgs_mcs")
    table.unlink()
    with pytest.raises(SourceError, match="missing"):
        Snapshot(a_copy).offers("usgs_mcs")


def test_every_area_that_a_vocabulary_names_is_a_known_area():
    with (PROJECT / "dbt_project" / "seeds" / "seed_area.csv").open(encoding="utf-8", newline="") as text:
        known = {row["area_code"] for row in csv.DictReader(text)}
    for source in sources().values():
        for labels in source.package.glob("labels.csv"):
            with labels.open(encoding="utf-8", newline="") as text:
                used = {row["area_code"] for row in csv.DictReader(text)} - {""}
            assert used <= known, source.code


def test_each_publisher_says_who_it_is_and_what_may_be_done_with_its_figures():
    for source in sources().values():
        for entry in ("publisher", "citation", "licence", "redistribution", "url", "cadence", "fresh_for_days"):
            assert source.about[entry], (source.code, entry)
        assert source.code == source.about["code"]


def test_the_script_writes_the_same_bytes_again_from_the_publishers_files(publisher_files, tmp_path):
    count = write_snapshot(publisher_files, tmp_path)
    written = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    held = {p.relative_to(BUNDLED).as_posix(): p.read_bytes() for p in BUNDLED.rglob("*") if p.is_file()}
    assert count == len(provenance())
    assert sorted(written) == sorted(held)
    assert [name for name in held if written[name] != held[name]] == []

"""Artifacts that must be refused: unmapped labels, and downloads cut at the publisher's row limit."""

from __future__ import annotations

import pytest

from sources.registry import sources
from warehouse.ingest.ingest import ingest, land
from warehouse.release.store import current_release, database
from warehouse.settings import Settings
from warehouse.storage.work import open_work

GACC_2025, GACC_2026 = (f"china_customs/gacc_exports_ind_284690_{year}.csv" for year in (2025, 2026))
PIB = "pib_india/pib_2117701_imports_tonnes.csv"
PIB_SHARES = "pib_india/pib_2151394_import_shares.csv"
EIDB_2023, EIDB_2024 = (f"india_tradestat/eidb_exports_lines_{year}.csv" for year in (2023, 2024))
CHINESE = "gb18030"
SLIPS = {
    GACC_2025: ("印度".encode(CHINESE), "印渡".encode(CHINESE)),
    PIB: (b"HONG KONG", b"HONG KNOG"),
    EIDB_2024: (b"SRI LANKA DSR", b"SRI LANKA DRS"),
}
"""A label of each file, and how it is misspelt: partners of three publishers' files."""
OTHERS = {GACC_2025: GACC_2026, PIB: PIB_SHARES, EIDB_2024: EIDB_2023}
"""A good file of the same publisher."""
LOADED = "select partition from ledger.loads where status <> 'refused'"


def misspelt(snapshot, file: str) -> str:
    """Misspell the label of a file; return the new label."""
    was, becomes = SLIPS[file]
    snapshot.alter(file, snapshot.read(file).replace(was, becomes))
    return becomes.decode(CHINESE)


@pytest.mark.parametrize("file", SLIPS, ids=lambda file: file.split("/")[0])
def test_a_misspelt_label_refuses_its_artifact_by_name_and_its_publishers_other_files_load(
    tmp_path, snapshot_of, file
) -> None:
    snapshot = snapshot_of(file, OTHERS[file])
    label = misspelt(snapshot, file)
    source = sources()[snapshot.row(file)["source_code"]]
    settings = Settings(home=tmp_path / "home", snapshot=snapshot.folder)
    land(settings, source)
    done = ingest(settings, "build", source)
    (failure,) = done.failures
    assert file.split("/")[1] in failure
    assert label in failure
    assert "labels.csv" in failure, "and says where the remedy goes"
    with open_work(settings) as con:
        loaded = con.execute(LOADED).fetchall()
    assert loaded == [(snapshot.row(OTHERS[file])["partition"],)]


def test_a_run_with_three_misspelt_labels_names_each_and_the_last_release_stays_up(
    copy_of_small, snapshot_of, build
) -> None:
    before = current_release(copy_of_small)
    snapshot = snapshot_of(*SLIPS, *OTHERS.values())
    labels = {file: misspelt(snapshot, file) for file in SLIPS}
    settings, outcome = build(copy_of_small.home, snapshot=snapshot.folder)
    assert not outcome.success
    assert outcome.version is None
    message = "\n".join(outcome.errors)
    for file, label in labels.items():
        assert file.split("/")[1] in message
        assert label in message
    assert current_release(settings).version == before.version
    assert database(settings).exists()
    with open_work(settings) as con:
        loaded = {partition for (partition,) in con.execute(LOADED).fetchall()}
    assert {snapshot.row(file)["partition"] for file in OTHERS.values()} <= loaded
    assert snapshot.row(EIDB_2024)["partition"] not in loaded


def test_a_download_of_chinas_customs_of_exactly_ten_thousand_rows_is_refused(tmp_path, snapshot_of) -> None:
    """The query gives no more than 10,000 rows and does not say when there were more."""
    snapshot = snapshot_of(GACC_2025, GACC_2026)
    header, *records = snapshot.read(GACC_2025).splitlines(keepends=True)
    many = (records * (10_000 // len(records) + 1))[:10_000]
    snapshot.alter(GACC_2025, header + b"".join(many))
    source = sources()["china_customs"]
    settings = Settings(home=tmp_path / "home", snapshot=snapshot.folder)
    land(settings, source)
    done = ingest(settings, "build", source)
    (failure,) = done.failures
    assert "gacc_exports_ind_284690_2025.csv" in failure
    assert "exactly 10000 rows" in failure
    with open_work(settings) as con:
        loaded = con.execute(LOADED).fetchall()
    assert loaded == [("GACC/CHN/X/IND/284690/2026",)]

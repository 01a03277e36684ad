"""Files of the inbox land once they are completely copied, and are moved afterwards."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.model.artifact import Artifact, SourceError
from tests.helpers.artifacts import bundled, parse
from tests.helpers.customs_files import (
    CUSTOMS,
    NAME,
    TODAY,
    YEAR_2025,
    YEAR_2026,
    changed,
    csv_of,
    landed,
    lines_of,
    names,
    up_to,
    without,
)
from warehouse.ingest import inbox
from warehouse.ingest.inbox import Received, is_waiting, receive_files
from warehouse.ingest.ingest import land
from warehouse.settings import Settings
from warehouse.storage.landing import Landing


def test_a_download_lands_unchanged_and_is_moved_to_done(settings: Settings, folder: Path, drop: Callable) -> None:
    drop(YEAR_2026)
    assert is_waiting(settings, CUSTOMS)
    received = receive_files(settings, CUSTOMS)
    assert (len(received.landed), received.failed, received.waiting) == (1, [], [])
    (artifact,) = landed(settings)
    assert artifact.partition == "GACC/CHN/X/IND/284690/2026"
    assert (artifact.layout, artifact.year, artifact.known_from, artifact.known_basis, artifact.transcription) == (
        "gacc_download", 2026, TODAY, "assumed", "original",
    )  # fmt: skip
    assert artifact.read_bytes() == YEAR_2026
    assert parse(artifact).content_sha256() == parse(bundled()["gacc_exports_ind_284690_2026.csv"]).content_sha256()
    assert names(folder) == ["README.txt", "done", "failed"]
    assert names(folder / "done") == [f"{TODAY}-{NAME}"]
    assert not is_waiting(settings, CUSTOMS)


def test_the_folder_says_what_to_drop(settings: Settings) -> None:
    assert not is_waiting(settings, CUSTOMS)
    receive_files(settings, CUSTOMS)
    readme = (settings.inbox / "china_customs" / "README.txt").read_text(encoding="utf-8")
    assert "export_284690_2026.csv" in readme
    assert receive_files(settings, CUSTOMS) == Received("china_customs")


def test_a_file_that_is_still_being_copied_waits(settings: Settings, folder: Path, drop: Callable) -> None:
    path = drop(YEAR_2026[:2000], at=time.time())
    assert not is_waiting(settings, CUSTOMS)
    assert receive_files(settings, CUSTOMS).waiting == [NAME]
    assert path.exists()
    drop(YEAR_2026)
    assert len(receive_files(settings, CUSTOMS).landed) == 1


@pytest.mark.parametrize(
    "name",
    [".hidden.csv", "a.csv.part", "a.csv.crdownload", "a.TMP", "a.download", "~$a.csv", "README.txt"],
)
def test_unfinished_downloads_and_hidden_files_are_ignored(
    settings: Settings, folder: Path, drop: Callable, name: str
) -> None:
    before = drop(YEAR_2026, name)
    if name != "README.txt":
        assert receive_files(settings, CUSTOMS) == Received("china_customs")
        assert before.exists()
    assert not is_waiting(settings, CUSTOMS)


def test_links_folders_and_pipes_are_ignored(settings: Settings, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(YEAR_2026)
    (folder / NAME).symlink_to(secret)
    (folder / "export_folder").mkdir()
    os.mkfifo(folder / "export_pipe.csv")
    assert receive_files(settings, CUSTOMS) == Received("china_customs")
    assert (folder / NAME).is_symlink()
    assert not is_waiting(settings, CUSTOMS)


def test_known_from_is_the_day_of_the_file_and_never_in_the_future(settings: Settings, drop: Callable) -> None:
    drop(YEAR_2026, at=datetime(2026, 8, 20, 12, tzinfo=UTC).timestamp())
    receive_files(settings, CUSTOMS)
    drop(YEAR_2025, "export_2025.csv", at=time.time() + 5 * 86_400)
    receive_files(settings, CUSTOMS)
    assert [artifact.known_from for artifact in landed(settings)] == [date(2026, 8, 20), TODAY]


@pytest.mark.parametrize("changed_on", [(1980, 1, 1), (2026, 5, 31), (2026, 6, 30)])
def test_the_time_of_a_file_is_no_day_of_knowledge_unless_it_lies_after_its_periods(
    settings: Settings, drop: Callable, changed_on: tuple[int, int, int]
) -> None:
    """An unpacked file may carry any time: then the figures of June are known from the day of receipt."""
    drop(YEAR_2026, at=datetime(*changed_on, 12, tzinfo=UTC).timestamp())
    receive_files(settings, CUSTOMS)
    (artifact,) = landed(settings)
    assert (artifact.known_from, artifact.known_basis) == (TODAY, "assumed")
    assert artifact.release == f"as read {TODAY}"


def test_of_two_downloads_dropped_together_the_one_with_more_months_lands_last(
    settings: Settings, drop: Callable
) -> None:
    packed_at = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
    drop(YEAR_2026, "export_a.csv", at=packed_at)
    drop(up_to(YEAR_2026, "202603"), "export_b.csv", at=packed_at)
    received = receive_files(settings, CUSTOMS)
    assert (received.failed, [artifact.name for artifact in received.landed]) == ([], ["export_b.csv", "export_a.csv"])
    assert parse(landed(settings)[-1]).frame.height == 26


def test_of_two_downloads_of_the_same_months_the_one_changed_last_lands_last(
    settings: Settings, drop: Callable
) -> None:
    morning = datetime(2026, 8, 20, 8, tzinfo=UTC).timestamp()
    drop(changed(YEAR_2026, 美元="9,999"), "export_a.csv", at=morning + 3600)
    drop(YEAR_2026, "export_b.csv", at=morning)
    receive_files(settings, CUSTOMS)
    assert [artifact.name for artifact in landed(settings)] == ["export_b.csv", "export_a.csv"]


def test_the_same_file_twice_lands_once_and_overwrites_nothing(
    settings: Settings, folder: Path, drop: Callable
) -> None:
    drop(YEAR_2026, at=datetime(2026, 8, 20, tzinfo=UTC).timestamp())
    receive_files(settings, CUSTOMS)
    drop(YEAR_2026)
    again = receive_files(settings, CUSTOMS)
    assert (again.landed, again.unchanged) == ([], [NAME])
    assert [artifact.known_from for artifact in landed(settings)] == [date(2026, 8, 20)]
    drop(csv_of([lines_of(YEAR_2026)[0], *reversed(lines_of(YEAR_2026)[1:])]))
    assert receive_files(settings, CUSTOMS).unchanged == [NAME]
    assert names(folder / "done") == [f"{TODAY}-export_284690_2026{n}.csv" for n in ("-2", "-3", "")]


def test_a_later_download_of_the_year_is_a_new_release_of_its_partition(settings: Settings, drop: Callable) -> None:
    drop(up_to(YEAR_2026, "202603"))
    receive_files(settings, CUSTOMS)
    drop(YEAR_2026)
    assert len(receive_files(settings, CUSTOMS).landed) == 1
    first, second = landed(settings)
    assert first.partition == second.partition
    assert parse(first).frame.height < parse(second).frame.height == 26


def test_a_download_without_months_that_have_landed_is_refused(
    settings: Settings, folder: Path, drop: Callable
) -> None:
    drop(YEAR_2026)
    receive_files(settings, CUSTOMS)
    header, *rest = lines_of(YEAR_2026)
    drop(csv_of([header, *(line for line in rest if line[0] == "202606")]))
    received = receive_files(settings, CUSTOMS)
    assert len(landed(settings)) == 1
    assert "leaves out what has landed of it: 2026-01, 2026-02" in received.failed[0]
    assert names(folder / "failed") == [f"{TODAY}-{NAME}", f"{TODAY}-{NAME}.error.txt"]


def test_a_run_killed_between_landing_and_moving_lands_the_file_once(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    drop(YEAR_2026)
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "put_away", kill)
        with pytest.raises(Killed):
            receive_files(settings, CUSTOMS)
    assert (folder / NAME).exists()
    received = receive_files(settings, CUSTOMS)
    assert (received.landed, received.unchanged) == ([], [NAME])
    assert len(landed(settings)) == 1
    assert names(folder / "done") == [f"{TODAY}-{NAME}"]


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC])
def test_a_file_that_cannot_be_read_or_stored_stays_and_the_others_land(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    drop(YEAR_2025, "export_a.csv")
    drop(YEAR_2026, "export_b.csv")
    land_file = Landing.land

    def refuse(self: Landing, offered: list[Artifact], came_by: str = "inbox") -> int:
        if offered[0].year == 2025:
            raise OSError(code, os.strerror(code))
        return land_file(self, offered, came_by)

    with monkeypatch.context() as patch:
        patch.setattr(Landing, "land", refuse)
        received = receive_files(settings, CUSTOMS)
    assert [artifact.name for artifact in received.landed] == ["export_b.csv"]
    assert os.strerror(code) in received.failed[0]
    assert (folder / "export_a.csv").exists()
    assert names(folder / "failed") == []
    assert [artifact.name for artifact in receive_files(settings, CUSTOMS).landed] == ["export_a.csv"]


def test_a_file_that_changes_while_it_is_read_waits_until_it_is_complete(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(up_to(YEAR_2026, "202603"))
    land_file = inbox.land

    def grow(*given: Any) -> list[Artifact]:
        drop(YEAR_2026)
        return land_file(*given)

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "land", grow)
        received = receive_files(settings, CUSTOMS)
    assert (received.waiting, received.failed, path.exists()) == ([NAME], [], True)
    receive_files(settings, CUSTOMS)
    assert parse(landed(settings)[-1]).frame.height == 26


@pytest.mark.parametrize(
    ("name", "data", "partition"),
    [
        ("import_284690_2026.csv", YEAR_2026, "GACC/CHN/M/IND/284690/2026"),
        ("gacc_exports_2026 (1).CSV", YEAR_2026, "GACC/CHN/X/IND/284690/2026"),
        ("出口_2846_20261123_153000.csv", YEAR_2026, "GACC/CHN/X/IND/2846/2026"),
        ("进口.csv", YEAR_2026, "GACC/CHN/M/IND/284690/2026"),
        ("Export.csv", csv_of(lines_of(YEAR_2026)[:2]), "GACC/CHN/X/IND/28469099/2026"),
        ("export_VNM_2026.csv", without(YEAR_2026, "贸易伙伴编码", "贸易伙伴名称"), "GACC/CHN/X/VNM/284690/2026"),
        ("export_all_2026.csv", without(YEAR_2026, "贸易伙伴编码", "贸易伙伴名称"), "GACC/CHN/X/all/284690/2026"),
        ("export_cny.csv", YEAR_2026.replace("美元".encode("gb18030"), "人民币".encode("gb18030")),
         "GACC/CHN/X/IND/284690/2026/cny"),
        ("export.csv", YEAR_2026.replace("数据年月".encode("gb18030"), "月份".encode("gb18030")),
         "GACC/CHN/X/IND/284690/2026"),
        ("export_IND_2024.csv", without(csv_of(lines_of(YEAR_2025)[:2]), "数据年月"),
         "GACC/CHN/X/IND/28469099/2024/whole"),
    ],
)  # fmt: skip
def test_name_and_cells_together_determine_the_query_of_a_file(
    settings: Settings, drop: Callable, name: str, data: bytes, partition: str
) -> None:
    drop(data, name)
    received = receive_files(settings, CUSTOMS)
    assert received.failed == []
    assert [artifact.partition for artifact in landed(settings)] == [partition]


def test_text_saved_again_as_utf_8_is_read(settings: Settings, drop: Callable) -> None:
    drop(b"\xef\xbb\xbf" + YEAR_2026.decode("gb18030").encode())
    assert receive_files(settings, CUSTOMS).failed == []
    (artifact,) = landed(settings)
    assert artifact.layout == "gacc_download_utf8"
    assert parse(artifact).content_sha256() == parse(bundled()["gacc_exports_ind_284690_2026.csv"]).content_sha256()


def test_a_name_in_another_encoding_or_of_great_length_is_accepted(settings: Settings, folder: Path) -> None:
    odd = os.fsencode(folder) + b"/" + "出口_284690.csv".encode("gb18030")
    long = folder / f"export_{'长' * 80}.csv"
    for path, data in ((odd, YEAR_2026), (os.fsencode(long), YEAR_2025)):
        with open(path, "wb") as file:  # noqa: PTH123 - a name that is no text
            file.write(data)
        os.utime(path, (time.time() - 60,) * 2)
    received = receive_files(settings, CUSTOMS)
    assert (len(received.landed), received.failed) == (2, [])
    assert len(names(folder / "done")) == 2


def test_the_bundled_files_do_not_replace_a_dropped_one(settings: Settings, drop: Callable) -> None:
    land(settings, CUSTOMS)
    drop(changed(YEAR_2026, 美元="9,999"))
    receive_files(settings, CUSTOMS)
    land(settings, CUSTOMS)
    newest = [artifact for artifact in landed(settings) if artifact.year == 2026][-1]
    assert newest.name == NAME
    assert parse(newest).frame["value_usd"][0] == 9_999.0


def test_a_folder_that_cannot_be_made_is_an_error(settings: Settings) -> None:
    settings.home.mkdir()
    settings.inbox.write_bytes(b"")
    with pytest.raises((OSError, SourceError)):
        receive_files(settings, CUSTOMS)

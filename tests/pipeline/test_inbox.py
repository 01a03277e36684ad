"""Files that a person drops: taken in once they are whole, landed before they are moved, refused in plain words."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sources.model.artifact import Artifact, SourceError
from sources.registry import sources
from sources.snapshot.reader import BUNDLED
from tests.helpers.artifacts import bundled, parse, records
from warehouse.ingest import inbox
from warehouse.ingest.inbox import Received, is_waiting, take_in
from warehouse.ingest.ingest import land
from warehouse.settings import Settings
from warehouse.storage.landing import Landing

CUSTOMS = sources()["china_customs"]
TODAY = datetime.now(UTC).date()
NAME = "export_284690_2026.csv"
YEAR_2025, YEAR_2026 = (
    (BUNDLED / "china_customs" / f"gacc_exports_ind_284690_{year}.csv").read_bytes() for year in (2025, 2026)
)


def lines_of(data: bytes) -> list[list[str]]:
    return records(data, "gb18030")


def csv_of(lines: list[list[str]], encoding: str = "gb18030") -> bytes:
    return "".join(",".join(f'"{cell}"' for cell in line[:-1]) + ",\n" for line in lines).encode(encoding)


def column(data: bytes, name: str) -> int:
    return lines_of(data)[0].index(name)


def changed(data: bytes, **cells: str) -> bytes:
    """The file with cells of its first record changed, by column name."""
    header, first, *rest = lines_of(data)
    for name, cell in cells.items():
        first[header.index(name)] = cell
    return csv_of([header, first, *rest])


def without(data: bytes, *columns: str) -> bytes:
    header, *rest = lines_of(data)
    kept = [at for at, name in enumerate(header) if name not in columns]
    return csv_of([[line[at] for at in kept] for line in (header, *rest)])


def up_to(data: bytes, month: str) -> bytes:
    header, *rest = lines_of(data)
    return csv_of([header, *(line for line in rest if line[0] <= month)])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", inbox_settle_s=10)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return inbox.prepare(settings, CUSTOMS)


@pytest.fixture
def drop(folder: Path) -> Callable[..., Path]:
    """Drop a file that was last changed a minute ago, or on another day."""

    def put(data: bytes, name: str = NAME, at: float | None = None) -> Path:
        path = folder / name
        path.write_bytes(data)
        changed_at = time.time() - 60 if at is None else at
        os.utime(path, (changed_at, changed_at))
        return path

    return put


def landed(settings: Settings) -> list[Artifact]:
    return [item.artifact for item in Landing(settings.landing).landed("china_customs")]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refused(settings: Settings, folder: Path) -> str:
    """Take in; the one file there was is refused. Its note."""
    received = take_in(settings, CUSTOMS)
    assert (received.landed, received.waiting, landed(settings)) == ([], [], [])
    assert len(received.failed) == 1
    (note,) = folder.glob("failed/*.error.txt")
    assert (note.parent / note.name.removesuffix(".error.txt")).exists()
    assert names(folder) == ["README.txt", "done", "failed"]
    text = note.read_text(encoding="utf-8")
    assert "What is wrong:" in text
    assert "What to do:" in text
    return text


def test_a_download_lands_as_it_is_and_goes_to_done(settings: Settings, folder: Path, drop: Callable) -> None:
    drop(YEAR_2026)
    assert is_waiting(settings, CUSTOMS)
    received = take_in(settings, CUSTOMS)
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
    take_in(settings, CUSTOMS)
    readme = (settings.inbox / "china_customs" / "README.txt").read_text(encoding="utf-8")
    assert "export_284690_2026.csv" in readme
    assert take_in(settings, CUSTOMS) == Received("china_customs")


def test_a_file_that_is_still_being_copied_waits(settings: Settings, folder: Path, drop: Callable) -> None:
    path = drop(YEAR_2026[:2000], at=time.time())
    assert not is_waiting(settings, CUSTOMS)
    assert take_in(settings, CUSTOMS).waiting == [NAME]
    assert path.exists()
    drop(YEAR_2026)
    assert len(take_in(settings, CUSTOMS).landed) == 1


@pytest.mark.parametrize(
    "name",
    [".hidden.csv", "a.csv.part", "a.csv.crdownload", "a.TMP", "a.download", "~$a.csv", "README.txt"],
)
def test_files_of_a_download_under_way_and_hidden_ones_are_left_alone(
    settings: Settings, folder: Path, drop: Callable, name: str
) -> None:
    before = drop(YEAR_2026, name)
    if name != "README.txt":
        assert take_in(settings, CUSTOMS) == Received("china_customs")
        assert before.exists()
    assert not is_waiting(settings, CUSTOMS)


def test_links_and_folders_are_left_alone(settings: Settings, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(YEAR_2026)
    (folder / NAME).symlink_to(secret)
    (folder / "export_folder").mkdir()
    os.mkfifo(folder / "export_pipe.csv")
    assert take_in(settings, CUSTOMS) == Received("china_customs")
    assert (folder / NAME).is_symlink()
    assert not is_waiting(settings, CUSTOMS)


def test_the_day_of_the_file_is_the_day_it_was_known_and_never_a_day_to_come(
    settings: Settings, drop: Callable
) -> None:
    drop(YEAR_2026, at=datetime(2026, 8, 20, 12, tzinfo=UTC).timestamp())
    take_in(settings, CUSTOMS)
    drop(YEAR_2025, "export_2025.csv", at=time.time() + 5 * 86_400)
    take_in(settings, CUSTOMS)
    assert [artifact.known_from for artifact in landed(settings)] == [date(2026, 8, 20), TODAY]


def test_the_same_file_twice_lands_once_and_overwrites_nothing(
    settings: Settings, folder: Path, drop: Callable
) -> None:
    drop(YEAR_2026, at=datetime(2026, 8, 20, tzinfo=UTC).timestamp())
    take_in(settings, CUSTOMS)
    drop(YEAR_2026)
    again = take_in(settings, CUSTOMS)
    assert (again.landed, again.held) == ([], [NAME])
    assert [artifact.known_from for artifact in landed(settings)] == [date(2026, 8, 20)]
    drop(csv_of([lines_of(YEAR_2026)[0], *reversed(lines_of(YEAR_2026)[1:])]))
    assert take_in(settings, CUSTOMS).held == [NAME]
    assert names(folder / "done") == [f"{TODAY}-export_284690_2026{n}.csv" for n in ("-2", "-3", "")]


def test_a_later_download_of_the_year_is_a_new_release_of_its_partition(settings: Settings, drop: Callable) -> None:
    drop(up_to(YEAR_2026, "202603"))
    take_in(settings, CUSTOMS)
    drop(YEAR_2026)
    assert len(take_in(settings, CUSTOMS).landed) == 1
    first, second = landed(settings)
    assert first.partition == second.partition
    assert parse(first).frame.height < parse(second).frame.height == 26


def test_a_download_without_months_that_are_held_is_refused(settings: Settings, folder: Path, drop: Callable) -> None:
    drop(YEAR_2026)
    take_in(settings, CUSTOMS)
    header, *rest = lines_of(YEAR_2026)
    drop(csv_of([header, *(line for line in rest if line[0] == "202606")]))
    received = take_in(settings, CUSTOMS)
    assert len(landed(settings)) == 1
    assert "leaves out what is held of it: 2026-01, 2026-02" in received.failed[0]
    assert names(folder / "failed") == [f"{TODAY}-{NAME}", f"{TODAY}-{NAME}.error.txt"]


def test_a_run_that_ends_between_landing_and_moving_loses_nothing_and_lands_once(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    drop(YEAR_2026)
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "_put_away", kill)
        with pytest.raises(Killed):
            take_in(settings, CUSTOMS)
    assert (folder / NAME).exists()
    received = take_in(settings, CUSTOMS)
    assert (received.landed, received.held) == ([], [NAME])
    assert len(landed(settings)) == 1
    assert names(folder / "done") == [f"{TODAY}-{NAME}"]


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENOSPC])
def test_a_file_that_cannot_be_read_or_stored_stays_and_the_others_are_taken(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    drop(YEAR_2025, "export_a.csv")
    drop(YEAR_2026, "export_b.csv")
    whole = Landing.land

    def refuse(self: Landing, offered: list[Artifact], came_by: str = "inbox") -> int:
        if offered[0].year == 2025:
            raise OSError(code, os.strerror(code))
        return whole(self, offered, came_by)

    with monkeypatch.context() as patch:
        patch.setattr(Landing, "land", refuse)
        received = take_in(settings, CUSTOMS)
    assert [artifact.name for artifact in received.landed] == ["export_b.csv"]
    assert os.strerror(code) in received.failed[0]
    assert (folder / "export_a.csv").exists()
    assert names(folder / "failed") == []
    assert [artifact.name for artifact in take_in(settings, CUSTOMS).landed] == ["export_a.csv"]


def test_a_file_that_changes_while_it_is_read_is_left_to_be_taken_whole(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(up_to(YEAR_2026, "202603"))
    whole = inbox._land

    def grow(*given: object) -> bool:
        drop(YEAR_2026)
        return whole(*given)

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "_land", grow)
        received = take_in(settings, CUSTOMS)
    assert (received.waiting, received.failed, path.exists()) == ([NAME], [], True)
    take_in(settings, CUSTOMS)
    assert parse(landed(settings)[-1]).frame.height == 26


WRONG = {
    "empty": (b"", "is empty"),
    "only spaces": (b"\n \n", "is empty"),
    "a PDF": (b"%PDF-1.7\n...\n", "is a PDF"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 60, "Excel workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 60, "old Excel workbook"),
    "a web page": (b"\xef\xbb\xbf\n<!DOCTYPE html><html>\n</html>\n", "web page"),
    "JSON": (b'{"error": "slider"}\n', "is JSON"),
    "UTF-16": (YEAR_2026.decode("gb18030").encode("utf-16"), "UTF-16"),
    "zero bytes": (YEAR_2026 + b"\0\n", "zero bytes"),
    "Latin text": ("é;ü\n".encode("latin-1"), "neither"),
    "another table": (b"a,b\n1,2\n", "no column 商品编码".encode().decode()),
    "a header alone": (YEAR_2026.split(b"\n")[0] + b"\n", "holds no record"),
    "cut in a record": (YEAR_2026[:1500], "looks half copied"),
    "cut behind a record": (YEAR_2026[:-1], "looks half copied"),
    "cut in a quoted cell": (YEAR_2026[:-4] + b"\n", "looks half copied"),
    "rounded by a spreadsheet": (changed(YEAR_2026, 第一数量="4.41663E+10"), "a spreadsheet saved the file"),
    "a formula": (changed(YEAR_2026, 商品名称="=cmd|' /C calc'!A0"), "begins like a formula"),
    "a formula behind a minus": (changed(YEAR_2026, 美元="-2+3+cmd|' /C calc'!A0"), "begins like a formula"),
    "a partner that is not known": (changed(YEAR_2026, 贸易伙伴编码="999"), "partner code '999'"),
    "a partner of another name": (changed(YEAR_2026, 贸易伙伴名称="日本"), "the name '日本'"),
    "a mode that is not known": (changed(YEAR_2026, 贸易方式编码="77"), "77"),
    "a unit that is not known": (changed(YEAR_2026, 第一计量单位="担"), "担"),
    "a line not followed": (changed(YEAR_2026, 商品编码="27090000"), "27090000, which the warehouse"),
    "a line that is none": (changed(YEAR_2026, 商品编码="2846909"), "'2846909' as a code"),
    "two months in one": (changed(YEAR_2026, 数据年月="202601-202602"), "not YYYYMM"),
    "two years": (changed(YEAR_2026, 数据年月="202512"), "holds the years 2025, 2026"),
    "a year to come": (
        csv_of([lines_of(YEAR_2026)[0], *([f"2099{c[0][4:]}", *c[1:]] for c in lines_of(YEAR_2026)[1:])]),
        "of the year 2099",
    ),
    "a column lost": (without(YEAR_2026, "美元"), "美元"),
    "half a pair of columns": (without(YEAR_2026, "贸易伙伴名称"), "only one of the columns"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_goes_to_failed_with_a_note_and_never_lands(
    settings: Settings, folder: Path, drop: Callable, what: str
) -> None:
    data, says = WRONG[what]
    drop(data, "export.csv")
    assert says in refused(settings, folder)


def test_a_download_of_exactly_10_000_rows_is_refused_as_cut(settings: Settings, folder: Path, drop: Callable) -> None:
    header, *rest = lines_of(YEAR_2026)
    drop(csv_of([header, *(rest * 400)[:10_000]]))
    assert "exactly 10000 rows" in refused(settings, folder)


def test_a_huge_file_is_refused_unread(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(b"")
    with path.open("r+b") as file:
        file.truncate(5_000_000_000)
    os.utime(path, (time.time() - 60,) * 2)
    monkeypatch.setattr(inbox, "receivers", dict)
    assert "has 5,000,000,000 bytes" in refused(settings, folder)


@pytest.mark.parametrize("name", ["284690_2026.csv", "export_or_import.csv", "report.csv", "important.csv"])
def test_a_name_that_says_no_flow_is_refused_with_what_to_rename_it_to(
    settings: Settings, folder: Path, drop: Callable, name: str
) -> None:
    drop(YEAR_2026, name)
    assert "rename it so that it begins with export_ or import_" in refused(settings, folder)


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
def test_name_and_cells_together_say_which_query_a_file_answers(
    settings: Settings, drop: Callable, name: str, data: bytes, partition: str
) -> None:
    drop(data, name)
    received = take_in(settings, CUSTOMS)
    assert received.failed == []
    assert [artifact.partition for artifact in landed(settings)] == [partition]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("export_280530.csv", YEAR_2026, "its name says 280530"),
        ("export.csv", without(YEAR_2026, "贸易伙伴编码", "贸易伙伴名称"), "has no partner columns"),
        ("export_IND.csv", without(YEAR_2026, "数据年月"), "does not say the one year"),
        ("export.csv", changed(YEAR_2026, 商品编码="28053013"), "of no one code"),
    ],
)
def test_what_neither_name_nor_cells_say_is_asked_for(
    settings: Settings, folder: Path, drop: Callable, name: str, data: bytes, says: str
) -> None:
    drop(data, name)
    assert says in refused(settings, folder)


def test_text_saved_again_as_utf_8_is_read(settings: Settings, drop: Callable) -> None:
    drop(b"\xef\xbb\xbf" + YEAR_2026.decode("gb18030").encode())
    assert take_in(settings, CUSTOMS).failed == []
    (artifact,) = landed(settings)
    assert artifact.layout == "gacc_download_utf8"
    assert parse(artifact).content_sha256() == parse(bundled()["gacc_exports_ind_284690_2026.csv"]).content_sha256()


def test_a_name_in_another_encoding_or_too_long_is_no_obstacle(settings: Settings, folder: Path) -> None:
    odd = os.fsencode(folder) + b"/" + "出口_284690.csv".encode("gb18030")
    long = folder / f"export_{'长' * 80}.csv"
    for path, data in ((odd, YEAR_2026), (os.fsencode(long), YEAR_2025)):
        with open(path, "wb") as file:  # noqa: PTH123 - a name that is no text
            file.write(data)
        os.utime(path, (time.time() - 60,) * 2)
    received = take_in(settings, CUSTOMS)
    assert (len(received.landed), received.failed) == (2, [])
    assert len(names(folder / "done")) == 2


def test_an_error_of_any_kind_while_reading_fails_that_file_alone(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        msg = "a cell nobody thought of"
        raise ValueError(msg)

    drop(YEAR_2026)
    monkeypatch.setattr(inbox, "_land", stumble)
    assert re.search(r"cannot be read \(ValueError: a cell nobody thought of\)", refused(settings, folder))


def test_the_bundled_files_do_not_take_the_place_of_a_dropped_one(settings: Settings, drop: Callable) -> None:
    land(settings, CUSTOMS)
    drop(changed(YEAR_2026, 美元="9,999"))
    take_in(settings, CUSTOMS)
    land(settings, CUSTOMS)
    newest = [artifact for artifact in landed(settings) if artifact.year == 2026][-1]
    assert newest.name == NAME
    assert parse(newest).frame["value_usd"][0] == 9_999.0


def test_a_folder_that_cannot_be_made_is_an_error(settings: Settings) -> None:
    settings.home.mkdir()
    settings.inbox.write_bytes(b"")
    with pytest.raises((OSError, SourceError)):
        take_in(settings, CUSTOMS)

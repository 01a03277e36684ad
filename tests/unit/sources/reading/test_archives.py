"""Zips of publishers: which members are read, and what is refused, whatever the archive says of itself."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from sources.reading import archives
from sources.reading.archives import (
    ArchiveError,
    DamagedArchiveError,
    copy_member,
    list_members,
    open_member,
    unpacked_gzip,
)
from tests.helpers.artifacts import artifact

LIMITS = {"max_bytes": 10_000, "max_ratio": 100}


def zipped(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / "release.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def read(path: Path, pattern: str, **limits: float) -> bytes:
    with open_member(path, pattern, **(LIMITS | limits)) as stream:
        return stream.read()


def test_a_member_is_found_by_its_last_name_in_any_letter_case_and_read_line_by_line(tmp_path):
    path = zipped(tmp_path, ("World/MCS2024-Raree_World.csv", b"a,b\r\n1,2\r\n"), ("World/notes.txt", b"x"))
    with open_member(path, r"mcs\d{4}-raree_world\.csv", **LIMITS) as stream:
        assert list(stream) == [b"a,b\r\n", b"1,2\r\n"]


def test_several_members_are_listed_in_order_without_folders_and_shadow_files(tmp_path):
    path = zipped(tmp_path, ("d/", b""), ("d/b.csv", b"1"), ("d/a.csv", b"2"), ("__MACOSX/d/._a.csv", b"3"))
    assert [member.name for member in list_members(path, r".*\.csv")] == ["d/b.csv", "d/a.csv"]
    assert read(path, r"d/a\.csv") == b"2"


def test_a_member_is_copied_under_the_callers_own_name(tmp_path):
    path = zipped(tmp_path, ("d/a.csv", b"1,2\n"))
    member = copy_member(path, r"a\.csv", tmp_path / "mine", **LIMITS)
    assert ((tmp_path / "mine").read_bytes(), member.name, member.size) == (b"1,2\n", "d/a.csv", 4)


@pytest.mark.parametrize("pattern", [r"c\.csv", r".*\.csv"])
def test_none_or_several_that_match_are_refused_by_name(tmp_path, pattern):
    path = zipped(tmp_path, ("a.csv", b"1"), ("b.csv", b"2"))
    with pytest.raises(ArchiveError, match=r"holds (0|2) members that match"):
        read(path, pattern)


@pytest.mark.parametrize("name", ["/etc/a.csv", "../a.csv", "d/../../a.csv", "C:/a.csv", "..\\a.csv"])
def test_an_archive_with_a_name_outside_its_folder_is_refused_whole(tmp_path, name):
    path = zipped(tmp_path, ("good.csv", b"1"), (name, b"2"))
    with pytest.raises(ArchiveError, match="outside its folder"):
        read(path, r"good\.csv")


def test_more_bytes_than_allowed_are_refused_before_they_are_unpacked(tmp_path):
    path = zipped(tmp_path, ("a.csv", bytes(range(256)) * 50))
    with pytest.raises(ArchiveError, match=r"12,800 bytes .* allowed are 10,000"):
        read(path, r"a\.csv")


def test_a_bomb_is_refused_by_its_ratio(tmp_path):
    path = zipped(tmp_path, ("a.csv", b"0" * 9_999))
    with pytest.raises(ArchiveError, match="100 a packed byte"):
        read(path, r"a\.csv")


def test_a_size_that_lies_in_the_directory_is_found_out(tmp_path):
    path = zipped(tmp_path, ("a.csv", b"0" * 500))
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 500), struct.pack("<L", 50)))
    with pytest.raises(DamagedArchiveError):
        read(path, r"a\.csv")


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x", "y")
    path = zipped(tmp_path, ("a.csv", inner.getvalue()))
    with pytest.raises(ArchiveError, match="an archive in an archive"):
        read(path, r"a\.csv")


def test_a_link_and_an_encrypted_member_are_refused(tmp_path):
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(ArchiveError, match="a link"):
        read(zipped(tmp_path, (link, b"/etc/passwd")), r"a\.csv")
    path = zipped(tmp_path, ("a.csv", b"1"))
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="encrypted"):
        read(path, r"a\.csv")


def test_damaged_bytes_are_told_from_refused_ones(tmp_path):
    whole = zipped(tmp_path, ("a.csv", bytes(range(256)) * 4)).read_bytes()
    cut, flipped = tmp_path / "cut.zip", tmp_path / "flipped.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    flipped.write_bytes(whole[:60] + bytes([whole[60] ^ 0xFF]) + whole[61:])
    for path in (cut, flipped):
        with pytest.raises(DamagedArchiveError, match="not whole"):
            read(path, r"a\.csv")


def test_a_gzip_file_is_unpacked_up_to_a_limit(tmp_path):
    packed = artifact(tmp_path, gzip.compress(b"x" * 5_000_000), name="bulk.gz")
    assert b"".join(unpacked_gzip(packed, 5_000_000)) == b"x" * 5_000_000
    with pytest.raises(ArchiveError, match=r"bulk\.gz: unpacks its .* bytes to more than the 4,999,999 allowed"):
        list(unpacked_gzip(packed, 4_999_999))


def test_a_gzip_file_of_several_members_is_read_to_its_end(tmp_path):
    packed = artifact(tmp_path, gzip.compress(b"one\n") + gzip.compress(b"two\n"), name="bulk.gz")
    assert b"".join(unpacked_gzip(packed, 5_000_000)) == b"one\ntwo\n"


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda data: data[:40] + b"\0" + data[41:], lambda _: b"plain"]
)
def test_a_gzip_file_that_is_not_whole_is_refused(tmp_path, damage):
    whole = gzip.compress(bytes(range(256)) * 500)
    with pytest.raises(DamagedArchiveError, match="not a whole gzip file"):
        list(unpacked_gzip(artifact(tmp_path, damage(whole), name="bulk.gz"), 5_000_000))


def test_a_gzip_bomb_is_not_unpacked_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_SMALL", 1_000_000)
    monkeypatch.setattr(archives, "_BLOCK", 100_000)
    blocks = unpacked_gzip(artifact(tmp_path, gzip.compress(b"x" * 20_000_000)), 10**9)
    read: list[int] = []
    with pytest.raises(ArchiveError, match="allowed"):
        read.extend(len(block) for block in blocks)
    assert 0 < sum(read) < 10_000_000

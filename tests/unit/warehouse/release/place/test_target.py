"""What TARGET and the public address may be."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.helpers.small_releases import add_release
from warehouse.release.place import folder
from warehouse.release.place.folder import Folder
from warehouse.release.place.place import PlaceError
from warehouse.release.place.target import open_place, public_address
from warehouse.release.place.upload import publish_to


def refusal(target: str, settings: Any) -> str:
    with pytest.raises(PlaceError) as raised:
        open_place(target, settings)
    return str(raised.value)


@pytest.mark.parametrize("target", ["{}/www", "file://{}/www"])
def test_a_folder_is_named_as_a_path_or_an_address(settings, tmp_path, target) -> None:
    assert open_place(target.format(tmp_path), settings).address == f"{tmp_path}/www"


def test_what_is_no_place_is_refused_with_what_is(settings, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    assert "name a folder (/srv/www/ree" in refusal("https://data.example.org/ree", settings)
    assert "write s3://bucket/prefix" in refusal("s3://Bucket", settings)
    assert "write s3://bucket/prefix" in refusal("s3://bucket/a prefix", settings)
    assert "is a file: name a folder" in refusal(f"{tmp_path}/file", settings)
    assert "does not exist: create it" in refusal(f"{tmp_path}/not/mounted", settings)
    assert "holds the warehouse's state" in refusal(f"{settings.home}/releases", settings)
    assert "Name the place" in refusal(" ", settings)


def test_credentials_in_a_target_or_address_are_refused_and_not_repeated(settings) -> None:
    assert "hunter2" not in refusal("s3://AKIA:hunter2@bucket/ree", settings)
    for url in ("https://desk:hunter2@data.example.org", "https://data.example.org/ree?X-Amz-Signature=hunter2"):
        with pytest.raises(PlaceError, match=r"must be like https://data\.example\.org/ree") as raised:
            public_address(url)
        assert "hunter2" not in str(raised.value)


def test_a_public_address_has_no_slash_at_its_end() -> None:
    assert public_address("https://data.example.org/ree/") == "https://data.example.org/ree"
    assert public_address("") == ""
    with pytest.raises(PlaceError, match=r"and is 'data\.example\.org'"):
        public_address("data.example.org")


def test_a_full_disk_is_a_sentence_before_anything_is_written(settings, tmp_path, monkeypatch) -> None:
    add_release(settings, "2026.11.01.1")
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(PlaceError, match=r"has 0 MB free, and this release needs \d+ MB"):
        publish_to(Folder.open(tmp_path / "www", settings), settings)
    assert not (tmp_path / "www").exists()


def test_a_disk_that_fills_up_is_a_sentence_and_leaves_no_half_file(settings, tmp_path, monkeypatch) -> None:
    def full(_: Path, partial: Path) -> None:
        partial.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(partial))

    add_release(settings, "2026.11.01.1")
    monkeypatch.setattr(folder.shutil, "copyfile", full)
    with pytest.raises(PlaceError, match=r"goes on where it stopped.*The disk is full: free some space"):
        publish_to(Folder.open(tmp_path / "www", settings), settings)
    assert [path for path in (tmp_path / "www").rglob("*") if path.is_file()] == []

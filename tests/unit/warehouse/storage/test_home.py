"""A home that cannot be used is an error with the folder, the reason and a remedy."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from orchestration.instance import prepare_instance
from warehouse.settings import Settings
from warehouse.storage.home import HomeError, describe, require_space, require_writable
from warehouse.storage.lock import sole_writer


def with_free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    """All disks have this many bytes free."""
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr("warehouse.storage.home.shutil.disk_usage", lambda _: usage)


def test_a_home_is_created(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "a" / "home")
    require_space(settings)
    assert list(settings.home.iterdir()) == []


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EFBIG])
@pytest.mark.parametrize("door", ["build", "write"])
def test_a_home_that_cannot_be_written_is_named(tmp_path, monkeypatch, number, door) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / "home" / "x"))

    settings = Settings(home=tmp_path / "home")
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    enter = {"build": prepare_instance, "write": lambda given: sole_writer(given, "a test").__enter__()}[door]
    with pytest.raises(HomeError) as caught:
        enter(settings)
    message = str(caught.value)
    assert message.startswith(f"REE_HOME is {settings.home} and cannot be written.")
    assert os.strerror(number) in message
    assert message.endswith((".", ")."))
    assert not message.endswith(f"{os.strerror(number)}."), "there is a remedy"


def test_a_full_disk_is_named_before_a_build_with_what_it_needs(tmp_path, monkeypatch) -> None:
    with_free(monkeypatch, 12_000_000)
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(HomeError) as caught:
        prepare_instance(settings)
    assert str(caught.value) == (
        f"{settings.home} has 12 MB free, and a build needs 200 MB there. Free some space, or name a folder on another"
        " disk in REE_HOME."
    )
    require_writable(settings)


def test_a_roll_back_needs_no_space(tmp_path, monkeypatch) -> None:
    with_free(monkeypatch, 0)
    with sole_writer(Settings(home=tmp_path / "home"), "ree rollback"):
        pass


def test_an_error_of_the_system_is_described_with_its_file() -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/data/ree")
    assert describe(error) == (
        "/data/ree: Permission denied. Change its permissions, or name another folder in REE_HOME."
    )

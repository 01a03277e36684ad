"""The secrets file: its values as they are written, and errors that name the line and no value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_settings import SettingsError

from warehouse.secrets_file import read_secrets_file


@pytest.fixture
def secrets(tmp_path: Path):
    """Write a secrets file of these bytes, readable by its owner alone."""

    def write(data: bytes, mode: int = 0o600) -> Path:
        file = tmp_path / "secrets.env"
        file.write_bytes(data)
        file.chmod(mode)
        return file

    return write


def test_values_are_read_as_they_are_written(secrets) -> None:
    file = secrets(b"\xef\xbb\xbfREE_A=1\n\n# a comment\nREE_B='two words'\nREE_C=$HOME${HOME}%20\n")
    assert read_secrets_file(file) == {"REE_A": "1", "REE_B": "two words", "REE_C": "$HOME${HOME}%20"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"REE_A=1\n\nREE_B=SECRET\xff\n", "line 3 is not UTF-8"),
        (b"REE_A=1\nSECRET\n", "line 2 cannot be read"),
        (b"REE_A=1\n\n= SECRET\n", "line 3 cannot be read"),
        (b"KEY=SECRET\n", "line 1 sets a name without REE_"),
    ],
)
def test_a_line_that_sets_nothing_is_named_without_its_text(secrets, data: bytes, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        read_secrets_file(secrets(data))
    assert str(caught.value).startswith("REE_SECRETS_FILE names ")
    assert "SECRET" not in str(caught.value).removeprefix("REE_SECRETS_FILE")


def test_a_file_that_others_can_read_is_warned_of_once(secrets, caplog) -> None:
    file = secrets(b"REE_A=1\n", 0o640)
    read_secrets_file(file)
    read_secrets_file(file)
    assert [record.getMessage() for record in caplog.records] == [
        f"REE_SECRETS_FILE names {file}, which others can read: run chmod 600 on it."
    ]


def test_a_file_of_its_owner_alone_is_not_warned_of(secrets, caplog) -> None:
    read_secrets_file(secrets(b"REE_A=1\n"))
    assert not caplog.records

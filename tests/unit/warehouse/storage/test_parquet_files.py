"""Tables of a release as one Parquet file or as a folder of years, and files that two releases share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warehouse.storage.parquet_files import files_of, table_files, table_of_file, unshared

FILES = ("core/fct_quota.parquet", "core/fct_trade_flow/2023.parquet", "core/fct_trade_flow/2024.parquet")


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    for name in (*FILES, "core/notes.txt", "meta/.DS_Store"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_table_is_one_file_or_a_folder_of_files(parquet) -> None:
    quota, *flows = (parquet / name for name in FILES)
    assert table_files(parquet) == {"core.fct_quota": [quota], "core.fct_trade_flow": flows}
    assert files_of(parquet, "core.fct_quota") == [quota]
    assert files_of(parquet, "core.fct_trade_flow") == flows
    assert files_of(parquet, "core.fct_price") == []
    assert files_of(parquet, "core.fct_trade") == [], "not a table whose name begins alike"


def test_every_file_says_of_which_table_it_is() -> None:
    assert [table_of_file(Path(name)) for name in FILES] == [
        "core.fct_quota",
        "core.fct_trade_flow",
        "core.fct_trade_flow",
    ]


def test_a_link_is_the_same_file_and_a_copy_is_another(parquet, tmp_path) -> None:
    first, second, third = (parquet / name for name in FILES)
    link, copy = tmp_path / "link", Path(shutil.copy2(third, tmp_path / "copy"))
    link.hardlink_to(second)
    assert unshared([first, second, third], [link, copy]) == [first, third]
    assert unshared([link, copy], [first, second, third]) == [copy]

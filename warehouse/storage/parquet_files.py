"""Where the Parquet files of a release's tables are.

A table is one file, `parquet/core/dim_source.parquet`. A large table that builds make by year is a folder with a file
of each year, `parquet/core/fct_trade_flow/2024.parquet`; rows without a year are in `no_year.parquet`. The next release
has the same files of the years that were not built again: hard links, so that neither their bytes nor the time to
write them are spent twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

NO_YEAR = "no_year"


def table_files(parquet: Path) -> dict[str, list[Path]]:
    """The files of each table in a folder `parquet`: `{"core.fct_quota": [Path(".../core/fct_quota.parquet")]}`."""
    found: dict[str, list[Path]] = {}
    for entry in sorted(parquet.glob("*/*")):
        if files := _files(entry):
            found[f"{entry.parent.name}.{entry.stem}"] = files
    return found


def files_of(parquet: Path, table: str) -> list[Path]:
    """The files of one table, `core.fct_quota`; none where the folder does not have it."""
    schema, name = table.split(".")
    return _files(parquet / schema / f"{name}.parquet") or _files(parquet / schema / name)


def table_of_file(file: Path) -> str:
    """The table of a file by its path in `parquet`: `core.fct_quota` of `core/fct_quota.parquet`, or of one year's."""
    return f"{file.parts[0]}.{Path(file.parts[1]).stem}"


def unshared(files: Sequence[Path], others: Sequence[Path]) -> list[Path]:
    """The files that are not the same file on disk as one of the others: those that may have other rows."""
    same = {_identity(file) for file in others}
    return [file for file in files if _identity(file) not in same]


def _identity(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


def _files(entry: Path) -> list[Path]:
    if entry.is_dir():
        return sorted(entry.glob("*.parquet"))
    return [entry] if entry.suffix == ".parquet" and entry.is_file() else []

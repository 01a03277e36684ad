"""Downloads of China's customs as a person saves them, and changed copies of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sources.model.artifact import Artifact
from sources.registry import sources
from sources.snapshot import BUNDLED
from tests.helpers.artifacts import records
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


def landed(settings: Settings) -> list[Artifact]:
    return [item.artifact for item in Landing(settings.landing).landed("china_customs")]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())

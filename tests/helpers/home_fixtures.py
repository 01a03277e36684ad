"""Fixtures of built warehouses: the whole snapshot, a small one, a revised one. Each is built once."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy
from rich.console import Console

from sources.snapshot import BUNDLED
from sources.snapshot.provenance import PROVENANCE_COLUMNS
from tests.helpers.arrivals import load
from tests.helpers.homes import Homes, copy_home
from tests.helpers.unprivileged import make_writable
from warehouse.release.store import current_release, database
from warehouse.settings import Settings

SMALL = (
    "usgs_mcs/mcs2024-raree_world.csv",
    "usgs_mcs/MCS2025_World_Data.csv",
    "usgs_mcs/MCS2026_Commodities_Data.csv",
    "un_comtrade/chn_imports_2846_2023.json",
    "un_comtrade/chn_imports_2846_2024.json",
    "un_comtrade/wits_chn_exports_2023.csv",
    "un_comtrade/wits_chn_exports_2024.csv",
    "india_tradestat/meidb_2846_partners_2025.csv",
    "india_tradestat/meidb_2846_totals_2025.csv",
    "china_customs/gacc_exports_ind_284690_2025.csv",
    "china_quotas/quotas_2010_2024.csv",
    "cepii_baci/baci_850511_2024.csv",
    "pib_india/pib_2117701_imports_tonnes.csv",
    "pib_india/pib_2151394_import_shares.csv",
    "india_amd/amd_2014-11.csv",
    "iea/iea_magnet_rare_earths_2025.json",
    "india_vahan/vahan_2022-08-05.csv",
    "india_vahan/vahan_2024-08-02.csv",
    "policy_events/policy_events.csv",
)
"""The fewest files that fill every fact: gate 2 publishes no empty one."""
Rows = list[dict[str, str]]
Build = Callable[..., tuple[Settings, Any]]


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside(pytestconfig: pytest.Config) -> Iterator[None]:
    """Tests read only the settings they make: whatever REE_ variables the shell has stay out.

    All homes share one cache of the parsed dbt project, which also the next session finds.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("REE_")]:
            patch.delenv(name)
        patch.setenv("REE_DBT_CACHE", str(pytestconfig.cache.mkdir("dbt")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _sqlite_without_fsync() -> Iterator[None]:
    """Dagster commits thousands of events a run; tests need not wait for the disk, since no power cut is tested."""

    def relax(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("pragma synchronous = off")

    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "connect", relax)
    yield
    sqlalchemy.event.remove(sqlalchemy.engine.Engine, "connect", relax)


def _one_page(_database: Path, folder: Path, _charts: Path) -> int:
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text("one page", encoding="utf-8")
    return 1


@pytest.fixture(scope="session")
def build() -> Build:
    """Run the CLI's job in this process: `build(home, **settings)` gives the settings and the outcome.

    Its releases have a site of one page, unless `has_site`: each real one takes seconds. With `without_models=True` it
    ends when everything that arrived is in the raw tables.
    """

    def run(
        home: Path, *, has_site: bool = False, without_models: bool = False, **given: object
    ) -> tuple[Settings, Any]:
        from orchestration.run import refresh

        settings = Settings(home=home, **given)
        with pytest.MonkeyPatch.context() as patch:
            if not has_site:
                patch.setattr("warehouse.release.publish.build_site", _one_page)
            for name, value in {"home": home, **given}.items():
                patch.setenv(f"REE_{name.upper()}", str(value))
            return settings, (load if without_models else refresh)(settings)

    return run


@pytest.fixture(scope="session")
def warehouse(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, homes: Homes, build: Build
) -> Settings:
    """The warehouse of the bundled snapshot. Tests read it and change nothing in it."""
    folder = tmp_path_factory.mktemp("warehouse")
    built = pytestconfig.option.warehouse
    if built is not None:
        return Settings(home=copy_home(built, folder / "home"))
    return homes.copy("warehouse", lambda root: build(root / "home", has_site=True)[1], folder)[0]


class SnapshotFolder:
    """A copy of some bundled files that a test may alter; provenance keeps up with the bytes."""

    def __init__(self, folder: Path, files: tuple[str, ...] = SMALL) -> None:
        self.folder = folder
        with (BUNDLED / "provenance.csv").open(encoding="utf-8", newline="") as text:
            self.rows: Rows = [row for row in csv.DictReader(text) if row["file"] in files]
        assert len(self.rows) == len(files)
        for row in self.rows:
            self._write(row["file"], (BUNDLED / row["file"]).read_bytes())
        self.save()

    def _write(self, file: str, data: bytes) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def row(self, file: str) -> dict[str, str]:
        return next(row for row in self.rows if row["file"] == file)

    def read(self, file: str) -> bytes:
        return (self.folder / file).read_bytes()

    def alter(self, file: str, data: bytes) -> None:
        """Put other bytes in the place of a file."""
        assert data != self.read(file), "nothing was altered"
        self._write(file, data)
        self.save()

    def release(self, file: str, data: bytes, known_from: str) -> None:
        """Add a later release of a file's partition."""
        path = Path(file)
        later = (path.parent / f"{path.stem}_{known_from}{path.suffix}").as_posix()
        self.rows.append(self.row(file) | {"file": later, "release": known_from, "known_from": known_from})
        self._write(later, data)
        self.save()

    def save(self) -> None:
        for row in self.rows:
            row["sha256"] = hashlib.sha256(self.read(row["file"])).hexdigest()
        with (self.folder / "provenance.csv").open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, PROVENANCE_COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows)


@pytest.fixture
def snapshot_of(tmp_path: Path) -> Callable[..., SnapshotFolder]:
    """Make a folder of bundled files to alter."""
    return lambda *files: SnapshotFolder(tmp_path / "snapshot", files or SMALL)


@pytest.fixture(scope="session")
def take_small(homes: Homes, build: Build) -> Callable[[Path], Settings]:
    """Copy the warehouse of the small snapshot, as it was built, to `<folder>/home`."""

    def recipe(root: Path) -> Any:
        return build(root / "home", snapshot=SnapshotFolder(root / "snapshot").folder)[1]

    return lambda folder: homes.copy("small", recipe, folder)[0]


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory, take_small: Callable[[Path], Settings]) -> Settings:
    """The warehouse of the small snapshot. Tests change nothing in it; those that must take `copy_of_small`."""
    return take_small(tmp_path_factory.mktemp("small"))


def revised_comtrade(body: bytes) -> bytes:
    """China's imports of 2846 in 2024 once more: India's figure raised by 10 %, the last partner withdrawn."""
    parsed = json.loads(body)
    records = parsed["data"]
    world = next(r for r in records if r["partnerCode"] == 0)
    india = next(r for r in records if r["partnerCode"] == 699)
    withdrawn = next(r for r in reversed(records) if r["partnerCode"] not in (0, 699))
    more = round(india["primaryValue"] * 0.1)
    for record in (india, world):
        record["primaryValue"] += more
        record["cifvalue"] += more
    for field in ("primaryValue", "cifvalue"):
        world[field] -= withdrawn[field]
    records.remove(withdrawn)
    return json.dumps(parsed | {"count": len(records)}).encode()


@pytest.fixture(scope="session")
def revised(
    tmp_path_factory: pytest.TempPathFactory, homes: Homes, build: Build, take_small: Callable[[Path], Settings]
) -> tuple[Settings, Any]:
    """The small warehouse after one body was revised, one fetched again and one put into another order."""

    def recipe(root: Path) -> Any:
        home = take_small(root).home
        snapshot = SnapshotFolder(root / "snapshot")
        body = "un_comtrade/chn_imports_2846_2024.json"
        snapshot.release(body, revised_comtrade(snapshot.read(body)), "2025-12-01")
        again = "un_comtrade/chn_imports_2846_2023.json"
        later = json.loads(snapshot.read(again)) | {"elapsedTime": "9 s"}
        snapshot.release(again, json.dumps(later).encode(), "2025-12-02")
        wits = "un_comtrade/wits_chn_exports_2023.csv"
        header, *records = snapshot.read(wits).splitlines(keepends=True)
        snapshot.release(wits, header + b"".join(reversed(records)), "2026-11-24")
        return build(home, snapshot=snapshot.folder, accept_drift="the small corridor has few rows")[1]

    return homes.copy("revised", recipe, tmp_path_factory.mktemp("revised"))


@pytest.fixture
def copy_of_small(tmp_path: Path, take_small: Callable[[Path], Settings]) -> Settings:
    """A copy of the small warehouse that a test may change."""
    return take_small(tmp_path).model_copy(update={"lock_timeout_s": 0})


@pytest.fixture
def candidate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Put a candidate made of the current release into a home, changed by `sql`; return the id of its build.

    Published by the test, it gets a site of one page.
    """
    monkeypatch.setattr("warehouse.release.publish.build_site", _one_page)

    def make(settings: Settings, *sql: str) -> str:
        release = current_release(settings)
        assert release is not None
        shutil.copytree(release.folder, settings.candidate)
        make_writable(settings.candidate)
        shutil.rmtree(settings.candidate / "parquet")
        with duckdb.connect(str(settings.candidate_file)) as con:
            for table in ("release", "data_dictionary", "usage_warnings"):
                con.execute(f"drop table meta.{table}")
            for statement in sql:
                con.execute(statement)
        from warehouse.release.catalogue import PUBLISHED_SCHEMAS
        from warehouse.release.parquet import export_parquet

        export_parquet(settings, PUBLISHED_SCHEMAS)
        return str(release.about["build_id"])

    return make


@pytest.fixture(scope="module")
def published(warehouse: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file of the whole snapshot, opened read-only."""
    with duckdb.connect(str(database(warehouse)), read_only=True) as con:
        yield con


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Settings], None]:
    """Point the command line to a home, and let it print lines as long as a wide terminal's."""

    def point(settings: Settings) -> None:
        monkeypatch.setenv("REE_HOME", str(settings.home))
        monkeypatch.setenv("REE_LOCK_TIMEOUT_S", "0")
        monkeypatch.setattr(
            "orchestration.cli.console.out", Console(width=200, markup=False, emoji=False, highlight=False)
        )
        monkeypatch.setattr(
            "orchestration.cli.console.err", Console(width=200, stderr=True, markup=False, emoji=False, highlight=False)
        )
        assert "REE_HOME" in os.environ

    return point

"""Every setting, in one place, read once from the environment and passed on as an object.

Belongs here: settings and the paths that follow from them. Does not belong here: work of any kind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sources.snapshot import BUNDLED

PROJECT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """Settings of one warehouse. Each is read from the environment variable `REE_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="REE_", frozen=True)

    home: Path = Field(default=PROJECT / "var", description="Where all state lives.")
    sources: Literal["snapshot", "landing"] = Field(
        default="snapshot",
        description="snapshot: land the files of the snapshot folder; landing: use only what has landed.",
    )
    snapshot: Path = Field(default=BUNDLED, description="Folder of publishers' files with a provenance.csv.")
    own_files: Path | None = Field(
        default=None, description="A second such folder: files you fetched yourself, beside the snapshot."
    )
    memory_limit: str = Field(default="1GB", description="Memory DuckDB may use.")
    threads: int = Field(default=2, ge=1, description="Threads DuckDB may use.")
    keep_releases: int = Field(default=3, ge=2, description="Releases kept on disk.")
    accept_drift: str = Field(
        default="", description="Reason for which this build may differ from the last release beyond the drift rules."
    )
    lock_timeout_s: float = Field(default=10, ge=0, description="Seconds to wait for another writer.")

    @field_validator("home", "snapshot", "own_files")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().resolve() if path else None

    @property
    def landing(self) -> Path:
        """Publishers' bytes by their hash, and the ledger of what landed."""
        return self.home / "landing"

    @property
    def work_file(self) -> Path:
        """The DuckDB file the pipeline writes: raw, staging, intermediate, ledger, quarantine."""
        return self.home / "work" / "work.duckdb"

    @property
    def candidate(self) -> Path:
        """The folder a build writes: database, Parquet and reports, until it is released or refused.

        Always the same path, so that dbt need not parse its project anew.
        """
        return self.home / "candidate"

    @property
    def candidate_file(self) -> Path:
        """The candidate database. Its name is the one it is published under."""
        return self.candidate / DATABASE_FILE

    @property
    def refused(self) -> Path:
        """Reports of refused builds, one folder a build."""
        return self.home / "refused"

    @property
    def releases(self) -> Path:
        """Released folders, one a version."""
        return self.home / "releases"

    @property
    def published(self) -> Path:
        """What analysts and BI tools read: a link to the current release."""
        return self.home / "published"

    @property
    def lock_file(self) -> Path:
        """Held by the one writer."""
        return self.home / "writer.lock"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own state: runs, events, schedules."""
        return self.home / "dagster"

    @property
    def dbt_project(self) -> Path:
        """The dbt project."""
        return PROJECT / "dbt_project"

    @property
    def manifest(self) -> Path:
        """Dbt's manifest, made by `make setup`."""
        return self.dbt_project / "target" / "manifest.json"


DATABASE_FILE = "rare_earths.duckdb"
"""Name of the published database file; DuckDB takes the catalogue's name from its stem."""

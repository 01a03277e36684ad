"""Small artifacts and parsed tables in a temporary folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sources.model.artifact import Artifact
from sources.snapshot.reader import Snapshot
from warehouse.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read only the settings they make: whatever REE_ variables the shell has stay out."""
    for name in [name for name in os.environ if name.startswith("REE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", lock_timeout_s=0)


@pytest.fixture
def offer(tmp_path: Path) -> Callable[..., Artifact]:
    """Make a file of the given bytes and the artifact that describes it."""

    def make(data: bytes, **about: Any) -> Artifact:
        sha256 = hashlib.sha256(data).hexdigest()
        path = tmp_path / "offered" / f"{sha256[:12]}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        described = {
            "source_code": "usgs_mcs",
            "name": path.name,
            "layout": "mcs2025",
            "partition": "MCS 2025",
            "year": 2025,
            "edition": "MCS 2025",
            "release": "1.0",
            "known_from": date(2025, 1, 31),
            "known_basis": "stated",
            "transcription": "extract",
            "url": "https://example.org/mcs2025.csv",
            "sha256": sha256,
            "original_sha256": None,
            "path": path,
        }
        return Artifact(**(described | about))

    return make


@pytest.fixture(scope="session")
def mcs_2025() -> bytes:
    """The bundled file of Mineral Commodity Summaries 2025."""
    return next(a for a in Snapshot().offers("usgs_mcs") if a.partition == "MCS 2025").read_bytes()

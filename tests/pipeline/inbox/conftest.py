"""An inbox with a folder for China's customs, and a way to drop files into it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.customs_files import CUSTOMS, NAME
from warehouse.ingest import inbox
from warehouse.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", inbox_settle_s=10)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return inbox.prepare(settings, CUSTOMS)


@pytest.fixture
def drop(folder: Path) -> Callable[..., Path]:
    """Drop a file that was last changed a minute ago, or on another day."""

    def put(data: bytes, name: str = NAME, at: float | None = None) -> Path:
        path = folder / name
        path.write_bytes(data)
        changed_at = time.time() - 60 if at is None else at
        os.utime(path, (changed_at, changed_at))
        return path

    return put

"""What every tier of tests shares."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files under test that outlives one test, so that property-based tests may write to it."""
    return tmp_path_factory.mktemp("scratch")

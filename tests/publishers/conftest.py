"""The publishers' full files, where the machine holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.publisher_files import PUBLISHER_FILES, WITHOUT_THEM


@pytest.fixture(scope="session")
def publisher_files() -> Path:
    """The folder of full files named by REE_PUBLISHER_FILES; without it the test is skipped."""
    if not PUBLISHER_FILES:
        pytest.skip(WITHOUT_THEM)
    return PUBLISHER_FILES

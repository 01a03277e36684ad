"""The publishers' full files, where the machine holds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def publisher_files() -> Path:
    """The folder of full files named by REE_PUBLISHER_FILES; without it the test is skipped."""
    folder = os.environ.get("REE_PUBLISHER_FILES")
    if not folder:
        pytest.skip("needs the publishers' full files: set REE_PUBLISHER_FILES to their folder")
    return Path(folder)

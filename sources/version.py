"""Version of the installed project. Its single source is `version` in pyproject.toml."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "rare-earth-warehouse"


def project_version() -> str:
    """Version in the metadata of the installed package (`0.2.0`); `0` where the code runs without being installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0"

"""Where a file of the project is, as an error names it."""

from __future__ import annotations

from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2]


def project_path(file: Path | str) -> str:
    """The path of a project file from the folder that holds `sources`: `sources/publishers/bgs_wms/layouts.toml`.

    Errors name files by it, so that a moved file is still named rightly.
    """
    return Path(file).resolve().relative_to(_PROJECT).as_posix()

"""Version of the code that built a release: the project's version and a hash of the deciding files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import sources
from sources.version import project_version
from warehouse.settings import BUNDLED_DBT_PROJECT, BUNDLED_DOCS, find_dbt_project

_SUFFIXES = {".py", ".sql", ".yml", ".toml", ".csv", ".j2", ".css", ".js"}
_GENERATED_OR_DATA = {"target", "logs", "files", BUNDLED_DBT_PROJECT, BUNDLED_DOCS}


def code_version() -> str:
    """Version and hash, such as `0.2.0+1f0c3a5b7d9e`; the same for a checkout and its wheel."""
    digest = hashlib.sha256()
    for name, path in _deciding_files():
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{project_version()}+{digest.hexdigest()[:12]}"


def _deciding_files() -> Iterator[tuple[str, Path]]:
    """Every file that determines a release's content, with its path in a checkout."""
    folders = {
        "sources": Path(sources.__path__[0]),
        "warehouse": Path(__file__).parent,
        "dbt_project": find_dbt_project(),
    }
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.suffix in _SUFFIXES and not _GENERATED_OR_DATA & set(inside.parts):
                yield f"{name}/{inside.as_posix()}", path

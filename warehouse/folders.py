"""Which folders a setting can name: letters that libraries cannot take in a path, and files in a folder's place."""

from __future__ import annotations

import unicodedata
from pathlib import Path

_UNUSABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories: control characters, bytes that are no text, line separators."""
_NOT_IN_HOME = "*?[%\\"
"""Dagster looks for its configuration by a pattern, in which `*`, `?` and `[` are wildcards, and puts the path of its
SQLite files into an address, in which `?` and `%` mean something else."""
_NOT_IN_TEMPORARY = "?\\"
"""DuckDB reads Parquet by a pattern, which cannot have a backslash, and puts the `.wal` of a file's write-ahead log
before a `?`, as in an address."""


def problem_of_folder(name: str, path: Path) -> str:
    """Why the setting `name` cannot be this folder, as a sentence; empty if it can. It need not exist."""
    if any(unicodedata.category(letter) in _UNUSABLE for letter in str(path)):
        return f"{name} must not have control characters, and is '{_shown(path)}': {_remedy(name)}"
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    if not nearest.is_dir():
        return f"{name} must be a folder, and '{_shown(nearest)}' is a file: {_remedy(name)}"
    return ""


def problem_of_home(path: Path) -> str:
    """Why the warehouse's state cannot be in this folder, as a sentence; empty if it can."""
    return _problem_of_letters("REE_HOME", path, _NOT_IN_HOME)


def problem_of_temporary(path: Path) -> str:
    """Why temporary files cannot be in this folder, as a sentence; empty if they can."""
    return _problem_of_letters("TMPDIR", path, _NOT_IN_TEMPORARY) or problem_of_folder("TMPDIR", path)


def _problem_of_letters(name: str, path: Path, unusable: str) -> str:
    if not set(unusable) & set(str(path)):
        return ""
    return f"{name} must not have {' or '.join(unusable)} in its path, and is '{_shown(path)}': {_remedy(name)}"


def _remedy(name: str) -> str:
    return f"name a folder such as {name}=/data/ree."


def _shown(path: Path) -> str:
    """The path in printable letters."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in str(path))

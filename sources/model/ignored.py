"""Files that programs leave beside a person's own: passed over wherever a person may put files."""

from __future__ import annotations

from pathlib import PurePath

_NAMES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r"})
_BEGINNINGS = (".", "~$")
_ENDINGS = (".part", ".crdownload", ".tmp", ".download", ".partial", ".filepart", ".opdownload", "~")


def is_ignored(path: PurePath) -> bool:
    """Whether a file is a system's, an editor's or an unfinished download, by its name or that of a folder it is in.

    `path` is relative to the folder that a person fills: `un_comtrade/.DS_Store`, `__MACOSX/a.csv`, `.~lock.a.csv#`.
    """
    return any(
        part.lower() in _NAMES or part.startswith(_BEGINNINGS) or part.lower().endswith(_ENDINGS) for part in path.parts
    )

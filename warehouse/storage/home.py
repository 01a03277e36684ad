"""The folder of a warehouse: whether it can be written, and has space for a build."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from warehouse.settings import Settings

_NEEDED_MB = 200
"""What a build of the bundled figures writes to `REE_HOME`, with some reserve: work file, candidate, logs."""
_NEEDED_TEMPORARY_MB = 20
"""What it writes to the folder of temporary files."""
_REMEDIES = {
    errno.EACCES: "Change its permissions, or {elsewhere}.",
    errno.EPERM: "Change its permissions, or {elsewhere}.",
    errno.EROFS: "It is on a read-only file system: {elsewhere}.",
    errno.ENOSPC: "The disk is full: free some space, or name a folder on another disk.",
    errno.EDQUOT: "Your quota is used up: free some space, or name a folder on another disk.",
    errno.EFBIG: "The limit on the size of a file is too low: raise it (ulimit -f).",
    errno.ENOTDIR: "A part of the path is a file: name another folder.",
    errno.ENAMETOOLONG: "Name a folder with a shorter path.",
}


class HomeError(Exception):
    """The folder of the warehouse cannot be used; the message says why, and the remedy."""


def require_writable(settings: Settings) -> None:
    """Create the home if it does not exist, and write a byte to it.

    Raises:
        HomeError: it cannot be created or written.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.home) as probe:
            probe.write(b"0")
    except OSError as error:
        msg = f"REE_HOME is {settings.home} and cannot be written. {describe(error)}"
        raise HomeError(msg) from error


def require_space(settings: Settings) -> None:
    """Check that a build can start: the home can be written, and has space; so has the folder of temporary files.

    Raises:
        HomeError: it cannot be written, or has too little space.
    """
    require_writable(settings)
    for name, folder, needed in (
        ("REE_HOME", settings.home, _NEEDED_MB),
        ("TMPDIR", Path(tempfile.gettempdir()), _NEEDED_TEMPORARY_MB),
    ):
        free = shutil.disk_usage(folder).free / 1e6
        if free < needed:
            msg = (
                f"{folder} has {free:.0f} MB free, and a build needs {needed} MB there."
                f" Free some space, or name a folder on another disk in {name}."
            )
            raise HomeError(msg)


def describe(error: OSError, elsewhere: str = "name another folder in REE_HOME") -> str:
    """An error of the system in words: the file, what happened, the remedy; `elsewhere` names another folder."""
    where = f"{error.filename}: " if error.filename else ""
    what = f"{error.strerror or error}."
    return f"{where}{what} {_REMEDIES.get(error.errno or 0, '').format(elsewhere=elsewhere)}".strip()

"""Commands for which the permissions of files count, also where the tests run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.project import PROJECT


def run_unprivileged(code: str, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run Python code in another process, without root's right to write read-only files. Settings become `REE_…`.

    Skips the test where root has no `setpriv`.
    """
    command = [sys.executable, "-c", code, *arguments]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root ignores permissions, and there is no setpriv to drop that right")
        command = [setpriv, "--bounding-set=-dac_override,-fowner", *command]
    environment = os.environ | {f"REE_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def make_read_only(folder: Path) -> None:
    """`chmod -R a-w`; a folder above keeps it removable."""
    for path in [*folder.rglob("*"), folder]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)


def make_writable(folder: Path) -> None:
    """`chmod -R u+w`: what a test damages on purpose, or removes."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)

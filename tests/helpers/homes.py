"""Cache of built homes, shared by the workers of a session and kept for the next one."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from tests.helpers.project import PROJECT
from warehouse.settings import Settings

if TYPE_CHECKING:
    from orchestration.run import Outcome

CODE = ("sources", "warehouse", "orchestration", "dbt_project", "requirements.lock", "tests/helpers")
"""What decides what a built home holds, apart from its own recipe."""
_GENERATED = {"__pycache__", "target", "logs"}
_KEPT_KEYS = 2
"""Keys that are kept: a switch to another branch and back builds nothing twice."""

Recipe = Callable[[Path], "Outcome"]
"""Builds `<folder>/home` and returns the outcome of its last run."""


def cache_key(project: Path = PROJECT, code: Iterable[str] = CODE) -> str:
    """A hash of the files that decide what a home holds, of the Python version and of the machine's architecture."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {platform.machine()}".encode())
    for part in code:
        top = project / part
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            inside = path.relative_to(project)
            if path.is_file() and not _GENERATED & set(inside.parts):
                digest.update(inside.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Homes:
    """The cache of built homes: a folder for each key, in it a folder for each home.

    A home is built in a temporary folder and renamed into place when it is complete, so an interrupted build leaves
    nothing that looks like a home. Tests only ever get copies.
    """

    folder: Path
    key: str

    def copy(self, name: str, recipe: Recipe, to: Path) -> tuple[Settings, Outcome]:
        """Copy a home to `to/home`, building it first if no worker has: its settings, and the outcome of its build.

        Raises:
            AssertionError: the build failed; nothing is kept of it.
        """
        from orchestration.run import Outcome

        kept = self.folder / self.key / f"{name}-{_source_hash(recipe)}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(kept.with_suffix(".lock")):
            if not kept.exists():
                self._build(recipe, kept)
            os.utime(kept.parent)
            home = copy_home(kept / "home", to / "home")
            outcome = json.loads((kept / "outcome.json").read_text(encoding="utf-8"))
        lists = {field: tuple(value) for field, value in outcome.items() if isinstance(value, list)}
        return Settings(home=home), Outcome(**outcome | lists)

    def _build(self, recipe: Recipe, kept: Path) -> None:
        partial = kept.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        outcome = recipe(partial)
        assert outcome.success, "\n".join(outcome.errors)
        (partial / "outcome.json").write_text(json.dumps(dataclasses.asdict(outcome)), encoding="utf-8")
        partial.rename(kept)

    def prune(self) -> None:
        """Delete all keys but this one and those used last."""
        others = [path for path in self.folder.iterdir() if path.name != self.key] if self.folder.exists() else []
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in others[_KEPT_KEYS - 1 :]:
            shutil.rmtree(path, ignore_errors=True)

    def clear(self) -> None:
        """Delete this key's homes, so that all are built again."""
        for lock in (self.folder / self.key).glob("*.lock"):
            with FileLock(lock):
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)


def copy_home(home: Path, to: Path) -> Path:
    """Copy a home, without the hundreds of statements that dbt ran: no test reads them."""
    return shutil.copytree(home, to, symlinks=True, ignore=shutil.ignore_patterns("run"))


def _source_hash(recipe: Recipe) -> str:
    """A hash of the file that holds the recipe."""
    return hashlib.sha256(Path(inspect.getfile(recipe)).read_bytes()).hexdigest()[:8]

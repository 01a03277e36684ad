"""The parsed dbt project: its manifest, and the state that lets the next call of dbt skip parsing.

A parsed project is kept in `<cache>/<place>-<content>`. `place` hashes the project's folder and dbt's versions,
`content` its files and the variables of its profile. So an edited model, another dbt or another installation is parsed
again, whatever the times of the files are.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock

from warehouse.settings import Settings
from warehouse.transform.dbt_runner import invoke_dbt, profile_variables

_GENERATED = {"target", "logs", "__pycache__"}
_KEPT = 8
"""Parsed projects in one cache, about 4 MB each."""
LOADS = "stg_ledger__loads"
"""The view of the loads. What changed of them is told by the raw tables of the loads that changed (basis.py)."""


@dataclass(frozen=True, slots=True)
class ParsedProject:
    """A folder with what `dbt parse` wrote."""

    folder: Path

    @property
    def manifest(self) -> Path:
        """Every model, test and column as JSON."""
        return self.folder / "manifest.json"

    @property
    def partial_parse(self) -> Path:
        """The state of dbt, from which it parses only files that changed."""
        return self.folder / "partial_parse.msgpack"


def parsed_project(settings: Settings) -> ParsedProject:
    """The parsed project of these settings, from the cache or parsed now.

    Raises:
        TransformError: the project does not compile.
    """
    place, content = _place(settings), _content(settings)
    parsed = ParsedProject(settings.dbt_cache_folder / f"{place}-{content}")
    if not parsed.folder.is_dir():
        _parse(settings, parsed, f"{place}-*")
    os.utime(parsed.folder)  # the least recently used are deleted first
    return parsed


def read_manifest(settings: Settings) -> dict[str, Any]:
    """The manifest that dbt wrote when it parsed the project: `{"nodes": …, "sources": …, "child_map": …}`.

    Raises:
        TransformError: the project does not compile.
    """
    manifest: dict[str, Any] = json.loads(parsed_project(settings).manifest.read_text(encoding="utf-8"))
    return manifest


def is_made_by_year(node: Mapping[str, Any]) -> bool:
    """Whether a node of the manifest is a model of which a build makes some years (dbt_project/macros/years.sql)."""
    return bool(node["resource_type"] == "model" and node["config"]["materialized"] == "incremental")


def relation_name(node: Mapping[str, Any]) -> str:
    """Schema and name of a node or source of the manifest: `core.fct_production`."""
    return f"{node['schema']}.{node['name']}"


def downstream(manifest: Mapping[str, Any], changed: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The models to build after a change, by their unique ids: what reads these relations, and what reads that.

    Changed views are themselves among them. Nearly every staging model reads the loads (`LOADS`) beside a raw table; a
    model that reads them without one is downstream of every change.

    Args:
        manifest: dbt's manifest.
        changed: relations by schema and name: `{"raw.un_comtrade__trade", "staging.stg_ledger__artifacts"}`.
    """
    relations = {**manifest["sources"], **manifest["nodes"]}
    starts = {id_ for id_, node in relations.items() if relation_name(node) in changed}
    if changed:
        starts |= {id_ for id_, node in manifest["nodes"].items() if _reads_loads_alone(node)}
    found, to_follow = set(starts), list(starts)
    while to_follow:
        children = set(manifest["child_map"].get(to_follow.pop(), ())) - found
        found |= children
        to_follow += children
    return {id_: node for id_, node in manifest["nodes"].items() if id_ in found and node["resource_type"] == "model"}


def _reads_loads_alone(node: Mapping[str, Any]) -> bool:
    reads = node["depends_on"].get("nodes", ())
    return any(id_.endswith(f".{LOADS}") for id_ in reads) and not any(id_.startswith("source.") for id_ in reads)


def _place(settings: Settings) -> str:
    return _digest([str(settings.dbt_project), version("dbt-core"), version("dbt-duckdb")])[:8]


def _content(settings: Settings) -> str:
    project = settings.dbt_project
    files = [
        path
        for path in sorted(project.rglob("*"))
        if path.is_file() and not _GENERATED & set(path.relative_to(project).parts)
    ]
    parts = [*profile_variables(settings).values()]
    for path in files:
        parts += [path.relative_to(project).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()]
    return _digest(parts)[:16]


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _parse(settings: Settings, parsed: ParsedProject, same_place: str) -> None:
    """Parse into a temporary folder and rename it when complete. A second process waits and then uses the result."""
    cache = parsed.folder.parent
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / ".lock"):
        if parsed.folder.is_dir():
            return
        unfinished = ParsedProject(cache / ".parsing")
        shutil.rmtree(unfinished.folder, ignore_errors=True)
        unfinished.folder.mkdir()
        earlier = [
            found for found in _newest_first(cache.glob(same_place)) if ParsedProject(found).partial_parse.exists()
        ]
        if earlier:
            shutil.copyfile(ParsedProject(earlier[0]).partial_parse, unfinished.partial_parse)
        invoke_dbt(settings, "parsing", ["parse"], target=unfinished.folder, logs=unfinished.folder)
        unfinished.folder.rename(parsed.folder)
        for old in _newest_first(cache.glob("*-*"))[_KEPT:]:
            shutil.rmtree(old)


def _newest_first(folders: Iterable[Path]) -> list[Path]:
    return sorted(folders, key=lambda folder: folder.stat().st_mtime, reverse=True)

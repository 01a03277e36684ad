"""`changes.json`: what a release added, revised and withdrew, compared with one that the place has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from warehouse.release.diff import Change, TableDiff, diff_releases
from warehouse.release.report import NOT_LOADED_IN
from warehouse.release.store import Release, damage, lineage
from warehouse.settings import Settings
from warehouse.storage.literals import read_parquet

_CELLS = 1000
"""Revised and changed cells that are listed of each table; the counts are of all."""
_SHOWN = 3
Changes = dict[str, Any]


def base_of(settings: Settings, release: Release, listed: Sequence[str]) -> Release | None:
    """The release to compare with: its nearest intact predecessor here that the place lists, or here at all.

    None where no predecessor is on disk, or where the nearest has another major version of the schema, whose tables
    have other keys.
    """
    chain = [past for past in lineage(settings, release) if past.version != release.version]
    ordered = sorted(chain, key=lambda past: past.version not in listed)  # stable: the nearest first in both groups
    base = next((past for past in ordered if damage(settings, past) is None), None)
    return base if base and _major(base) == _major(release) else None


def _major(release: Release) -> str:
    return str(release.about.get("schema_version", "")).partition(".")[0]


def changes(release: Release, base: Release | None) -> Changes:
    """What changed, as it is written to `changes.json`.

    `statements_added` are what publishers newly stated (a partition each), `statements_withdrawn` those that no figure
    rests on any more. Without a base, every statement is new and no table is compared.
    """
    diffs = [diff for diff in diff_releases(base.folder, release.folder, _CELLS) if not diff.is_empty] if base else []
    return {
        "version": release.version,
        "compared_with": base.version if base else None,
        "statements_added": _loads(release, base),
        "statements_withdrawn": _loads(base, release) if base else [],
        "tables": [_counts(diff) for diff in diffs],
        "revised": [_cell(diff, change) for diff in diffs for change in diff.revisions],
        "changed": [_cell(diff, change) for diff in diffs for change in diff.examples],
    }


def summary(of: Changes) -> str:
    """The changes in a sentence or two, as the feed has them."""
    added, withdrawn = of["statements_added"], of["statements_withdrawn"]
    statements = f"{_count(len(added), 'statement')} of publishers added{_by(added)}"
    if withdrawn:
        statements += f", {len(withdrawn):,} withdrawn{_by(withdrawn)}"
    if of["compared_with"] is None:
        return f"{statements}."
    facts = [table for table in of["tables"] if table["table"].startswith("core.fct_")]
    rows = ", ".join(f"{sum(table[name] for table in facts):,} {word}" for name, word in _WORDS.items())
    return f"Since {of['compared_with']}: {statements}. Rows of facts: {rows}."


_WORDS = {"rows_added": "added", "rows_removed": "removed", "rows_changed": "changed", "figures_revised": "revised"}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _by(statements: Sequence[dict[str, Any]]) -> str:
    """` (usgs_mcs, un_comtrade and 3 more)`; empty for none."""
    sources = sorted({statement["source_code"] for statement in statements})
    more = f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else ""
    return f" ({', '.join(sources[:_SHOWN])}{more})" if sources else ""


def _counts(diff: TableDiff) -> dict[str, Any]:
    return {
        "table": diff.table,
        "rows_before": diff.rows_before,
        "rows_after": diff.rows_after,
        "rows_added": diff.added,
        "rows_removed": diff.removed,
        "rows_changed": diff.changed,
        "figures_revised": diff.revised,
        "columns_gained": list(diff.columns_gained),
        "columns_lost": list(diff.columns_lost),
    }


def _cell(diff: TableDiff, change: Change) -> dict[str, Any]:
    return {
        "table": diff.table,
        "key": dict(change.row),
        "column": change.column,
        "before": change.before,
        "after": change.after,
    }


def _loads(of: Release, other: Release | None) -> list[dict[str, Any]]:
    """The statements of a release that another one does not have."""
    unknown = NOT_LOADED_IN.format(file=read_parquet(_loads_file(other))) if other else ""
    with duckdb.connect() as con:
        cursor = con.execute(
            "select source_code, table_name, partition, release, known_from::varchar as known_from, rows_loaded,"
            f" rows_quarantined from {read_parquet(_loads_file(of))} as loads where status = 'loaded'{unknown}"
            " order by source_code, known_from, partition, table_name, release"
        )
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _loads_file(release: Release) -> Path:
    return release.folder / "parquet" / "meta" / "loads.parquet"

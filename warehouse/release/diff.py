"""Compares the Parquet tables of two releases by their keys, for CHANGES.md and `ree diff`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from warehouse.release.store import DamagedError, damage, predecessor, releases, remedy
from warehouse.settings import Settings
from warehouse.storage.database import Config, limits
from warehouse.storage.literals import read_parquet

_EXAMPLES = 8
_OF_A_RELEASE = ("fact_id", "edition", "release", "known_from")
"""Parts of a fact's key that identify the statement; the others identify what is measured."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that differs. `row` is the key of its row: `{"country_code": "CHN", "year": "2023"}`."""

    row: Mapping[str, str | None]
    column: str
    before: str | None
    after: str | None

    @property
    def key(self) -> str:
        """The key in one line: `CHN, 2023`."""
        return ", ".join(value or "" for value in self.row.values())


@dataclass(frozen=True, slots=True)
class TableDiff:
    """How one table differs: rows by key, the columns gained and lost, and figures that a later release revised.

    A revision is an added row beside an ended one; `revised` counts measured things whose latest figure differs and
    comes from another release than the one before, and `revisions` shows the first of them.
    """

    table: str
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    columns_gained: tuple[str, ...]
    columns_lost: tuple[str, ...]
    examples: tuple[Change, ...]
    revised: int = 0
    revisions: tuple[Change, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing differs."""
        return not (self.added or self.removed or self.changed or self.columns_gained or self.columns_lost)


def compare(settings: Settings, before: str | None, after: str | None) -> list[TableDiff]:
    """Compare two releases; by default the current one with its predecessor.

    `before` is a version on disk, or the path of another machine's release, which contains a folder `parquet`.

    Raises:
        LookupError: a version that is not on disk, or fewer than two releases.
        DamagedError: one of the two is not what was published.
    """
    listed = {release.version: release for release in releases(settings)}
    folders = {version: release.folder for version, release in listed.items()}
    folder = Path(before).expanduser() if before else None
    if before and folder and (folder / "parquet" / "meta" / "data_dictionary.parquet").exists():
        folders[before] = folder.resolve()
    elif folder and before not in folders and len(folder.parts) > 1:
        msg = f"{folder} is not a release: it has no parquet/meta/data_dictionary.parquet. Name the folder that has it"
        raise LookupError(msg)
    new = after or next((release.version for release in listed.values() if release.is_current), None)
    past = predecessor(list(listed.values()), listed[new]) if new in listed else None
    old = before or (past.version if past else None)
    if new not in folders or old not in folders:
        msg = f"need two releases to compare; on disk are {list(listed)}"
        raise LookupError(msg)
    for version in (old, new):
        if version in listed and (harm := damage(settings, listed[version])):
            what_to_do = remedy(settings) if listed[version].is_current else "Compare another one (`ree releases`)."
            msg = f"release {version} is damaged, so a comparison with it means nothing. {harm}. {what_to_do}"
            raise DamagedError(msg)
    try:
        return diff_releases(folders[old], folders[new], limits=limits(settings))
    except duckdb.Error as error:
        msg = f"{old} and {new} cannot be compared: {error}"
        raise LookupError(msg) from error


def diff_releases(before: Path, after: Path, shown: int = _EXAMPLES, limits: Config | None = None) -> list[TableDiff]:
    """Compare every table of core, marts and bi in two release folders.

    Rows are matched by the key that `meta.data_dictionary` of the later release names; a table that only one of the
    two has is all added, or all removed. Of each table at most `shown` changed cells and revised cells are listed.
    `limits` are DuckDB's options: the memory and threads it may use, and where it spills what does not fit.
    """
    with duckdb.connect(config=limits or {}) as con:
        keys: dict[str, list[str]] = {}
        for folder in (before, after):
            dictionary = folder / "parquet" / "meta" / "data_dictionary.parquet"
            listed = con.execute(
                "select schema_name || '.' || table_name, list(column_name order by column_position)"
                f" from {read_parquet(dictionary)}"
                " where is_key and schema_name in ('core', 'marts', 'bi') group by 1 order by 1"
            ).fetchall()
            keys.update(dict(listed))
        return [
            _diff_table(con, table, key, (before, after), shown)
            for table, key in keys.items()
            if any(_file(folder, table).exists() for folder in (before, after))
        ]


def _file(folder: Path, table: str) -> Path:
    schema, name = table.split(".")
    return folder / "parquet" / schema / f"{name}.parquet"


def _columns(con: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return {name: kind for name, kind, *_ in con.execute(f"describe from {read_parquet(path)}").fetchall()}


def _diff_table(
    con: duckdb.DuckDBPyConnection, table: str, key: list[str], folders: tuple[Path, Path], shown: int
) -> TableDiff:
    old_file, new_file = (_file(folder, table) for folder in folders)
    old, new = _columns(con, old_file), _columns(con, new_file)
    if not old or not new:
        only = read_parquet(old_file if old else new_file)
        rows = con.execute(f"select count(*) from {only}").fetchall()[0][0]
        return TableDiff(
            table=table,
            rows_before=rows if old else 0,
            rows_after=rows if new else 0,
            added=0 if old else rows,
            removed=rows if old else 0,
            changed=0,
            columns_gained=tuple(new) if not old else (),
            columns_lost=tuple(old) if not new else (),
            examples=(),
        )
    joined = _joined((old_file, old), (new_file, new), key)
    shared = [column for column in new if column in old and column not in key]
    differs = [_differs(column) for column in shared] or ["false"]
    counted = con.execute(
        "select count(old.is_here), count(new.is_here), count(*) filter (where old.is_here is null),"
        " count(*) filter (where new.is_here is null), count(*) filter (where old.is_here and new.is_here"
        f" and ({' or '.join(differs)})) from {joined}"
    ).fetchall()[0]
    examples = (
        change
        for column, condition in zip(shared, differs, strict=False)
        for change in _examples(con, joined, key, column, condition, shown)
    )
    revised, revisions = _revisions(con, (old_file, old), (new_file, new), key, shown)
    return TableDiff(
        table=table,
        rows_before=counted[0],
        rows_after=counted[1],
        added=counted[2],
        removed=counted[3],
        changed=counted[4],
        columns_gained=tuple(column for column in new if column not in old),
        columns_lost=tuple(column for column in old if column not in new),
        examples=tuple(islice(examples, shown)) if counted[4] else (),
        revised=revised,
        revisions=revisions,
    )


_File = tuple[Path, dict[str, str]]
"""A Parquet file and its columns."""


def _joined(before: _File, after: _File, key: list[str], where: str = "true") -> str:
    """The rows of both files side by side, matched by the key; a part of it that a file lacks is null there."""
    sides = [
        f"(select *, true as is_here{''.join(f', null as {part}' for part in key if part not in columns)}"
        f" from {read_parquet(file)} where {where})"
        for file, columns in (before, after)
    ]
    matched = " and ".join(f"old.{part} is not distinct from new.{part}" for part in key)
    return f"{sides[0]} as old full outer join {sides[1]} as new on {matched}"


def _revisions(
    con: duckdb.DuckDBPyConnection, before: _File, after: _File, key: list[str], shown: int
) -> tuple[int, tuple[Change, ...]]:
    """Measured things whose latest figure comes from a later release and differs, and the first of their cells."""
    old, new = before[1], after[1]
    if not {"is_latest", "known_from"} <= old.keys() & new.keys():
        return 0, ()
    thing = [part for part in key if part not in _OF_A_RELEASE]
    measured = [c for c, kind in new.items() if c in old and (kind == "DOUBLE" or c == "value_status")]
    if not thing or not measured:
        return 0, ()
    joined = _joined(before, after, thing, where="is_latest")
    differs = {column: _differs(column) for column in measured}
    restated = "old.is_here and new.is_here and old.known_from < new.known_from"
    revised = con.execute(
        f"select count(*) from {joined} where {restated} and ({' or '.join(differs.values())})"
    ).fetchall()[0][0]
    if not revised:
        return 0, ()
    cells = (
        change
        for column, condition in differs.items()
        for change in _examples(con, joined, thing, column, f"{restated} and {condition}", shown)
    )
    return revised, tuple(islice(cells, shown))


def _differs(column: str) -> str:
    """Compared to the last digit: derived figures are settled, so that a digit that differs means something."""
    return f"(old.{column} is distinct from new.{column})"


def _examples(
    con: duckdb.DuckDBPyConnection, joined: str, key: list[str], column: str, condition: str, limit: int
) -> list[Change]:
    parts = [f"new.{part}::varchar" for part in key]
    shown = " || ', ' || ".join(f"coalesce({part}, '')" for part in parts)
    rows = con.execute(
        f"select old.{column}::varchar, new.{column}::varchar, {', '.join(parts)} from {joined}"
        f" where old.is_here and new.is_here and {condition} order by {shown} limit {limit}"
    ).fetchall()
    return [Change(dict(zip(key, row, strict=True)), column, was, becomes) for was, becomes, *row in rows]

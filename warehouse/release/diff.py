"""Compares the Parquet tables of two releases by their keys, for CHANGES.md and `ree diff`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from warehouse.release.store import DamagedError, damage, predecessor, releases, remedy
from warehouse.settings import Settings
from warehouse.storage.database import Config, limits
from warehouse.storage.literals import read_parquet
from warehouse.storage.parquet_files import files_of, unshared

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


def diff_releases(
    before: Path, after: Path, shown: int = _EXAMPLES, limits: Config | None = None, same: Collection[str] = ()
) -> list[TableDiff]:
    """Compare every table of core, marts and bi in two release folders.

    Rows are matched by the key that `meta.data_dictionary` of the later release names; a table that only one of the
    two has is all added, or all removed. Of each table at most `shown` changed cells and revised cells are listed.
    `limits` are DuckDB's options: the memory and threads it may use, and where it spills what does not fit.
    Tables that are known to be the `same` in both, by name, are not compared row by row.
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
            _diff_table(con, table, key, (before, after), shown, is_same=table in same)
            for table, key in keys.items()
            if any(files_of(folder / "parquet", table) for folder in (before, after))
        ]


_Files = tuple[Sequence[Path], dict[str, str]]
"""The Parquet files of a table in a release, and its columns: none where the release does not have it."""


def _files(con: duckdb.DuckDBPyConnection, release: Path, table: str) -> _Files:
    files = files_of(release / "parquet", table)
    if not files:
        return (), {}
    described = con.execute(f"describe from {read_parquet(files[0])}").fetchall()
    return files, {name: kind for name, kind, *_ in described}


def _rows(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> int:
    return int(con.execute(f"select count(*) from {read_parquet(files)}").fetchall()[0][0]) if files else 0


def _diff_table(
    con: duckdb.DuckDBPyConnection,
    table: str,
    key: list[str],
    folders: tuple[Path, Path],
    shown: int,
    *,
    is_same: bool,
) -> TableDiff:
    """Compare the files of which only one of the releases has each: those of both have the same rows."""
    (old_files, old), (new_files, new) = (_files(con, folder, table) for folder in folders)
    rows_before, rows_after = _rows(con, old_files), _rows(con, new_files)
    gone = [] if is_same else unshared(old_files, new_files)
    written = [] if is_same else unshared(new_files, old_files)
    if not gone or not written:
        return TableDiff(
            table=table,
            rows_before=rows_before,
            rows_after=rows_after,
            added=_rows(con, written),
            removed=_rows(con, gone),
            changed=0,
            columns_gained=tuple(new) if not old else (),
            columns_lost=tuple(old) if not new else (),
            examples=(),
        )
    joined = _joined((gone, old), (written, new), key)
    shared = [column for column in new if column in old and column not in key]
    differs = [_differs(column) for column in shared] or ["false"]
    counted = con.execute(
        "select count(*) filter (where old.is_here is null),"
        " count(*) filter (where new.is_here is null), count(*) filter (where old.is_here and new.is_here"
        f" and ({' or '.join(differs)})) from {joined}"
    ).fetchall()[0]
    examples = (
        change
        for column, condition in zip(shared, differs, strict=False)
        for change in _examples(con, joined, key, column, condition, shown)
    )
    revised, revisions = _revisions(con, (gone, old), (written, new), key, shown)
    return TableDiff(
        table=table,
        rows_before=rows_before,
        rows_after=rows_after,
        added=counted[0],
        removed=counted[1],
        changed=counted[2],
        columns_gained=tuple(column for column in new if column not in old),
        columns_lost=tuple(column for column in old if column not in new),
        examples=tuple(islice(examples, shown)) if counted[2] else (),
        revised=revised,
        revisions=revisions,
    )


def _joined(before: _Files, after: _Files, key: list[str], where: str = "true") -> str:
    """The rows of both sides, matched by the key; a part of it that a side lacks is null there."""
    sides = [
        f"(select *, true as is_here{''.join(f', null as {part}' for part in key if part not in columns)}"
        f" from {read_parquet(files)} where {where})"
        for files, columns in (before, after)
    ]
    matched = " and ".join(f"old.{part} is not distinct from new.{part}" for part in key)
    return f"{sides[0]} as old full outer join {sides[1]} as new on {matched}"


def _revisions(
    con: duckdb.DuckDBPyConnection, before: _Files, after: _Files, key: list[str], shown: int
) -> tuple[int, tuple[Change, ...]]:
    """Measured things whose latest figure comes from a later release and differs, and the first of their cells.

    Where several rows are the latest of a thing, such as those of editions side by side, none is a revision of another.
    """
    old, new = before[1], after[1]
    if not {"is_latest", "known_from"} <= old.keys() & new.keys():
        return 0, ()
    thing = [part for part in key if part not in _OF_A_RELEASE]
    measured = [c for c, kind in new.items() if c in old and (kind == "DOUBLE" or c == "value_status")]
    of_both = [part for part in thing if part in old and part in new]
    if not of_both or not measured:
        return 0, ()
    is_alone = f"count(*) over (partition by {', '.join(of_both)}) = 1"
    joined = _joined(before, after, thing, where=f"is_latest qualify {is_alone}")
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

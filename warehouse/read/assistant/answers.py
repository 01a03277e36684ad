"""Answers for an assistant: bounded in rows, text and time, with what to mind and what to cite."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.read.as_of import open_as_of
from warehouse.read.assistant.catalogue import Catalogue, Table, read_catalogue
from warehouse.read.assistant.search import Index, read_index
from warehouse.read.assistant.sources import sources_of
from warehouse.read.assistant.sums import judge
from warehouse.read.query import QueryError, answer_of, is_numeric, query_errors, result_of, statement_of
from warehouse.read.tables import describe_table
from warehouse.read.values import plain
from warehouse.read.why import WhyError, explain
from warehouse.release.never_add import never_add
from warehouse.release.store import database
from warehouse.settings import Settings
from warehouse.storage.database import open_reader

MOST_ROWS = 200
MOST_SECONDS = 10.0
_MOST_LETTERS = 40_000
"""Letters of all rows of an answer, as JSON."""
_MOST_LETTERS_OF_A_CELL = 2_000
_SHORT = frozenset({"BOOLEAN", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "UUID"})
"""Types in SQL, beside those of numbers, whose values are never long."""
Result = dict[str, Any]


class RefusedError(Exception):
    """What was asked is not answered; the message is a sentence with the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows and seconds of an answer."""

    rows: int = MOST_ROWS
    seconds: float = MOST_SECONDS


class Assistant:
    """Answers from the current release: each call opens it, so that a new one is seen at once.

    Calls wait for each other: DuckDB opens a file once in a process, with one configuration.
    """

    def __init__(self, settings: Settings, limits: Limits = Limits()) -> None:
        self._settings = settings
        self._limits = limits
        self._lock = threading.Lock()
        self._index: tuple[Path, Index] | None = None

    def search(self, text: str) -> Result:
        """Tables, columns, headline figures and questions of the cookbook that fit some words, best first."""
        with self._lock, _refused():
            path = self._path()
            if self._index is None or self._index[0] != path:
                with open_reader(path, self._settings) as con:
                    catalogue = read_catalogue(con, path.parent)
                self._index = (path, read_index(catalogue, path))
            index = self._index[1]
            return {"release": index.version, **index.find(text)}

    def describe(self, name: str) -> Result:
        """What a table holds: columns with units, grain, warnings, and what of it may be added up."""
        with self._lock, _refused():
            path = self._path()
            table = describe_table(self._settings, name)
            with open_reader(path, self._settings) as con:
                catalogue = read_catalogue(con, path.parent)
                known = catalogue.tables[f"{table.schema}.{table.name}"]
                return {
                    "table": known.name,
                    "release": catalogue.version,
                    "rows": table.rows,
                    "about": table.about,
                    "a_row_is_identified_by": list(known.key),
                    "usage_warnings": list(known.warnings),
                    "adding_up": adding_up(known),
                    "columns": [
                        {
                            "name": column.name,
                            "type": column.type.lower(),
                            **({"unit": column.unit} if column.unit else {}),
                            "about": column.about,
                            "example": _cut(plain(column.example)),
                        }
                        for column in table.columns
                    ],
                    "example": f"select * from {known.name} limit 5",
                    "sources": sources_of(con, catalogue, [known.name]),
                }

    def ask(self, query: str) -> Result:
        """The rows of one query on the release, with its caveats.

        Raises:
            RefusedError: it adds up what must not be added, it is no query, or DuckDB does not accept it.
        """
        with self._lock, _refused():
            path = self._path()
            _check(query)
            with open_reader(path, self._settings) as con:
                return self._answer(con, query, read_catalogue(con, path.parent))

    def as_of(self, day: str, query: str) -> Result:
        """The rows of one query on the facts as they were known on a day. Raises as `ask` does."""
        with self._lock, _refused():
            self._path()
            _check(query)
            with open_as_of(self._settings, _day(day)) as con:
                catalogue = read_catalogue(con, None)
                return {"known_on": day, **self._answer(con, query, catalogue)}

    def why(self, fact: str, columns: Mapping[str, Any]) -> Result:
        """Where a figure comes from, by title of the section: rows as objects."""
        asked = [fact, *(f"{name}={plain(value)}" for name, value in columns.items())]
        with self._lock, _refused():
            self._path()
            sections = explain(self._settings, asked)
        return {
            section.title: [
                {name: _cut(plain(value)) for name, value in zip(section.result.columns, row, strict=True)}
                for row in section.result.rows
            ]
            for section in sections
        }

    def _path(self) -> Path:
        return database(self._settings).resolve()

    def _answer(self, con: duckdb.DuckDBPyConnection, query: str, catalogue: Catalogue) -> Result:
        with _bounded(con, self._limits.seconds):
            read = _tables_of(con, query, catalogue)
            judgement = judge(con, query, catalogue)
            if judgement.refusals:
                raise RefusedError(" ".join(judgement.refusals))
            result = result_of(answer_of(con, _with_short_cells(con, query, self._limits.rows)), self._limits.rows)
            rows, is_cut = _fitting(result.rows)
            return {
                "columns": result.columns,
                "rows": rows,
                "truncated": result.has_more or is_cut,
                "warnings": judgement.warnings,
                "caveats": {table.name: list(table.warnings) for table in read if table.warnings},
                "sources": sources_of(con, catalogue, [table.name for table in read]),
                "release": catalogue.version,
                "known_until": catalogue.known_until.isoformat(),
            }


def adding_up(table: Table) -> Result:
    """What of a table may be added up, and what never is, as it is declared."""
    declared = never_add()
    if table.sums:
        within = [table.sums["period"]]
        return {
            "additive": dict.fromkeys(table.sums.get("additive", {}), f"over any column within one {within[0]}"),
            "one_line_each": {
                measure: f"by {', '.join(table.sums['things'])}; never summed over them"
                for measure in table.sums.get("by_thing", ())
            },
        }
    never = {column: what for column in table.columns if column in table.numbers and (what := declared.kind(column))}
    one_value_of = [name for name in table.columns if name in declared.apart and name not in declared.only_for]
    return {
        "never_summed": never,
        "a_sum_has_one_value_of": one_value_of,
        "one_statement_of_each_thing": [name for name in table.thing if name in declared.statement],
        "values_that_contain_others": [name for name in table.columns if name in declared.contains],
        "instead": declared.instead.get(table.name, ""),
    }


def _check(query: str) -> None:
    """Refuse what is no query."""
    kind = statement_of(query).type
    if kind != duckdb.StatementType.SELECT:
        msg = f"Only queries are answered, and this is a statement of the kind {kind.name}: write one select."
        raise RefusedError(msg)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"{text!r} is no day: write it as 2024-12-31."
        raise RefusedError(msg) from error


def _tables_of(con: duckdb.DuckDBPyConnection, query: str, catalogue: Catalogue) -> list[Table]:
    """The published tables that a query names."""
    names = sorted(name.partition(" ")[0].strip('"') for name in con.get_table_names(query, qualified=True))
    found = (catalogue.find(name) for name in names)
    return [table for table in found if table is not None]


def _with_short_cells(con: duckdb.DuckDBPyConnection, query: str, rows: int) -> str:
    """The query with its first rows and one more, with long texts cut where they are made; nested values become text.

    What DuckDB has made, Python would copy without a limit of memory or time.
    """
    text = statement_of(query).query.strip().rstrip(";")
    asked = f"from (\n{text}\n) as asked"
    described = con.execute(f"describe {asked}").fetchall()
    most = _MOST_LETTERS_OF_A_CELL + 1
    cells = []
    for at, (name, kind, *_) in enumerate(described, start=1):
        value = f"#{at}" if is_numeric(kind) or kind in _SHORT else f"left(#{at}::varchar, {most})"
        cells.append(f"{value} as {_quoted(name)}")
    return f"select {', '.join(cells)} {asked} limit {rows + 1}"


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _fitting(rows: list[tuple[Any, ...]]) -> tuple[list[list[Any]], bool]:
    """The first rows that fit into an answer, with long texts cut, and whether anything was."""
    kept: list[list[Any]] = []
    letters = 0
    is_cut = False
    for row in rows:
        cells = [plain(value) for value in row]
        short = [_cut(cell) for cell in cells]
        is_cut = is_cut or short != cells
        letters += len(json.dumps(short, ensure_ascii=False))
        if letters > _MOST_LETTERS and kept:
            return kept, True
        kept.append(short)
    return kept, is_cut


def _cut(value: Any) -> Any:
    """A cell that is not too long."""
    if isinstance(value, str) and len(value) > _MOST_LETTERS_OF_A_CELL:
        return f"{value[:_MOST_LETTERS_OF_A_CELL]}…"
    return value


@contextmanager
def _bounded(con: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt the queries of this block after some seconds."""
    is_over = threading.Event()

    def stop() -> None:
        is_over.set()
        con.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        yield
    except (duckdb.Error, KeyboardInterrupt, QueryError) as error:
        if not is_over.is_set():
            raise
        msg = f"The query took longer than {seconds:g} seconds and was stopped: filter more, or read a view of bi."
        raise RefusedError(msg) from error
    finally:
        timer.cancel()


@contextmanager
def _refused() -> Iterator[None]:
    """Raise what a person can remedy as one sentence."""
    try:
        with query_errors():
            yield
    except (QueryError, WhyError, LookupError) as error:
        raise RefusedError(_sentence(str(error))) from error


def _sentence(text: str) -> str:
    """An error of DuckDB in a line, without the excerpt of the query."""
    lines = [line.strip() for line in text.partition("\nLINE ")[0].splitlines() if line.strip()]
    sentence = " ".join(lines)
    for of_commands, of_tools in _HINTS.items():
        sentence = sentence.replace(of_commands, of_tools)
    return sentence


_HINTS = {
    "`ree tables` lists the tables, `ree describe TABLE` the columns of one.": "`search` finds tables, `describe` lists"
    " the columns of one.",
    "`ree tables` lists all.": "`search` finds tables.",
}
"""What a command's error advises, and what an assistant does instead."""

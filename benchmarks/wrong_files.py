"""How many wrong files are refused, and where? `python -m benchmarks.wrong_files WORK_FILE [HOW_MANY]`.

Makes one fault in a bundled CSV file, in each of its layouts and of every kind in turn, and passes it through what a
build passes it through: parser, gate 1, comparison with the statement before it, comparison with its neighbours.
WORK_FILE is the `work/work.duckdb` of a home that holds the bundle; it is copied. Prints how many files of each kind
end where, and names those that would be loaded with other figures.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb

from sources.model.artifact import Artifact, SourceError
from sources.model.source import ParsedTable
from sources.registry import sources
from sources.snapshot.reader import Snapshot
from warehouse.quality.gates import judge_load, stopping
from warehouse.quality.neighbours.compare import misfits_of
from warehouse.quality.whole import judge_whole

Table = list[list[str]]
_NUMBER = re.compile(r"\d[\d,]*(\.\d+)?")


class _NotPossibleError(Exception):
    """The file has nothing that this fault could change."""


def _numbers(table: Table) -> dict[int, list[int]]:
    """The rows with a number in each column whose cells are mostly numbers other than codes and years."""
    found: dict[int, list[int]] = {}
    for column in range(len(table[0])):
        rows = [r for r, row in enumerate(table) if r and column < len(row) and _NUMBER.fullmatch(row[column])]
        distinct = {table[r][column] for r in rows}
        name = table[0][column].lower()
        if len(rows) > 0.3 * len(table) and len(distinct) > 0.3 * len(rows) and not re.search("code|year|row|id", name):
            found[column] = rows
    if not found:
        raise _NotPossibleError
    return found


def _a_number(table: Table, r: random.Random) -> tuple[int, int]:
    columns = _numbers(table)
    column = r.choice(sorted(columns))
    return r.choice([row for row in columns[column] if len(table[row][column]) > 2] or columns[column]), column


def _scaled(text: str, power: int) -> str:
    number = float(text.replace(",", "")) * 10.0**power
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _cell(change: Callable[[str], str]) -> Callable[[Table, random.Random], None]:
    def fault(table: Table, r: random.Random) -> None:
        row, column = _a_number(table, r)
        table[row][column] = change(table[row][column])

    return fault


def _column(power: int) -> Callable[[Table, random.Random], None]:
    def fault(table: Table, r: random.Random) -> None:
        columns = _numbers(table)
        column = r.choice(sorted(columns))
        for row in columns[column]:
            table[row][column] = _scaled(table[row][column], power)

    return fault


def _exchange_columns(table: Table, r: random.Random) -> None:
    columns = sorted(_numbers(table))
    if len(columns) < 2:
        raise _NotPossibleError
    a, b = r.sample(columns, 2)
    table[0][a], table[0][b] = table[0][b], table[0][a]


def _exchange_rows(table: Table, r: random.Random) -> None:
    """The figures of two records exchanged: their labels stay."""
    columns = _numbers(table)
    rows = sorted(set.intersection(*(set(rows) for rows in columns.values())))
    if len(rows) < 2:
        raise _NotPossibleError
    a, b = r.sample(rows, 2)
    for column in columns:
        table[a][column], table[b][column] = table[b][column], table[a][column]


def _lose_rows(share: float, *, at_the_end: bool) -> Callable[[Table, random.Random], None]:
    def fault(table: Table, r: random.Random) -> None:
        count = max(1, int((len(table) - 1) * share))
        if len(table) - count < 2:
            raise _NotPossibleError
        gone = range(len(table) - count, len(table)) if at_the_end else r.sample(range(1, len(table)), count)
        for row in sorted(gone, reverse=True):
            del table[row]

    return fault


def _repeat_row(table: Table, r: random.Random) -> None:
    table.append(list(table[r.randrange(1, len(table))]))


FAULTS: dict[str, Callable[[Table, random.Random], None]] = {
    "one figure times 10": _cell(lambda text: _scaled(text, 1)),
    "one figure divided by 1,000": _cell(lambda text: _scaled(text, -3)),
    "a decimal comma": _cell(lambda text: re.sub(r"\.", ",", text) if "." in text else f"{text},5"),
    "a letter in a figure": _cell(lambda text: f"{text[:1]}O{text[2:]}"),
    "a column times 10": _column(1),
    "a column times 1,000": _column(3),
    "a column divided by 1,000": _column(-3),
    "two columns exchanged": _exchange_columns,
    "two records exchanged": _exchange_rows,
    "a twentieth of the records lost": _lose_rows(0.05, at_the_end=False),
    "the second half lost": _lose_rows(0.5, at_the_end=True),
    "a record twice": _repeat_row,
}


def _written(table: Table, text: str) -> str:
    line_end = "\r\n" if "\r\n" in text[:2000] else "\n"
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=line_end).writerows(table)
    return file.getvalue()


def _stage(con: duckdb.DuckDBPyConnection, artifact: Artifact, right: tuple[ParsedTable, ...]) -> str:
    """Where a file is refused: `parser`, `gate 1`, `statement before`, `neighbours`; else `loaded` or `harmless`."""
    try:
        tables = sources()[artifact.source_code].parse(artifact)
    except SourceError:
        return "parser"
    if [table.content_sha256() for table in tables] == [table.content_sha256() for table in right]:
        return "harmless"
    before = {table.spec.name: table.frame for table in right}
    for table in tables:
        if stopping(judge_load([(artifact, table)])):
            return "gate 1"
        if stopping(judge_whole(artifact, table, before[table.spec.name], [])):
            return "statement before"
    con.begin()
    for table in tables:
        con.register("arriving", table.frame.to_arrow())
        con.execute(f"insert into raw.{table.spec.name} by name select 'wrong' as load_id, arriving.* from arriving")
        con.execute(
            "insert into ledger.loads by name select * replace ('wrong' as load_id, 'to_compare' as status,"
            " known_from + 1 as known_from, landing_sequence + 1000 as landing_sequence) from ledger.loads"
            " where table_name = ? and partition = ? order by landing_sequence desc limit 1",
            [table.spec.name, artifact.partition],
        )
    misfits = misfits_of(con)
    con.rollback()
    return "neighbours" if misfits else "loaded"


def main() -> None:
    """Make the faults, and print where the files end."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    how_many = int(sys.argv[2]) if len(sys.argv) > 2 else 240
    r = random.Random(1)  # noqa: S311 - a sample, no secret
    offers: dict[str, list[Artifact]] = {}
    for code in sources():
        for offer in Snapshot().offers(code):
            if offer.path.suffix == ".csv":
                offers.setdefault(f"{code} {offer.layout}", []).append(offer)
    ends: dict[str, Counter[str]] = {kind: Counter() for kind in FAULTS}
    loaded: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        work = shutil.copy(sys.argv[1], Path(folder) / "work.duckdb")
        with duckdb.connect(work) as con:
            for number in range(how_many):
                layout = sorted(offers)[number % len(offers)]
                kind = list(FAULTS)[(number // len(offers)) % len(FAULTS)]
                original = r.choice(offers[layout])
                encoding = "gb18030" if original.layout == "gacc_download" else "utf-8-sig"
                text = original.path.read_bytes().decode(encoding, "replace")
                table = list(csv.reader(io.StringIO(text, newline="")))
                try:
                    FAULTS[kind](table, r)
                except (_NotPossibleError, ValueError):
                    continue
                data = _written(table, text).encode(encoding)
                path = Path(folder) / "wrong.csv"
                path.write_bytes(data)
                wrong = dataclasses.replace(original, path=path, sha256=hashlib.sha256(data).hexdigest())
                stage = _stage(con, wrong, sources()[original.source_code].parse(original))
                ends[kind][stage] += 1
                if stage == "loaded":
                    loaded.append(f"{kind}: {original.partition}")
    stages = ("parser", "gate 1", "statement before", "neighbours", "harmless", "loaded")
    sys.stdout.write(f"{'':<34}{''.join(f'{stage:>18}' for stage in stages)}\n")
    for kind, counts in ends.items():
        sys.stdout.write(f"{kind:<34}{''.join(f'{counts[stage]:>18}' for stage in stages)}\n")
    sys.stdout.write("\nLoaded with other figures:\n" + "\n".join(sorted(loaded)) + "\n")


if __name__ == "__main__":
    main()

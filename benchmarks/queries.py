"""How long do the cookbook's queries and those of BI tools take? `python -m benchmarks.queries DATABASE [DATABASE …]`.

Runs, on each release database, every query of docs/cookbook.md and of each table of `bi` what a chart asks for: all
numbers added up by the first text column. Each is run three times with two threads; the median counts. Prints how many
take longer than 50 ms, the slowest, and how many times as long all of them take as on the first database.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from pathlib import Path

import duckdb

_COOKBOOK = Path(__file__).parents[1] / "docs" / "cookbook.md"
_QUESTION = re.compile(r"^### (?P<title>[^\n]*)$|^```sql\n(?P<query>.*?)^```$", re.MULTILINE | re.DOTALL)
_TIMES = 3
_WAIT_MS = 50
_SHOWN = 8


def cookbook() -> dict[str, str]:
    """The queries of the cookbook by the number of their question: `{"12": "select …", "12 (2)": "select …"}`."""
    found: dict[str, str] = {}
    number, of_question = "", 0
    for match in _QUESTION.finditer(_COOKBOOK.read_text(encoding="utf-8")):
        if match["title"] is not None:
            number, of_question = match["title"].partition(".")[0], 0
            continue
        of_question += 1
        found[number if of_question == 1 else f"{number} ({of_question})"] = match["query"]
    return found


def charts(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """For each table of `bi` its numbers, added up by its first text column."""
    found: dict[str, str] = {}
    for table, text, numbers in con.execute(
        "select table_name, min_by(column_name, ordinal_position) filter (where data_type = 'VARCHAR'),"
        " list(column_name) filter (where data_type in ('DOUBLE', 'BIGINT', 'INTEGER') or data_type like 'DECIMAL%')"
        " from information_schema.columns where table_schema = 'bi' group by table_name"
    ).fetchall():
        sums = ", ".join(f'sum("{column}")' for column in numbers or ())
        found[f"bi.{table}"] = f'select "{text}", count(*){sums and ", "}{sums} from bi.{table} group by all'
    return found


def milliseconds(con: duckdb.DuckDBPyConnection, query: str) -> float:
    """The median of so many runs, each with all of its rows fetched."""
    taken = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        con.execute(query).fetchall()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def main() -> None:
    """Time all queries on each database and print what was found."""
    total_of_first = None
    for database in sys.argv[1:]:
        with duckdb.connect(database, read_only=True, config={"threads": 2}) as con:
            taken = {name: milliseconds(con, query) for name, query in (cookbook() | charts(con)).items()}
        total = sum(taken.values())
        total_of_first = total_of_first or total
        slow = sorted(taken, key=lambda name: -taken[name])
        sys.stdout.write(
            f"{database}: {len(taken)} queries, median {statistics.median(taken.values()):.0f} ms,"
            f" {sum(ms > _WAIT_MS for ms in taken.values())} above {_WAIT_MS} ms,"
            f" × {total / total_of_first:.2f}; slowest: "
            + ", ".join(f"{name} {taken[name]:.0f} ms" for name in slow[:_SHOWN])
            + "\n"
        )


if __name__ == "__main__":
    main()

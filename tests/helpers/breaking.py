"""Tables that pass, opened in memory so that a statement can break them and be rolled back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tests.helpers.breaking_facts import DRIFT, ENDED, FACTS
from tests.helpers.breaking_raw import ANY_LOAD, RAW
from warehouse.facts import facts
from warehouse.quality.expectations.rules import Rule, Suite, gone, kept, new

NOT_NULL = "ExpectColumnValuesToNotBeNull"
QUERY = "UnexpectedRowsExpectation"
ROW_COUNT = "ExpectTableRowCountToBeBetween"
BY_KIND = {
    "ExpectColumnValuesToBeInSet": "update t set {column} = 'no such thing'",
    NOT_NULL: "update t set {column} = null",
    "ExpectColumnValuesToBeBetween": "update t set {column} = -1",
    ROW_COUNT: "delete from t",
}
"""What breaks a rule of the plain kinds."""
FIGURE_BY_FIGURE = "from failed_rules where rule"
FAILED = "insert into failed_rules (fact_id, rule, words) select fact_id, '{rule}', 'as invented' from t limit 1"
"""What breaks a rule that dbt evaluates figure by figure; its models have unit tests of their own."""


def breaking(table: str, rule: Rule) -> str:
    """The statement that breaks a rule."""
    own = ANY_LOAD | {**RAW, **FACTS}.get(table, {}) | ENDED
    if rule.name in own:
        return own[rule.name]
    if rule.name in DRIFT:
        figures = facts()[table].figures
        tripled = ", ".join(f"{figure} = {figure} * 3" for figure in figures)
        raised = ", ".join(f"{figure} = {figure} + 1" for figure in figures)
        return DRIFT[rule.name].format(tripled=tripled, raised=raised)
    if FIGURE_BY_FIGURE in rule.arguments.get("unexpected_rows_query", ""):
        return FAILED.format(rule=rule.name)
    return BY_KIND[rule.expectation].format(column=rule.column)


def touched(statement: str, at_hand: Mapping[str, Path]) -> str:
    """The table that a statement changes; `t` is the table judged."""
    return next(word for word in statement.split() if word == "t" or word in at_hand)


@contextmanager
def in_memory(suite: Suite, at_hand: Mapping[str, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables at hand under their names, those that statements change as tables; the one judged also as `t`."""
    changed = {touched(breaking(suite.table, rule), at_hand) for rule in suite.rules}
    with duckdb.connect() as con:
        for name, path in at_hand.items():
            if name != suite.table:
                con.execute(f'create {"table" if name in changed else "view"} "{name}" as from {read(path)}')
        con.execute(f"create table t as from {read(at_hand[suite.table])}")
        con.execute(f'create view "{suite.table}" as from t')
        if suite.gate == 2:
            con.execute(f"create view {new(suite.table)} as from t")
            con.execute(f"create view {kept(suite.table)} as from t where false")
            con.execute(f"create view {gone(suite.table)} as from last_{suite.table}")
        yield con


def read(path: Path) -> str:
    """A Parquet file as SQL reads it."""
    return "read_parquet('{}')".format(str(path).replace("'", "''"))


def unexpected(con: duckdb.DuckDBPyConnection, rule: Rule) -> int:
    """How many rows the query of a rule finds in `t`."""
    query = rule.arguments["unexpected_rows_query"].format(batch="t")
    ((count,),) = con.execute(f"select count(*) from ({query})").fetchall()
    return int(count)


def cannot_fail(suite: Suite, at_hand: Mapping[str, Path]) -> list[str]:
    """Rules with a query that finds no more rows after their own statement than before, each tried separately."""
    found = []
    with in_memory(suite, at_hand) as con:
        for rule in queries(suite):
            before = unexpected(con, rule)
            con.execute("begin")
            con.execute(breaking(suite.table, rule))
            after = unexpected(con, rule)
            con.execute("rollback")
            if after <= before:
                found.append(f"{rule.name}: {before} rows before, {after} after: {breaking(suite.table, rule)}")
    return found


def queries(suite: Suite) -> list[Rule]:
    """The rules of a suite that are queries."""
    return [rule for rule in suite.rules if rule.expectation == QUERY]


def batches(suite: Suite, at_hand: Mapping[str, Path], folder: Path) -> Iterator[tuple[list[Rule], dict[str, Path]]]:
    """Every rule with a query, in as few batches as a greedy search finds, each with tables that all of it fails on.

    A statement that cannot run after those before it, or hides what they broke, waits for the next batch.
    """
    left, number = queries(suite), 0
    while left:
        number += 1
        with in_memory(suite, at_hand) as con:
            together: list[Rule] = []
            for rule in left:
                if _breaks_too(con, suite, together, rule):
                    together.append(rule)
            if not together:
                msg = f"{suite.table}: no statement breaks {', '.join(rule.name for rule in left)}"
                raise AssertionError(msg)
            changed = {touched(breaking(suite.table, rule), at_hand) for rule in together}
            yield (
                together,
                dict(at_hand)
                | {
                    suite.table if table == "t" else table: write(con, table, folder / f"{number}_{table}.parquet")
                    for table in changed
                },
            )
        left = [rule for rule in left if rule not in together]


def _breaks_too(con: duckdb.DuckDBPyConnection, suite: Suite, together: list[Rule], rule: Rule) -> bool:
    """Run a rule's statement after those of others; undo it unless it and they all find rows."""
    con.execute("begin")
    try:
        con.execute(breaking(suite.table, rule))
        stays = all(unexpected(con, each) for each in [*together, rule])
    except duckdb.ConversionException:
        stays = False
    con.execute("commit" if stays else "rollback")
    return stays


def write(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> Path:
    """Write a table as Parquet."""
    con.table(table).write_parquet(str(path))
    return path


def row_counts(suite: Suite) -> list[Rule]:
    """The rules of a suite about the number of rows."""
    return [rule for rule in suite.rules if rule.expectation == ROW_COUNT]


def rounds_on_columns(suite: Suite) -> list[list[Rule]]:
    """The rules about one column each, in rounds: a value that breaks one may break the next on the same column.

    A null breaks only the rule about nulls, so it needs another rule of its column.
    """
    rounds: dict[int, list[Rule]] = defaultdict(list)
    turns: Counter[tuple[str | None, bool]] = Counter()
    for rule in suite.rules:
        if rule.expectation not in (QUERY, ROW_COUNT):
            turn = (rule.column, rule.expectation == NOT_NULL)
            rounds[turns[turn]].append(rule)
            turns[turn] += 1
    return list(rounds.values())


def with_a_row_for_each(suite: Suite, at_hand: Mapping[str, Path], rules: list[Rule], path: Path) -> Path:
    """The table judged, and a further row for each of these rules, broken by the statement of that rule only."""
    with in_memory(suite, at_hand) as con:
        for rule in rules:
            con.execute(f"create or replace table broken as from {read(at_hand[suite.table])} limit 1")
            con.execute(breaking(suite.table, rule).replace("update t ", "update broken ", 1))
            con.execute("insert into t from broken")
        return write(con, "t", path)

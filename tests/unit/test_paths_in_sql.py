"""No path is put into SQL, or into an address of a database, as it is: the helpers quote it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.project import PROJECT

PACKAGES = ("sources", "warehouse", "orchestration", "dbt_project", "benchmarks")
HELPERS = {"literal", "literals", "read_parquet", "spark_literal"}
BEFORE_A_PATH = re.compile(
    r"(\b(attach|load|install|import database|export database)\s+|\bcopy\b[^;]*\bto\s+|\bcopy\s+[\w.\0]+\s+from\s+"
    r"|\b(read_\w+|parquet_\w+|glob|sniff_csv)\s*\(\s*\[?\s*|(sqlite|duckdb|file)[+\w]*:/*)'?$",
    re.IGNORECASE,
)
"""The text before a path: in statements, in table functions, in addresses."""
RUNS_SQL = {"execute", "executemany", "executescript", "sql", "query", "add_query", "run_query"}
NAMES_A_PATH = re.compile(r"(^|_)(path|file|folder|home|parquet|directory|dir|published|candidate)s?($|_)")


def is_quoted(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in HELPERS


def names_a_path(value: ast.expr) -> bool:
    """Whether a name outside the helpers names a path."""
    if is_quoted(value):
        return False
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""
    return bool(NAMES_A_PATH.search(name)) or any(
        names_a_path(child) for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr)
    )


def parts_of(node: ast.expr) -> list[ast.expr]:
    """The parts that a text is made of, by an f-string, `+`, `%` or `format`, in their order."""
    match node:
        case ast.JoinedStr(values=values):
            return [part.value if isinstance(part, ast.FormattedValue) else part for part in values]
        case ast.BinOp(left=left, op=ast.Add() | ast.Mod(), right=right):
            return [*(parts_of(left) or [left]), *(parts_of(right) or [right])]
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()) as text, attr="format"), args=args):
            return [text, *args, *(keyword.value for keyword in node.keywords)]
    return []


def unquoted(code: str) -> Iterator[int]:
    """The lines of a module that put a path into SQL or an address without a helper."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.expr):
            before = ""
            for part in parts_of(node):
                if isinstance(part, ast.Constant):
                    before += re.split(r"[{%]", str(part.value))[0]
                    continue
                if BEFORE_A_PATH.search(before) and not is_quoted(part):
                    yield part.lineno
                before += "\0"
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in RUNS_SQL:
            for text in node.args[:1]:
                yield from (part.lineno for part in parts_of(text) if names_a_path(part))


def test_every_path_in_sql_goes_through_a_helper() -> None:
    files = [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]
    assert len(files) > 100
    found = {
        f"{path.relative_to(PROJECT)}:{line}" for path in files for line in unquoted(path.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.parametrize(
    "code",
    [
        "con.execute(f\"attach '{path}' as work\")",
        "con.execute(f'copy t to {str(x)} (format parquet)')",
        "q = f\"select * from read_parquet('{x}')\"",
        'q = "select * from read_csv(\'" + x + "\')"',
        "q = \"copy t from '%s'\" % x",
        "q = \"attach '{}'\".format(x)",
        "con.execute(f'select {home}')",
        "con.execute('from ' + settings.work_file)",
        'url = f"sqlite:///{x}"',
        'url = f"duckdb+judge:///{x}"',
        'db = connect(f"file:{x}?mode=ro", uri=True)',
    ],
)
def test_the_search_finds_a_path_that_is_not_quoted(code: str) -> None:
    assert list(unquoted(code)) != []


@pytest.mark.parametrize(
    "code",
    [
        "con.execute(f'attach {literal(path)} as work')",
        "con.execute(f'from {read_parquet(file)}')",
        "con.execute(f'select * from {table}')",
        "msg = f'no file from {path}'",
    ],
)
def test_the_search_passes_what_is_quoted(code: str) -> None:
    assert list(unquoted(code)) == []


def test_dbt_puts_no_path_into_sql_but_that_of_a_seed_which_it_escapes() -> None:
    sql = [path for path in (PROJECT / "dbt_project").rglob("*.sql") if "target" not in path.parts]
    names = re.compile(r"\bget_seed_file_path|\bread_(csv|parquet|json|text)|\battach\b|\bcopy\b", re.IGNORECASE)
    assert [path.name for path in sql if names.search(path.read_text(encoding="utf-8"))] == ["load_seed.sql"]
    escaped = Path(PROJECT / "dbt_project" / "macros" / "load_seed.sql").read_text(encoding="utf-8")
    for letter in ("'", "[", "*", "?"):
        assert f'replace("{letter}"' in escaped

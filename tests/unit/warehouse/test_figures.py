"""Derived figures are settled and compared with one tolerance in Python and SQL."""

from __future__ import annotations

import ast
import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pytest
import sqlglot
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import expressions as sql

from tests.helpers.project import PROJECT
from warehouse.figures import RELATIVE_TOLERANCE, SIGNIFICANT_DIGITS, differs, exceeds, is_close, settle
from warehouse.quality.expectations import runner
from warehouse.quality.expectations.rules import Rule
from warehouse.quality.expectations.suites import gate_two

DBT = PROJECT / "dbt_project"
VARS: dict[str, Any] = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
COMPARISONS = (sql.EQ, sql.NEQ, sql.LT, sql.LTE, sql.GT, sql.GTE, sql.Between, sql.NullSafeEQ, sql.NullSafeNEQ)
TRUTHS = (sql.Is, sql.In, sql.Not, sql.Boolean, sql.Connector)


def rendered(text: str) -> str:
    """SQL with the project's macros for figures and lists filled in; a model keeps its name."""
    macros = "".join((DBT / "macros" / name).read_text(encoding="utf-8") for name in ("figures.sql", "lists.sql"))
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # noqa: S701 - SQL, not HTML
    return environment.from_string(macros + text).render(
        ref=lambda name: name, var=lambda name: VARS[name], as_built=lambda name, **_: name
    )


@pytest.fixture(scope="module")
def figures() -> set[str]:
    """Every column of a published table that holds a number with a fraction."""
    names = set()
    for path in (DBT / "models").rglob("*.yml"):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            names |= {c["name"] for c in model.get("columns", []) if str(c.get("data_type")).lower() == "double"}
    assert len(names) > 100
    return names


def exact_comparisons(query: str, figures: set[str]) -> Iterator[str]:
    """Comparisons of figures that state no tolerance. A comparison with 0 tests a sign, which noise does not change."""
    for node in sqlglot.parse_one(query, dialect="duckdb").find_all(*COMPARISONS):
        operands = [operand.unnest() for operand in node.iter_expressions()]
        if any(isinstance(operand, TRUTHS) for operand in operands):
            continue
        literals = [literal.this for literal in node.find_all(sql.Literal) if not literal.is_string]
        if any(float(literal) == RELATIVE_TOLERANCE for literal in literals):
            continue
        if any(isinstance(operand, sql.Literal) and operand.this in {"0", "0.0"} for operand in operands):
            continue
        counted = {column for count in node.find_all(sql.Count) for column in count.find_all(sql.Column)}
        if {column.name for column in node.find_all(sql.Column) if column not in counted} & figures:
            yield node.sql(dialect="duckdb")


def test_no_rule_of_gate_two_compares_figures_exactly(figures) -> None:
    found = {
        f"{suite.table}: {rule.name}": exact
        for suite in gate_two().values()
        for rule in suite.rules
        if "unexpected_rows_query" in rule.arguments
        for query in [rule.arguments["unexpected_rows_query"].format(batch=suite.table)]
        if (exact := list(exact_comparisons(query, aliases(query, figures))))
    }
    assert found == {}


def test_no_test_of_dbt_compares_figures_exactly(figures) -> None:
    found = {}
    for path in (DBT / "tests").glob("*.sql"):
        query = rendered(path.read_text(encoding="utf-8"))
        if exact := list(exact_comparisons(query, aliases(query, figures))):
            found[path.stem] = exact
    assert found == {}


def queries_of(path: Path) -> Iterator[str]:
    """SQL in the text of a Python file; placeholders become names."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    fragments = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if id(node) in fragments:
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "filled_in"
            for part in parts
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
        if text.lstrip().startswith(("select ", "with ")):
            yield text


def test_no_query_of_a_python_test_compares_two_figures_exactly(figures) -> None:
    """A figure compared with a number is a published figure, stated in the test."""
    found, n_parsed = [], 0
    for path in (PROJECT / "tests").rglob("test_*.py"):
        for query in queries_of(path) if path != Path(__file__) else ():
            with contextlib.suppress(sqlglot.errors.SqlglotError):
                comparisons = list(exact_comparisons(query, figures))
                n_parsed += 1
                found += [(path.name, exact) for exact in comparisons if len(names_in(exact) & figures) > 1]
    assert n_parsed > 200
    assert found == []


def names_in(comparison: str) -> set[str]:
    """Columns of a comparison."""
    return {column.name for column in sqlglot.parse_one(comparison, dialect="duckdb").find_all(sql.Column)}


def aliases(query: str, figures: set[str]) -> set[str]:
    """The figures, and the names that a query gives to expressions of figures; a count of figures is not one."""
    known = set(figures)
    named = list(sqlglot.parse_one(query, dialect="duckdb").find_all(sql.Alias))
    while True:
        more = {alias.alias for alias in named if figure_columns(alias.this, known)} - known
        if not more:
            return known
        known |= more


def figure_columns(expression: sql.Expression, known: set[str]) -> set[str]:
    """The figures whose values an expression has: not those that it counts, compares or only filters by."""
    if isinstance(expression, (sql.Count, sql.Where, *COMPARISONS, *TRUTHS)):
        return set()
    if isinstance(expression, sql.Column):
        return {expression.name} & known
    if isinstance(expression, sql.Filter):
        return figure_columns(expression.this, known)
    return {name for child in expression.iter_expressions() for name in figure_columns(child, known)}


@pytest.mark.parametrize(
    ("query", "is_exact"),
    [
        ("select * from t where value_usd <> x_fob_usd", True),
        ("select * from t where weight_kg not between weight_low_kg and weight_high_kg", True),
        ("select * from t where value_usd is distinct from x_fob_usd", True),
        ("select * from t where sigma < 0.05", True),
        ("select sum(value_usd) as added from t having added > 3", True),
        (
            "select * from (select value_usd as was from t) inner join (select value_usd as becomes from t)"
            " on was <> becomes",
            True,
        ),
        (
            "with a as (select value_usd * 2 as twice from t), b as (select twice as x from a)"
            " select * from b where x > 1",
            True,
        ),
        ("select count(value_usd) as n_values from t having n_values > 3", False),
        (f"select * from t where {differs('value_usd', 'x_fob_usd')}", False),
        (f"select * from t where {exceeds('weight_low_kg', 'weight_kg')}", False),
        ("select * from t where sigma <= 0", False),
        ("select * from t where (value_usd is null) <> (x_fob_usd is null)", False),
        ("select * from t having count(value_usd) < 3", False),
    ],
)
def test_the_check_finds_exact_comparisons_and_only_those(query, is_exact) -> None:
    known = {"value_usd", "x_fob_usd", "weight_kg", "weight_low_kg", "weight_high_kg", "sigma"}
    assert bool(list(exact_comparisons(query, aliases(query, known)))) == is_exact


def test_python_and_dbt_have_the_same_digits_and_tolerance() -> None:
    assert VARS["significant_digits"] == SIGNIFICANT_DIGITS
    assert VARS["relative_tolerance"] == RELATIVE_TOLERANCE
    assert RELATIVE_TOLERANCE >= 10 * 0.5 * 10 ** -(SIGNIFICANT_DIGITS - 1), "sums of settled figures pass"


@settings(deadline=None, max_examples=25)
@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_sql_settles_and_compares_as_python_does(values: list[float]) -> None:
    others = [value * (1 + 1e-12) for value in values]
    query = rendered(
        "select {{ settled('v') }}, {{ differs('v', 'o') }}, {{ exceeds('v', 'o') }},"
        f" {differs('v', 'o')}, {exceeds('v', 'o')} from (select unnest($1) as v, unnest($2) as o)"
    )
    rows = duckdb.execute(query, [values, others]).fetchall()
    for value, other, (settled, macro_differs, macro_exceeds, python_differs, python_exceeds) in zip(
        values, others, rows, strict=True
    ):
        assert settled == settle(value)
        assert (macro_differs, macro_exceeds) == (python_differs, python_exceeds) == (False, False)
        assert is_close(value, other)


@given(NUMBERS, NUMBERS)
def test_settling_keeps_the_order_of_figures_so_that_an_interval_holds_its_middle(left: float, right: float) -> None:
    low, high = sorted((left, right))
    assert settle(low) <= settle(high)


@given(NUMBERS)
def test_a_settled_figure_is_its_own_and_close_to_what_it_was(value: float) -> None:
    assert settle(settle(value)) == settle(value)
    assert is_close(settle(value), value) or abs(value) < 1e-300


def test_noise_in_the_last_digit_does_not_settle_differently() -> None:
    assert settle(103.60000000000001) == settle(103.6) == 103.6
    assert not is_close(1.0, 1.000001)
    assert math.isinf(settle(math.inf))


def test_an_exact_sum_does_not_depend_on_the_order_of_rows() -> None:
    query = rendered("select {{ exact_sum('v') }}, {{ exact_sum('v', where='v > 1') }} from (select unnest($1) as v)")
    values = [0.1] * 7 + [1e12, 0.7]
    orders = (values, values[::-1], sorted(values))
    assert len({sum(order) for order in orders}) > 1, "as floats they depend on the order"
    assert {duckdb.execute(query, [order]).fetchone() for order in orders} == {(1e12 + 1.4, 1e12)}


@pytest.mark.parametrize(
    ("arguments", "widened"),
    [
        ({"column": "share", "min_value": 0, "max_value": 1}, {"min_value": 0, "max_value": 1 + RELATIVE_TOLERANCE}),
        ({"column": "gap", "min_value": -2, "max_value": None}, {"min_value": -2 - 2 * RELATIVE_TOLERANCE}),
    ],
)
def test_a_range_reaches_as_far_beyond_its_ends_as_two_equal_figures_may_differ(arguments, widened) -> None:
    rule = Rule("r", "critical", "why", "ExpectColumnValuesToBeBetween", arguments)
    assert runner._arguments(rule) == arguments | widened
    other = Rule("r", "critical", "why", "ExpectColumnValueLengthsToBeBetween", arguments)
    assert runner._arguments(other) == arguments

"""Rules as data, so that suites are known without importing Great Expectations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from warehouse.closed_lists import closed_lists

Severity = Literal["critical", "warning"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation: the Great Expectations class by name, its arguments, and why it matters.

    A critical rule that fails or raises stops the load or the release; a failed warning does not.
    """

    name: str
    severity: Severity
    why: str
    expectation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def column(self) -> str | None:
        """The column that the rule is about; None for rules about several."""
        return self.arguments.get("column")


@dataclass(frozen=True, slots=True)
class Suite:
    """The rules of one table at one gate."""

    table: str
    gate: Literal[1, 2]
    rules: tuple[Rule, ...]


def new(table: str) -> str:
    """The view of the rows of a table in files that the last release does not have, at gate 2: `fct_quota__new`.

    A file has whole years, and the same file has the same rows, so a rule about single rows or years asks for the new
    ones: it passed the others when they were released. A table of one file is new as a whole. Queries name the views of
    their own table `{new}`, `{kept}` and `{gone}`.
    """
    return f"{table}__new"


def kept(table: str) -> str:
    """The view of the rows of a table in files that the last release has too: `fct_quota__kept`."""
    return f"{table}__kept"


def gone(table: str) -> str:
    """The view of the rows of the last release in files that are not there any more: `last_fct_quota__gone`."""
    return f"last_{table}__gone"


def with_views_of(table: str, rule: Rule) -> Rule:
    """A rule whose query says `{new}`, `{kept}` or `{gone}`, with the names that these have for its table."""
    query = rule.arguments.get("unexpected_rows_query")
    if query is None:
        return rule
    for name, view in {"{new}": new(table), "{kept}": kept(table), "{gone}": gone(table)}.items():
        query = query.replace(name, view)
    return replace(rule, arguments={**rule.arguments, "unexpected_rows_query": query})


NOT_EMPTY = "has_at_least_one_row"


def not_empty(why: str) -> Rule:
    """At least one row."""
    return Rule(NOT_EMPTY, "critical", why, "ExpectTableRowCountToBeBetween", {"min_value": 1})


def not_null(column: str, why: str) -> Rule:
    """No null in the column."""
    return Rule(f"{column}_is_never_null", "critical", why, "ExpectColumnValuesToNotBeNull", {"column": column})


def in_set(column: str, values: Sequence[str], why: str) -> tuple[Rule, Rule]:
    """A list of values that the rule gives itself, paired with not-null: the list alone passes on nulls."""
    listed = Rule(
        f"{column}_is_one_of_its_list",
        "critical",
        why,
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": list(values)},
    )
    return listed, not_null(column, why)


def in_closed_list(column: str, why: str) -> tuple[Rule, Rule]:
    """The column's own closed list, paired with not-null."""
    return in_set(column, closed_lists()[column], why)


def in_closed_list_or_null(column: str, why: str) -> Rule:
    """The column's own closed list; nulls pass."""
    return in_closed_list(column, why)[0]


def between(column: str, low: float | None, high: float | None, why: str, severity: Severity = "critical") -> Rule:
    """Numbers within a plausible range; nulls are left to other rules."""
    arguments: dict[str, Any] = {"column": column, "min_value": low, "max_value": high}
    return Rule(f"{column}_is_plausible", severity, why, "ExpectColumnValuesToBeBetween", arguments)


def no_rows(name: str, query: str, why: str, severity: Severity = "critical") -> Rule:
    """A query over `{batch}` and the other tables at hand that must find nothing."""
    return Rule(name, severity, why, "UnexpectedRowsExpectation", {"unexpected_rows_query": query})

"""A query's columns are traced to published ones; one that is too large or recursive is left unread."""

from __future__ import annotations

import pytest
from sqlglot import exp

from warehouse.read.assistant.tree import Base, UnreadableError, origins, read_tree, relations, terms

COLUMNS = {"core.fct_a": ("year", "edition", "value_usd", "share"), "core.fct_b": ("year", "total_usd")}


def traced(query: str, *, weighted: bool = False) -> set[Base]:
    """The published columns that the sums of a query's outermost select add up."""
    tree = read_tree(query, COLUMNS)
    assert isinstance(tree, exp.Select)
    within = relations(tree)
    return {
        base
        for found in tree.find_all(exp.Sum)
        if found.find_ancestor(exp.Select) is tree
        for term in terms(found.this, weighted=weighted)
        for base in origins(within[term.table], term.name, weighted=weighted)
    }


VALUE, TOTAL, SHARE = Base("core.fct_a", "value_usd"), Base("core.fct_b", "total_usd"), Base("core.fct_a", "share")


@pytest.mark.parametrize(
    ("query", "bases"),
    [
        ("select sum(value_usd) from fct_a", {VALUE}),
        ("from fct_a select sum(round(value_usd / 1000, 1)) as t", {VALUE}),
        ("with c as (select value_usd as v from core.fct_a) select sum(v) from c", {VALUE}),
        ("with c as (from fct_a), d as (select edition, sum(value_usd) as t from c group by all) select sum(t) from d",
         {VALUE}),
        ("select sum(v) from (select value_usd as v from fct_a union all select total_usd from fct_b) as u",
         {VALUE, TOTAL}),
        ("select sum(case when share > 0.5 then value_usd else 0 end) from fct_a", {VALUE}),
        ("select sum(coalesce(a.value_usd, b.total_usd)) from fct_a as a join fct_b as b on a.year = b.year",
         {VALUE, TOTAL}),
        ("select sum(share * value_usd) from fct_a", set()),
        ("select sum(100 * share) from fct_a", {SHARE}),
        ("with fct_b as (select value_usd as total_usd from fct_a) select sum(total_usd) from fct_b", {VALUE}),
    ],
)  # fmt: skip
def test_a_sum_is_traced_to_published_columns(query: str, bases: set[Base]) -> None:
    assert traced(query) == bases


def test_a_weighted_sum_is_traced_to_all_of_its_factors() -> None:
    assert traced("select sum(share * value_usd) from fct_a", weighted=True) == {VALUE, SHARE}


def test_groups_of_all_are_written_out() -> None:
    tree = read_tree("select year, edition, sum(value_usd) from fct_a group by all", COLUMNS)
    assert [key.name for key in tree.args["group"].expressions] == ["year", "edition"]


@pytest.mark.parametrize(
    "query",
    [
        "selct 1",
        "drop table fct_a",
        "with recursive r as (select 1 as a union all select a + 1 from r) select sum(a) from r",
        "with t0 as (from fct_a), "
        + ", ".join(f"t{at} as (from t{at - 1} union all from t{at - 1})" for at in range(1, 40))
        + " select sum(value_usd) from t39",
    ],
    ids=["no SQL", "no query", "recursive", "exponential"],
)
def test_what_cannot_be_read_says_so_at_once(query: str) -> None:
    with pytest.raises(UnreadableError):
        read_tree(query, COLUMNS)


def test_nested_sums_of_two_columns_are_traced_in_no_time() -> None:
    query = "select sum(value_usd) as a, sum(share) as b from fct_a"
    for at in range(40):
        query = f"select sum(a + b) as a, sum(a - b) as b from ({query}) as t{at}"
    assert traced(query) == {VALUE, SHARE}

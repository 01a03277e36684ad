"""Queries that ask the release whether the groups of a sum contain rows that must not be added together.

A probe keeps the tables, joins and conditions of the query and looks at the rows that a sum adds up: those on which its
argument is neither null nor zero. So any filter counts, whatever its form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlglot import exp

from warehouse.release.never_add import never_add

_SHOWN = 3
_CONTAINED = """
with recursive contained as (
    select parent_key as whole, product_key as part from core.dim_product where parent_key is not null
    union
    select contained.whole, deeper.product_key
    from contained inner join core.dim_product as deeper on contained.part = deeper.parent_key
),
members as (select group_code as whole, member_code as part from core.area_group_member)
"""
_OF_AREAS = frozenset(
    {"partner_code", "second_partner_code", "country_code", "exporter_code", "importer_code", "reporter_code"}
)


@dataclass(frozen=True, slots=True)
class Added:
    """What a sum adds up: the argument, the select it stands in, and the expressions that group it."""

    argument: exp.Expr
    select: exp.Select
    groups: Sequence[exp.Expr]
    condition: exp.Expr | None = None

    def rows(self, columns: Mapping[str, exp.Expr]) -> exp.Select:
        """The rows that are added up, with the groups as `g0`, `g1`, … and these columns."""
        rows = exp.Select()
        for part in ("from_", "from", "joins", "where"):
            if self.select.args.get(part) is not None:
                value = self.select.args[part]
                rows.set(part, [one.copy() for one in value] if isinstance(value, list) else value.copy())
        if self.condition is not None:
            rows = rows.where(self.condition.copy())
        rows = rows.where(exp.NEQ(this=exp.paren(self.argument.copy()), expression=exp.Literal.number(0)))
        named = {f"g{at}": group for at, group in enumerate(self.groups)} | dict(columns)
        return rows.select(*(exp.alias_(column.copy(), name, quoted=True) for name, column in named.items()))


def _grouped(added: Added, columns: Mapping[str, exp.Expr], by: Sequence[str], what: str, having: str) -> str:
    groups = ", ".join([f'"g{at}"' for at in range(len(added.groups))] + [f'"{name}"' for name in by])
    return (
        f"select {what} from ({added.rows(columns).sql('duckdb')}) as added"
        f"{f' group by {groups}' if groups else ''} having {having} limit 1"
    )


def first_row(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...] | None:
    """The first row of a probe. Raises `duckdb.Error` where it cannot run."""
    return con.execute(query).fetchone()


def several_rows(con: duckdb.DuckDBPyConnection, added: Added) -> bool:
    """Whether a group has more than one row."""
    return first_row(con, _grouped(added, {"one": exp.Literal.number(1)}, (), "count(*)", "count(*) > 1")) is not None


def several_values(con: duckdb.DuckDBPyConnection, added: Added, column: exp.Expr) -> list[str]:
    """Values of a column that one group mixes, the first few; none where each group has one."""
    listed = f'list_sort(list(distinct "of"::varchar))[:{_SHOWN}]'
    row = first_row(con, _grouped(added, {"of": column}, (), listed, 'count(distinct "of") > 1'))
    return list(row[0]) if row else []


def several_statements(
    con: duckdb.DuckDBPyConnection, added: Added, thing: Mapping[str, exp.Expr], of: Mapping[str, exp.Expr]
) -> tuple[dict[str, str], dict[str, list[str]]] | None:
    """A thing that one group adds up several times, by column, and what tells its statements apart; None if none."""
    what = [f'any_value("{name}"::varchar)' for name in thing]
    what += [f'list_sort(list(distinct "{name}"::varchar))[:{_SHOWN}]' for name in of]
    having = " or ".join(f'count(distinct "{name}") > 1' for name in of)
    row = first_row(con, _grouped(added, {**thing, **of}, list(thing), ", ".join(what), having))
    if row is None:
        return None
    values = dict(zip(thing, row, strict=False))
    apart = dict(zip(of, row[len(thing) :], strict=True))
    return (
        {name: value for name, value in values.items() if value is not None},
        {name: found for name, found in apart.items() if found and len(found) > 1},
    )


def repeated_rows(con: duckdb.DuckDBPyConnection, added: Added, key: Mapping[str, exp.Expr]) -> bool:
    """Whether a group has one row of a table several times."""
    return first_row(con, _grouped(added, key, list(key), "count(*)", "count(*) > 1")) is not None


def whole_and_part(
    con: duckdb.DuckDBPyConnection,
    added: Added,
    name: str,
    column: exp.Expr,
    beside: Mapping[str, exp.Expr],
) -> tuple[str, str] | None:
    """Two values of a column, of which the first contains the second, that a group adds up of one thing."""
    groups = ", ".join([f'"g{at}"' for at in range(len(added.groups))] + [f'"{key}"' for key in beside])
    rows = added.rows({**beside, "of": column}).sql("duckdb")
    grouped = f'select list(distinct "of") as found from ({rows}) as added{f" group by {groups}" if groups else ""}'
    if name == "product_key":
        relation = "(select whole, part from contained)"
    else:
        wholes = ", ".join(f"('{value}')" for value in never_add().contains[name]) or "(null)"
        all_others = f"select wholes.value as whole, null as part from (values {wholes}) as wholes (value)"
        relation = (
            f"({all_others} union all select whole, part from members)" if name in _OF_AREAS else f"({all_others})"
        )
    return _pair(con, grouped, relation)


def _pair(con: duckdb.DuckDBPyConnection, grouped: str, relation: str) -> tuple[str, str] | None:
    """A null part stands for every other value."""
    row = first_row(
        con,
        f"{_CONTAINED} select pairs.whole, coalesce(pairs.part, list_filter(found, v -> v <> pairs.whole)[1])"
        f" from ({grouped}) as grouped inner join {relation} as pairs"
        " on list_contains(found, pairs.whole) and len(found) > 1"
        " and (pairs.part is null or list_contains(found, pairs.part)) limit 1",
    )
    return (str(row[0]), str(row[1])) if row else None
